"""Which edges are cut or scaled in a protocol or a cohort, with the meaning that they have in
``simulate``.

What a cut does to the signal of an edge is said in ``model.transmission``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.families.named_values import edge_multipliers
from oxysim.texts import Described


@dataclass(frozen=True, eq=False)
class EdgeChanges(Described):
    """Edge name -> what its deviation from the expected is multiplied by; 0 is a cut, every other
    edge is whole.

    Made by :meth:`of`, which refuses what ``simulate`` refuses, before anything runs.

    >>> EdgeChanges.of(scale={"bond -> depression": 0.5})
    Edges: bond -> depression times 0.5.
    """

    multipliers: Mapping[str, Any]

    @classmethod
    def of(
        cls, cut: Iterable[str] | str = (), scale: Mapping[str, Any] | None = None
    ) -> EdgeChanges:
        """From a list of cuts and a mapping of scales.

        Raises
        ------
        UnknownNameError : no such edge. InputError : a multiplier that cannot be, or an edge both
            cut and scaled.

        >>> EdgeChanges.of("reward -> depression").words
        'reward -> depression cut'
        """
        return cls(edge_multipliers(cut, scale))

    @property
    def words(self) -> str:
        """What is changed, in words; "all whole" where nothing is.

        >>> EdgeChanges.of().words
        'all whole'
        """
        phrases = [f"{name} {_amount(value)}" for name, value in sorted(self.multipliers.items())]
        return ", ".join(phrases) or "all whole"

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What is changed, for print and notebooks.

        >>> EdgeChanges.of().facts()
        ('Edges', [('', 'all whole')])
        """
        return "Edges", [("", self.words)]

    @property
    def design(self) -> dict[str, str]:
        """An entry for a design in words; none where every edge is whole.

        >>> EdgeChanges.of("bond -> depression").design
        {'edges': 'bond -> depression cut'}
        """
        # a design in words says nothing of what is as usual
        return {"edges": self.words} if self.multipliers else {}

    def taken(self, index: Any) -> EdgeChanges:
        """The same for some of the dyads, where a multiplier is given for each.

        >>> EdgeChanges.of(scale={"bond -> depression": [0.5, 1.0]}).taken([1]).multipliers
        {'bond -> depression': array([1.])}
        """
        return EdgeChanges(
            {name: v[index] if np.ndim(v) else v for name, v in self.multipliers.items()}
        )

    def same(self, changes: EdgeChanges) -> bool:
        """Whether both change the same edges by the same amounts.

        >>> EdgeChanges.of("bond -> depression").same(EdgeChanges.of())
        False
        """
        # arrays have no truth value of their own when compared
        mine, theirs = self.multipliers, changes.multipliers
        return mine.keys() == theirs.keys() and all(
            np.array_equal(mine[name], theirs[name]) for name in mine
        )


def _amount(value: Any) -> str:
    # one value a dyad: the ends say enough
    if np.ndim(value):
        return f"times {np.min(value):g} to {np.max(value):g}, one a dyad"
    return "cut" if value == 0 else f"times {value:g}"

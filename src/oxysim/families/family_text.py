"""The parts of the text of a family: who they are, how old, and the first values that are set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oxysim.texts import age_text, listed

MOST_NAMED = 4  # values that a text names; a sampled dyad has dozens
_POSSESSIVE = {"mother": "her", "father": "his"}


def names_and_roles(caregivers: Sequence[str], roles: Sequence[str]) -> str:
    """The caregivers, each with the role where that is not the name.

    >>> names_and_roles(["Anna", "father"], ["mother", "father"])
    'Anna (mother) and father'
    """
    labels = []
    for name, role in zip(caregivers, roles, strict=True):
        if name == role:
            labels.append(name)
        else:
            labels.append(f"{name} ({role})")
    return listed(labels)


def possessive(roles: Sequence[str]) -> str:
    """Whose the infant is.

    >>> possessive(["mother"]), possessive(["mother", "father"])
    ('her', 'their')
    """
    together = " and ".join(roles)
    return _POSSESSIVE.get(together, "their")


def age_range(minutes: Any) -> str:
    """The infants' age, or the youngest and the oldest.

    >>> age_range([1440.0, 10080.0])
    '1 day to 7 days'
    """
    # one age, or the youngest and the oldest: `fromkeys` drops the second of two that read alike
    ages = np.unique(np.asarray(minutes))
    ends = dict.fromkeys(age_text(float(end)) for end in (ages[0], ages[-1]))
    return " to ".join(ends)


def values_text(values: Mapping[str, Any]) -> str:
    """The first few values by name, each with its range over the ensemble; empty for none.

    >>> values_text({"mother.bond": [0.5, 0.7]})
    'mother.bond 0.5 to 0.7'
    """
    phrases = []
    for name in list(values)[:MOST_NAMED]:
        # a start that some families leave open is NaN, and is no end of the range
        numbers = np.asarray(values[name], dtype=float)
        lowest, highest = np.nanmin(numbers), np.nanmax(numbers)
        ends = dict.fromkeys(f"{end:.4g}" for end in (lowest, highest))
        span = " to ".join(ends)
        phrases.append(f"{name} {span}")

    text = ", ".join(phrases)
    more = len(values) - len(phrases)
    if more:
        text += f" and {more} more"
    return text

"""Receptor knock-out, as in the conditioned social preference experiments."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Literal

from oxysim.errors import ScheduleError
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import Form, Words, number_clauses


@dataclass(frozen=True)
class ReceptorKnockout(Intervention):
    """Oxytocin receptors are missing, all the time unless `start` or `stop` say otherwise.

    Parameters
    ----------
    where : "accumbens" (nucleus accumbens only, a caregiver's) or "all".
    of : "caregiver" (the one named in `by`) or "infant" (where="all" only).
    remaining : the share of receptors that is left, 0 to 1.

    Raises
    ------
    ScheduleError : an accumbens-only knock-out of the infant, or receptors that are all left.

    >>> ReceptorKnockout("all", of="infant").text()
    'receptor knock-out everywhere of the infant'
    """

    where: Literal["accumbens", "all"] = "accumbens"
    of: Literal["caregiver", "infant"] = field(default="caregiver", kw_only=True)
    remaining: float = field(default=0.0, kw_only=True)

    form: ClassVar[Form] = Form(
        ("receptor knock-out", "receptor knockout"),
        None,
        (
            Words("where", {"in the accumbens": "accumbens", "everywhere": "all"}, always=True),
            Words("of", {"of the caregiver": "caregiver", "of the infant": "infant"}),
            *number_clauses("remaining"),
        ),
    )
    # a knock-out is a state and no session: it holds all the time
    continuous: ClassVar[bool] = True
    words: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"where": ("accumbens", "all"), "of": ("caregiver", "infant")}
    )

    @functools.cached_property
    def label(self) -> str:
        region = " (accumbens)" if self.where == "accumbens" else ""
        return f"receptor knock-out{region}"

    def parts(self) -> tuple[SchedulePart, ...]:
        # the infant's equations have one kind of receptors
        if self.of == "infant" and self.where == "accumbens":
            raise ScheduleError(
                "receptor knock-out: the infant has no accumbens of its own here; use where='all'"
            )
        # each channel multiplies: two partial knock-outs leave the product
        channel = "accumbens_receptors" if self.where == "accumbens" else "receptors"
        return (
            SchedulePart("infant" if self.of == "infant" else self.by, {channel: self.remaining}),
        )

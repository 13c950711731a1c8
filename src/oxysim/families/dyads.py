"""A dyad: a family of one caregiver, and the dyads that the package names."""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

from oxysim.checks import name
from oxysim.families.family import Family


class Dyad(Family):
    """One caregiver, with the infant all day, and one infant (or an ensemble of such): a family of
    one caregiver.

    >>> Dyad(infant_age="6 weeks").members
    ('mother', 'infant')
    """

    def __init__(
        self,
        caregiver: str = "mother",
        infant_age: Any = "5 months",
        parameters: Mapping[str, Any] | None = None,
        start: Mapping[str, Any] | None = None,
    ) -> None:
        # a caregiver is one name here; a family takes several
        caregiver_name = name(caregiver, "caregiver")
        super().__init__(
            (caregiver_name,),
            infant_age,
            {} if parameters is None else parameters,
            {} if start is None else start,
        )

    @classmethod
    def reference(cls, infant_age: Any = "5 months") -> Dyad:
        """The reference dyad: every parameter at its default. One stable regime, near EPDS 5.

        >>> Dyad.reference().parameters
        {}
        """
        return cls._named("reference", infant_age)

    @classmethod
    def symptomatic(cls, infant_age: Any = "5 months") -> Dyad:
        """The default symptomatic dyad: a strong loop, resting in its upper regime.

        It differs from the reference dyad in ``caregiver.depression.loop_gain`` alone, has two
        stable regimes (a modelling assumption) and starts in the symptomatic one. Values in
        ``data/named_dyads.csv``, written by ``scripts/update_reference_day.py``.

        >>> Dyad.symptomatic().value("caregiver.depression.loop_gain")
        2.15
        """
        return cls._named("symptomatic", infant_age)

    @classmethod
    def recovered(cls, infant_age: Any = "5 months") -> Dyad:
        """The same dyad as :meth:`symptomatic`, resting in its lower regime.

        >>> 5 < Dyad.recovered().start["mother.depression"] < 6
        True
        """
        return cls._named("recovered", infant_age)

    @classmethod
    def _named(cls, name: str, infant_age: Any) -> Dyad:
        # a family never changes: at an age in words it is made once
        make = _kept_dyad if isinstance(infant_age, str) else _new_dyad
        return make(cls, name, infant_age)


def _new_dyad(kind: type[Dyad], name: str, infant_age: Any) -> Dyad:
    """One of the named dyads; what is not in their file has every value at its default."""
    entries = named_dyads().get(name, {})
    # the file holds both: "member.group.field" is a parameter, "member.state" a start
    parameters = {k: v for k, v in entries.items() if k.count(".") == 2}
    start = {k: v for k, v in entries.items() if k.count(".") == 1}
    return kind(infant_age=infant_age, parameters=parameters, start=start)


# some ages of each: studies ask for the same few again and again
_kept_dyad: Callable[..., Dyad] = functools.lru_cache(maxsize=64)(_new_dyad)


@functools.cache
def named_dyads() -> Mapping[str, Mapping[str, float]]:
    """The stored named dyads: name -> parameter or slow state -> value.

    >>> sorted(named_dyads())
    ['recovered', 'symptomatic']
    """
    # read from the installed package, wherever it lies, also from an archive
    text = resources.files("oxysim").joinpath("data/named_dyads.csv").read_text(encoding="utf-8")
    dyads: dict[str, dict[str, float]] = {}
    for row in csv.DictReader(text.splitlines()):
        dyads.setdefault(row["dyad"], {})[row["name"]] = float(row["value"])
    return dyads

"""Random parameter sets, edge multipliers and schedules, drawn by hypothesis so that a failure
shrinks to a small case.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from oxysim import interventions as kinds
from oxysim.families import Dyad
from oxysim.model import registry
from oxysim.schedule import Routine, Schedule

AGES = ("2 d", "60 d", "5 months", "8 months", "17 months")


class Case(NamedTuple):
    """What one hypothesis example simulates: a schedule, an age, and a seed and size for the
    parameter sets.
    """

    schedule: Schedule
    age: str
    hours: int
    seed: int
    n: int
    parameters: bool
    edges: bool


def _minutes(low: int, high: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda m: f"{m} min")


_AT = st.integers(8 * 60, 12 * 60).map(lambda m: f"{m // 60:02d}:{m % 60:02d}")
_LEVEL = st.sampled_from((0.1, 0.5, 1.0))


def _once(kind: Any, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, at=_AT, **parts)


_INTERVENTIONS = st.one_of(
    _once(
        kinds.NasalSpray, dose=st.integers(1, 100).map(lambda d: f"{d} IU"), minutes=_minutes(1, 5)
    ),
    _once(
        kinds.IntravenousBolus,
        dose=st.integers(1, 40).map(lambda d: f"{d} IU"),
        minutes=_minutes(1, 5),
    ),
    _once(kinds.Crying, minutes=_minutes(1, 60), intensity=_LEVEL),
    _once(kinds.StillFace, minutes=_minutes(1, 10), distress=_LEVEL),
    _once(kinds.Separation, minutes=_minutes(1, 120), distress=_LEVEL),
    _once(
        kinds.Stressor,
        minutes=_minutes(1, 60),
        of=st.sampled_from(("infant", "caregiver")),
        intensity=_LEVEL,
    ),
    _once(kinds.SkinToSkin, minutes=_minutes(5, 120)),
    _once(kinds.Massage, minutes=_minutes(5, 60)),
    _once(kinds.AffectionateTalk, minutes=_minutes(1, 60)),
    _once(kinds.PartnerContact, minutes=_minutes(5, 60)),
    _once(kinds.Coaching, minutes=_minutes(30, 90)),
    _once(kinds.PsychologicalTreatment, minutes=_minutes(30, 90)),
    st.builds(kinds.AmbientStress, level=st.sampled_from((0.5, 2.0, 5.0))),
    st.builds(kinds.ReceptorKnockout, where=st.sampled_from(("accumbens", "all"))),
)

_ROUTINES = st.sampled_from(
    (
        Routine.typical(),
        Routine.empty(),
        Routine.typical(feeding="bottle"),
        Routine.typical("father", infant_care=True),
    )
)


def cases(n: int) -> st.SearchStrategy[Case]:
    """Cases of `n` random dyads each, in a window of 6 to 12 hours from 08:00 with up to four
    interventions.
    """
    schedules = st.builds(
        Schedule, _ROUTINES, st.lists(_INTERVENTIONS, max_size=4, unique_by=type).map(tuple)
    )
    return st.builds(
        Case,
        schedules,
        st.sampled_from(AGES),
        st.sampled_from((6, 12)),
        st.integers(0, 2**32 - 1),
        st.just(n),
        st.booleans(),
        st.booleans(),
    )


def dyads(case: Case) -> Dyad:
    """The case's dyads: every parameter uniform in its plausible range, or all at
    their defaults.
    """
    if not case.parameters:
        return Dyad(infant_age=[case.age] * case.n)
    random = np.random.default_rng(case.seed)
    low_high = {name: (row.low, row.high) for name, row in registry.parameters().items()}
    values = {name: random.uniform(low, high, case.n) for name, (low, high) in low_high.items()}
    return Dyad(infant_age=case.age, parameters=values)


def multipliers(case: Case) -> dict[str, Any]:
    """Edge multipliers: uniform from 0 to the limit of each edge, with every
    fifth a cut; or none.
    """
    if not case.edges:
        return {}
    random = np.random.default_rng((case.seed, 1))
    table = {}
    for name, edge in registry.edges().items():
        value = random.uniform(0, edge.row.limit, case.n)
        table[name] = np.where(random.random(case.n) < 0.2, 0.0, value)
    return table

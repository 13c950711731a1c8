"""The runs of a scoreboard: which protocol, how large in full and in quick mode, and which findings
it answers.

A protocol runs once for all of its findings. Pools hold everybody that the replications of one
sample draw, so that these are as good as new people, wherever the protocol is cheap enough.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from oxysim import protocols
from oxysim.errors import unknown_name
from oxysim.evidence.board import check_protocols, loop_protocols
from oxysim.evidence.board.answers import EffectKey, FigureKey, RowKey
from oxysim.evidence.board.assumed_share import (
    ADULT,
    DRIPPING,
    ENGAGED,
    GROWTH,
    INFANT,
    MOOD,
    PATHS,
    PLAYING,
    SALIVA,
    SPRAYED,
    Path,
)
from oxysim.evidence.board.protocol_sizes import (
    DrawnSession,
    ScreenedTrial,
    SharedCrossSection,
    UnscreenedTrial,
    birth_cohort_at_every_age,
    persistence_of_symptoms,
    play_of_both_parents,
    spray_of_mothers_scoring_high,
    survey_of_own_population,
)
from oxysim.evidence.board.shared_cohorts import SharedCohorts
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.protocols import cross_sections
from oxysim.protocols.skin_to_skin_session import PRETERM
from oxysim.trials.reporting.protocol_report import ProtocolReport

SURVEY = "survey"  # the one run that needs a file
# the cohort that a run reads; in a quick run there is only one
WHOLE, YOUNG = "18 months", "9 months"
SIX_MONTHS_LATER = "34 weeks"  # after enrolment: six months after eight weeks of treatment


@dataclass(frozen=True)
class Run:
    """One run of a protocol.

    Attributes
    ----------
    name : how a user's row may name it.
    protocol : the protocol's number.
    execute : runs it, from what the runs of a scoreboard share.
    answers : finding's id -> the rows of its tables that answer it; empty for the rows that it
        marks with the id.
    path : what bears on what it reads; for some findings ``assumed_share.PATHS`` holds a shorter
        one.
    pooled : whether the sampling error of the simulated pool is part of a number's error. In a
        parallel trial it is not: every dyad of the pool stands in either arm in some replication,
        so the pool's levels cancel.
    together : runs of the same name go into one process, one after the other, because they share a
        cohort.
    cohort_when_quick : whether it reads a cohort in a quick run only, where trials take their
        mothers from it.
    cost : seconds it takes in full on one processor, roughly; the longest begins first.

    >>> run = run_named("single feed")
    >>> run.protocol, list(run.answers), run.pooled
    (13, ['C16'], True)
    """

    name: str
    protocol: int
    execute: Callable[[SharedCohorts], ProtocolReport]
    answers: Mapping[str, tuple[RowKey, ...]]
    path: Path
    pooled: bool = True
    together: str = ""
    cohort_when_quick: bool = False
    # It orders runs and changes no number, so it is no part of their identity.
    cost: float = field(default=5.0, compare=False)


def _marked(*ids: str) -> Mapping[str, tuple[RowKey, ...]]:
    """Findings that the protocol marks in its own tables."""
    return MappingProxyType(dict.fromkeys(ids, ()))


def _placed(**rows: RowKey) -> Mapping[str, tuple[RowKey, ...]]:
    """Findings that a run answers in one row each, which it does not mark."""
    return MappingProxyType({name: (key,) for name, key in rows.items()})


# Trials of parallel arms: the pool's levels cancel between them.
_IN_ARMS: Mapping[str, Any] = {"pooled": False, "cohort_when_quick": True}
# The same for mothers who are drawn for the trial, in a quick run too.
_DRAWN_ARMS: Mapping[str, Any] = {"pooled": False, "cost": 30.0}
# One row a run, in no order that matters: the costliest begin first.
_RUNS = (
    Run(
        "intravenous bolus",
        12,
        DrawnSession(protocols.intravenous_bolus, "adults", (1200, 300), (200, 50), ("other",)),
        _marked("C12", "C15"),
        ADULT,
    ),
    Run(
        # plasma and saliva are both read after the spray: what drips into saliva is on the path too
        "spray kinetics",
        11,
        DrawnSession(protocols.spray_kinetics, "adults", (4000, 2000), (200, 100), ("other",)),
        _marked("C7a", "C7b", "C7c", "C7d", "C7e", "C13", "C14"),
        (*SPRAYED, *DRIPPING),
        cost=15.0,
    ),
    Run(
        "single feed",
        13,
        DrawnSession(protocols.single_feed, "mothers", (2000, 300), (200, 30), infant_age="4 d"),
        _marked("C16"),
        (*ADULT, "caregiver.engagement"),
    ),
    Run(
        "social preference",
        9,
        DrawnSession(protocols.social_preference, "mice", (1000, 200), (400, 100), ("other",)),
        _marked("D1"),
        (*ADULT, "caregiver.receptors", "caregiver.reward", "caregiver.engagement"),
    ),
    Run(
        "stressor and comfort",
        10,
        DrawnSession(
            protocols.stressor_and_comfort,
            "children",
            (2000, 400),
            (400, 200),
            infant_age="24 months",
        ),
        _marked("SZ1"),
        (*INFANT, "infant.stress", "caregiver.engagement"),
    ),
    Run("play session", 7, play_of_both_parents, _marked("F1", "F2"), ENGAGED),
    Run(
        # preterm infants: some parameters are set in every family, after the draw
        "skin-to-skin session",
        3,
        DrawnSession(
            protocols.skin_to_skin_session,
            "triads",
            (1120, 140),
            (400, 100),
            ("mother", "father"),
            "7 d",
            PRETERM,
        ),
        _marked("V1", "V2", "V3", "V4"),
        (*ENGAGED, *INFANT, "infant.stress"),
    ),
    Run(
        # mothers with high scores come from the young cohort, which is followed already
        "spray crossover",
        1,
        spray_of_mothers_scoring_high,
        MappingProxyType(
            {
                **_marked("H1a", "H1b", "H1c", "H1d", "H1e"),
                # touch and closeness, of which H1a marks the second
                "E10": (
                    EffectKey("affectionate contact", "oxytocin - placebo", "up"),
                    EffectKey("closeness", "oxytocin - placebo", "up"),
                ),
            }
        ),
        (*PLAYING, "caregiver.affect", "caregiver.mentalising", "caregiver.stress"),
        together=YOUNG,
    ),
    Run(
        "psychological treatment",
        15,
        ScreenedTrial(
            functools.partial(protocols.psychological_treatment, later=[SIX_MONTHS_LATER]),
            400,
            "8 weeks",
            low=EPDS_PROBABLE,
            most=60,
        ),
        MappingProxyType(
            {
                **_marked("C5"),
                "E15": (EffectKey(f"EPDS after {SIX_MONTHS_LATER}", "treatment - usual care"),),
            }
        ),
        MOOD,
        **_IN_ARMS,
        cost=60.0,
    ),
    Run(
        "infant massage",
        5,
        ScreenedTrial(protocols.infant_massage, 400, "2 weeks", low=6.0, high=12.0),
        _marked("C6"),
        MOOD,
        **_IN_ARMS,
        cost=40.0,
    ),
    Run(
        "mind-mindedness coaching",
        6,
        ScreenedTrial(protocols.mind_mindedness_coaching, 300, "6 months", first=100, most=100),
        _marked("C10"),
        MOOD,
        **_IN_ARMS,
        cost=60.0,
    ),
    Run(
        # the one run that reads the whole 18 months of every dyad
        "birth cohort",
        8,
        birth_cohort_at_every_age,
        _marked("C1a", "C1b", "C1c", "C2", "C4a", "C4b", "C4c", "C4d", "K1", "K2", "K3", "K4"),
        (*MOOD, *GROWTH),
        together=WHOLE,
        cost=220.0,
    ),
    Run(
        "spray and mind-mindedness",
        2,
        UnscreenedTrial(protocols.spray_mind_mindedness, (620, 124), (200, 50)),
        _marked("H2"),
        (*PLAYING, "caregiver.mentalising"),
        cost=20.0,
    ),
    Run(
        # its cost is that of following the young cohort, which several runs share
        "persistence of symptoms",
        8,
        persistence_of_symptoms,
        _marked("C3"),
        MOOD,
        together=YOUNG,
        cost=190.0,
    ),
    Run(
        "caesarean",
        14,
        SharedCrossSection(protocols.caesarean),
        _marked("C8a", "C8b"),
        (*MOOD, *SALIVA),
        together=YOUNG,
    ),
    Run(
        "depression and sensitivity",
        14,
        SharedCrossSection(protocols.depression_and_sensitivity),
        _marked("C9"),
        MOOD,
        together=YOUNG,
    ),
    Run(
        "mind-mindedness and saliva",
        14,
        SharedCrossSection(protocols.mind_mindedness),
        _marked("C11", "LB1"),
        MOOD,
        together=YOUNG,
    ),
    Run(SURVEY, 14, survey_of_own_population, _marked("S1", "S2"), MOOD, cost=60.0),
    Run(
        "daily skin-to-skin",
        4,
        UnscreenedTrial(
            functools.partial(protocols.daily_skin_to_skin, visits=["5 weeks"]),
            (600, 232),
            (200, 100),
        ),
        _placed(E11=EffectKey("EPDS after 5 weeks", "skin-to-skin - usual care")),
        MOOD,
        **_DRAWN_ARMS,
    ),
    Run(
        "skin-to-skin by dose",
        4,
        UnscreenedTrial(
            functools.partial(
                protocols.daily_skin_to_skin, minutes="120 min", less="30 min", visits=["5 weeks"]
            ),
            (600, 232),
            (200, 100),
        ),
        _placed(E12=EffectKey("EPDS after 5 weeks", "skin-to-skin - less skin-to-skin")),
        MOOD,
        **_DRAWN_ARMS,
    ),
    Run(
        "kangaroo care",
        4,
        UnscreenedTrial(protocols.kangaroo_care, (1500, 400), (200, 100)),
        _marked("E13"),
        MOOD,
        **_DRAWN_ARMS,
    ),
    Run(
        "skin-to-skin in the first month",
        4,
        UnscreenedTrial(protocols.early_skin_to_skin, (900, 300), (200, 100)),
        _marked("E14"),
        MOOD,
        **_DRAWN_ARMS,
    ),
    Run(
        "social stress test",
        10,
        DrawnSession(protocols.social_stress_test, "adults", (4200, 840), (200, 50), ("other",)),
        _marked("E17", "E18", "E19"),
        ("caregiver.stress",),
    ),
    Run(
        "still face",
        10,
        DrawnSession(protocols.still_face, "dyads", (1600, 320), (400, 100)),
        _marked("E21"),
        ("infant.stress", *INFANT, "caregiver.engagement"),
    ),
    Run(
        "crying and mood",
        8,
        DrawnSession(
            protocols.crying_and_mood, "mothers", (530, 106), (200, 50), infant_age="3 months"
        ),
        _marked("E6"),
        ("caregiver.mood", "infant.stress", "caregiver.reward"),
        cost=20.0,
    ),
    Run(
        "community comments",
        14,
        SharedCrossSection(cross_sections.COMMUNITY_COMMENTS.run),
        _marked("E3"),
        MOOD,
        together=YOUNG,
    ),
    Run(
        "cases and sensitivity",
        14,
        SharedCrossSection(cross_sections.CASES_AND_SENSITIVITY.run),
        _marked("E8"),
        MOOD,
        together=YOUNG,
    ),
    Run(
        "affectionate play",
        14,
        SharedCrossSection(cross_sections.AFFECTIONATE_PLAY.run),
        _marked("E9"),
        (*MOOD, *ADULT),
        together=YOUNG,
    ),
    Run(
        "confidence and depression",
        8,
        loop_protocols.confidence_and_depression,
        _marked("E1", "E2"),
        MOOD,
        together=WHOLE,
    ),
    Run(
        "reported temperament",
        14,
        loop_protocols.reported_temperament,
        _marked("E4", "E5"),
        (*MOOD, *GROWTH),
        together=WHOLE,
    ),
    Run(
        "bonding and mood",
        14,
        loop_protocols.bonding_and_mood,
        _marked("E7"),
        MOOD,
        together=WHOLE,
    ),
    Run(
        "hormones at birth",
        14,
        check_protocols.hormones_at_birth,
        _placed(
            H10a=EffectKey("epds at 3 months", "r with plasma_oxytocin"),
            H10b=EffectKey("epds at 3 months", "r with saliva_oxytocin"),
        ),
        (*MOOD, *SALIVA),
        together=YOUNG,
    ),
    Run(
        "attachment and care",
        14,
        check_protocols.attachment,
        _placed(
            Z1=EffectKey("secure at 15 months", "r with appropriate_comments at 6 months"),
            Z2=EffectKey("secure at 15 months", "r with sensitivity at 6 months"),
        ),
        (*MOOD, *GROWTH),
        together=WHOLE,
    ),
    Run(
        "reviewed studies",
        14,
        check_protocols.reviewed_studies,
        _placed(G1=FigureKey("studies with an association")),
        (*MOOD, *SALIVA),
        together=YOUNG,
    ),
    Run(
        # one finding of two claims: ranks that stay, and a mean that stays
        "infant oxytocin over time",
        8,
        check_protocols.stability,
        MappingProxyType(
            {
                "ZE1": (
                    EffectKey("rank at 8 months", "r with rank at 4 months", "up"),
                    EffectKey("infant saliva oxytocin", "8 - 4 months", "none"),
                )
            }
        ),
        MOOD,
        together=YOUNG,
    ),
    Run(
        "fathers' spray",
        1,
        check_protocols.fathers_spray,
        _placed(WE1=EffectKey("infant saliva oxytocin in play", "oxytocin - placebo")),
        (*PLAYING, "caregiver.affect", *INFANT),
        cost=10.0,
    ),
    Run(
        "central and peripheral",
        14,
        check_protocols.fluids,
        _placed(
            VA1=EffectKey("CSF oxytocin, rest", "r with plasma oxytocin, rest"),
            VA2=EffectKey("brain oxytocin, stressor", "r with plasma oxytocin, stressor"),
            VA3=EffectKey("CSF oxytocin, spray", "r with plasma oxytocin, spray"),
        ),
        (*SPRAYED, "caregiver.stress"),
        cost=15.0,
    ),
)
RUNS: Mapping[str, Run] = MappingProxyType({run.name: run for run in _RUNS})


def run_named(name: str) -> Run:
    """A run by its name; an unknown name raises with the nearest three.

    >>> run_named("infant massage").pooled
    False
    """
    if name not in RUNS:
        raise unknown_name("run of a protocol", name, RUNS)
    return RUNS[name]


def runs_of(protocol: int) -> tuple[Run, ...]:
    """The runs of a protocol by its number.

    >>> [run.name for run in runs_of(10)]
    ['stressor and comfort', 'social stress test', 'still face']
    """
    return tuple(run for run in RUNS.values() if run.protocol == protocol)


def run_answering(name: str) -> Run | None:
    """The run that answers a packaged finding; None where there is none.

    >>> run_answering("C3").name
    'persistence of symptoms'
    """
    return next((run for run in RUNS.values() if name in run.answers), None)


def path_of(name: str, run: Run) -> Path:
    """What lies between what is done and what is read, for a finding that `run` answers.

    >>> path_of("K2", run_named("birth cohort"))
    ('caregiver.receptors.adult_methylation',)
    """
    return PATHS.get(name, run.path)

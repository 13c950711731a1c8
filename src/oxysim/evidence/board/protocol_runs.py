"""The runs of a scoreboard: which protocol, how large in full and in quick mode, and which findings
it answers.

A protocol runs once for all of its findings. Pools hold everybody that the replications of one
sample draw, so that these are as good as new people, wherever the protocol is cheap enough.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from oxysim import protocols
from oxysim.errors import unknown_name
from oxysim.evidence.board.answers import EffectKey
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
from oxysim.evidence.board.edge_runs import EDGE_RUNS
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
from oxysim.evidence.board.run_row import IN_ARMS, WHOLE, YOUNG, Run, marks
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.protocols.skin_to_skin_session import PRETERM

SURVEY = "survey"  # the one run that needs a file
SIX_MONTHS_LATER = "34 weeks"  # after enrolment: six months after eight weeks of treatment
AT_NINE_MONTHS = "31 weeks"  # after enrolment at eight weeks: nine months after birth


# One row a run, in no order that matters: the costliest begin first.
_RUNS = (
    Run(
        "intravenous bolus",
        12,
        DrawnSession(protocols.intravenous_bolus, "adults", (1200, 300), (200, 50), ("other",)),
        marks("C12", "C15"),
        ADULT,
    ),
    Run(
        # plasma and saliva are both read after the spray: what drips into saliva is on the path too
        "spray kinetics",
        11,
        DrawnSession(protocols.spray_kinetics, "adults", (4000, 2000), (200, 100), ("other",)),
        marks("C7a", "C7b", "C7c", "C7d", "C7e", "C13", "C14"),
        (*SPRAYED, *DRIPPING),
        cost=15.0,
    ),
    Run(
        "single feed",
        13,
        DrawnSession(protocols.single_feed, "mothers", (2000, 300), (200, 30), infant_age="4 d"),
        marks("C16"),
        (*ADULT, "caregiver.engagement"),
    ),
    Run(
        "social preference",
        9,
        DrawnSession(protocols.social_preference, "mice", (1000, 200), (400, 100), ("other",)),
        marks("D1"),
        (*ADULT, "caregiver.receptors", "caregiver.reward", "caregiver.engagement"),
    ),
    Run(
        "stressor and comfort",
        10,
        DrawnSession(
            protocols.stressor_and_comfort,
            "children",
            # a likeness within .3 SD has to be known to .03
            (4000, 400),
            (400, 200),
            infant_age="24 months",
        ),
        marks("SZ1"),
        (*INFANT, "infant.stress", "caregiver.engagement"),
    ),
    Run("play session", 7, play_of_both_parents, marks("F1", "F2"), ENGAGED),
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
        marks("V1", "V2", "V3", "V4"),
        (*ENGAGED, *INFANT, "infant.stress"),
    ),
    Run(
        # mothers with high scores come from the young cohort, which is followed already
        "spray crossover",
        1,
        spray_of_mothers_scoring_high,
        MappingProxyType(
            {
                **marks("H1a", "H1b", "H1c", "H1d", "H1e"),
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
            functools.partial(
                protocols.psychological_treatment, later=[AT_NINE_MONTHS, SIX_MONTHS_LATER]
            ),
            400,
            "8 weeks",
            low=EPDS_PROBABLE,
            most=60,
        ),
        MappingProxyType(
            {
                **marks("C5"),
                "E15": (EffectKey(f"EPDS after {SIX_MONTHS_LATER}", "treatment - usual care"),),
                # that treatment ended at 4.5 months, this one ends at 3.7
                "E16": (EffectKey(f"EPDS after {AT_NINE_MONTHS}", "treatment - usual care"),),
            }
        ),
        MOOD,
        **IN_ARMS,
        cost=60.0,
    ),
    Run(
        "infant massage",
        5,
        ScreenedTrial(protocols.infant_massage, 400, "2 weeks", low=6.0, high=12.0),
        marks("C6"),
        MOOD,
        **IN_ARMS,
        cost=40.0,
    ),
    Run(
        "mind-mindedness coaching",
        6,
        ScreenedTrial(protocols.mind_mindedness_coaching, 300, "6 months", first=100, most=100),
        marks("C10", "E25", "E26"),
        MOOD,
        **IN_ARMS,
        cost=60.0,
    ),
    Run(
        # the one run that reads the whole 18 months of every dyad
        "birth cohort",
        8,
        birth_cohort_at_every_age,
        marks("C1a", "C1b", "C1c", "C2", "C4a", "C4b", "C4c", "C4d", "K1", "K2", "K3", "K4"),
        (*MOOD, *GROWTH),
        together=WHOLE,
        cost=220.0,
    ),
    Run(
        "spray and mind-mindedness",
        2,
        UnscreenedTrial(protocols.spray_mind_mindedness, (620, 124), (200, 50)),
        marks("H2"),
        (*PLAYING, "caregiver.mentalising"),
        cost=20.0,
    ),
    Run(
        # its cost is that of following the young cohort, which several runs share
        "persistence of symptoms",
        8,
        persistence_of_symptoms,
        marks("C3"),
        MOOD,
        together=YOUNG,
        cost=190.0,
    ),
    Run(
        "caesarean",
        14,
        SharedCrossSection(protocols.caesarean),
        marks("C8a", "C8b"),
        (*MOOD, *SALIVA),
        together=YOUNG,
    ),
    Run(
        "depression and sensitivity",
        14,
        SharedCrossSection(protocols.depression_and_sensitivity),
        marks("C9"),
        MOOD,
        together=YOUNG,
    ),
    Run(
        "mind-mindedness and saliva",
        14,
        SharedCrossSection(protocols.mind_mindedness),
        marks("C11", "LB1"),
        MOOD,
        together=YOUNG,
    ),
    Run(SURVEY, 14, survey_of_own_population, marks("S1", "S2"), MOOD, cost=60.0),
    *EDGE_RUNS,
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
    ['stressor and comfort', 'social stress test', 'still face', 'continuous skin-to-skin']
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

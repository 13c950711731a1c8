"""The runs of a scoreboard about the loop's own edges, and about findings that were first kept
apart as a check of the first model.

As in :mod:`~oxysim.evidence.board.protocol_runs`, of whose runs these are a part: a row each.
"""

from __future__ import annotations

import functools
from types import MappingProxyType

from oxysim import protocols
from oxysim.evidence.board import check_protocols, loop_protocols
from oxysim.evidence.board.answers import EffectKey, FigureKey
from oxysim.evidence.board.assumed_share import (
    ADULT,
    GROWTH,
    INFANT,
    MOOD,
    PLAYING,
    SALIVA,
    SPRAYED,
)
from oxysim.evidence.board.protocol_sizes import DrawnSession, SharedCrossSection, UnscreenedTrial
from oxysim.evidence.board.run_row import DRAWN_ARMS, WHOLE, YOUNG, Run, answer_rows, marks
from oxysim.protocols import cross_sections

# Trials of contact, the stress tests, the rows of the loop's edges, then the former check.
EDGE_RUNS = (
    Run(
        "daily skin-to-skin",
        4,
        UnscreenedTrial(
            functools.partial(protocols.daily_skin_to_skin, visits=["5 weeks"]),
            (600, 232),
            (200, 100),
        ),
        answer_rows(E11=EffectKey("EPDS after 5 weeks", "skin-to-skin - usual care")),
        MOOD,
        **DRAWN_ARMS,
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
        answer_rows(E12=EffectKey("EPDS after 5 weeks", "skin-to-skin - less skin-to-skin")),
        MOOD,
        **DRAWN_ARMS,
    ),
    Run(
        "kangaroo care",
        4,
        UnscreenedTrial(protocols.kangaroo_care, (1500, 400), (200, 100)),
        marks("E13"),
        MOOD,
        **DRAWN_ARMS,
    ),
    Run(
        "skin-to-skin in the first month",
        4,
        UnscreenedTrial(protocols.early_skin_to_skin, (900, 300), (200, 100)),
        marks("E14"),
        MOOD,
        **DRAWN_ARMS,
    ),
    Run(
        "social stress test",
        10,
        DrawnSession(protocols.social_stress_test, "adults", (4200, 840), (200, 50), ("other",)),
        marks("E17", "E18", "E19"),
        ("caregiver.stress",),
    ),
    Run(
        "still face",
        10,
        DrawnSession(protocols.still_face, "dyads", (1600, 320), (400, 100)),
        marks("E21"),
        ("infant.stress", *INFANT, "caregiver.engagement"),
    ),
    Run(
        # ranks within one arm: the pool's levels do not cancel in them
        "continuous skin-to-skin",
        10,
        UnscreenedTrial(protocols.continuous_skin_to_skin, (400, 120), (200, 50)),
        marks("E22"),
        ("caregiver.stress", "infant.stress", *INFANT, "caregiver.engagement"),
        cost=30.0,
    ),
    Run(
        "crying and mood",
        8,
        DrawnSession(
            protocols.crying_and_mood, "mothers", (530, 106), (200, 50), infant_age="3 months"
        ),
        marks("E6"),
        ("caregiver.mood", "infant.stress", "caregiver.reward"),
        cost=20.0,
    ),
    Run(
        "community comments",
        14,
        SharedCrossSection(cross_sections.COMMUNITY_COMMENTS.run),
        marks("E3"),
        MOOD,
        together=YOUNG,
    ),
    Run(
        "cases and sensitivity",
        14,
        SharedCrossSection(cross_sections.CASES_AND_SENSITIVITY.run),
        marks("E8"),
        MOOD,
        together=YOUNG,
    ),
    Run(
        "affectionate play",
        14,
        SharedCrossSection(cross_sections.AFFECTIONATE_PLAY.run),
        marks("E9"),
        (*MOOD, *ADULT),
        together=YOUNG,
    ),
    Run(
        "confidence and depression",
        8,
        loop_protocols.confidence_and_depression,
        marks("E1", "E2"),
        MOOD,
        together=WHOLE,
    ),
    Run(
        "reported temperament",
        14,
        loop_protocols.reported_temperament,
        marks("E4", "E5"),
        (*MOOD, *GROWTH),
        together=WHOLE,
    ),
    Run(
        "bonding and mood",
        14,
        loop_protocols.bonding_and_mood,
        marks("E7"),
        MOOD,
        together=WHOLE,
    ),
    Run(
        "hormones at birth",
        14,
        check_protocols.hormones_at_birth,
        answer_rows(
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
        answer_rows(
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
        answer_rows(G1=FigureKey("studies with an association")),
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
        # fathers come with mother and infant, whose own oxytocin is read
        "fathers' spray",
        1,
        DrawnSession(
            protocols.fathers_spray, "triads", (700, 140), (200, 50), ("mother", "father")
        ),
        marks("WE1", "E23", "E24"),
        (*PLAYING, "caregiver.affect", *INFANT, "infant.affect", "infant.stress"),
        cost=10.0,
    ),
    Run(
        "resting hormones",
        14,
        DrawnSession(protocols.resting_hormones, "adults", (6200, 620), (200, 20), ("other",)),
        marks("E20"),
        (*SALIVA, "caregiver.stress"),
    ),
    Run(
        "central and peripheral",
        14,
        check_protocols.fluids,
        answer_rows(
            VA1=EffectKey("CSF oxytocin, rest", "r with plasma oxytocin, rest"),
            VA2=EffectKey("brain oxytocin, stressor", "r with plasma oxytocin, stressor"),
            VA3=EffectKey("CSF oxytocin, spray", "r with plasma oxytocin, spray"),
        ),
        (*SPRAYED, "caregiver.stress"),
        cost=15.0,
    ),
)

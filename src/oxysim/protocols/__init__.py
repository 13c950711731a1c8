"""Published protocols as ready functions, the published design as their default; a file a
kind of study.

What several share: ``session_protocol``, ``trial_protocol`` and ``cross_section`` run a session, a
trial and a cross-section that are written as data; ``enrolment``: whom a protocol enrols;
``design_words``: its design in words; ``visit_groups``, ``correlation_rows``, ``krol_2019``: groups
and tables of cross-sections.

``PROTOCOLS`` lists them by the number under which the findings in ``data/targets.csv`` name them.

>>> from oxysim import protocols
>>> protocols.PROTOCOLS[13].__name__
'single_feed'
>>> report = protocols.single_feed(n=2, pool=2, replications=2)
>>> report.readings["pulses in 10 min | feed"].shape
(2, 2)
"""

from __future__ import annotations

from collections.abc import Callable

from oxysim.cohorts.cross_sectional_measures import Measure
from oxysim.protocols.birth_cohort import birth_cohort
from oxysim.protocols.continuous_skin_to_skin import continuous_skin_to_skin
from oxysim.protocols.cross_section import cross_section
from oxysim.protocols.cross_sections import caesarean, depression_and_sensitivity, mind_mindedness
from oxysim.protocols.crying_and_mood import crying_and_mood
from oxysim.protocols.daily_skin_to_skin import daily_skin_to_skin
from oxysim.protocols.fathers_spray import fathers_spray
from oxysim.protocols.infant_massage import infant_massage
from oxysim.protocols.intravenous_bolus import intravenous_bolus
from oxysim.protocols.kangaroo_care import early_skin_to_skin, kangaroo_care
from oxysim.protocols.mind_mindedness_coaching import mind_mindedness_coaching
from oxysim.protocols.play_session import play_session
from oxysim.protocols.psychological_treatment import psychological_treatment
from oxysim.protocols.resting_hormones import resting_hormones
from oxysim.protocols.single_feed import single_feed
from oxysim.protocols.skin_to_skin_session import skin_to_skin_session
from oxysim.protocols.social_preference import social_preference
from oxysim.protocols.social_stress_test import social_stress_test
from oxysim.protocols.spray_crossover import spray_crossover
from oxysim.protocols.spray_kinetics import spray_kinetics
from oxysim.protocols.spray_mind_mindedness import spray_mind_mindedness
from oxysim.protocols.still_face import still_face
from oxysim.protocols.stressor_and_comfort import stressor_and_comfort
from oxysim.trials.reporting.protocol_report import ProtocolReport

# the numbers stand in files of findings: a protocol keeps its number for good
PROTOCOLS: dict[int, Callable[..., ProtocolReport]] = {
    1: spray_crossover,
    2: spray_mind_mindedness,
    3: skin_to_skin_session,
    4: daily_skin_to_skin,
    5: infant_massage,
    6: mind_mindedness_coaching,
    7: play_session,
    8: birth_cohort,
    9: social_preference,
    10: stressor_and_comfort,
    11: spray_kinetics,
    12: intravenous_bolus,
    13: single_feed,
    14: cross_section,
    15: psychological_treatment,
}

__all__ = [
    "PROTOCOLS",
    "Measure",
    "ProtocolReport",
    "birth_cohort",
    "caesarean",
    "continuous_skin_to_skin",
    "cross_section",
    "crying_and_mood",
    "daily_skin_to_skin",
    "depression_and_sensitivity",
    "early_skin_to_skin",
    "fathers_spray",
    "infant_massage",
    "intravenous_bolus",
    "kangaroo_care",
    "mind_mindedness",
    "mind_mindedness_coaching",
    "play_session",
    "psychological_treatment",
    "resting_hormones",
    "single_feed",
    "skin_to_skin_session",
    "social_preference",
    "social_stress_test",
    "spray_crossover",
    "spray_kinetics",
    "spray_mind_mindedness",
    "still_face",
    "stressor_and_comfort",
]


def __dir__() -> list[str]:
    """The public names alone: modules that happen to be loaded are no part of the door."""
    return sorted(__all__)

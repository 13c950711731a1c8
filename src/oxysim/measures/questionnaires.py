"""Instruments that a person fills in, and the two that a nurse reads off: heart rate and blood
pressure.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from oxysim.arrays import FloatArray
from oxysim.measures.cut_offs import EPDS_HIGHEST
from oxysim.measures.instrument_model import Instrument, MeasurementNoise
from oxysim.units import HOUR

# Points of self-rated feeling for full belief in having been treated, beyond what affect itself
# carries; assumed.
EXPECTANCY_POINTS = 5.0


def _positive_feeling(warmth: FloatArray, expectancy: FloatArray) -> FloatArray:
    """0-100 from warmth (1-5) and from the belief of having received an active treatment."""
    return 25 * (warmth - 1) + EXPECTANCY_POINTS * expectancy


# Logit units by which a form about oneself as a parent reads higher per logit unit of mood;
# assumed: in a bad week the same bond is reported as a poorer one.
MOOD_LOADING = 0.4
# What a visual analogue scale of mood reads in the usual mood; assumed, as is its slope of one
# logit unit per logit unit of mood.
USUAL_MOOD = 65.0
# Logit units by which a person who was aroused by one unit more, on the mean of the last eight
# hours, marks the scale lower; assumed, large enough for the sign of E6 in a study of its size.
# An hour's arousal is an eighth of that: crying shows in mood after hours, in being upset at once.
WEARING = 2.0
WORN_OVER = 8 * HOUR
USUAL_AROUSAL = 0.3  # of an adult at rest; a convention, where nothing is worn
AROUSAL_POINTS = 60.0  # of 100, momentary negative affect per unit of arousal; assumed


def _in_the_mood(share: FloatArray, mood: FloatArray) -> FloatArray:
    """0-100 from a bond or a confidence (0 to 1), as it is reported in the mood of the moment."""
    return 100 * expit(logit(share) + MOOD_LOADING * mood)


def _mood_scale(mood: FloatArray, arousal: FloatArray) -> FloatArray:
    """0-100 from momentary mood (logit units, 0 the usual) and arousal, means of the last hours.

    100 is the best.
    """
    return 100 * expit(logit(USUAL_MOOD / 100) + mood - WEARING * (arousal - USUAL_AROUSAL))


def _negative_affect(arousal: FloatArray) -> FloatArray:
    """0-100 from arousal (0 is calm)."""
    return np.asarray(AROUSAL_POINTS * arousal)


# One instrument a paragraph: what it reads, how precisely, from where that is known, its limits.
# fmt: off
SELF_REPORT = (
    Instrument("epds", ("epds",), "EPDS",
        MeasurementNoise("additive", 0, 1.8), "evans2001", "derived",
        "whole points. Reliability of about .85 at a community SD of about 4.7 gives a noise SD "
        "of 4.7 x sqrt(1 - .85) = 1.8; drawn anew for each completed form",
        rounding=1, low=0, high=EPDS_HIGHEST, steady=True),
    Instrument("positive_feeling", ("warmth",), "points",
        MeasurementNoise("additive", 14, 6), "radboud2025", "assumed",
        "self-rated positive feeling in the interaction, 0-100, from warmth and expectancy; sign "
        "measured, sizes assumed: two visits of one person differ by some 20 points",
        expected=_positive_feeling, inputs=("expectancy",), rounding=1, low=0, high=100),
    Instrument("bonding", ("bond", "mood"), "points",
        MeasurementNoise("additive", 0, 6), "kaneko2014", "assumed",
        "self-rated bond with the infant, 0-100, higher is closer, as it seems in the mood of the "
        "moment; scale, loading of mood and noise assumed. Published questionnaires of bonding "
        "problems run the other way",
        expected=_in_the_mood, rounding=1, low=0, high=100, steady=True),
    Instrument("parenting_confidence", ("confidence", "mood"), "points",
        MeasurementNoise("additive", 0, 6), "goodman2022", "assumed",
        "self-rated efficacy as a parent, 0-100, as it seems in the mood of the moment; scale, "
        "loading of mood and noise assumed",
        expected=_in_the_mood, rounding=1, low=0, high=100, steady=True),
    Instrument("momentary_mood", ("mood", "arousal"), "points",
        MeasurementNoise("additive", 0, 8), "dailycrying", "assumed",
        "visual analogue scale of mood for diaries, 0-100, higher is better: mood, and how far the "
        "last eight hours wore the person; usual point, slopes and noise assumed",
        expected=_mood_scale, window=WORN_OVER, low=0, high=100),
    Instrument("negative_affect", ("arousal",), "points",
        MeasurementNoise("additive", 4, 6), "dailycrying", "assumed",
        "visual analogue scale of being upset at this moment, 0-100: it follows arousal within "
        "minutes, where mood takes hours; scale and noise assumed",
        expected=_negative_affect, low=0, high=100),
    Instrument("state_anxiety", ("state_anxiety",), "STAI",
        MeasurementNoise("additive", 4, 2), "assumption", "assumed",
        "whole points of the 20-80 scale; noise assumed so that two visits of a calm person "
        "correlate about .6",
        rounding=1, low=20, high=80),
    Instrument("fear", ("fear",), "points",
        MeasurementNoise("additive", 0.8, 0.5), "assumption", "assumed",
        "0-10 visual analogue scale; noise assumed",
        low=0, high=10),
)
# fmt: on
# One instrument a paragraph: what it reads, how precisely, from where that is known, its limits.
# fmt: off
PHYSIOLOGY = (
    Instrument("heart_rate", ("heart_rate",), "bpm",
        MeasurementNoise("additive", 4, 2), "assumption", "assumed",
        "mean over a minute; visit SD of 4 and sample SD of 2 beats assumed",
        low=0),
    Instrument("systolic_pressure", ("systolic_pressure",), "mmHg",
        MeasurementNoise("additive", 5, 4), "assumption", "assumed",
        "cuff reading in whole mmHg; visit SD of 5 and reading SD of 4 mmHg assumed",
        rounding=1, low=0),
)
# fmt: on

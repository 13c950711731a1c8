"""Instruments that an observer scores: behaviour ratings, mind-related comments, and the attachment
classification.
"""

from __future__ import annotations

from collections.abc import Callable

from oxysim.arrays import FloatArray
from oxysim.measures.cut_offs import EPDS_USUAL
from oxysim.measures.instrument_model import Instrument, MeasurementNoise
from oxysim.units import MONTH

MEAN_COMMENTS = 80.0  # comments in one session of free play; assumed
COMMENTS_CV = 0.35  # spread of that number from session to session; assumed
CLASSES = ("secure", "avoidant", "resistant", "disorganised")
SECURE_FROM = 0.52  # security above which an infant is classed secure
DISORGANISED_BELOW = 0.34  # security below which an infant is classed disorganised
AVOIDANT_SHARE = 0.62  # of the infants between the two: avoidant, the others resistant

# Rating points of closeness per point of warmth and per unit of affection; assumed.
CLOSENESS_WARMTH = 0.35
CLOSENESS_AFFECTION = 1.2
# How far low mood colours what a mother reports of her infant: points of the 1-7 scale per point of
# her EPDS at birth. A mother of a young infant has little else to go by; the older infant shows
# what it is like. Both chosen for rank correlations of .31 at 3-6 months and .07 at 9-12 months
# (sandoz2022, derived).
COLOURING_AT_BIRTH = 0.23
COLOURING_HALF_LIFE = 1.75 * MONTH


def _rating(centre: float, loading: float) -> Callable[[FloatArray], FloatArray]:
    """A 1-5 rating that shares `loading` of its movement with warmth, around its own `centre` where
    warmth is 3.
    """

    def expected(warmth: FloatArray) -> FloatArray:
        return centre + loading * (warmth - 3)

    return expected


def _engaged(engagement: FloatArray) -> FloatArray:
    """1-5 from the share of the usual contact that happens (0 to 2): 3 is the usual."""
    return 1 + 2 * engagement


def _in_step(synchrony: FloatArray) -> FloatArray:
    """1-5 from the synchrony of the two (0 to 1)."""
    return 1 + 4 * synchrony


def _positive(affect: FloatArray) -> FloatArray:
    """1-5 from the infant's positive affect (0 to 1)."""
    return 1 + 4 * affect


def _close(warmth: FloatArray, affection: FloatArray) -> FloatArray:
    """1-5: physical closeness shows both how warm a caregiver is and how tender contact is."""
    return 3.2 + CLOSENESS_WARMTH * (warmth - 3) + CLOSENESS_AFFECTION * (affection - 1)


def _reported(irritability: FloatArray, epds: FloatArray, age: FloatArray) -> FloatArray:
    """1-7 from irritability, the reporter's symptoms (EPDS) and the infant's age (minutes)."""
    colouring = COLOURING_AT_BIRTH * 0.5 ** (age / COLOURING_HALF_LIFE)
    return _irritable(irritability) + colouring * (epds - EPDS_USUAL)


def _irritable(irritability: FloatArray) -> FloatArray:
    """1-7, as temperament questionnaires have it, from irritability (0 to 1)."""
    return 1 + 6 * irritability


def _affect_rating(name: str, centre: float, loading: float, noise: MeasurementNoise) -> Instrument:
    return Instrument(
        name,
        ("warmth",),
        "rating",
        noise,
        "radboud2025",
        "assumed",
        f"1-5, moves by {loading:g} where warmth moves by 1; sign measured, loading and noise"
        " assumed",
        expected=_rating(centre, loading),
        low=1,
        high=5,
    )


# One instrument a paragraph: what it reads, how precisely, from where that is known, its limits.
# fmt: off
OBSERVED = (
    _affect_rating("warmth", 3.0, 1.0, MeasurementNoise("additive", 0.35, 0.25)),
    _affect_rating("enthusiasm", 2.9, 0.9, MeasurementNoise("additive", 0.4, 0.3)),
    _affect_rating("smiling", 2.6, 0.8, MeasurementNoise("additive", 0.45, 0.3)),
    Instrument("closeness", ("warmth", "affection"), "rating",
        MeasurementNoise("additive", 0.4, 0.3), "radboud2025", "assumed",
        "1-5, how close the two are in body: from warmth and from how tender contact is; sign "
        "measured, loadings and noise assumed",
        expected=_close, low=1, high=5),
    Instrument("affectionate_contact", ("affection",), "rating",
        MeasurementNoise("additive", 0.4, 0.25), "gordon2010", "assumed",
        "an observer's 1-5 rating of touch, gaze and voice over a bout of play, 3 the usual; scale "
        "and noise assumed",
        expected=_engaged, low=1, high=5),
    Instrument("reciprocity", ("synchrony",), "rating",
        MeasurementNoise("additive", 0.4, 0.25), "weisman2012b", "assumed",
        "an observer's 1-5 rating of how far caregiver and infant answer each other over a bout of "
        "play; scale assumed, noise as for affectionate contact",
        expected=_in_step, low=1, high=5),
    Instrument("sensitivity", ("sensitivity",), "rating",
        MeasurementNoise("additive", 0.7, 0.5), "zeegers2017", "assumed",
        "1-9; visit SD of 0.7 and rater SD of 0.5 assumed",
        low=1, high=9, steady=True),
    Instrument("engaged_care", ("engagement",), "rating",
        MeasurementNoise("additive", 0.3, 0.2), "krol2019", "assumed",
        "an observer's 1-5 rating of how engaged the caregiver is; scale and noise assumed",
        expected=_engaged, low=1, high=5),
    Instrument("infant_affect", ("affect",), "rating",
        MeasurementNoise("additive", 0.6, 0.3), "krol2019", "assumed",
        "an observer's 1-5 rating of the infant's positive affect; scale and noise assumed",
        owner="infant", expected=_positive, low=1, high=5),
    Instrument("irritability", ("irritability",), "rating",
        MeasurementNoise("additive", 0, 0.5), "krol2019", "assumed",
        "how irritable the infant is on a 1-7 temperament scale, whoever the judge; scale and "
        "noise assumed",
        owner="infant", expected=_irritable, low=1, high=7, steady=True),
    Instrument("reported_temperament", ("irritability",), "rating",
        MeasurementNoise("additive", 0, 0.5), "sandoz2022", "assumed",
        "the same scale as the first caregiver fills it in: low mood colours it, less so the older "
        "the infant; sizes chosen for two published correlations with the EPDS, noise assumed",
        owner="infant", expected=_reported, reporter=("epds",), by_age=True,
        low=1, high=7, steady=True),
    Instrument("appropriate_comments", ("appropriate_comments",), "fraction",
        MeasurementNoise("binomial", 0.25), "meins2012", "assumed",
        "share of appropriate mind-related comments: a count out of about 80 comments a session "
        "(assumed); the visit's spread of 0.25 on the logit scale brings the SD between mothers "
        "near the recalled 4 %",
        low=0, high=1, steady=True),
    Instrument("nonattuned_comments", ("nonattuned_comments",), "fraction",
        MeasurementNoise("binomial", 0.25), "meins2012", "assumed",
        "share of non-attuned mind-related comments, a count out of the same comments; drawn "
        "independently of the appropriate ones",
        low=0, high=1, steady=True),
    Instrument("attachment", ("attachment_security",), "class",
        MeasurementNoise("classes", 0.0, 0.9), "assumption", "assumed",
        "classification from security plus noise (0.9 on the logit scale): secure from 0.52, "
        "disorganised below 0.34, between them avoidant (62 %) or resistant (38 %) by chance. "
        "Chosen for the recalled community shares of about 62, 15, 9 and 15 %; the model holds "
        "nothing that tells avoidant from resistant",
        owner="infant", low=0, high=3, steady=True),
)
# fmt: on

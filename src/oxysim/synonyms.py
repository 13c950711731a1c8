"""Words of the field and the names that they have here: what somebody means comes before what is
spelt alike.

A table for messages only: nothing is renamed behind anybody's back. Each row holds words as people
in the field say them, and words of the names that are meant, the likeliest first. A new row needs
nothing else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

SYNONYMS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        (
            "ppd",
            "pnd",
            "postpartum depression",
            "postnatal depression",
            "perinatal depression",
            "depression score",
            "depressive symptoms",
            "edinburgh",
            "bdi",
            "phq",
        ),
        ("epds", "depression"),
    ),
    (("baby blues", "low mood", "mood"), ("depression", "epds")),
    (
        ("ot", "oxt", "oxytocin level", "oxytocin levels"),
        ("saliva oxytocin", "plasma oxytocin", "oxytocin"),
    ),
    (
        ("salivary oxytocin", "oxytocin in saliva", "salivary ot"),
        ("saliva oxytocin", "salivary oxytocin"),
    ),
    (
        ("saliva cortisol", "salivary cortisol", "stress hormone", "hydrocortisone", "hpa"),
        ("salivary cortisol", "cortisol"),
    ),
    (("blood oxytocin", "serum oxytocin", "serum", "blood"), ("plasma oxytocin", "plasma")),
    (("brain oxytocin", "csf", "cerebrospinal"), ("csf oxytocin", "central oxytocin")),
    (("half life", "halflife", "t1/2", "t 1/2", "elimination"), ("half life",)),
    (
        ("breastfeeding", "breast feeding", "nursing", "lactation", "suckle", "latch"),
        ("breastfeeding", "breastfeed", "suckling", "breastfeeding share", "feed"),
    ),
    (("formula", "formula feeding", "bottle feeding"), ("bottle", "feed")),
    (
        ("kangaroo", "kangaroo care", "kangaroo mother care", "kmc", "skin contact", "bare chest"),
        ("skin to skin", "skin contact"),
    ),
    (
        (
            "babywearing",
            "baby wearing",
            "baby carrier",
            "sling",
            "carrying",
            "cuddling",
            "holding",
            "hugging",
            "stroking",
        ),
        ("touch", "affectionate touch", "skin to skin"),
    ),
    (
        ("intranasal", "spray", "nasal", "syntocinon", "pitocin", "inhaled"),
        ("nasal spray", "intranasal", "intravenous bolus"),
    ),
    (("infusion", "iv", "injection", "drip"), ("intravenous", "intravenous bolus")),
    (("sham", "saline", "control spray"), ("placebo", "placebo spray")),
    (("ssri", "sertraline", "fluoxetine", "medication", "antidepressants"), ("antidepressant",)),
    (
        ("cbt", "ipt", "psychotherapy", "therapy", "counselling", "counseling", "talking therapy"),
        ("psychological treatment", "therapy"),
    ),
    (("peer support", "partner support", "home visit", "doula"), ("social support", "support")),
    (
        (
            "vaccination",
            "vaccine",
            "inoculation",
            "heel prick",
            "heel lance",
            "pain",
            "tsst",
            "stress test",
        ),
        ("stressor",),
    ),
    (("still face paradigm", "sfp", "still face"), ("still face",)),
    (("colic", "fussing", "cry", "tears"), ("crying",)),
    (("nicu", "ward", "incubator"), ("ambient stress",)),
    (("phone", "telephone", "video call", "voice message"), ("remote voice", "voice by telephone")),
    (("motherese", "infant directed speech", "singing", "reading"), ("affectionate talk", "talk")),
    (
        ("attachment", "bonding", "pbq", "mother infant bonding"),
        ("bond", "bonding", "attachment security"),
    ),
    (
        (
            "mind mindedness",
            "mindmindedness",
            "mind minded",
            "reflective functioning",
            "mentalization",
            "mentalizing",
            "mentalisation",
        ),
        ("appropriate comments", "mentalising", "mind mindedness"),
    ),
    (("responsiveness", "maternal sensitivity", "responsive"), ("sensitivity", "responsiveness")),
    (("anxiety", "stai", "worry"), ("state anxiety",)),
    (("hr", "heart beat", "bpm", "pulse"), ("heart rate",)),
    (("blood pressure", "bp"), ("systolic pressure", "pressure")),
    (("oxtr", "epigenetic", "dna methylation"), ("methylation",)),
    (("receptor", "receptors"), ("receptor availability", "receptor sensitisation", "receptor")),
    (("synchronous", "attunement", "coordination"), ("synchrony",)),
    (("mom", "mum", "mama", "maternal", "parent"), ("mother", "caregiver")),
    (("dad", "papa", "paternal"), ("father", "caregiver")),
    (("baby", "child", "newborn", "neonate"), ("infant",)),
    (("average", "avg"), ("mean",)),
    (("max", "highest"), ("maximum",)),
    (("min", "lowest"), ("minimum",)),
    (("auc", "integral", "area under the curve"), ("area",)),
    (("last", "end", "endpoint"), ("final",)),
    (("lhs", "latin", "hypercube"), ("latin hypercube",)),
    (("rk4", "rk", "runge kutta", "ode45"), ("RK45",)),
    (("ode15s", "stiff"), ("BDF", "LSODA")),
    (("fast", "numba", "jit"), ("compiled",)),
)
"""(words that people say, words of the names that are meant)."""

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPLIT = re.compile(r"[\s._\-:>()]+")


def nearest(text: str, names: Iterable[str], most: int = 3) -> list[str]:
    """The names that are most likely meant: those of a synonym first, then those that are spelt
    most alike.

    >>> nearest("PPD", ["mother.bond", "mother.epds", "mother.depression"], 2)
    ['mother.epds', 'mother.depression']
    >>> nearest("cortisole", ["mother.bond", "mother.cortisol"], 1)
    ['mother.cortisol']
    """
    known = {name.casefold(): name for name in sorted(set(names))}
    close = difflib.get_close_matches(text.casefold(), list(known), n=len(known) or 1, cutoff=0.0)
    alike = [known[name] for name in close]
    spoken = {name: _words(name) for name in alike}
    own = set(_words(text).split())
    shared = {name: len(own & set(words.split())) for name, words in spoken.items()}
    meant: list[str] = []
    for words in _meant(text):
        hits = [name for name in alike if f" {words} " in f" {spoken[name]} " and name not in meant]
        # of several names that hold the words, the one that holds the other words of the text too,
        # then the one that says little else, then the one that is spelt most alike
        hits.sort(key=lambda name: (-shared[name], _length(name)))
        meant += hits[:most]
    return (meant + [name for name in alike if name not in meant])[:most]


def _words(text: str) -> str:
    """A text as plain words: "half-life", "half_life" and "HalfLife" are "half life"."""
    apart = _CAMEL.sub(" ", text).casefold()
    return " ".join(word for word in _SPLIT.split(apart) if word)


def _meant(text: str) -> Sequence[str]:
    """Words of names that are meant by a text, the likeliest first: those of its
    longest synonym.
    """
    words = f" {_words(text)} "
    found = [
        (len(said), meant)
        for all_said, meant in SYNONYMS
        for said in all_said
        if f" {said} " in words
    ]
    ordered = sorted(found, key=lambda one: -one[0])
    return [_words(word) for _, meant in ordered for word in meant]


def _length(name: str) -> int:
    """How many words a name has; a member's or group's name before the last dot does not count."""
    return len(_words(name.rpartition(".")[2]).split())

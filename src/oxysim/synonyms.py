"""Words of the field and the names that they have here: meaning comes before spelling.

A table for messages only: nothing is renamed behind anybody's back. Each row holds words as people
in the field say them, and words of the names that are meant, the likeliest first. A new row needs
nothing else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

# One row a line or two reads as a table; the formatter would give each word a line of its own.
# fmt: off
SYNONYMS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("ppd", "pnd", "postpartum depression", "postnatal depression", "perinatal depression",
      "depression score", "depressive symptoms", "edinburgh", "bdi", "phq"),
     ("epds", "depression")),
    (("baby blues", "low mood", "mood"), ("depression", "epds")),
    (("ot", "oxt", "oxytocin level", "oxytocin levels"),
     ("saliva oxytocin", "plasma oxytocin", "oxytocin")),
    (("salivary oxytocin", "oxytocin in saliva", "salivary ot"),
     ("saliva oxytocin", "salivary oxytocin")),
    (("saliva cortisol", "salivary cortisol", "stress hormone", "hydrocortisone", "hpa"),
     ("salivary cortisol", "cortisol")),
    (("blood oxytocin", "serum oxytocin", "serum", "blood"), ("plasma oxytocin", "plasma")),
    (("brain oxytocin", "csf", "cerebrospinal"), ("csf oxytocin", "central oxytocin")),
    (("half life", "halflife", "t1/2", "t 1/2", "elimination"), ("half life",)),
    (("breastfeeding", "breast feeding", "nursing", "lactation", "suckle", "latch"),
     ("breastfeeding", "breastfeed", "suckling", "breastfeeding share", "feed")),
    (("formula", "formula feeding", "bottle feeding"), ("bottle", "feed")),
    (("kangaroo", "kangaroo care", "kangaroo mother care", "kmc", "skin contact", "bare chest"),
     ("skin to skin", "skin contact")),
    (("babywearing", "baby wearing", "baby carrier", "sling", "carrying", "cuddling", "holding",
      "hugging", "stroking"), ("touch", "affectionate touch", "skin to skin")),
    (("intranasal", "spray", "nasal", "syntocinon", "pitocin", "inhaled"),
     ("nasal spray", "intranasal", "intravenous bolus")),
    (("infusion", "iv", "injection", "drip"), ("intravenous", "intravenous bolus")),
    (("sham", "saline", "control spray"), ("placebo", "placebo spray")),
    (("ssri", "sertraline", "fluoxetine", "medication", "antidepressants"), ("antidepressant",)),
    (("cbt", "ipt", "psychotherapy", "therapy", "counselling", "counseling", "talking therapy"),
     ("psychological treatment", "therapy")),
    (("peer support", "partner support", "home visit", "doula"), ("social support", "support")),
    (("vaccination", "vaccine", "inoculation", "heel prick", "heel lance", "pain", "tsst",
      "stress test"), ("stressor",)),
    (("still face paradigm", "sfp", "still face"), ("still face",)),
    (("colic", "fussing", "cry", "tears"), ("crying", "daily crying")),
    (("nicu", "ward", "incubator"), ("ambient stress",)),
    (("phone", "telephone", "video call", "voice message"), ("remote voice", "voice by telephone")),
    (("motherese", "infant directed speech", "singing", "reading"), ("affectionate talk", "talk")),
    (("attachment", "bonding", "pbq", "mother infant bonding"),
     ("bond", "bonding", "attachment security")),
    (("mind mindedness", "mindmindedness", "mind minded", "reflective functioning",
      "mentalization", "mentalizing", "mentalisation"),
     ("appropriate comments", "mentalising", "mind mindedness")),
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
# fmt: on
"""(words that people say, words of the names that are meant)."""

# "HalfLife" is split where a capital follows a small letter
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPLIT = re.compile(r"[\s._\-:>()]+")


def nearest(text: str, names: Iterable[str], most: int = 3) -> list[str]:
    """The names that are most likely meant: those of a synonym, then those that are spelt alike.

    >>> nearest("PPD", ["mother.bond", "mother.epds", "mother.depression"], 2)
    ['mother.epds', 'mother.depression']
    >>> nearest("cortisole", ["mother.bond", "mother.cortisol"], 1)
    ['mother.cortisol']
    """
    by_fold = {name.casefold(): name for name in sorted(set(names))}
    # every name, the one that is spelt most alike first
    folds = difflib.get_close_matches(
        text.casefold(), list(by_fold), n=len(by_fold) or 1, cutoff=0.0
    )
    by_spelling = [by_fold[fold] for fold in folds]

    words_of = {name: _words(name) for name in by_spelling}
    words_of_text = set(_words(text).split())
    shared = {name: len(words_of_text & set(words.split())) for name, words in words_of.items()}

    by_meaning: list[str] = []
    for words in _synonyms_of(text):
        hits = [
            name
            for name in by_spelling
            if f" {words} " in f" {words_of[name]} " and name not in by_meaning
        ]
        # of several names that hold the words, the one that holds the other words of the text too,
        # then the one that says little else, then the one that is spelt most alike
        hits.sort(key=lambda name: (-shared[name], _length(name)))
        by_meaning += hits[:most]
    return (by_meaning + [name for name in by_spelling if name not in by_meaning])[:most]


def _words(text: str) -> str:
    """A text as plain words: "half-life", "half_life" and "HalfLife" are "half life"."""
    separated = _CAMEL.sub(" ", text).casefold()
    return " ".join(word for word in _SPLIT.split(separated) if word)


def _synonyms_of(text: str) -> Sequence[str]:
    """Words of names that a text may stand for: those of its longest synonym first."""
    words = f" {_words(text)} "
    matches = [
        (len(spoken), names)
        for all_spoken, names in SYNONYMS
        for spoken in all_spoken
        if f" {spoken} " in words
    ]
    # the longer the words that were recognised, the surer what is meant
    matches.sort(key=lambda match: -match[0])
    return [_words(name) for _, names in matches for name in names]


def _length(name: str) -> int:
    """How many words a name has; a member's or group's name before the last dot does not count."""
    return len(_words(name.rpartition(".")[2]).split())

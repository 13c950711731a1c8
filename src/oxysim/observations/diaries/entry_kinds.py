"""What a diary tells of: kinds of entries, the words that files have for them, what they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from oxysim.errors import InputError, shown, unknown_name
from oxysim.interventions.contact import Massage, SkinToSkin
from oxysim.interventions.stressors import Crying
from oxysim.schedule.activities import (
    Absence,
    Feed,
    Play,
    Sleep,
    Talk,
    Together,
    Touch,
)

IGNORE = "ignore"
"""What a user writes in place of a kind for entries to be left out."""

# DailyCrying has the same level for fussing beside full cry (assumed)
FUSSING = 0.4
"""The level of crying while an infant fusses."""


class EntryKind(NamedTuple):
    """A kind of entry, and what a schedule makes of one.

    Attributes
    ----------
    words : how files write it, in small letters and with spaces for hyphens.
    make : from ``at`` and ``minutes`` (and whatever else a schedule says) the activity or the
        intervention.
    by_caregiver : whether somebody does it, or it is the infant's alone.
    in_routine : whether a routine holds it; an intervention stands beside the routine.
    yields_to : kinds in which the same person cannot go on doing this: nobody sleeps while playing.

    >>> KINDS["bottle"].make("07:00", "20 min").describe()
    'Bottle feed (caregiver) for 20 min at 07:00 every day.'
    """

    words: tuple[str, ...]
    make: Callable[..., Any]
    by_caregiver: bool = True
    in_routine: bool = True
    yields_to: tuple[str, ...] = ()


def _fed(mode: Any) -> Callable[..., Feed]:
    return lambda at, minutes, **when: Feed(at, minutes, mode=mode, **when)


def _cry(intensity: float) -> Callable[..., Crying]:
    return lambda at, minutes, **when: Crying(minutes, at=at, intensity=intensity, **when)


def _caregiver_sleep(at: Any, minutes: Any, **when: Any) -> Sleep:
    return Sleep(at, minutes, of="caregiver", **when)


def _skin_to_skin(at: Any, minutes: Any, **when: Any) -> SkinToSkin:
    return SkinToSkin(minutes, at=at, **when)


def _massage(at: Any, minutes: Any, **when: Any) -> Massage:
    return Massage(minutes, at=at, **when)


# for which an infant, and for some a caregiver, has to be awake
_WAKING = ("play", "talk", "massage")
_CONTACT = ("breastfeed", "bottle", "touch", "skin-to-skin", *_WAKING)

KINDS: Mapping[str, EntryKind] = {
    "breastfeed": EntryKind(
        ("breast", "breastfeed", "breastfeeding", "breast feed", "breast feeding", "nursing",
         "nurse"),
        _fed("breast")),
    "bottle": EntryKind(
        ("bottle", "bottle feed", "bottle feeding", "formula", "expressed milk"), _fed("bottle")),
    "sleep": EntryKind(
        ("sleep", "asleep", "sleeping", "nap", "night sleep", "infant sleep", "baby sleep"),
        Sleep, by_caregiver=False, yields_to=("crying", "fussing", *_WAKING)),
    "crying": EntryKind(
        ("cry", "crying", "full cry"), _cry(1.0), by_caregiver=False, in_routine=False),
    "fussing": EntryKind(
        ("fuss", "fussing", "fussy"), _cry(FUSSING), by_caregiver=False, in_routine=False),
    "touch": EntryKind(
        ("touch", "contact", "hold", "holding", "held", "cuddle", "cuddling", "carrying",
         "carried", "cradling"),
        Touch),
    "skin-to-skin": EntryKind(
        ("skin to skin", "kangaroo care", "kangaroo"), _skin_to_skin, in_routine=False),
    "massage": EntryKind(("massage", "infant massage"), _massage, in_routine=False),
    "play": EntryKind(("play", "playing", "playtime", "play time"), Play),
    "talk": EntryKind(("talk", "talking", "reading", "singing"), Talk),
    "absence": EntryKind(("absence", "absent", "away", "out"), Absence, yields_to=_CONTACT),
    "caregiver sleep": EntryKind(
        ("caregiver sleep", "parent sleep"), _caregiver_sleep, yields_to=_WAKING),
    "partner contact": EntryKind(("partner contact", "partner"), Together),
}  # fmt: skip
"""Every kind of entry, by the name that the table of a diary has."""

# a word stands three times in a message
_SHORT = 40
_OF_WORD = {word: name for name, kind in KINDS.items() for word in kind.words}


def plain_word(text: str) -> str:
    """A word of a file in small letters, with single spaces for hyphens and underscores.

    >>> plain_word("Skin-to-skin"), plain_word("start_time")
    ('skin to skin', 'start time')
    """
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())


def require_kind(name: Any, label: str) -> str:
    """The name of a kind; also "caregiver_sleep" and other spellings of it.

    Raises
    ------
    UnknownNameError : no such kind.

    >>> require_kind("skin_to_skin", "kinds")
    'skin-to-skin'
    """
    if isinstance(name, str) and name in KINDS:
        return name
    for kind in KINDS:
        if isinstance(name, str) and plain_word(name) == plain_word(kind):
            return kind
    raise unknown_name("kind of entry", name, KINDS, f"in {label}", key=(label,))


def entry_kind(word: str, words: Mapping[str, str], where: str) -> str:
    """The kind that a word of a file stands for; `words` has a user's own words and their kinds.

    Raises
    ------
    InputError : no kind has this word.

    >>> entry_kind("Nursing", {}, "diary.csv, line 2"), entry_kind("Bath", {"bath": "touch"}, "")
    ('breastfeed', 'touch')
    """
    plain = plain_word(word)
    # a user's word counts before those of the library
    kind = words.get(plain) or _OF_WORD.get(plain)
    if kind is not None:
        return kind
    raise InputError(
        what=f"{where}, activity",
        expected="a word for one of " + ", ".join(KINDS),
        found=shown(word, _SHORT),
        remedy=f"say what it is, activities={{{shown(word, _SHORT)}: 'touch'}}, or leave such"
        f" entries out, {{{shown(word, _SHORT)}: {IGNORE!r}}}",
        key=("activities",),
    )


def words_of(activities: Mapping[Any, Any]) -> dict[str, str]:
    """A user's own words, each with the kind that it stands for, or "ignore".

    Raises
    ------
    UnknownNameError : no such kind. InputError : a word that is no text.

    >>> words_of({"Bath": "touch", "Diaper": "ignore"})
    {'bath': 'touch', 'diaper': 'ignore'}
    """
    words = {}
    for word, kind in activities.items():
        if not isinstance(word, str) or not word.strip():
            raise InputError(
                what="activities",
                expected="words of the file, each with a kind of entry",
                found=repr(word),
                key=("activities",),
            )
        words[plain_word(word)] = kind if kind == IGNORE else require_kind(kind, "activities")
    return words

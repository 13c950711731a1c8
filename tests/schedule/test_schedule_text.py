"""The text form: what is written reads back as an equal thing, and what is not understood is
pointed at.
"""

from __future__ import annotations

import random
import re
import string
from collections import Counter
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, UnknownNameError
from oxysim.interventions import (
    INTERVENTIONS,
    Antidepressant,
    Breastfeeding,
    Coaching,
    Crying,
    DailyLife,
    IntravenousBolus,
    LifeEvents,
    Massage,
    NasalSpray,
    Placebo,
    ReceptorKnockout,
    SkinToSkin,
    Stressor,
    Weaning,
    parse,
    parse_all,
    parse_schedule,
)
from oxysim.schedule import (
    Absence,
    Feed,
    Intervention,
    Play,
    Routine,
    Schedule,
    SchedulePart,
    Sleep,
    Talk,
    Together,
    Touch,
    as_schedule,
)
from oxysim.units import SPELLINGS, quantity

UNITS = {kind: SPELLINGS[kind] for kind in ("time", "dose of oxytocin")}

DAY = 1440.0
QUICK = {"deadline": None, "derandomize": True, "database": None}


# --- random interventions with random legal options
# ------------------------------------------------------------------

_LEVEL = st.sampled_from((0.1, 0.25, 1 / 3, 1, 1.0))
_MINUTES = st.one_of(
    st.integers(1, 9).map(lambda n: f"{n} min"),
    st.sampled_from(("90 s", "0.5 minutes", "7.25min", "1e1 min")),
)
_AT = st.lists(
    st.integers(0, 1439).map(lambda m: f"{m // 60}:{m % 60:02d}"),
    min_size=1,
    max_size=3,
    unique=True,
)
_DAYS = st.lists(
    st.sampled_from(("Mon", "tuesday", "Wed", "THU", "Fri", "Sat", "Sun")),
    min_size=1,
    unique_by=lambda d: d[:3],
)
_EARLY = st.sampled_from(("day 1", "Day  3", "2 d", "0 d", "1 week", "1.5 weeks"))
_LATE = st.sampled_from(("day 35", "6 weeks", "3 months", "1 year", "40 days"))
_BY = st.sampled_from(
    (
        "caregiver",
        "mother",
        "Father",
        "anna maria",
        'the "other"',
        "at",
        "daily",
        "Zoë",
        "two",
        "x\ny",
    )
)


@st.composite
def _bout_timing(draw: st.DrawFn, kind: Any) -> dict[str, Any]:
    options: dict[str, Any] = {
        "at": draw(_AT),
        "repeat": draw(st.sampled_from(("once", "daily", "weekly", "every"))),
    }
    if options["repeat"] == "every":
        options |= {
            "repeat": "once",
            "every": draw(st.sampled_from(("12 h", "2 d", "1 wk", "90 min"))),
        }
        options["at"] = options["at"][:1]
    repeated = options["repeat"] != "once" or "every" in options
    if options["repeat"] == "daily" or "every" in options:
        options |= draw(
            st.fixed_dictionaries(
                {}, optional={"days": _DAYS, "cycle": st.sampled_from(((5, 2), [1, 0]))}
            )
        )
    if kind is Breastfeeding and "every" not in options and draw(st.booleans()):
        options |= {"times": draw(st.integers(1, 24)), "at": None}
    options |= draw(st.fixed_dictionaries({}, optional={"sessions": st.integers(1, 30)}))
    return options | draw(_limits(day=True, course=repeated))


@st.composite
def _limits(draw: st.DrawFn, *, day: bool, course: bool) -> dict[str, Any]:
    begin = draw(st.sampled_from(("day", "start", "") if day else ("start", "")))
    end = draw(st.sampled_from(("stop", "course", "") if course else ("stop", "")))
    options = {begin: draw(_EARLY)} if begin else {}
    if end:
        options[end] = draw(
            _LATE if end == "stop" else st.sampled_from(("14 d", "6 weeks", "1 month"))
        )
    return options


def _numbers(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, _LEVEL)


_OVER = {"minutes": _MINUTES}
_BLIND = {"blinded": st.booleans(), "expectancy": _LEVEL}
_DOSE = st.sampled_from(("24 IU", "24IU", "0.5 IU", "800 mIU", "40.32 µg", "12 ug", "1e4 ng"))
_AGES = {"from_age": _EARLY, "to_age": _LATE}
OPTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # required, optional
    "AffectionateTalk": (_OVER, _numbers("intensity", "gaze")),
    "AmbientStress": ({"level": st.sampled_from((0, 0.5, 5))}, {}),
    "Antidepressant": ({}, {"dose": st.sampled_from((1, 0.5, 3.0))}),
    "Breastfeed": (
        {},
        _OVER
        | {
            "pulses": st.booleans(),
            "pulse": st.sampled_from(("20 s", "0.5 min")),
            "before": st.just("4 min"),
        }
        | _numbers("anticipation"),
    ),
    "Breastfeeding": ({}, _OVER),
    "Coaching": ({}, _OVER | _numbers("level")),
    "Crying": (_OVER, _numbers("intensity")),
    "DailyCrying": (
        {},
        {
            "total": st.sampled_from(("2 h", "90 min")),
            "persistence": st.sampled_from(("10 weeks", "35 d")),
            "bouts_a_day": st.integers(1, 20),
            "regular": st.booleans(),
        }
        | dict.fromkeys(("level", "intensity", "fuss_intensity"), st.sampled_from((1, 0.5, 0.01)))
        | _numbers("spread", "length_spread", "evening", "cry_share"),
    ),
    "DailyLife": (
        {},
        {
            "stress_time": st.sampled_from(("10 months", "1.5 y", "60 min")),
            "mood_time": st.sampled_from(("2 wk", "35 d")),
        },
    ),
    "IntravenousBolus": ({"dose": _DOSE}, _OVER),
    "LifeEvents": ({"level": st.sampled_from((1, 0.5, 20.0))}, {}),
    "Massage": (_OVER, _numbers("intensity", "talk", "gaze")),
    "NasalSpray": ({"dose": _DOSE}, _OVER | _BLIND),
    "PartnerContact": (_OVER, _numbers("intensity")),
    "Placebo": ({}, _OVER | _BLIND),
    "PlaySession": (_OVER, _numbers("affection", "stimulation", "talk", "gaze")),
    "PsychologicalTreatment": ({}, _OVER | _numbers("level")),
    "ReceptorKnockout": (
        {},
        {
            "where": st.just("all"),
            "of": st.sampled_from(("caregiver", "infant")),
            "remaining": st.sampled_from((0, 0.5)),
        },
    ),
    "RemoteVoice": (_OVER, _numbers("intensity")),
    "Separation": (_OVER, _numbers("distress")),
    "SkinToSkin": (_OVER, _numbers("gaze")),
    "SocialSupport": ({}, _numbers("level")),
    "StillFace": ({}, _OVER | _numbers("distress")),
    "Stressor": (_OVER, {"of": st.sampled_from(("infant", "caregiver"))} | _numbers("intensity")),
    "Weaning": (_AGES, {"steps": st.integers(1, 9)}),
    "Work": (_OVER, _numbers("holding_in_mind") | {"sleep_after": _MINUTES}),
}


@st.composite
def interventions(draw: st.DrawFn) -> Intervention:
    """Any intervention with any of its options."""
    kind = INTERVENTIONS[draw(st.sampled_from(sorted(OPTIONS)))]
    required, optional = OPTIONS[kind.__name__]
    options = draw(st.fixed_dictionaries(required, optional=optional))
    if kind not in (DailyLife, Weaning):
        options |= draw(_limits(day=False, course=True) if kind.continuous else _bout_timing(kind))
    if options.get("where") != "all" and options.get("of") == "infant" and kind is ReceptorKnockout:
        del options["of"]
    reaches_caregiver = kind.__name__ not in (
        "AmbientStress",
        "Crying",
        "DailyCrying",
        "DailyLife",
    ) and "infant" != options.get("of", "infant" if kind is Stressor else "caregiver")
    return kind(**options, by=draw(_BY) if reaches_caregiver else "caregiver")


_SAID_BY = {
    "By": {"by"},
    "HowOften": {"repeat", "every", "times"},
    "On": {"day", "days"},
    "OnAndOff": {"cycle"},
}
_BOUTS_ONLY = {"at", "day", "repeat", "every", "days", "cycle", "sessions"}


def test_every_intervention_and_every_option_has_words() -> None:
    assert set(OPTIONS) == set(INTERVENTIONS)
    nouns = [noun for kind in INTERVENTIONS.values() for noun in kind.form.nouns]
    assert len(set(nouns)) == len(nouns) >= len(INTERVENTIONS)
    for kind in INTERVENTIONS.values():
        said = [_SAID_BY.get(type(clause).__name__) or {clause.field} for clause in kind.clauses()]  # type: ignore[attr-defined]
        amount = {kind.form.amount.field} if kind.form.amount else set()
        without = _BOUTS_ONLY if kind.continuous else set()
        without = without | ({"start", "stop", "course"} if kind in (DailyLife, Weaning) else set())
        without = without | ({"by"} if kind is DailyLife else set())
        assert {one.name for one in fields(kind)} - amount.union(*said) == without, kind


@settings(max_examples=300, **QUICK)
@given(interventions())
def test_what_is_written_reads_back_as_an_equal_intervention(item: Intervention) -> None:
    text = item.text()
    found = parse(text)
    assert found == item and type(found) is type(item)
    assert found.text() == text
    if '"' not in text:
        assert parse(f" {text.replace(' ', '  ')}") == item


@settings(max_examples=50, **QUICK)
@given(st.lists(interventions(), min_size=1, max_size=5), st.sampled_from((";", "\n", " ; \n\n")))
def test_several_are_told_apart(items: list[Intervention], between: str) -> None:
    assert parse_all(between.join(item.text() for item in items)) == tuple(items)


# --- sentences as a researcher writes them
# ---------------------------------------------------------------------------

SENTENCES = [
    (
        "24 IU intranasal every 12 h for 14 d at 08:00 from day 1",
        NasalSpray("24 IU", at="08:00", every="12 h", course="14 d", start="day 1"),
    ),
    (
        "24 IU intranasal every 12 h for 14 d",
        NasalSpray("24 IU", at="08:00", every="12 h", course="14 d"),
    ),
    (
        "skin-to-skin 60 min daily at 10:00 from day 1 to day 35",
        SkinToSkin("60 min", at="10:00", repeat="daily", start="day 1", stop="day 35"),
    ),
    (
        "massage 15 min twice a day for 6 weeks",
        Massage("15 min", at=("08:00", "18:00"), repeat="daily", course="6 weeks"),
    ),
    (
        "Massage 15 minutes three times a day at 9:00, 13:00 and 17:00 by father",
        Massage("15 min", at=("09:00", "13:00", "17:00"), repeat="daily", by="father"),
    ),
    (
        "placebo spray daily at 09:00, unblinded, expectancy 0.2, by Anna",
        Placebo(at="09:00", repeat="daily", blinded=False, expectancy=0.2, by="Anna"),
    ),
    ("crying 10 min at 10:45", Crying("10 min", at="10:45")),
    ("coaching", None),  # its clock time and its repeat are its own, but nothing is said
    ("coaching 8 sessions from day 3", Coaching(sessions=8, start="day 3")),
    ("coaching 45 min on Mon and Thu", Coaching("45 min", repeat="daily", days=("Mon", "Thu"))),
    ("coaching every 2 d", Coaching(repeat="once", every="2 d")),
    ("5 IU intravenous bolus over 2 min at 10:00", IntravenousBolus("5 IU", "2 min", at="10:00")),
    ("intravenous oxytocin 5 IU at 10:00", IntravenousBolus("5 IU", at="10:00")),
    (
        "60 min skin-to-skin contact at 10:00 on day 3",
        SkinToSkin("60 min", at="10:00", day="day 3"),
    ),
    ("antidepressant 1.5 daily doses until 6 weeks of age", Antidepressant(1.5, stop="6 weeks")),
    (
        "stressful life events level 3 from day 150 to day 180",
        LifeEvents(3, start="day 150", stop="day 180"),
    ),
    ("life events, level 0.5, for 30 d by father", LifeEvents(0.5, course="30 d", by="father")),
    ("receptor knockout everywhere of the infant", ReceptorKnockout("all", of="infant")),
    ("weaning from 5 months to 6 months in four steps", Weaning("5 months", "6 months", 4)),
    ("breastfeeding 4 times a day", Breastfeeding(times=4)),
    ("breastfeeding daily", Breastfeeding()),
    ("stressor 5 min of the caregiver at 10:00", Stressor("5 min", at="10:00", of="caregiver")),
    (
        "SKIN-TO-SKIN 60 min AT 10:00 Every Day, 5 days on, 2 days off",
        SkinToSkin("60 min", at="10:00", repeat="daily", cycle=(5, 2)),
    ),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES, ids=[text for text, _ in SENTENCES])
def test_sentences(text: str, expected: Intervention | None) -> None:
    found = parse(text)
    assert found == (expected or Coaching())
    assert parse(found.text()) == found


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("24 IU intranasal every 12 h for 14 d", "24 IU intranasal every 12 h at 08:00 for 14 d"),
        (
            "massage 15 min twice a day for 6 weeks",
            "massage 15 min daily at 08:00, 18:00 for 6 weeks",
        ),
        ("massage 15 min 3 times per day", "massage 15 min daily at 08:00, 13:00, 18:00"),
        ("massage 15 min daily", "massage 15 min daily at 08:00"),
        ("coaching", "coaching 60 min weekly at 10:00"),
        ("breastfeeding every 3 hours", "breastfeeding 20 min every 3 h at 08:00"),
    ],
)
def test_clock_times_that_are_not_said_stand_in_the_written_sentence(
    text: str, written: str
) -> None:
    assert parse(text).text() == written


def test_one_spelling_makes_equal_things_equal() -> None:
    assert SkinToSkin("60 minutes", at=["10:00"]) == SkinToSkin(" 60.0min ", at="10:00")
    assert Crying("10 min", at="10:00", day="5 weeks") == Crying("10 min", at="10:00", day="day 36")
    assert Crying("10 min", at="10:00", stop="day 35") != Crying("10 min", at="10:00", stop="35 d")
    assert SkinToSkin("60 min twice a day").at == ("08:00", "18:00")
    with pytest.raises(ScheduleError, match="listed twice"):
        Crying("1 min", at=("10:00", "10:00"))


def test_quantities_of_pint_are_kept_as_text() -> None:
    pint = pytest.importorskip("pint")
    units = pint.UnitRegistry()
    units.define("international_unit = [dose] = IU")
    item = NasalSpray(24 * units.IU, 0.5 * units.minute, at="10:00", stop=2.5 * units.day)
    assert item.text() == "24 IU intranasal over 0.5 min at 10:00 to 2.5 d of age"
    assert parse(item.text()) == item


def test_every_spelling_of_a_unit_is_one_that_the_library_converts() -> None:
    for kind, table in UNITS.items():
        for spelling, unit in table.items():
            assert quantity(f"3 {spelling}", kind, "unit") == quantity(f"3 {unit}", kind, "unit")


# --- courses
# --------------------------------------------------------------------------------------


def _starts(item: Intervention, start: float, stop: float) -> list[float]:
    return sorted({bout.start for bout in as_schedule(item).realise(start, stop).bouts})


def test_a_course_counts_from_its_start_or_else_from_its_first_bout() -> None:
    stated = _starts(parse("crying 10 min every 12 h for 14 d at 08:00 from day 3"), 0, 60 * DAY)
    assert (len(stated), stated[0], stated[-1]) == (28, 2 * DAY + 480, 15 * DAY + 1200)
    free = _starts(parse("crying 10 min twice a day at 08:00 and 20:00 for 2 d"), 540, 60 * DAY)
    assert free == [1200.0, DAY + 480, DAY + 1200, 2 * DAY + 480]
    weekly = _starts(parse("crying 10 min weekly at 08:00 for 6 weeks"), 0, 100 * DAY)
    assert len(weekly) == 6
    level = as_schedule(parse("antidepressant for 3 d from day 3")).realise(0, 10 * DAY)
    assert level.edges.tolist() == [0.0, 2 * DAY, 5 * DAY, 10 * DAY]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"course": "14 d"}, "goes with daily"),
        ({"course": "14 d", "repeat": "daily", "stop": "day 9"}, "not both"),
        ({"course": "0 d", "repeat": "daily"}, "positive"),
        ({"course": 14, "repeat": "daily"}, "course"),
        ({"sessions": 2.5, "repeat": "daily"}, "at least one session"),
        ({"by": ""}, "names a caregiver"),
        ({"days": 5, "repeat": "daily"}, "names of weekdays"),
        ({"start": "day " + "9" * 5000, "repeat": "daily"}, "start"),
    ],
)
def test_courses_that_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises((ScheduleError, UnitError), match=message):
        Crying("10 min", at="10:00", **options)


def test_a_tiny_interval_is_refused_before_its_bouts_are_listed() -> None:
    with pytest.raises(ScheduleError, match="overlap"):
        as_schedule(Crying("1 s", at="10:00", every="1e-9 s")).realise(0, DAY)


def test_options_that_would_mean_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="True or False"):
        NasalSpray("24 IU", at="10:00", blinded="no")  # type: ignore[arg-type]
    with pytest.raises(ScheduleError, match="leave out start, stop and course"):
        Weaning("5 months", "6 months", course="3 d")


def test_an_intervention_without_words_says_so() -> None:
    class Lullaby(Intervention):
        minutes = "5 min"
        label = "lullaby"

        def parts(self) -> tuple[SchedulePart, ...]:
            return (SchedulePart(self.by, {"talk": 1.0}),)

    with pytest.raises(ScheduleError, match="Lullaby has no text form"):
        Lullaby(at="10:00").text()


# --- errors point at the word
# --------------------------------------------------------------------------------------

POINTED: list[
    tuple[str, str, type[OxysimError], str]
] = [  # text, the words under the caret, error, words of the message
    ("24 intranasal daily", "24", UnitError, "'24 IU'"),
    ("24 Iu intranasal daily", "Iu", UnitError, "'IU'"),
    ("24 min intranasal daily", "min", UnitError, "not a unit of dose of oxytocin"),
    ("24 IU intranassal daily", "intranassal", UnknownNameError, "'intranasal'"),
    ("2400 IU intranasal at 10:00", "2400 IU intranasal", ScheduleError, "at most at 100 IU"),
    ("massge 15 min daily", "massge", UnknownNameError, "'massage'"),
    ("affectionate tlk 10 min daily", "tlk", UnknownNameError, "'talk'"),
    ("massage 15 daily", "15", UnitError, "'60 min'"),
    ("massage 15 mim daily", "mim", UnitError, "'min'"),
    ("massage daily", "daily", ScheduleError, "'massage 60 min'"),
    ("massage 15 min dayly", "dayly", UnknownNameError, "'daily'"),
    ("massage 15 min 20 min daily", "20 min", ScheduleError, "before it"),
    ("massage 15 min", "", ScheduleError, "For instance: massage 15 min at 10:00"),
    ("massage 15 min daily at 10:00 weekly", "weekly", ScheduleError, "given twice"),
    ("massage 15 min daily every 12 h", "every 12 h", ScheduleError, "given twice"),
    ("massage 15 min daily at 10.00", "10.00", UnitError, "'10:45'"),
    ("massage 15 min daily at 25:00", "25:00", UnitError, "not a time of day"),
    ("massage 15 min daily at 10:00, 10:00", "10:00", ScheduleError, "listed twice"),
    ("massage 15 min twice a day at 10:00", "twice a day", ScheduleError, "found 1 for 2"),
    ("massage 15 min twice a week", "week", ScheduleError, "daily on Mon, Thu"),
    ("massage 15 min daily on Mo", "Mo", UnknownNameError, "'Mon'"),
    ("massage 15 min daily from 5", "5", UnitError, "no unit"),
    ("massage 15 min daily from day 0", "day 0", ScheduleError, "'day 1'"),
    ("massage 15 min daily from day 5 to day 3", "to day 3", ScheduleError, "later than start"),
    ("massage 15 min daily, intensity 1.5", "intensity 1.5", ScheduleError, "[0, 1]"),
    ("massage 15 min daily by at", "at", ScheduleError, "'father'"),
    ("massage 15 min daily by infant", "by infant", ScheduleError, "names a caregiver"),
    ("massage 15 min daily,", "", ScheduleError, "the end of the sentence"),
    ("coaching 60 min 8 sesions", "sesions", UnknownNameError, "'sessions'"),
    ("stressor 5 min of the baby at 10:00", "baby", UnknownNameError, "'infant'"),
    ("antidepressant 20 mg", "mg", UnitError, "usual daily dose"),
    ("antidepressant daily", "daily", UnknownNameError, "clause 'daily' of antidepressant"),
    ("weaning to 6 months", "", ScheduleError, "'from'"),
    ("crying 10 min at 10:45; crying 5 min at 11:00", "crying", ScheduleError, "parse_all"),
    ("crying 10 min at 10:45 # note", "#", ScheduleError, "no meaning"),
    ("__import__('os').system('ls')", "(", ScheduleError, "no meaning"),
    ('crying 10 min at 10:45 by "a\\x"', '"a\\x"', ScheduleError, "cannot be read"),
    ("massage " + "9" * 5000 + " min daily", "9" * 112, UnitError, "finite"),
    ("massage 15 min daily from day " + "9" * 5000, "9" * 90, ScheduleError, "whole number"),
]


def _under_the_caret(message: str) -> tuple[str, str]:
    """What an error says, and the words that its caret points at."""
    said, line, caret = message.split("\n")
    assert caret.strip("^ ") == "" and caret.count("^") >= 1
    return said, line[caret.index("^") : caret.rindex("^") + 1]


@pytest.mark.parametrize(
    ("text", "words", "kind", "message"), POINTED, ids=[text[:40] for text, *_ in POINTED]
)
def test_errors_point_at_the_word(
    text: str, words: str, kind: type[OxysimError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        parse(text)
    said, pointed = _under_the_caret(str(caught.value))
    assert message in said and pointed == words


@pytest.mark.parametrize("text", ["", " \n;", None, 24, b"crying"])
def test_no_text_at_all(text: Any) -> None:
    for read in (parse, parse_all, parse_schedule):
        with pytest.raises(ScheduleError, match="expected .*'skin-to-skin 60 min daily at 10:00'"):
            read(text)


def test_errors_of_many_lines_name_the_line() -> None:
    with pytest.raises(UnitError) as caught:
        parse_all("crying 10 min at 10:45\n\n  massage 15\tmim daily\n")
    assert str(caught.value).startswith("line 3: 'mim'")
    assert str(caught.value).endswith("\n    massage 15 mim daily\n               ^^^")


def test_the_first_argument_of_a_constructor_points_too() -> None:
    with pytest.raises(UnknownNameError) as caught:
        SkinToSkin("60 min dayly at 11:00")
    assert _under_the_caret(str(caught.value))[1] == "dayly"
    assert SkinToSkin("60 min three times a day from day 2 for 5 d") == parse(
        "skin-to-skin 60 min three times a day from day 2 for 5 d"
    )


# --- mutations
# --------------------------------------------------------------------------------------

# the last two end a longer noun
_OPTIONAL = {"of", "age", "usual", "first", "and", "the", "spray", "bolus"}
_WORD = re.compile(r'"[^"]*"|[^\s,;]+|[,;]')
_UNIT_WORDS = {spelling for table in UNITS.values() for spelling in table}


def _mutated(text: str, chance: random.Random) -> str:
    words = _WORD.findall(text)
    for _ in range(chance.choice((1, 1, 2))):
        place, other = chance.randrange(len(words)), chance.randrange(len(words))
        units = [i for i, word in enumerate(words) if word in _UNIT_WORDS]
        match chance.choice(("drop", "double", "swap", "misspell", "misspell", "unit")):
            case "drop":
                del words[place]
            case "double":
                words.insert(place, words[place])
            case "swap":
                words[place], words[other] = words[other], words[place]
            case "unit" if units:
                del words[chance.choice(units)]
            case _:
                words[place] = _misspelt(words[place], chance)
        words = [word for word in words if word] or ["massage"]
    return " ".join(words)


def _misspelt(word: str, chance: random.Random) -> str:
    i = chance.randrange(len(word))
    letter = chance.choice(string.ascii_letters + "0:.-µ(%")
    return chance.choice(
        (word[:i] + word[i + 1 :], word[:i] + letter + word[i:], word[:i] + letter + word[i + 1 :])
    )


def _meaning(text: str) -> list[str]:
    """The words of a sentence that say something, in one spelling."""
    found = []
    for word in _WORD.findall(text):
        plain = (
            word
            if word.startswith('"')
            else word.casefold().replace("knock-out", "knockout").replace("μ", "u")
        )
        if plain in _OPTIONAL:
            continue
        number = re.fullmatch(r"[-+]?[\d.]+", plain)
        clock = re.fullmatch(r"\d+:\d+(:00)?", plain)
        if number:
            plain = repr(float(plain))
        elif clock:
            plain = plain.removesuffix(":00") if plain.count(":") == 2 else plain
            plain = plain.zfill(5)
        found.append(plain.rstrip("s") or plain)
    return [word for word in found if word not in (",", "daily")]


def _require_read_or_pointed(text: str, original: Intervention | None = None) -> None:
    try:
        found = parse(text)
    except (ScheduleError, UnitError, UnknownNameError) as error:
        if text.strip(" ,;"):
            _under_the_caret(str(error))
        return
    assert parse(found.text()) == found
    if found == original:  # then what was said was said once; only defaults may have been left out
        assert not Counter(_meaning(text)) - Counter(_meaning(original.text())), text


@settings(max_examples=200, **QUICK)
@given(interventions(), st.integers(0, 2**32 - 1))
def test_2000_mutated_sentences_are_read_in_full_or_pointed_at(
    item: Intervention, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(10):
        _require_read_or_pointed(_mutated(item.text(), chance), item)


@pytest.mark.parametrize("text", [text for text, _ in SENTENCES])
def test_mutated_sentences_of_researchers_are_read_or_pointed_at(text: str) -> None:
    chance = random.Random(len(text))
    for _ in range(20):
        _require_read_or_pointed(_mutated(text, chance))


@pytest.mark.long
@settings(max_examples=5000, **{**QUICK, "derandomize": False})
@given(interventions(), st.integers(0, 2**32 - 1))
def test_50000_mutated_sentences_are_read_in_full_or_pointed_at(
    item: Intervention, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(10):
        _require_read_or_pointed(_mutated(item.text(), chance), item)


@settings(max_examples=300, **QUICK)
@given(
    st.text(
        alphabet=st.one_of(st.sampled_from(' \n;,:"\\10.eday min'), st.characters()), max_size=40
    )
)
def test_any_characters_are_read_or_refused(text: str) -> None:
    for read in (parse_all, parse_schedule):
        try:
            read(text)
        except (ScheduleError, UnitError, UnknownNameError) as error:
            assert "\n" in str(error) or "empty" in str(error)


# --- the day
# --------------------------------------------------------------------------------------

_WHEN = {"at": _AT, "minutes": _MINUTES}
_SOMETIMES = {"by": _BY, "jitter": _MINUTES, "days": _DAYS, "from_age": _EARLY, "until_age": _LATE}
_ACTIVITIES = st.one_of(
    *(
        st.fixed_dictionaries(_WHEN, optional=_SOMETIMES | own).map(
            lambda options, kind=kind: kind(**options)
        )
        for kind, own in (
            (
                Feed,
                {"mode": st.sampled_from(("breast", "bottle"))}
                | _numbers("intensity", "touch", "gaze"),
            ),
            (Play, _numbers("affection", "stimulation", "talk", "gaze")),
            (Touch, _numbers("intensity", "gaze")),
            (Talk, _numbers("intensity", "gaze")),
            (Absence, _numbers("distress", "holding_in_mind")),
            (Together, _numbers("intensity")),
        )
    )
)


@settings(max_examples=100, **QUICK)
@given(
    st.lists(_ACTIVITIES, max_size=4),
    st.lists(interventions(), max_size=2).filter(
        lambda items: sum(one.noise is not None for one in items) < 2
    ),
    st.sampled_from(("Monday", "Friday")),
)
def test_schedules_read_back(
    activities: list[Any], items: list[Intervention], born_on: str
) -> None:
    schedule = Schedule(Routine(tuple(activities), born_on), tuple(items))
    assert parse_schedule(schedule.text()) == schedule
    assert parse_schedule(schedule.text()).text() == schedule.text()


@pytest.mark.parametrize(
    ("text", "routine"),
    [
        ("typical day", Routine.typical()),
        (
            "typical day of a father, bottle-fed, jitter 10 min",
            Routine.typical("father", "bottle", "10 min"),
        ),
        ("typical day bottle-fed by anna", Routine.typical(feeding="bottle", by="anna")),
        (
            "typical day of another caregiver with infant care",
            Routine.typical("other", infant_care=True),
        ),
        (
            "born on Friday\ntypical day of a mother by mother\ntypical day of a father by father",
            Routine.household(("mother", "father"), born_on="Friday"),
        ),
        (
            "feed 20 min at 07:00, 11:00 by mother",
            Routine(Feed(("07:00", "11:00"), "20 min", by="mother")),
        ),
        ("sleep 11 h of the caregiver at 22:30", Routine(Sleep("22:30", "11 h", of="caregiver"))),
        (
            "typical day; talk 20 min at 19:00 to day 35",
            Routine.typical() + Routine(Talk("19:00", "20 min", until_age="day 36")),
        ),
        ("empty day", Routine.empty()),
    ],
)
def test_days(text: str, routine: Routine) -> None:
    schedule = parse_schedule(text)
    assert schedule == Schedule(routine)
    written = schedule.text()
    assert parse_schedule(written) == schedule and len(written.splitlines()) <= 3


def test_a_day_and_its_interventions() -> None:
    text = "typical day\n24 IU intranasal at 10:00\ncrying 10 min at 10:45"
    schedule = Routine.typical() + NasalSpray("24 IU", at="10:00") + Crying("10 min", at="10:45")
    assert schedule.text() == text.replace("typical day", "typical day of a mother")
    assert parse_schedule(text) == schedule


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        (
            "sleep 2 h at 10:00; play 20 min at 10:30",
            "play 20 min at 10:30",
            "needs the infant awake",
        ),
        (
            "sleep 2 h at 10:00; talk 5 min at 11:00; sleep 1 h at 20:00",
            "talk 5 min at 11:00",
            "needs the infant awake",
        ),
        ("typical day of a fathr", "fathr", "'father'"),
        ("typical day jiter 10 min", "jiter", "'jitter'"),
        ("feed 20 min", "", "which time of day"),
        ("feed 20 min at 07:00 daily", "daily", "clause 'daily' of feed"),
        ("born on Friday; born on Monday", "born on Monday", "given twice"),
        ("empty day by anna", "by", "nothing may follow"),
        ("sleap 2 h at 10:00", "sleap", "'sleep'"),
    ],
)
def test_days_that_cannot_be_are_pointed_at(text: str, words: str, message: str) -> None:
    with pytest.raises((ScheduleError, UnknownNameError)) as caught:
        parse_schedule(text)
    said, pointed = _under_the_caret(str(caught.value))
    assert message in said and pointed == words

"""The parts of ``[trial]``: design and arms, visits, endpoints, allocation, blinding, adherence,
drop-out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from oxysim import units
from oxysim.documents import Section, value_text
from oxysim.findings.agreement import EXPECTED
from oxysim.findings.published import target
from oxysim.interventions.sentences import parse_all
from oxysim.measures import Instrument
from oxysim.schedule import Routine, Schedule
from oxysim.trials.plan.adherence import Adherence
from oxysim.trials.plan.allocation import LARGEST_BLOCK, Allocation, Blocked, Simple, Stratified
from oxysim.trials.plan.blinding import Blinded, Open
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import DIRECTIONS, Endpoint
from oxysim.trials.plan.trial_design import Crossover, Factorial, Parallel, TrialDesign
from oxysim.trials.plan.visits import Visit

Part = TypeVar("Part")

_DESIGNS: Mapping[str, type] = {
    "parallel": Parallel,
    "crossover": Crossover,
    "factorial": Factorial,
}
DESIGNS = tuple(_DESIGNS)
_ALLOCATIONS: Mapping[str, type] = {
    "blocked": Blocked,
    "simple": Simple,
    "stratified": Stratified,
}
_BLINDINGS: Mapping[str, type] = {"blinded": Blinded, "open": Open}

# What an error expects where a text could be anything.
_TIME = 'a length of time with its unit, such as "6 weeks"'
_ARMS = (
    'a table of arms such as "skin-to-skin" = "skin-to-skin 60 min daily at 11:00", "" for nothing'
)


def keys_of(part_class: type) -> tuple[str, ...]:
    """The keys of a table that stands for a part of a trial: the fields of its class, in their
    order.

    >>> keys_of(Dropout)
    ('monthly', 'per_point', 'cutoff')
    """
    # a new field of a part can be written in a file at once; what is computed cannot
    return tuple(field.name for field in dataclasses.fields(part_class) if field.init)


def keys_of_designs(kind: str) -> tuple[str, ...]:
    """The keys of ``[trial]`` that belong to a kind of design; its arms are a table of their own.

    >>> keys_of_designs("crossover")
    ('period', 'washout', 'sequences')
    """
    return tuple(key for key in keys_of(_DESIGNS[kind]) if key != "arms")


def read_trial_design(trial: Section, kind: str) -> TrialDesign:
    """The design with its arms, each from its sentences.

    Raises
    ------
    InputError : anything that is not understood, with file, line and key.

    >>> from oxysim.documents import parse_document
    >>> arms = 'arms = { nothing = "", spray = "24 IU intranasal at 10:00" }'
    >>> trial = parse_document(arms, "trial.toml")
    >>> read_trial_design(trial, "parallel").names
    ('nothing', 'spray')
    """
    arms = _arms(trial)
    with trial.reading():
        if kind == "parallel":
            return Parallel(arms, tuple(_wholes(trial, "ratio")) if "ratio" in trial else None)
        if kind == "factorial":
            return Factorial(
                arms, trial.text("reference", "the name of the cell with nothing", "usual care")
            )
        # a crossover has no default: how long its periods are is the first thing to plan
        period = trial.text("period", _TIME)
        return Crossover(arms, period, trial.text("washout", _TIME, "0 d"), _sequences(trial))


def _arms(trial: Section) -> dict[str, Schedule]:
    section = trial.section("arms")
    if not section.values:
        raise trial.error(f"'arms' is missing; expected {_ARMS}")
    arms = {}
    for name in section.values:
        text = section.text(name, f"a sentence; {_ARMS}")
        with section.reading(name):
            # only what the arm adds: the day itself is one for all arms
            arms[name] = Schedule(Routine.empty(), parse_all(text) if text.strip() else ())
    return arms


def _sequences(trial: Section) -> Any:
    sequences = trial.values.get("sequences", "balanced")
    if sequences == "balanced":
        return sequences
    whole = isinstance(sequences, list) and all(
        isinstance(sequence, list) and all(isinstance(name, str) for name in sequence)
        for sequence in sequences
    )
    if not whole:
        expected = '"balanced", or an array of sequences such as [["placebo", "oxytocin"]]'
        raise trial.error(f"expected {expected}; found {value_text(sequences)}", "sequences")
    return [tuple(sequence) for sequence in sequences]


def read_visits(trial: Section) -> tuple[Visit, ...] | None:
    """The visits; None for one at each time that an endpoint names.

    >>> from oxysim.documents import parse_document
    >>> [visit.time for visit in read_visits(parse_document('visits = ["2 weeks"]', "t.toml"))]
    ['2 weeks']
    """
    if "visits" not in trial:
        return None
    visits = []
    # a text is a visit at that time; a table says more of it
    for number, entry in enumerate(
        _list(trial, "visits", 'an array of visits such as ["2 weeks", "6 weeks"]'), start=1
    ):
        if isinstance(entry, str):
            with trial.reading("visits", str(number)):
                visits.append(Visit(entry))
            continue
        visit = _entry(trial, "visits", number, entry)
        visit.require_known(keys_of(Visit))
        # its time by itself, since an error of the class would not know the line
        time = visit.text("time", _TIME)
        texts = {key: visit.text(key, "a text") for key in keys_of(Visit)[1:] if key in visit}
        with visit.reading():
            visits.append(Visit(time, **texts))
    return tuple(visits)


NamedTool = Callable[[str], str | Instrument]
"""The file's instrument of a name, or the name as it is."""


def read_endpoints(trial: Section, tool_of: NamedTool = str) -> tuple[Endpoint, ...]:
    """The endpoints, one ``[[trial.endpoints]]`` each; `tool_of` gives the file's own instruments.

    Raises
    ------
    InputError : none, or anything in one that is not understood, with file, line and key.

    >>> from oxysim.documents import parse_document
    >>> trial = parse_document('endpoints = [{ instrument = "epds", at = "6 weeks" }]', "t.toml")
    >>> read_endpoints(trial)[0].name
    'epds value at 6 weeks'
    """
    expected = (
        '[[trial.endpoints]] with instrument and at, such as instrument = "epds", at = "6 weeks"'
    )
    if "endpoints" not in trial:
        raise trial.error(f"'endpoints' is missing; expected {expected}")
    endpoints = []
    for number, entry in enumerate(_list(trial, "endpoints", expected), start=1):
        endpoints.append(_endpoint(_entry(trial, "endpoints", number, entry), tool_of))
    return tuple(endpoints)


def _endpoint(entry: Section, tool_of: NamedTool) -> Endpoint:
    entry.require_known(keys_of(Endpoint))
    flags: dict[str, Any] = {
        "primary": entry.flag("primary", False),
        "adjusted": entry.flag("adjusted", False),
    }
    texts: dict[str, Any] = {
        key: entry.text(key, "a text")
        for key in ("kind", "member", "over", "name", "target")
        if key in entry
    }
    if "responds" in entry:
        texts["responds"] = entry.choice("responds", "direction", DIRECTIONS)
    if "threshold" in entry:
        flags["threshold"] = entry.number("threshold", "the smallest change that matters")
    # which way the effect should go, for the rule by which it is judged
    texts["expected"] = entry.choice("expected", "expectation", EXPECTED, "prediction")
    instrument, at = (
        entry.text("instrument", 'an instrument such as "epds"'),
        entry.text("at", "a visit"),
    )
    if "target" in entry:
        with entry.reading("target"):
            # Looked up here, since only here the line is known.
            target(texts["target"])

    with entry.reading():
        return Endpoint(tool_of(instrument), at, **flags, **texts)


def read_allocation(trial: Section, tool_of: NamedTool = str) -> Allocation:
    """How participants are allocated; in blocks where the file says nothing. `tool_of` gives the
    file's own instruments.

    >>> from oxysim.documents import parse_document
    >>> read_allocation(parse_document('allocation = "simple"', "t.toml"))
    Simple()
    """
    section = _kind_of(trial, "allocation")
    if section is None:
        return Blocked()
    kind = section.choice("kind", "kind of allocation", _ALLOCATIONS)
    section.require_known(("kind", *keys_of(_ALLOCATIONS[kind])))
    # None: blocks of varying size, so that nobody can tell the last allocations of one
    size = section.whole("size", 1, LARGEST_BLOCK) if "size" in section else None
    if kind == "simple":
        return Simple()
    if kind == "blocked":
        return Blocked(size)
    by = section.text("by", 'an instrument or a parameter, such as "epds"')
    cuts = section.values.get("cuts", [])
    # a truth value is a number to Python
    if not isinstance(cuts, list) or not all(
        isinstance(c, int | float) and not isinstance(c, bool) for c in cuts
    ):
        raise section.error(
            f"expected an array of numbers such as [10, 13]; found {value_text(cuts)}", "cuts"
        )
    with section.reading("cuts"):
        return Stratified(tool_of(by), tuple(cuts), size)


def read_blinding(trial: Section) -> Blinded | Open | None:
    """What participants believe; None where the file says nothing.

    >>> from oxysim.documents import parse_document
    >>> read_blinding(parse_document('blinding = "open"', "t.toml")).reference
    0.0
    """
    section = _kind_of(trial, "blinding")
    if section is None:
        return None
    kind = section.choice("kind", "kind of blinding", _BLINDINGS)
    keys = keys_of(_BLINDINGS[kind])
    section.require_known(("kind", *keys))
    # what the file leaves out is at the default of the class
    shares = {key: section.number(key, "a share from 0 to 1") for key in keys if key in section}
    with section.reading():
        return Blinded(**shares) if kind == "blinded" else Open(**shares)


def read_adherence(trial: Section) -> Adherence:
    """How far sessions are attended; all where the file says nothing.

    >>> from oxysim.documents import parse_document
    >>> read_adherence(parse_document("adherence.missed = 0.2", "t.toml")).missed
    0.2
    """
    return _of_numbers(trial.section("adherence"), Adherence)


def read_dropout(trial: Section) -> Dropout:
    """Who leaves; nobody where the file says nothing.

    >>> from oxysim.documents import parse_document
    >>> read_dropout(parse_document("dropout.monthly = 0.05", "t.toml")).monthly
    0.05
    """
    return _of_numbers(trial.section("dropout"), Dropout)


def read_sizes(trial: Section, key: str, most: int) -> tuple[int, ...]:
    """Numbers of participants, each a whole number from 2 to `most`; none where
    the key is missing.

    >>> from oxysim.documents import parse_document
    >>> read_sizes(parse_document("power = [20, 40]", "t.toml"), "power", most=100)
    (20, 40)
    """
    sizes = _wholes(trial, key) if key in trial else []
    for number, size in enumerate(sizes, start=1):
        if not 2 <= size <= most:
            expected = f"whole numbers from 2 to {most}, the dyads of the pool"
            raise trial.error(f"expected {expected}; found {size}", key, str(number))
    return tuple(sizes)


# ---------------------------------------------------------------------- reading
def _of_numbers(section: Section, part_class: type[Part]) -> Part:
    """A part of a trial all of whose fields are numbers."""
    keys = keys_of(part_class)
    section.require_known(keys)
    numbers = {key: section.number(key, "a number") for key in keys if key in section}
    with section.reading():
        return part_class(**numbers)


def _kind_of(trial: Section, key: str) -> Section | None:
    """A table with its kind, or a text that is the kind alone."""
    # A text stands for a table of nothing but a kind: allocation = "simple".
    if key not in trial:
        return None
    value = trial.values[key]
    if isinstance(value, str):
        return Section(trial.file, (*trial.keys, key), {"kind": value}, trial.lines)
    return trial.section(key)


def _list(trial: Section, key: str, expected: str) -> list[Any]:
    value = trial.values[key]
    if not isinstance(value, list) or not value:
        raise trial.error(f"expected {expected}; found {value_text(value)}", key)
    return value


def _entry(trial: Section, key: str, number: int, value: Any) -> Section:
    if not isinstance(value, dict):
        raise trial.error(f"expected a table; found {value_text(value)}", key, str(number))
    return Section(trial.file, (*trial.keys, key, str(number)), value, trial.lines)


def _wholes(section: Section, key: str) -> list[int]:
    value = section.values[key]
    # One number stands for an array of one.
    entries = value if isinstance(value, list) else [value]
    for number, entry in enumerate(entries, start=1):
        # True is a whole number to Python, but not to a reader.
        if isinstance(entry, bool) or not isinstance(entry, int):
            raise section.error(
                f"expected whole numbers; found {value_text(entry)}", key, str(number)
            )
    return entries


def require_length(section: Section, key: str) -> None:
    """Raise where an entry is no length of time.

    >>> from oxysim.documents import parse_document
    >>> require_length(parse_document('duration = "12 weeks"', "t.toml"), "duration")
    """
    text = section.text(key, _TIME)
    with section.reading(key):
        units.duration(text, key)

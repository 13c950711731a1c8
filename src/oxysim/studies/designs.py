"""The design of a study file: ``[design]`` with its kind and axes, or a table of runs in a CSV file
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from oxysim.documents import Section, parse_rows, value_text
from oxysim.errors import OxysimError
from oxysim.studies.people import plain_value
from oxysim.sweeps.axes import SCALES, Axis, Range, axis_name
from oxysim.sweeps.samples import latin_hypercube, sobol
from oxysim.sweeps.sweep_design import (
    LARGEST_SAMPLE,
    SweepDesign,
    grid,
    one_at_a_time,
    table,
    zipped,
)

# a slip of the keyboard in ``count`` is refused before its values are made
LARGEST_AXIS = 20_000
"""The most values of one axis that ``count`` may make."""

ReadTable = Callable[[str], str]
"""The text of a table that a study file names."""

_LISTED: Mapping[str, Callable[[list[Axis]], SweepDesign]] = {
    "grid": grid,
    "zip": zipped,
    "one at a time": one_at_a_time,
}
_SAMPLED: Mapping[str, Callable[[Any, int, int], SweepDesign]] = {
    "latin hypercube": latin_hypercube,
    "sobol": sobol,
}
KINDS = (*_LISTED, *_SAMPLED, "table")
_KEYS = {"table": ("kind", "file"), **dict.fromkeys(_LISTED, ("kind", "axes")),
         **dict.fromkeys(_SAMPLED, ("kind", "axes", "n", "seed"))}  # fmt: skip
_SPACED = ("from", "to", "count", "scale", "unit")
_VALUES = ("values", "unit")
_VALUES_EXPECTED = (
    'an array of values such as ["8 IU", "24 IU"], or { from = "0 IU", to = "48 IU", count = 13 }'
)


def read_design(study: Section, read_table: ReadTable) -> SweepDesign | None:
    """The design of a study file; None where it has none.

    Raises
    ------
    InputError : anything that is not understood, with file, line and key.

    >>> from oxysim.documents import parse_document
    >>> text = '[design]\\nkind = "grid"\\naxes = { seed = [1, 2, 3] }'
    >>> read_design(parse_document(text, "study.toml"), read_table=str).names
    ('seed',)
    """
    if "design" not in study:
        return None
    section = study.section("design")
    kind = _spaced(
        section.choice(
            "kind", "kind of design", (*KINDS, *(kind.replace(" ", "_") for kind in KINDS))
        )
    )
    # which keys are legal depends on the kind: a grid with a seed is a mistaken sample
    section.require_known(_KEYS[kind])
    if kind == "table":
        return _table(section, read_table)
    axes = axes_of(section)
    if kind in _SAMPLED:
        # an array names parameters and edges, whose own rows say over which range
        names = (
            section.texts("axes", "names of axes")
            if isinstance(section.values.get("axes"), list)
            else None
        )
        return _sampled(section, _SAMPLED[kind], names or _ranges(axes), axes)
    # each by itself first, for its line; together below, for what contradicts
    values = [_listed(axes, name) for name in axes.values]
    with section.reading(find=partial(axis_keys, axes)):
        return _LISTED[kind](values)


def _spaced(kind: Any) -> Any:
    """A kind of design with its words apart: "latin_hypercube", as the function is called, is
    "latin hypercube".
    """
    return kind.replace("_", " ") if isinstance(kind, str) else kind


def axis_keys(axes: Section, error: OxysimError) -> tuple[str, ...]:
    """The keys, from ``[design]`` on, of the axis (and value) that an error's own key names; () if
    none.

    The library calls an axis by its name in one form, the file as it is written there.

    >>> from oxysim.documents import parse_document
    >>> from oxysim.errors import InputError
    >>> axes = axes_of(parse_document("axes = { seed = [1, 2] }", "study.toml"))
    >>> axis_keys(axes, InputError("below 0", key=("axes", "seed", "2")))
    ('axes', 'seed', '2')
    """
    # "spray.dose" and "spray . dose" are one axis to the library
    named = error.key[1:2] if error.key[:1] == ("axes",) else ()
    for name, value in axes.values.items():
        if name.strip() and (axis_name(name),) == named:
            position = error.key[2:3]
            return (
                "axes",
                name,
                *(position if isinstance(value, list) and "".join(position).isdecimal() else ()),
            )
    return ()


def axes_of(section: Section) -> Section:
    """The axes of ``[design]`` by dotted name; none where they are only named in an array.

    >>> from oxysim.documents import parse_document
    >>> axes_of(parse_document("axes.spray.dose = ['8 IU', '24 IU']", "study.toml")).values
    {'spray.dose': ['8 IU', '24 IU']}
    """
    if (
        isinstance(section.values.get("axes"), list)
        and _spaced(section.values.get("kind")) in _SAMPLED
    ):
        return Section(section.file, (*section.keys, "axes"), {}, section.lines)
    # a table with one of these keys describes the values of an axis, and is no further name
    return section.section("axes").flat({*_SPACED, *_VALUES})


def _sampled(
    section: Section, sample: Callable[[Any, int, int], SweepDesign], sampled: Any, axes: Section
) -> SweepDesign:
    n, seed = section.whole("n", 1, LARGEST_SAMPLE), section.whole("seed", 0, 2**63 - 1, 0)
    with section.reading(find=partial(axis_keys, axes)):
        return sample(sampled, n, seed)


def _listed(axes: Section, name: str) -> Axis:
    """An axis from its values, or from its ends and the number of its values."""
    value = axes.values[name]
    with axes.reading(name):
        if not isinstance(value, dict):
            return Axis(name, _array(axes, name, value))
        inner = axes.section(name)
        if "values" in inner:
            inner.require_known(_VALUES)
            return Axis(name, _array(inner, "values", inner.values["values"]), _unit(inner))
        # the ends first: the number of values would be blamed for what is wrong with them
        span = _range(inner, name)
        return Axis(name, span.spaced(inner.whole("count", 2, LARGEST_AXIS)))


def _ranges(axes: Section) -> dict[str, Range | None]:
    """The range of each sampled axis; None for the parameter's or edge's own."""
    ranges: dict[str, Range | None] = {}
    for name, value in axes.values.items():
        with axes.reading(name):
            if isinstance(value, dict):
                inner = axes.section(name)
                # a sample has its number of runs in ``n``, one for all axes
                inner.require_known(tuple(key for key in _SPACED if key != "count"))
                ranges[name] = _range(inner, name) if value else None
            elif isinstance(value, list) and len(value) == 2:
                low, high = plain_value(axes, name, value)
                ranges[name] = Range(low, high)
            else:
                expected = (
                    'the two ends, such as ["0 IU", "48 IU"], or { from = "0 IU", to = "48 IU" }'
                )
                raise axes.error(f"expected {expected}; found {value_text(value)}", name)
    return ranges


def _range(inner: Section, name: str) -> Range:
    inner.require_known(_SPACED)
    ends = []
    for key in ("from", "to"):
        if key not in inner:
            raise inner.error(f"{key!r} is missing; expected {_VALUES_EXPECTED}")
        value = inner.values[key]
        # an end is one value: an array here is the values of an axis, written as its range
        if isinstance(value, list):
            raise inner.error(
                f"expected a number or a text with its unit; found {value_text(value)}", key
            )
        ends.append(plain_value(inner, key, value))
    # seeds are whole; half of one would be another seed, or none
    scale = inner.choice("scale", "scale", SCALES, "whole" if name == "seed" else "linear")
    return Range(ends[0], ends[1], _unit(inner), scale)


def _unit(inner: Section) -> str | None:
    return inner.text("unit", "a unit such as 'IU'") if "unit" in inner else None


def _array(section: Section, key: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise section.error(f"expected {_VALUES_EXPECTED}; found {value_text(value)}", key)
    for number, entry in enumerate(value, start=1):
        if not isinstance(entry, bool | int | float | str):
            raise section.error(
                f"expected a number or a text with its unit; found {value_text(entry)}",
                key,
                str(number),
            )
    return value


def _table(section: Section, read_table: ReadTable) -> SweepDesign:
    name = section.text("file", 'the name of a CSV file beside the study file, such as "runs.csv"')
    with section.reading("file"):
        return table(parse_rows(read_table(name), name))

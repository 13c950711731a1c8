"""How goldens are written as text, and how two texts are compared.

Numbers are compared by their size, words by their letters.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import json
import math
import platform
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np

DIGITS = 12
"""Significant digits of a number: finer than the tolerance by far."""
RTOL = 1e-9
"""Relative difference up to which two numbers are the same. Fifteen parameters moved by their last
bit move no summary of a run by more than 8e-12; a changed constant moves some by 1e-5 and more."""
ATOL = 1e-12
"""Below this a number is what rounding left of zero."""
SHOWN = 12
"""Lines that a comparison prints of one file."""
SAMPLED = 5
"""Values that the summary of an array holds, spread evenly from its first to its last."""

BITS = "bits_"
"""Files whose name begins so hold SHA-256 digests of exact bytes, true on one kind of machine."""

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*\w)")

Files = dict[str, str]
"""File name -> text."""


@dataclass(frozen=True)
class Part:
    """One part of the goldens.

    Attributes
    ----------
    collect : computes the part's files from the library as it is installed.
    about : what it covers, in a few words.
    long : whether it takes more than a few seconds.
    numbers : whether numbers are compared by their size; otherwise every letter counts.
    may_grow : whether lines may be added: what is asked for is that none is lost.
    rtol, atol : relative difference, and difference near zero, up to which numbers are the same.
    """

    name: str
    collect: Callable[[], Files]
    about: str
    long: bool = False
    numbers: bool = True
    may_grow: bool = False
    rtol: float = RTOL
    atol: float = ATOL


# --------------------------------------------------------------------------------- writing
def number(value: Any) -> str:
    """A number at twelve significant digits; anything else as text."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating):
        return f"{float(value):.{DIGITS}g}"
    return str(value)


def lines(rows: list[list[Any]]) -> str:
    """Rows as CSV; texts that hold a comma, a quote or a line end are written as JSON texts."""
    return "\n".join(",".join(_cell(value) for value in row) for row in rows) + "\n"


def _cell(value: Any) -> str:
    text = number(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r'[,"\n]', text) else text


def table(frame: Any) -> str:
    """A pandas table as CSV."""
    return lines([list(frame.columns), *frame.itertuples(index=False, name=None)])


def as_json(value: Any) -> str:
    """Nested plain values, sorted by key, numbers at twelve digits."""
    return json.dumps(_rounded(value), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return float(number(value)) if isinstance(value, float) else value


# ---------------------------------------------------------------------------------- arrays
SUMMARY = [
    "array",
    "shape",
    "least",
    "greatest",
    "mean",
    "spread",
    *(f"value_{i}" for i in range(SAMPLED)),
]


def summary(values: Any) -> list[Any]:
    """An array in a line: shape, range, mean, deviation, some values; of texts a digest."""
    array = np.asarray(values)
    shape = "x".join(map(str, array.shape)) or "one"
    if array.dtype.kind not in "fiub" or not array.size:
        return [shape, digest(array)[:16]]
    flat = array.astype(float).ravel()
    finite = flat[np.isfinite(flat)]
    size = (
        [finite.min(), finite.max(), finite.mean(), finite.std()] if finite.size else [math.nan] * 4
    )
    return [shape, *size, *flat[np.linspace(0, len(flat) - 1, SAMPLED).round().astype(int)]]


def digest(values: Any) -> str:
    """SHA-256 of an array's exact bytes, its shape and its kind; of texts, of their letters."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        data = json.dumps([str(text) for text in array.ravel()]).encode()
        return hashlib.sha256(data).hexdigest()
    plain = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<")))
    return hashlib.sha256(f"{array.dtype.kind}{array.shape}".encode() + plain.tobytes()).hexdigest()


def arrays(name: str, runs: Mapping[str, Mapping[str, Any]]) -> Files:
    """Two files of many arrays, by run and name: their summaries, and the digests of their bits."""
    short: list[list[Any]] = [["run", *SUMMARY]]
    exact: list[list[Any]] = [["run", "array", "sha256"]]
    for run, by_name in runs.items():
        for key, values in by_name.items():
            short.append([run, key, *summary(values)])
            exact.append([run, key, digest(values)])
    return {f"{name}.csv": lines(short), f"{BITS}{name}.csv": f"# {machine()}\n{lines(exact)}"}


@functools.cache
def machine() -> str:
    """Where bits are comparable: versions of what computes, instructions of the processor."""
    versions = {name: _version(name) for name in ("numpy", "scipy", "numba", "llvmlite")}
    simd = np.show_config(mode="dicts").get("SIMD Extensions", {})
    has = hashlib.sha256(json.dumps(simd, sort_keys=True).encode()).hexdigest()[:12]
    where = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "instructions": has,
    }
    return "written with " + ", ".join(
        f"{name} {version}" for name, version in {**versions, **where}.items()
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


# ------------------------------------------------------------------------------- comparing
def differences(part: Part, name: str, stored: str, fresh: str) -> list[str]:
    """What differs between a stored file and a fresh one, as lines of a diff."""
    old, new = stored.splitlines(), fresh.splitlines()
    if part.may_grow:
        gone = sorted(set(old) - set(new))
        near = {
            line: difflib.get_close_matches(line, sorted(set(new) - set(old)), 1, 0.8)
            for line in gone[:SHOWN]
        }
        return _cut(
            [
                text
                for line in gone
                for text in (f"- {line}", *(f"+ {other}" for other in near.get(line, ())))
            ]
        )
    by_size = part.numbers and not name.startswith(BITS)
    if len(old) == len(new):
        pairs = [
            (a, b)
            for a, b in zip(old, new, strict=True)
            if not (a == b or (by_size and _same_numbers(a, b, part.rtol, part.atol)))
        ]
        return _cut([text for a, b in pairs for text in (f"- {a}", f"+ {b}")])
    diff = list(difflib.unified_diff(old, new, n=0, lineterm=""))
    return _cut(diff[2:])  # without the two lines that name the files


def _cut(text: list[str]) -> list[str]:
    more = len(text) - 2 * SHOWN
    return text if more <= 0 else [*text[: 2 * SHOWN], f"... and {more} lines more"]


def _same_numbers(old: str, new: str, rtol: float, atol: float) -> bool:
    """Whether two lines hold the same words and, nearly, the same numbers."""
    if _NUMBER.sub("#", old) != _NUMBER.sub("#", new):
        return False
    pairs = zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=rtol, abs_tol=atol) for a, b in pairs)

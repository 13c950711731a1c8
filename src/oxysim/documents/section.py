"""One table of a TOML document: its values, each of which knows its file, line and key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from oxysim.checks import LONGEST_NAME
from oxysim.errors import InputError, OxysimError, unknown_name

_BARE = re.compile(r"^[A-Za-z0-9_-]+$")
# characters of a value in a message: enough to know it again
_SHORT = 60


class DocumentError(InputError):
    """An entry of a document that cannot be as it is; the text begins with its file, line and key,
    which `key` holds from the top of the document. `file` is the document.

    >>> from oxysim.documents import parse_document
    >>> error = parse_document("n = 0", "study.toml").error("expected at least 1", "n")
    >>> print(error, error.key)
    study.toml:1: n: expected at least 1 ('n',)
    """

    def __init__(
        self,
        file: str,
        position: str,
        keys: Iterable[str],
        message: str,
        cause: OxysimError | None = None,
    ):
        self.file = file
        super().__init__(
            f"{position}: {message}",
            what=cause.what if cause else "",
            expected=cause.expected if cause else "",
            found=cause.found if cause else "",
            remedy=cause.remedy if cause else "",
            key=keys,
        )


@dataclass(frozen=True)
class Section:
    """One table of a document (the whole file is one): its values, and where each of them stands.

    Attributes
    ----------
    file : the file as the user named it.
    keys : the keys from the top of the file down to this table; empty for the file itself.
    values : what the table holds.
    lines : dotted name -> line, of the whole file.

    >>> from oxysim.documents import parse_document
    >>> section = parse_document("[dyad]\\nn = 40", "study.toml").section("dyad")
    >>> section.whole("n", 1, 1000), section.place("n")
    (40, 'study.toml:2: dyad.n')
    """

    file: str
    keys: tuple[str, ...]
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def __contains__(self, key: str) -> bool:
        return key in self.values

    # ------------------------------------------------------------------ errors
    def place(self, *keys: str) -> str:
        """File, line and key of an entry, as messages begin: ``study.toml:14:
        design.axes."spray.dose"``.

        >>> from oxysim.documents import parse_document
        >>> parse_document('[a]\\n"b.c" = 1', "study.toml").section("a").place("b.c")
        'study.toml:2: a."b.c"'
        """
        # the line of the nearest part that has one: a missing key stands nowhere, its table does
        full = (*self.keys, *keys)
        depth = next((n for n in range(len(full), -1, -1) if ".".join(full[:n]) in self.lines), 0)
        line = f":{self.lines['.'.join(full[:depth])]}" if depth else ""
        name = ".".join(
            _shortened(key if _BARE.match(key) else json.dumps(key, ensure_ascii=False))
            for key in full
        )
        return f"{self.file}{line}: {name}" if name else f"{self.file}{line}"

    def error(self, message: str, *keys: str, cause: OxysimError | None = None) -> DocumentError:
        """The error of one entry, with its file, line and key, and the parts of its `cause`.

        >>> from oxysim.documents import parse_document
        >>> section = parse_document("seed = 0.5", "study.toml")
        >>> print(section.error("expected a whole number", "seed"))
        study.toml:1: seed: expected a whole number
        """
        return DocumentError(self.file, self.place(*keys), (*self.keys, *keys), message, cause)

    @contextmanager
    def reading(
        self, *keys: str, find: Callable[[OxysimError], tuple[str, ...]] | None = None
    ) -> Iterator[None]:
        """Every error of the library raised inside says which entry it comes from.

        The entry is `keys`, and below it what the error's own ``key`` names, if the
        document has that. Where the document calls things by other names than the library does,
        `find` takes the error and gives the further keys.

        >>> from oxysim import units
        >>> from oxysim.documents import parse_document
        >>> section = parse_document('start = "25:00"', "study.toml")
        >>> try:
        ...     with section.reading("start"):
        ...         units.clock("25:00", "start")
        ... except DocumentError as error:
        ...     print(error)
        study.toml:1: start: '25:00' is not a time of day
        """
        try:
            yield
        except OxysimError as error:
            # an entry inside has said where it stands
            if isinstance(error, DocumentError) and error.file == self.file:
                raise
            places = (*keys, *(find(error) if find else self.present(keys, error.key)))
            named = [*self.keys, *places][-1:]  # the library often begins with the same word
            text = str(error)
            for before in (*named, error.what if len(places) > len(keys) else ""):
                text = text.removeprefix(f"{before}: ")
            raise self.error(text, *places, cause=error) from error

    def present(self, keys: Iterable[str], further: Iterable[str]) -> tuple[str, ...]:
        """As many of the `further` keys below `keys` as the document has.

        >>> from oxysim.documents import parse_document
        >>> section = parse_document("axes = [{name = 'dose'}]", "study.toml")
        >>> section.present(("axes",), ("1", "name", "unit"))
        ('1', 'name')
        """
        value: Any = self.values
        for key in keys:
            value = _inside(value, key)
        path = []
        for key in further:
            value = _inside(value, key)
            if value is None:
                break
            path.append(key)
        return tuple(path)

    def require_known(self, allowed: Iterable[str], kind: str = "key") -> None:
        """Raise for a key that is not one of those `allowed`, with the nearest three.

        >>> from oxysim.documents import parse_document
        >>> parse_document("seed = 1", "study.toml").require_known(["seed", "title"])
        """
        # walked for every key: an iterator would be empty after the first
        names = tuple(allowed)
        for key in self.values:
            if key not in names:
                raise self._unknown(kind, key, names, key)

    # ----------------------------------------------------------------- reading
    def text(self, key: str, expected: str, default: str | None = None) -> str:
        """A text; without `default` it must be there.

        >>> from oxysim.documents import parse_document
        >>> parse_document("title = 'Spray'", "study.toml").text("title", "a text")
        'Spray'
        """
        value = self._found(key, expected, default)
        if not isinstance(value, str):
            raise self.error(f"expected {expected}; found {value_text(value)}", key)
        return value

    def choice(
        self, key: str, kind: str, choices: Iterable[str], default: str | None = None
    ) -> str:
        """One of several words; a misspelt one is answered with the nearest three.

        >>> from oxysim.documents import parse_document
        >>> section = parse_document("engine = 'compiled'", "study.toml")
        >>> section.choice("engine", "engine", ["scipy", "compiled"])
        'compiled'
        """
        names = tuple(choices)
        value = self.text(key, "one of " + ", ".join(repr(name) for name in names), default)
        if value not in names:
            raise self._unknown(kind, value, names, key)
        return value

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number between `low` and `high`.

        >>> from oxysim.documents import parse_document
        >>> parse_document("", "study.toml").whole("seed", 0, 100, default=7)
        7
        """
        expected = f"a whole number from {low} to {high}"
        # a truth value is an int to Python, and none in TOML
        value = self._found(key, expected, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.error(f"expected {expected}; found {value_text(value)}", key)
        return value

    def number(self, key: str, expected: str, default: float | None = None) -> float:
        """A number; what it may be is checked by what takes it.

        >>> from oxysim.documents import parse_document
        >>> parse_document("tolerance = 1e-6", "study.toml").number("tolerance", "a tolerance")
        1e-06
        """
        value = self._found(key, expected, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(f"expected {expected}; found {value_text(value)}", key)
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """A truth value.

        >>> from oxysim.documents import parse_document
        >>> parse_document("blinded = true", "trial.toml").flag("blinded", default=False)
        True
        """
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.error(f"expected true or false; found {value_text(value)}", key)
        return value

    def texts(self, key: str, expected: str) -> tuple[str, ...]:
        """An array of texts; one text stands for an array of one; none where the key is missing.

        >>> from oxysim.documents import parse_document
        >>> parse_document("cut = 'reward -> depression'", "study.toml").texts("cut", "edges")
        ('reward -> depression',)
        """
        value = self.values.get(key, [])
        entries = [value] if isinstance(value, str) else value
        if not isinstance(entries, list):
            raise self.error(f"expected {expected}; found {value_text(value)}", key)
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, str):
                raise self.error(
                    f"expected {expected}; found {value_text(entry)} in it", key, str(number)
                )
        return tuple(entries)

    def entries(self, key: str, expected: str) -> tuple[Section, ...]:
        """An array of tables (``[[key]]``), each by itself; none where it is missing.

        >>> text = "[[visit]]\\nat = '2 weeks'\\n[[visit]]\\nat = '4 weeks'"
        >>> from oxysim.documents import parse_document
        >>> rows = parse_document(text, "trial.toml")
        >>> [visit.text("at", "an age") for visit in rows.entries("visit", "[[visit]] sections")]
        ['2 weeks', '4 weeks']
        """
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.error(f"expected {expected}; found {value_text(value)}", key)
        entries = []
        for number, entry in enumerate(value, start=1):
            if not isinstance(entry, dict):
                raise self.error(
                    f"expected {expected}; found {value_text(entry)}", key, str(number)
                )
            entries.append(Section(self.file, (*self.keys, key, str(number)), entry, self.lines))
        return tuple(entries)

    def section(self, key: str) -> Section:
        """A table inside this one; an empty one where it is missing.

        >>> from oxysim.documents import parse_document
        >>> parse_document("", "study.toml").section("design").values
        {}
        """
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(
                f"expected a table ([{'.'.join((*self.keys, key))}]); found {value_text(value)}",
                key,
            )
        return Section(self.file, (*self.keys, key), value, self.lines)

    def flat(self, known_leaves: Iterable[str] = ()) -> Section:
        """The same table with dotted names written out: ``spray.dose = 8`` and ``"spray.dose" = 8``
        are one thing.

        A table with one of the keys `known_leaves` in it is a value and stays whole.

        >>> from oxysim.documents import parse_document
        >>> parse_document("spray.dose = 8", "study.toml").flat().values
        {'spray.dose': 8}
        """
        leaves = frozenset(known_leaves)
        values: dict[str, Any] = {}
        for name, value in _dotted((), self.values, leaves):
            if name in values:
                raise self.error(f"{name!r} is given twice", name)
            values[name] = value
        return Section(self.file, self.keys, values, self.lines)

    def _unknown(self, kind: str, name: str, names: tuple[str, ...], key: str) -> DocumentError:
        # the parts of the error stay: whoever shows it may word it anew
        error = unknown_name(kind, name, names)
        return self.error(str(error), key, cause=error)

    def _found(self, key: str, expected: str, default: Any) -> Any:
        if key not in self.values and default is None:
            raise self.error(f"{key!r} is missing; expected {expected}")
        return self.values.get(key, default)


def _inside(value: Any, key: str) -> Any:
    """What a table or an array has at a key or, from 1, a number; None where there is nothing."""
    if isinstance(value, Mapping):
        return value.get(key)
    if isinstance(value, list) and key.isdecimal() and 1 <= int(key) <= len(value):
        return value[int(key) - 1]
    return None


def _shortened(key: str) -> str:
    """A key as a message shows it; only a hostile one is longer than a name may be."""
    return key if len(key) <= LONGEST_NAME else f"{key[:_SHORT]}..."


def _dotted(
    before: tuple[str, ...], table: Mapping[str, Any], leaves: frozenset[str]
) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        # an empty table is a value: there is nothing below it to be named
        if isinstance(value, dict) and value and not leaves & value.keys():
            yield from _dotted((*before, key), value, leaves)
        else:
            yield ".".join((*before, key)), value


def value_text(value: Any) -> str:
    """A value of a document as a message shows it: in TOML's own words, shortened.

    >>> value_text(["08:00", 3]), value_text({"n": 1})
    ('["08:00", 3]', "a table with 'n'")
    """
    if isinstance(value, dict):
        return f"a table with {', '.join(repr(k) for k in list(value)[:3]) or 'nothing in it'}"
    # in JSON: NaN, and dates quoted
    if isinstance(value, float) or not isinstance(value, bool | int | str | list):
        return str(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 3]}..."

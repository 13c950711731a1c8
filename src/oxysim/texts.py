"""Objects in words: one short paragraph in print, a table in a notebook.

A class that derives from :class:`Described` says its `facts` once; ``repr`` and the notebook's
table are made of them. A small class whose arguments say everything derives from :class:`Called`:
it prints as the call that makes it again. Whatever stands in an HTML table is escaped here and
nowhere else.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields
from typing import Any

from oxysim.errors import shown
from oxysim.units import DAY, MONTH, WEEK

LONGEST_TEXT = 1500
"""The longest text of any object, in characters: about twenty lines of a terminal."""

LONGEST_VALUE = 200
"""The longest text of one value in it."""

MOST_ROWS = 60
"""The most rows of a table in a notebook; the last one says how many more there are."""


class Described:
    """A thing that prints as one short paragraph and shows as a table in a notebook, both made of
    its `facts`.

    >>> class Dose(Described):
    ...     def facts(self):
    ...         return "Dose", [("amount", "24 IU"), ("at", "10:00")]
    >>> Dose()
    Dose: amount 24 IU; at 10:00.
    >>> "<td>24 IU</td>" in Dose()._repr_html_()
    True
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        _keep_repr(cls)

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, in a word or two, and (name, value) of what there is to know of it, the chief
        things first.
        """
        raise NotImplementedError

    def __repr__(self) -> str:
        try:
            title, pairs = self.facts()
        except Exception:  # noqa: BLE001 - a text must come from a half-made object too: error messages show it
            return f"{type(self).__name__} (incomplete)"
        return paragraph(title, pairs)

    def _repr_html_(self) -> str:
        title, pairs = self.facts()
        return html_table([(name, _plain(value)) for name, value in pairs], caption=title)


class Called:
    """A thing that prints as the call that makes it, without what is left at its defaults.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Range(Called):
    ...     low: float
    ...     high: float
    ...     scale: str = "linear"
    >>> Range(1, 2)
    Range(1, 2)
    >>> Range(1, 2, "log")
    Range(1, 2, scale='log')
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        _keep_repr(cls)

    def __repr__(self) -> str:
        return clipped(f"{type(self).__name__}({', '.join(self._arguments())})")

    def _repr_html_(self) -> str:
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        rows = [(name, _plain(getattr(self, name))) for name in names]
        return html_table(rows, caption=type(self).__name__)

    def _arguments(self) -> list[str]:
        """The arguments as they would be written; the required ones without their names."""
        arguments = []
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name, None)
            make = field.default_factory
            # a default that is made anew for each object is made here to compare with
            default = make() if make is not MISSING else field.default
            if default is MISSING:
                name = f"{field.name}=" if field.kw_only else ""
                arguments.append(f"{name}{_short(value)}")
            elif not _same(value, default):
                arguments.append(f"{field.name}={_short(value)}")
        return arguments


def paragraph(title: str, pairs: Sequence[tuple[str, object]]) -> str:
    """A title and what there is to know as one short paragraph.

    >>> paragraph("Dose", [("amount", "24 IU"), ("at", "10:00")])
    'Dose: amount 24 IU; at 10:00.'
    """
    clauses = [f"{name} {_plain(value)}".strip() for name, value in pairs]
    return clipped(f"{title}: {'; '.join(clauses)}." if clauses else f"{title}.")


def clipped(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text, cut where it is longer than allowed.

    >>> clipped("abcdefgh", 6)
    'abc...'
    """
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def listed(items: Iterable[object], most: int = 5) -> str:
    """Some things in a sentence, with the number of those left out.

    >>> listed("abcd", 2)
    'a, b and 2 more'
    """
    texts = [str(item) for item in items]
    if len(texts) <= most:
        return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
    return f"{', '.join(texts[:most])} and {len(texts) - most} more"


def counted(number: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "dyad"), counted(3, "dyad")
    ('1 dyad', '3 dyads')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def age_text(minutes: float) -> str:
    """An age in the unit in which people say it: days up to three weeks, then weeks, from three
    months months.

    >>> age_text(4 * 1440.0), age_text(6 * 7 * 1440.0), age_text(18 * 30.4375 * 1440.0)
    ('4 days', '6 weeks', '18 months')
    """
    for unit, size, least in (("month", MONTH, 3 * MONTH), ("week", WEEK, 3 * WEEK)):
        # against rounding: three weeks as a sum of minutes are weeks
        if minutes >= least - 1e-6:
            number = round(minutes / size, 1)
            return f"{number:g} {unit}s"
    days = round(minutes / DAY, 1)
    return f"{days:g} day{'' if days == 1 else 's'}"


def html_table(
    rows: Iterable[Sequence[object]], header: Sequence[str] = (), *, caption: str = ""
) -> str:
    """Rows as an HTML table; every cell is escaped, and rows beyond :data:`MOST_ROWS` are counted
    in its last one.

    >>> html_table([("dose", "<24 IU>")])
    '<table><tbody><tr><td>dose</td><td>&lt;24 IU&gt;</td></tr></tbody></table>'
    """
    cells = [list(row) for row in rows]
    left_out = len(cells) - MOST_ROWS
    if left_out > 0:
        # as wide as the widest row, so that the last row has no ragged end
        width = max(len(row) for row in cells)
        cells = [*cells[:MOST_ROWS], [f"and {left_out} more", *[""] * (width - 1)]]
    head = f"<thead>{_row(header, 'th')}</thead>" if header else ""
    title = f"<caption>{_escaped(caption)}</caption>" if caption else ""
    return f"<table>{title}{head}<tbody>{''.join(_row(row, 'td') for row in cells)}</tbody></table>"


# --------------------------------------------------------------------- internals
def _row(cells: Sequence[object], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{_escaped(cell)}</{tag}>' for cell in cells)}</tr>"


def _escaped(value: object) -> str:
    return html.escape(clipped(_plain(value), LONGEST_TEXT)).replace("\n", "<br>")


def _plain(value: object) -> str:
    """A value in a sentence: texts as they are, numbers in few figures, anything else as its
    shortened ``repr``.
    """
    if isinstance(value, str):
        return clipped(value, LONGEST_VALUE)
    if isinstance(value, float):
        return f"{value:.6g}"
    return shown(value, LONGEST_VALUE)


def _short(value: object) -> str:
    return shown(value, LONGEST_VALUE)


def _same(value: object, default: object) -> bool:
    """Whether a value is its default; arrays and the like are never."""
    try:
        # arrays compare entry by entry, and have no truth value of their own
        return value is default or bool(value == default)
    except (TypeError, ValueError):
        return False


def _keep_repr(cls: type) -> None:
    """Give a class its inherited ``repr`` as its own, so that ``dataclass`` writes none over it."""
    if "__repr__" not in vars(cls):
        cls.__repr__ = cls.__repr__  # type: ignore[method-assign]

"""Who was measured, and on which occasion: the same columns in every table."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, NamedTuple

from oxysim.checks import name
from oxysim.errors import InputError, unknown_name
from oxysim.model.registry import ROLES
from oxysim.observations.cells import cell_error
from oxysim.observations.tables.table_columns import TableColumns, text_mapping

SUBJECT_ROLES = ("person", "member", "occasion")
"""The roles of columns that say who was measured, and when in the study."""

MEMBERS = (*ROLES, "infant")
"""The members that every family may have; a caregiver may also have a name of its own."""

_MISSPELT = 0.75  # similarity (difflib) of a letter or two out of place in a word of six


class Subject(NamedTuple):
    """Who was measured on which occasion.

    >>> Subject("007", "mother", "visit 1").person
    '007'
    """

    person: str
    member: str
    occasion: str


def checked_member(value: Any, label: str) -> str:
    """A member of a family; raises for a misspelt one, which would be a name of its own.

    >>> checked_member("father", "member"), checked_member("Anna", "member")
    ('father', 'Anna')
    """
    word = name(value, label)
    if word not in MEMBERS and difflib.get_close_matches(word.casefold(), MEMBERS, 1, _MISSPELT):
        raise unknown_name("member", word, MEMBERS, key=(label.split(", ")[0],))
    return word


def checked_members(members: Any) -> dict[str, str]:
    """The file's words for members -> members.

    >>> checked_members({"M": "mother", "baby": "infant"})
    {'M': 'mother', 'baby': 'infant'}
    """
    mapping = text_mapping(members, "members", "the file's word -> member")
    return {word: checked_member(m, f"members, {word}") for word, m in mapping.items()}


def require_subjects(table: TableColumns, members: Mapping[str, str]) -> None:
    """Raise for a table without identifiers, and for words for members without their column.

    >>> from oxysim.documents import Rows
    >>> from oxysim.observations.tables.table_columns import table_columns
    >>> rows = Rows("saliva.csv", ("person",), (), ())
    >>> require_subjects(table_columns(rows, SUBJECT_ROLES, {}, {}), {})
    """
    table.require(("person",))
    if members and not table.has("member"):
        raise InputError(
            what="members",
            expected="a column 'member'",
            found=f"none in {table.rows.name}",
            remedy="name it, columns={'member': ...}, or say who everybody is: member=...",
            key=("members",),
        )


def read_subject(
    line: int,
    cells: Mapping[str, str],
    table: TableColumns,
    member: str,
    members: Mapping[str, str],
) -> Subject:
    """Who a row is of.

    Raises
    ------
    InputError : no identifier. UnknownNameError : a member that is not known.

    >>> from oxysim.documents import Rows
    >>> from oxysim.observations.tables.table_columns import table_columns
    >>> rows = Rows("saliva.csv", ("person",), (("007",),), (2,))
    >>> table = table_columns(rows, SUBJECT_ROLES, {}, {})
    >>> read_subject(2, {"person": "007"}, table, "mother", {})
    Subject(person='007', member='mother', occasion='')
    """
    person = cells[table.roles["person"]]
    if not person:
        where = table.place("person", line)
        raise cell_error(person, where, "the study's name or number of a person")
    if table.has("member"):
        word = cells[table.roles["member"]]
        if word not in members and word not in MEMBERS:
            names = (*members, *MEMBERS)
            error = unknown_name("member", word, names, f"in {table.place('member', line)}")
            raise InputError(
                f"{error}; or name what it is: members={{{word!r}: ...}}", key=("members",)
            )
        member = members.get(word, word)
    occasion = cells[table.roles["occasion"]] if table.has("occasion") else ""
    return Subject(person, member, occasion)

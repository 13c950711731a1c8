"""CHANGELOG.md keeps its form: versions newest first, the six kinds of change, a sentence or more
an entry.

The form is that of keepachangelog.com; `CITATION.cff` and `pyproject.toml` name the same version.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").exists())
TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def _sections() -> list[tuple[str, list[str]]]:
    """Each version's heading, and the lines below it."""
    _, *parts = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    return [(part.splitlines()[0], part.splitlines()[1:]) for part in parts]


def _entries() -> list[str]:
    """Every entry on one line."""
    entries = re.findall(r"^- .*(?:\n  .*)*", TEXT, re.MULTILINE)
    return [re.sub(r"\s+", " ", entry[2:]) for entry in entries]


def test_versions_stand_newest_first_with_their_day() -> None:
    headings = [heading for heading, _ in _sections()]
    assert headings[0] == "[Unreleased]"
    matches = [
        re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d\d-\d\d", text) for text in headings[1:]
    ]
    versions = [tuple(int(number) for number in match.groups()) for match in matches if match]
    assert len(versions) == len(headings) - 1, (
        f"not of the form [1.2.3] - 2026-11-30: {headings[1:]}"
    )
    assert versions == sorted(set(versions), reverse=True)


def test_kinds_are_the_six_each_once_a_version_and_in_their_order() -> None:
    for version, lines in _sections():
        kinds = [line[4:] for line in lines if line.startswith("### ")]
        assert kinds == [kind for kind in KINDS if kind in kinds], (version, kinds)


def test_every_line_below_a_version_is_a_heading_or_belongs_to_an_entry() -> None:
    for version, lines in _sections():
        kind = ""
        inside = False
        for line in lines:
            if line.startswith("### "):
                kind, inside = line[4:], False
            elif line.startswith(("#### ", "- ")):
                assert kind, f"{version}: stands under no kind of change: {line}"
                inside = line.startswith("- ")
            elif line.startswith("  "):
                assert inside, f"{version}: belongs to no entry: {line}"
            else:
                assert not line or not kind, f"{version}: neither an entry nor a heading: {line}"


def test_an_entry_is_a_sentence_and_stands_once() -> None:
    entries = _entries()
    assert entries
    assert not [entry for entry in entries if not entry.endswith((".", ".)", "?"))]
    assert len(entries) == len(set(entries))


def test_decisions_that_it_names_are_there() -> None:
    named = re.findall(
        r"\b\d{4}\b", " ".join(re.findall(r"decisions? (\d{4}(?:(?:, | and )\d{4})*)", TEXT))
    )
    pages = {page.name[:4] for page in (ROOT / "docs" / "decisions").glob("*.md")}
    assert len(named) > 10
    assert not sorted(set(named) - pages)


def test_one_version_stands_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.*)$", citation, re.MULTILINE) == [version]
    assert any(heading.startswith(f"[{version}] - ") for heading, _ in _sections())

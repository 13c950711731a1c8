"""The pages keep what they promise: links and commands are there, and the scoreboard is of this
model.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from oxysim import Population
from oxysim.model import registry
from oxysim.simulation.equations.model_digest import defaults_digest, equations_digest

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").exists())
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
PAGES += sorted((ROOT / "benchmarks").glob("*.md"))


def _prose(page: Path) -> str:
    """A page without its code: what stands in a fence or between backticks is no link."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def _anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make, by the rule of Markdown's usual renderers."""
    titles = re.findall(r"^#+ +(.*?) *$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _dead_links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(<?([^)>\s]+)>?(?: +\"[^\"]*\")?\)", _prose(page)):
        if re.match(r"[a-z]+:", target):
            continue  # another site's page is not read by a test
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        if not goal.exists():
            yield f"{target}: no such file"
        elif anchor and goal.suffix == ".md" and anchor not in _anchors(goal):
            yield f"{target}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    assert not list(_dead_links(page))


def test_the_search_for_dead_links_finds_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A title, here\n[a](#a-title-here) [b](#b) [c](c.md) `[d](d.md)`\n")
    assert list(_dead_links(page)) == ["#b: no such heading", "c.md: no such file"]


def test_the_sessions_and_folders_that_pages_name_are_there() -> None:
    """A command that a page shows and that is gone misleads more than a dead link."""
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    sessions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = {name.split("-")[0] for name in re.findall(r"nox (?:--no-venv )?-s ([\w.-]+)", text)}
    assert named and named <= sessions
    for path in re.findall(
        r'"((?:tests|src)/[\w/.]+?)(?:/\*)?"', (ROOT / "pyproject.toml").read_text()
    ):
        assert (ROOT / path).exists(), f"pyproject.toml names {path}"


def test_the_scoreboard_is_that_of_the_packaged_population_and_defaults() -> None:
    """Its page says of which numbers it was made; where they moved it has to be made again."""
    text = (ROOT / "docs" / "scoreboard.md").read_text(encoding="utf-8")
    lines = dict(re.findall(r"^- \*\*(.+?)\*\*: (\w+)", text, re.MULTILINE))
    assert lines["parameter set"] == Population.named("community").fingerprint
    assert lines["defaults"] == defaults_digest()


def test_the_page_of_cut_edges_is_of_this_model_and_has_every_edge() -> None:
    """Made again in a minute: `python scripts/cut_shifts.py --write`."""
    text = (ROOT / "docs" / "cut_shifts.md").read_text(encoding="utf-8")
    lines = dict(re.findall(r"^- \*\*(.+?)\*\*: (\w+)", text, re.MULTILINE))
    assert lines["equations"] == equations_digest()
    assert lines["defaults"] == defaults_digest()
    _, _, listed = text.partition("## Every edge")
    assert set(re.findall(r"^\| (\w+ -> \w+) \|", listed, re.MULTILINE)) == set(registry.edges())


def test_the_page_of_face_validity_is_of_this_model() -> None:
    """Made again in a minute: `python scripts/update_face_validity.py`."""
    text = (ROOT / "docs" / "face_validity.md").read_text(encoding="utf-8")
    lines = dict(re.findall(r"^- \*\*(.+?)\*\*: (\w+)", text, re.MULTILINE))
    assert lines["equations"] == equations_digest()
    assert lines["defaults"] == defaults_digest()

"""The map is true: every path that ARCHITECTURE.md and CONTRIBUTING.md name exists, and every
folder is on it.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "oxysim"
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md")

# what a page names that is made later, or stands for any file
PLACEHOLDERS = {"tests/<folder>", "own_axes", "NNNN"}


def _named_paths(text: str) -> set[str]:
    """What stands in back quotes and looks like a file or a folder."""
    quoted = re.findall(r"`([^`\s]+)`", text)
    return {
        name
        for name in quoted
        if re.fullmatch(r"[\w./-]+(\.(py|pyi|md|toml|csv)|/)", name) and name not in PLACEHOLDERS
    }


def _exists(name: str) -> bool:
    """Whether some place of the repository has it; pages drop the beginnings that go without
    saying.
    """
    return any(
        (start / name).exists()
        for start in (
            ROOT,
            ROOT / "docs" / "decisions",
            ROOT / "src",
            PACKAGE,
            *(f for f in PACKAGE.iterdir() if f.is_dir()),
        )
    ) or any(PACKAGE.rglob(name))


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_exists(page: str) -> None:
    paths = _named_paths((ROOT / page).read_text(encoding="utf-8"))
    assert len(paths) > 10
    assert sorted(name for name in paths if not _exists(name)) == []


def test_every_folder_of_the_package_is_on_the_map() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    folders = {
        file.parent.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("__init__.py")
        if file.parent != PACKAGE
    }
    # a folder inside another is named on the line of that one
    missing = [f for f in sorted(folders) if f"{f.rsplit('/', 1)[-1]}/" not in text]
    assert missing == []


# what each module is stands on the map itself, or in the name of the file
NAMED_ELSEWHERE = {".", "protocols", "cli"}


def test_every_folder_says_what_its_modules_are() -> None:
    missing = {}
    for file in sorted(PACKAGE.rglob("__init__.py")):
        folder = file.parent.relative_to(PACKAGE).as_posix()
        modules = {path.stem for path in file.parent.glob("*.py") if path.stem != "__init__"}
        if folder in NAMED_ELSEWHERE or not modules:
            continue
        head = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        # in back quotes, or the first word of a line of a list
        listed = set(re.findall(r"`(\w+)`", head)) | set(re.findall(r"^ *(\w+)  +", head, re.M))
        if unlisted := modules - listed:
            missing[folder] = sorted(unlisted)
    assert missing == {}

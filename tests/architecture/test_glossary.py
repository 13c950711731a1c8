"""The glossary is a contract: every word of a public name is a term of it, or plain English.

A new word of the field gets its line in ``docs/glossary.md``; a word that every reader knows gets
its line in ``plain_words.txt`` beside this file. Private words are not taken.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "oxysim"
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
PLAIN = set((Path(__file__).parent / "plain_words.txt").read_text(encoding="utf-8").split())

# words that meant something to whoever wrote them, and nothing to anybody else
PRIVATE = {"carrier", "lived", "luck", "peopling", "stock", "surveyed", "unfitted"}


def _words(name: str) -> list[str]:
    """ "EquilibriumCurve" -> equilibrium, curve."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return [word.lower() for word in spaced.split("_") if word and not word.isdigit()]


def _public_names() -> dict[str, str]:
    """Every word of a module's, a public class's or a public function's name -> where it stands."""
    places: dict[str, str] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        name = file.parent.name if file.stem == "__init__" else file.stem
        where = str(file.relative_to(PACKAGE))
        places |= dict.fromkeys(_words(name), where) | places
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            is_named = isinstance(node, ast.ClassDef | ast.FunctionDef)
            if is_named and not node.name.startswith("_"):
                places = dict.fromkeys(_words(node.name), f"{where}: {node.name}") | places
    return places


def _terms() -> list[str]:
    """The left column of every table."""
    rows = re.findall(r"^\| (.+?) \| .+ \|$", GLOSSARY, flags=re.MULTILINE)
    return [term for term in rows if term != "term"]


def _is_known(word: str, known: set[str]) -> bool:
    """Whether a word, or its singular or plural, is known."""
    forms = {word, f"{word}s", word.removesuffix("s"), re.sub("ies$", "y", word)}
    return not known.isdisjoint(forms | {word.removesuffix("es")})


def test_every_word_of_a_public_name_is_a_term_or_plain_english() -> None:
    known = set(re.findall(r"[^\W\d_]+", " ".join(_terms()).lower())) | PLAIN
    unknown = {w: place for w, place in _public_names().items() if not _is_known(w, known)}
    assert unknown == {}


def test_a_term_stands_once() -> None:
    assert [term for term, times in Counter(t.lower() for t in _terms()).items() if times > 1] == []


def test_no_private_word_is_in_a_name() -> None:
    used = {word: place for word, place in _public_names().items() if word in PRIVATE}
    assert used == {}
    assert PLAIN.isdisjoint(PRIVATE)

"""What populations answered to findings, a line each in a file, so that work which was ended goes
on where it was.

A line is found again by a digest of all that its answers depend on: the population, its daily life,
the sizes and the seed, the equations, the defaults, and the package's own source.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from oxysim.documents import add_json_line, read_json_lines
from oxysim.evidence.board.shared_cohorts import RunSettings
from oxysim.evidence.population_answers import (
    Answers,
    FindingAnswer,
    PopulationTask,
    asked_populations,
)
from oxysim.findings.answer_rules import AnswerPart
from oxysim.findings.published import Target
from oxysim.progress import counting
from oxysim.simulation.equations.model_digest import model_digest

LARGEST = 256 * 1024 * 1024  # bytes; a member with eighty findings takes 30 KiB
# What draws and what a user types change no answer.
_NO_ANSWER = ("cli", "plots", "loop")


@dataclass(frozen=True)
class KeptAnswers:
    """Populations that are asked, and what they answered before.

    Attributes
    ----------
    file : where answers are added and taken from; None to keep nothing.
    workers : processes.
    progress : whether a bar is shown; None where somebody looks.

    >>> KeptAnswers(None, 1, False).of([], {}, "members")
    []
    """

    file: Path | None
    workers: int
    progress: bool | None

    def of(
        self, asked: Sequence[RunSettings], findings: Mapping[str, Target], label: str
    ) -> list[Answers]:
        """The answers of each population, in the order in which they are asked.

        `label` names what the bar counts.
        """
        answers_by_key = {} if self.file is None else read_answers(self.file)
        keys = [settings_key(settings) for settings in asked]
        tasks = []
        for key, settings in zip(keys, asked, strict=True):
            # whoever answered some findings before is asked the others alone
            answered = answers_by_key.get(key, {})
            missing = tuple(f for name, f in findings.items() if name not in answered)
            if missing:
                tasks.append(PopulationTask(key, settings, missing))
        with counting(len(tasks), f"scoreboard, {label}", "member", self.progress) as bar:
            for key, answers in asked_populations(tasks, self.workers):
                answers_by_key.setdefault(key, {}).update(answers)
                if self.file is not None:
                    add_answers(self.file, key, answers)
                bar.advance()
        return [answers_by_key.get(key, {}) for key in keys]


def settings_key(settings: RunSettings) -> str:
    """A digest of all that the answers under these settings depend on, but for the findings.

    >>> from oxysim.population import Population
    >>> usual = RunSettings(Population.named(), seed=1)
    >>> settings_key(usual) == settings_key(RunSettings(Population.named(), seed=2))
    False
    """
    # a population by its fingerprint: its text says nothing of correlations
    chosen = [
        (field.name, repr(getattr(settings, field.name)))
        for field in fields(settings)
        if field.name != "population"
    ]
    identity = (settings.population.fingerprint, chosen, sorted(model_digest().items()))
    return hashlib.sha256(repr((identity, source_digest())).encode()).hexdigest()[:32]


@functools.cache
def source_digest() -> str:
    """SHA-256 of the package's own source and data, but for what draws and what a user types.

    >>> len(source_digest())
    64
    """
    digest = hashlib.sha256()
    root = resources.files("oxysim")
    for entry in sorted(root.iterdir(), key=lambda entry: entry.name):
        if entry.name not in _NO_ANSWER:
            _add_source(entry, digest)
    return digest.hexdigest()


def read_answers(path: Path) -> dict[str, Answers]:
    """The answers of a file by key; none where there is no file yet.

    A last line that was being written when the work was ended is left out.

    Raises
    ------
    InputError : a line that holds no answers.

    >>> read_answers(Path("nowhere.jsonl"))
    {}
    """
    answers: dict[str, Answers] = {}

    def take(entry: Any) -> None:
        read = {str(name): _answer(cells) for name, cells in entry["answers"].items()}
        # a population that was asked again adds to what it said before
        answers.setdefault(str(entry["key"]), {}).update(read)

    expected = "a population's key and answers"
    read_json_lines(path, take, LARGEST, expected, "a file of answers")
    return answers


def add_answers(path: Path, key: str, answers: Answers) -> None:
    """Add a line.

    >>> import tempfile
    >>> part = AnswerPart("half-life", "mean", "", False, 3.2, 0.1, 3.0, 3.4, 6, 200)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "members.jsonl"
    ...     add_answers(path, "first", {"C12": FindingAnswer((part,))})
    ...     read_answers(path)["first"]["C12"].parts[0].mean
    3.2
    """
    written = {
        name: [[_plain(part) for part in answer.parts], answer.reason, answer.lost]
        for name, answer in answers.items()
    }
    add_json_line(path, {"key": key, "answers": written})


def _plain(part: AnswerPart) -> list[Any]:
    # JSON has no word for a missing number
    return [None if isinstance(v, float) and not math.isfinite(v) else v for v in part]


def _answer(cells: Any) -> FindingAnswer:
    parts, reason, lost = cells
    return FindingAnswer(tuple(_part(values) for values in parts), str(reason), int(lost))


def _part(values: Any) -> AnswerPart:
    cells: Any = [math.nan if value is None else value for value in values]
    # too few or too many cells raise, as anything else that is no part does
    return AnswerPart(*cells)


def _add_source(entry: Traversable, digest: Any) -> None:
    if entry.is_dir():
        for inner in sorted(entry.iterdir(), key=lambda inner: inner.name):
            if inner.name != "__pycache__":
                _add_source(inner, digest)
    else:
        digest.update(entry.name.encode())
        digest.update(entry.read_bytes())

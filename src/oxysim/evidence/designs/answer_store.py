"""Answers of long work, each kept in a file as it comes, so that it goes on where it ended."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oxysim.checks import writable_file
from oxysim.documents import add_json_line, read_json_lines

LARGEST = 64 * 1024 * 1024  # bytes of a file; an answer with five figures takes half a KiB


class AnswerStore:
    """Answers by key, in a file of JSON lines or, without one, for as long as the work goes on.

    Parameters
    ----------
    file : where they stand; None keeps them in memory alone.

    Raises
    ------
    InputError : a folder that is missing, a line that is no answer.

    >>> kept = AnswerStore(None)
    >>> kept.add("coaching 1", {"values": [0.5]})
    >>> kept.find("coaching 1")
    {'values': [0.5]}
    """

    def __init__(self, file: str | Path | None) -> None:
        self.path = None if file is None else writable_file(file, "file")
        self._answers: dict[str, Mapping[str, Any]] = {}
        if self.path is not None:
            read_json_lines(
                self.path, self._take, LARGEST, "an answer with its key", "a file of answers"
            )

    def find(self, identity: str) -> Mapping[str, Any] | None:
        """The answer to what has this identity; None where there is none yet."""
        return self._answers.get(_digest(identity))

    def add(self, identity: str, answer: Mapping[str, Any]) -> None:
        """Keep an answer, in the file too."""
        key = _digest(identity)
        self._answers[key] = answer
        if self.path is not None:
            add_json_line(self.path, {"key": key, "answer": answer})

    def _take(self, entry: Any) -> None:
        self._answers[str(entry["key"])] = dict(entry["answer"])


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:32]

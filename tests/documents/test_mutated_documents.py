"""Population files, findings and tables made wrong at random: no traceback, and what is accepted
means what it says.
"""

from __future__ import annotations

import random
import warnings
from importlib import resources
from pathlib import Path

import pytest

from oxysim.errors import OxysimError
from oxysim.findings.published import read_targets
from oxysim.population import Population
from oxysim.sweeps.sweep_design import table

DATA = resources.files("oxysim").joinpath("data")
POPULATION = DATA.joinpath("populations/community.toml").read_text(encoding="utf-8")
FINDINGS = DATA.joinpath("targets.csv").read_text(encoding="utf-8")
RUNS = "spray.dose [IU],caregiver.depression.loop_gain,seed\n" + "".join(
    f"{k},1.{k},{k}\n" for k in range(1, 9)
)
WRONG = (
    "5",
    "-1",
    "true",
    '""',
    '"text"',
    "[]",
    "{}",
    "[[1], [2]]",
    "nan",
    "-inf",
    "1e400",
    "9" * 400,
    "08:00:00",
    "'",
    '"',
    ",",
    "\n",
    "[" * 3000,
    "\x00",
    "\x1b[31m",
    "é" * 50,
    "=",
    "..",
    "#",
    "\ufeff",
    "a" * 3000,
    "0x10",
    "1_0",
    ";",
)


def _mutated(text: str, draw: random.Random) -> bytes:
    """The text with a word, a line or a run of characters replaced, left out, doubled or moved;
    sometimes bytes.
    """
    for _ in range(draw.choice((1, 1, 2, 3))):
        lines = text.split("\n")
        at, kind = draw.randrange(len(lines)), draw.randrange(7)
        words = lines[at].split(" ")
        if kind == 0:
            words[draw.randrange(len(words))] = draw.choice(WRONG)
            lines[at] = " ".join(words)
        elif kind == 1:
            cells = lines[at].split(",")
            cells[draw.randrange(len(cells))] = draw.choice(WRONG)
            lines[at] = ",".join(cells)
        elif kind == 2:
            del lines[at]
        elif kind == 3:
            lines.insert(draw.randrange(len(lines)), lines[at])
        elif kind == 4:
            position = draw.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:position] + draw.choice(WRONG) + lines[at][position:]
        elif kind == 5:
            lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
        else:
            key, equals, _ = lines[at].partition("=")
            lines[at] = f"{key}{equals} {draw.choice(WRONG)}"
        text = "\n".join(lines)
    content = text.encode("utf-8", "surrogatepass")
    if draw.random() < 0.1:
        position = draw.randrange(len(content) + 1)
        content = (
            content[:position]
            + draw.choice((b"\xff", b"\xc3\x28", b"\x00", b"\xed\xa0\x80"))
            + content[position:]
        )
    return content


def _survive(seeds: range, folder: Path) -> dict[str, int]:
    """How many files of each kind were accepted. Whatever is refused is refused in one line that
    names the file.
    """
    accepted = dict.fromkeys(("people.toml", "found.csv", "runs.csv"), 0)
    texts = {"people.toml": POPULATION, "found.csv": FINDINGS, "runs.csv": RUNS}
    readers = {"people.toml": Population.from_file, "found.csv": read_targets, "runs.csv": table}
    for seed in seeds:
        draw = random.Random(seed)
        name = draw.choice(list(texts))
        file = folder / name
        file.write_bytes(_mutated(texts[name], draw))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                contents = readers[name](file)
        except OxysimError as error:
            assert "\n" not in str(error) and len(str(error)) < 2000, (seed, str(error))
            continue
        accepted[name] += 1
        if isinstance(
            contents, Population
        ):  # what was taken in goes out and comes back as the same
            contents.to_file(folder / "again.toml")
            assert (
                Population.from_file(folder / "again.toml").fingerprint == contents.fingerprint
            ), seed
    return accepted


def test_wrong_files_of_every_kind_are_refused_or_mean_what_they_say(tmp_path: Path) -> None:
    accepted = _survive(range(150), tmp_path)
    assert all(accepted.values())  # a change of a comment or of a number is legal


@pytest.mark.long
def test_thousands_of_wrong_files(tmp_path: Path) -> None:
    _survive(range(1000, 7000), tmp_path)

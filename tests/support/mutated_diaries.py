"""Tables of users made wrong in one place, from a seed: what a careless or a hostile hand may
write.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

# what may stand in a cell; some of it is right in some columns
ODD = (
    "", " ", ".", "-", "0", "1", "2", "-1", "-5", "0.5", "1,5", "1e9", "1e999", "NaN", "inf",
    "nil", "None", "true", "x", "n.d.", "<5", ">400", "25:00", "7:65", "07:05", "7:05 pm", "13 pm",
    "24:00", "10:00:30", "10.30", "2024-02-30", "2024-03-05", "01.03.2024", "05/03/2024",
    "2024-03-05 10:00", "2024-03-05T10:00:00Z", "2024-03-05T10:00+01:00", "1 h", "1:35", "90 min",
    "\uff11\uff12:30", "\u0661", "=1+1", "<script>", "../../secret", "a\x00b", "\x1b[31m",
    "nap", "bottle", "play", "mother", "infant", "9" * 400, "z" * 1200, "#", "'; DROP TABLE",
    "\u202e10:00", "\U0001f37c", "1_000", "0x10", "+5", " 07:05 ",
)  # fmt: skip


@dataclass(frozen=True)
class Mutation:
    """A text with something wrong in it.

    `line` is the line that was touched (1 for the header), None where it cannot be told; `what`
    says in words what was done.
    """

    text: str
    line: int | None
    what: str


def mutated(text: str, seed: int) -> Mutation:
    """The text with one thing changed; `text` has a header and no quotes."""
    rng = random.Random(seed)
    lines = text.rstrip("\n").split("\n")
    kind = rng.choice(("cell",) * 10 + ("line",) * 3 + ("header",) * 2 + ("bytes",))
    if kind == "cell":
        return _cell(lines, rng)
    if kind == "line":
        return _line(lines, rng)
    if kind == "header":
        return _header(lines, rng)
    return _bytes(text, rng)


def _joined(lines: list[str], line: int | None, what: str) -> Mutation:
    return Mutation("\n".join(lines) + "\n", line, what)


def _cell(lines: list[str], rng: random.Random) -> Mutation:
    number = rng.randrange(1, len(lines))
    cells = lines[number].split(",")
    place = rng.randrange(len(cells))
    odd = rng.choice(ODD)
    # a cell with a comma stands in quotes, as every program writes it
    cells[place] = f'"{odd}"' if "," in odd else odd
    lines[number] = ",".join(cells)
    return _joined(lines, number + 1, f"{lines[0].split(',')[place]} = {odd[:20]!r}")


def _line(lines: list[str], rng: random.Random) -> Mutation:
    number = rng.randrange(1, len(lines))
    match rng.randrange(6):
        case 0:
            lines.insert(number, lines[number])
            return _joined(lines, number + 2, "a line twice")
        case 1:
            del lines[number]
            return _joined(lines, None, "a line left out")
        case 2:
            lines[number] += ","
            return _joined(lines, number + 1, "a cell too many")
        case 3:
            lines[number] = lines[number].rpartition(",")[0]
            return _joined(lines, number + 1, "a cell too few")
        case 4:
            cells = lines[number].split(",")
            first, second = rng.sample(range(len(cells)), 2)
            cells[first], cells[second] = cells[second], cells[first]
            lines[number] = ",".join(cells)
            return _joined(lines, number + 1, "two cells swapped")
        case _:
            lines.insert(number, rng.choice(("", "# a comment", "   # another")))
            return _joined(lines, None, "an empty line or a comment")


def _header(lines: list[str], rng: random.Random) -> Mutation:
    names = lines[0].split(",")
    place = rng.randrange(len(names))
    match rng.randrange(4):
        case 0:
            names[place] += "x"
        case 1:
            names[place] = names[place].upper()
        case 2:
            names[place] = rng.choice(names)
        case _:
            names[place] = ""
    lines[0] = ",".join(names)
    return _joined(lines, 1, f"header {lines[0]!r}")


def _bytes(text: str, rng: random.Random) -> Mutation:
    """A file cut off, or with a character where none belongs."""
    place = rng.randrange(1, len(text))
    if rng.random() < 0.5:
        return Mutation(text[:place], None, "cut off")
    odd = rng.choice(('"', "\t", "\r", "\x00", ";", ",", "\ufeff"))
    return Mutation(text[:place] + odd + text[place:], None, f"{odd!r} put in")

"""Study files made wrong in one or two ways, from a seed: what a careless or a hostile hand may
write.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

LEGAL = (
    """\
title = "Dose of the spray x strength of the loop"
duration = "2 d"
start = "08:00"
seed = 3
sample = "10 min"
tolerance = 1e-5
method = "DOP853"
outcomes = ["caregiver.epds: final", "caregiver.cortisol: maximum from 10:00 to 14:00"]
store = "rescue.zarr"
block_size = 4
timeout = "10 min"

[dyad]
named = "symptomatic"
infant_age = "3 months"
parameters = { "caregiver.oxytocin.plasma_half_life" = "4 min" }
start = { "caregiver.depression" = 16 }

[interventions]
spray = "24 IU intranasal daily at 10:00 to day 120"
skin_to_skin = "skin-to-skin 60 min daily at 11:00"

[edges]
cut = ["reward -> depression"]

[design]
kind = "grid"

[design.axes]
"spray.dose" = { from = "8 IU", to = "48 IU", count = 3, scale = "linear" }
"skin_to_skin.minutes" = ["30 min", "60 min"]
"caregiver.depression.loop_gain" = [1.0, 2.0]
""",
    """\
duration = "12 h"
routine = "typical day of a mother, bottle-fed, jitter 10 min"
outcomes = "caregiver.epds: final"
workers = 2

[population]
n = 4
seed = 1
infant_age = ["3 months", "6 months"]
varied = ["caregiver.oxytocin.plasma_half_life", "infant.oxytocin.touch"]
fixed = { "caregiver.depression.loop_gain" = 1.5 }

[design]
kind = "latin hypercube"
n = 8
seed = 2

[design.axes]
"reward -> depression" = { from = 0.0, to = 1.0 }
"caregiver.oxytocin.touch" = {}
""",
    """\
duration = "6 h"
routine = ["feed 20 min breast-fed at 07:00, 11:00 by mother", "play 15 min at 10:00"]
outcomes = ["caregiver.plasma_oxytocin: area", "infant.cortisol: mean every 1 h"]

[dyad]
caregivers = ["mother", "father"]
infant_age = "5 months"

[interventions]
bolus = "5 IU intravenous bolus at 10:00"

[edges.scale]
"reward -> depression" = 0.5

[design]
kind = "table"
file = "runs.csv"
""",
)
"""Study files that are legal as they are; the last reads the table ``runs.csv``."""

TRIALS = (
    """\
title = "Nasal oxytocin, crossover"
start = "08:00"
seed = 1

[dyad]
population = "community"
n = 60
infant_age = "5 months"

[trial]
design = "crossover"
period = "4 h"
washout = "7 d"
n = 16
replications = 40
power = [8, 16]

[trial.arms]
placebo = "placebo at 10:00"
oxytocin = "24 IU intranasal at 10:00"

[[trial.endpoints]]
instrument = "warmth"
at = "180 min"
over = "15 min"
name = "warmth in play"
""",
    """\
title = "Daily skin-to-skin contact against usual care"
seed = 1
tolerance = 1e-4

[dyad]
population = "community"
n = 40
select = "epds >= 8"
at = "2 weeks"

[interventions]
life = "daily-life noise"

[edges.scale]
"reward -> depression" = 0.5

[trial]
design = "parallel"
n = 10
replications = 20
visits = ["2 weeks", { time = "4 weeks", at = "10:00", window = "3 d" }]
ratio = [1, 1]
entry = ["epds >= 6"]

[trial.arms]
"usual care" = ""
"skin-to-skin" = "skin-to-skin 60 min daily at 11:00 for 4 weeks"

[[trial.endpoints]]
instrument = "epds"
at = "4 weeks"
kind = "change"
adjusted = true
primary = true
name = "change of EPDS, adjusted"

[[trial.endpoints]]
instrument = "epds"
at = "4 weeks"
kind = "remission (< 8)"
name = "EPDS below 8"

[trial.allocation]
kind = "stratified"
by = "epds"
cuts = [11]

[trial.adherence]
missed = 0.2

[trial.dropout]
monthly = 0.08
per_point = 1.1
""",
)
"""Trial files that are legal as they are."""

TABLE = "bolus.dose [IU],caregiver.depression.loop_gain\n2,1.0\n5,1.5\n8,2.0\n"

_CODE = (
    "__import__('os').system('touch owned')",
    "${HOME}",
    "$(touch owned)",
    "`touch owned`",
    "{{7*7}}",
    "{0.__class__}",
    "!!python/object/apply:os.system ['touch owned']",
    "eval(open('x').read())",
    "; rm -rf .",
    "%s%n",
    "\\\\x41",
    "lambda: 1",
    "1e999",
    "0x10",
    "-- DROP TABLE",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "CON",
    "é" * 30,
)
_WRONG = (
    "5",
    "-1",
    "true",
    '""',
    '"text"',
    "[]",
    "{}",
    "[[1], [2, 3]]",
    "[1, 'two', 3.0]",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "99999999999999999999",
    "08:00:00",
    "2026-01-01",
    "{ a = { b = 1 } }",
    '["", ""]',
    "0.5",
    "'24'",
    "[true]",
    "-0.0",
)
_PLACES = (
    "../out.zarr",
    "/tmp/out.zarr",
    "a/../../b",
    "~/x",
    "C:\\\\x",
    "\\\\\\\\host\\\\x",
    ".",
    "",
    "x/./../..",
    "//x",
    "http://host/x",
)
_KEY = re.compile(r'^(\s*)("[^"\n]+"|[\w.-]+)(\s*=\s*)(.+)$')
_HUGE = (10**6, 10**9, 10**12, 10**18, 2**62, 2**63 - 1)


def mutated(seed: int, legal: Sequence[str] = LEGAL) -> tuple[bytes, str, str]:
    """A study file (or one of others that are legal), its table, and the names of what was done to
    it.
    """
    draw = random.Random(seed)
    text = draw.choice(legal)
    table = TABLE
    names = []
    for _ in range(draw.choice((1, 1, 1, 2))):
        change = draw.choice(CHANGES)
        names.append(change.__name__.strip("_"))
        if change is _spoil_the_table:
            table = change(table, draw)
        else:
            text = change(text, draw)
    content = text.encode()
    if draw.random() < 0.08:
        names.append("bytes")
        at = draw.randrange(len(content) + 1)
        content = (
            content[:at]
            + draw.choice((b"\xff", b"\xc3\x28", b"\x00", b"\xed\xa0\x80", b"\xf0\x9f"))
            + content[at:]
        )
    return content, table, " + ".join(names)


def _lines(text: str) -> tuple[list[str], list[int]]:
    lines = text.split("\n")
    return lines, [i for i, line in enumerate(lines) if _KEY.match(line)]


def _with_value(text: str, draw: random.Random, new: Callable[[str], str]) -> str:
    """The text with the value of one key replaced."""
    lines, keyed = _lines(text)
    if not keyed:
        return text
    i = draw.choice(keyed)
    match = _KEY.match(lines[i])
    assert match is not None
    lines[i] = f"{match[1]}{match[2]}{match[3]}{new(match[4])}"
    return "\n".join(lines)


def _wrong_type(text: str, draw: random.Random) -> str:
    return _with_value(text, draw, lambda _: draw.choice(_WRONG))


def _wrong_entry(text: str, draw: random.Random) -> str:
    """One number or text inside a value becomes something else."""

    def change(value: str) -> str:
        parts = list(re.finditer(r'"[^"]*"|(?<![\w."])-?\d[\d.e-]*', value))
        if not parts:
            return draw.choice(_WRONG)
        part = draw.choice(parts)
        return value[: part.start()] + draw.choice(_WRONG) + value[part.end() :]

    return _with_value(text, draw, change)


def _unknown_key(text: str, draw: random.Random) -> str:
    lines, keyed = _lines(text)
    if not keyed:
        return text
    i = draw.choice(keyed)
    match = _KEY.match(lines[i])
    assert match is not None
    key = match[2].strip('"')
    at = draw.randrange(len(key))
    misspelt = draw.choice(
        (key[:at] + key[at + 1 :], key[:at] + "x" + key[at:], key.upper(), key + "s", "")
    )
    lines[i] = f'{match[1]}"{misspelt}"{match[3]}{match[4]}'
    return "\n".join(lines)


def _new_key(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    lines.insert(
        draw.randrange(len(lines)),
        f"{draw.choice(('extra', 'eval', 'import', 'n', 'dose', 'a.b.c'))} = {draw.choice(_WRONG)}",
    )
    return "\n".join(lines)


def _no_unit(text: str, draw: random.Random) -> str:
    with_unit = list(re.finditer(r"(\d) (IU|min|d|h|months|month|weeks)\b", text))
    if not with_unit:
        return text
    number = draw.choice(with_unit)
    return (
        text[: number.start()]
        + number[1]
        + draw.choice(("", " XU", " kg", " iu", " IU IU"))
        + text[number.end() :]
    )


def _huge(text: str, draw: random.Random) -> str:
    numbers = list(re.finditer(r"(?<![\w.:])\d+(?![\w.:])", text))
    if not numbers:
        return text
    number = draw.choice(numbers)
    return text[: number.start()] + str(draw.choice(_HUGE)) + text[number.end() :]


def _huge_grid(text: str, draw: random.Random) -> str:
    names = (
        "caregiver.oxytocin.plasma_half_life",
        "caregiver.oxytocin.touch",
        "infant.oxytocin.touch",
        "seed",
    )
    count = draw.choice((1000, 100_000, *_HUGE))
    axes = "\n".join(
        f'"{name}" = {{ from = 1, to = 9, count = {count} }}'
        for name in names[: draw.randint(1, 4)]
    )
    return f"{text}\n{axes}\n"


def _reversed_range(text: str, draw: random.Random) -> str:
    ends = re.search(r"from = ([^,]+), to = ([^,}]+)", text)
    if ends and draw.random() < 0.5:
        return text[: ends.start()] + f"from = {ends[2]}, to = {ends[1]}" + text[ends.end() :]
    pairs = list(re.finditer(r"(from|at) (\S+) (to) (\S+?)(?=[\"' ]|$)", text))
    if not pairs:
        return text.replace('["3 months", "6 months"]', '["6 months", "3 months"]')
    pair = draw.choice(pairs)
    return text[: pair.start()] + f"{pair[1]} {pair[4]} to {pair[2]}" + text[pair.end() :]


def _deep(text: str, draw: random.Random) -> str:
    n = draw.choice((9, 40, 400, 4000, 40_000))
    kinds = ("[" * n + "]" * n, "{a = " * n + "1" + "}" * n, "[" * n, "[{a = " * n + "1" + "}]" * n)
    if draw.random() < 0.3:
        return f"{'.'.join('a' * n)} = 1\n{text}"
    return _with_value(text, draw, lambda _: draw.choice(kinds))


def _code(text: str, draw: random.Random) -> str:
    return _with_value(text, draw, lambda _: f'"{draw.choice(_CODE)}"')


def _place(text: str, draw: random.Random) -> str:
    key = draw.choice(("store", "file"))
    return re.sub(
        rf"^{key} = .*$", lambda _: f'{key} = "{draw.choice(_PLACES)}"', text, flags=re.MULTILINE
    )


def _doubled(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    i = draw.randrange(len(lines))
    return "\n".join([*lines[: i + 1], lines[i], *lines[i + 1 :]])


def _dropped(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    del lines[draw.randrange(len(lines))]
    return "\n".join(lines)


def _cut_short(text: str, draw: random.Random) -> str:
    return text[: draw.randrange(len(text))]


def _letters(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text))
    return (
        text[:at]
        + draw.choice("\"'[]{}=.,#\\ \tx0-\u202e\u00e9;")
        + text[at + draw.randint(0, 2) :]
    )


def _words(text: str, draw: random.Random) -> str:
    words = re.split(r"( )", text)
    i, j = draw.randrange(len(words)), draw.randrange(len(words))
    words[i], words[j] = words[j], words[i]
    return "".join(words)


def _spoil_the_table(table: str, draw: random.Random) -> str:
    cells = ("", "nan", "inf", "1e400", "-5", "x", '"', "=1+1", "9" * 400, "2,3", "5 IU", "é", "\r")
    parts = re.split(r"([,\n])", table)
    parts[draw.randrange(len(parts))] = draw.choice(cells)
    return "".join(parts)


CHANGES = (
    _wrong_type,
    _wrong_type,
    _wrong_entry,
    _wrong_entry,
    _unknown_key,
    _new_key,
    _no_unit,
    _huge,
    _huge_grid,
    _reversed_range,
    _deep,
    _code,
    _place,
    _doubled,
    _dropped,
    _cut_short,
    _letters,
    _words,
    _spoil_the_table,
)

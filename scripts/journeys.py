"""What a reader goes through who follows one piece of work through the package::

    python scripts/journeys.py
    python scripts/journeys.py --json after.json
    python scripts/journeys.py --compare docs/journeys_before.json
    python scripts/journeys.py --compare docs/journeys_before.json --page docs/journeys.md
    python scripts/journeys.py --files "an edge cut to a result"

Each journey is run until nothing is computed for the first time (warm), then traced with
`sys.setprofile`: every call of a function whose code stands below the package's folder, in the
thread that runs the journey. The caller is the nearest function of the package up the stack, so
that a call through SciPy or a generated ``__init__`` counts as a call of the function that asked
for it. Only names of the door are used here, so that a module may move and the figures can still be
compared.

- Files: files of which at least one function is called.
- Functions: functions, methods and properties called (lambdas and comprehensions belong to theirs).
- Lines: lines of these functions, docstrings included: what a reader would have to look at.
- Moves: different pairs (file, file) in which a function of the second is entered right after one
  of the first: where the eye goes that reads in the order in which things happen.
- Both ways: pairs of files with moves in both directions.
- Calls: different pairs (file, file) of which the first calls the second, whatever the order.
- Deepest: the most changes of file between the start of the journey and one call: what a
  debugger's stack shows at the place that is hardest to reach.
"""

from __future__ import annotations

import argparse
import ast
import functools
import itertools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from legibility import table

import oxysim as ox

PACKAGE = Path(ox.__file__).resolve().parent


# ---------------------------------------------------------------------------------- the journeys
def dose_alone() -> Any:
    """An intervention is made from its sentence."""
    return ox.NasalSpray("24 IU", at="10:00")


def dose_to_curve() -> Any:
    """A dose becomes the course of oxytocin in plasma."""
    day = ox.Routine.typical() + ox.NasalSpray("24 IU", at="10:00")
    result = ox.simulate(ox.Dyad.symptomatic(), day, "6 h", save="10 min", engine="scipy")
    return result["caregiver.plasma_oxytocin"].values


def cut_to_result() -> Any:
    """An edge is cut and its variable read."""
    dyad, day = ox.Dyad.symptomatic(), ox.Routine.typical()
    cut = ["reward -> depression"]
    result = ox.simulate(dyad, day, "6 h", cut=cut, save="10 min", engine="scipy")
    return result["caregiver.depression"].values


def axis_to_outcome() -> Any:
    """A parameter becomes the axis of a sweep, and an instrument its outcome."""
    gains = ox.sweeps.grid({"caregiver.depression.loop_gain": [1.0, 2.0]})
    outcomes = ["caregiver.epds: final"]
    study = ox.Study(ox.Dyad.symptomatic(), "1 d", gains, outcomes=outcomes, engine="scipy")
    return ox.sweep(study, progress=False)["caregiver.epds: final"].values


@functools.cache
def mothers() -> Any:
    """The mothers of a small trial, drawn once."""
    return ox.Population.named("community").sample(6, seed=1, infant_age="5 months")


def endpoint_to_effect() -> Any:
    """An endpoint of a trial becomes a row of its table of effects."""
    trial = ox.Trial(
        mothers(),
        ox.Crossover(
            {"placebo": ox.Placebo(at="10:00"), "oxytocin": ox.NasalSpray("24 IU", at="10:00")},
            period="4 h",
            washout="7 d",
        ),
        [ox.Endpoint("warmth", "180 min", over="15 min")],
    )
    return trial.run(4, replications=2, seed=2).study().effects


def state_to_regime() -> Any:
    """The rows of the slow states become the regimes of a dyad."""
    return ox.loop.regimes(ox.Dyad.symptomatic(), starts=2)


JOURNEYS: dict[str, Callable[[], Any]] = {
    "a dose alone": dose_alone,
    "a dose to a curve": dose_to_curve,
    "an edge cut to a result": cut_to_result,
    "a sweep's axis to an outcome": axis_to_outcome,
    "an endpoint to a table of effects": endpoint_to_effect,
    "a state's row to a regime": state_to_regime,
}


# --------------------------------------------------------------------------------------- the trace
@dataclass
class Trace:
    """The calls of a journey, as they are recorded."""

    functions: set[CodeType] = field(default_factory=set)
    moves: set[tuple[str, str]] = field(default_factory=set)
    calls: set[tuple[str, str]] = field(default_factory=set)
    deepest: int = 0
    last: str = ""

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """What `sys.setprofile` calls."""
        if event != "call" or not inside(frame.f_code):
            return
        if not frame.f_code.co_name.startswith("<"):
            self.functions.add(frame.f_code)
        stack = [frame.f_code.co_filename, *callers(frame)]
        self.deepest = max(self.deepest, sum(a != b for a, b in itertools.pairwise(stack)))
        if len(stack) > 1 and stack[0] != stack[1]:
            self.calls.add((stack[1], stack[0]))
        if self.last not in ("", stack[0]):
            self.moves.add((self.last, stack[0]))
        self.last = stack[0]


def callers(frame: FrameType) -> Iterator[str]:
    """The package's files up the stack, the nearest first."""
    caller = frame.f_back
    while caller is not None:
        if inside(caller.f_code):
            yield caller.f_code.co_filename
        caller = caller.f_back


_INSIDE: dict[str, bool] = {}


def inside(code: CodeType) -> bool:
    """Whether code stands in a file of the package."""
    name = code.co_filename
    if name not in _INSIDE:
        _INSIDE[name] = name.endswith(".py") and Path(name).resolve().is_relative_to(PACKAGE)
    return _INSIDE[name]


def traced(journey: Callable[[], Any], warm: int = 2) -> Trace:
    """The trace of a journey that was run `warm` times before."""
    for _ in range(warm):
        journey()
    trace = Trace()
    before = sys.getprofile()
    sys.setprofile(trace)
    try:
        journey()
    finally:
        sys.setprofile(before)
    return trace


def lines_of(functions: set[CodeType]) -> int:
    """Lines of source of functions, decorators and docstrings included."""
    ends: dict[str, dict[int, int]] = {}
    total = 0
    for code in functions:
        file = code.co_filename
        if file not in ends:
            tree = ast.parse(Path(file).read_text("utf-8"))
            ends[file] = {
                min([node.lineno, *(d.lineno for d in node.decorator_list)]): node.end_lineno or 0
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        total += ends[file].get(code.co_firstlineno, code.co_firstlineno) - code.co_firstlineno + 1
    return total


def figures(trace: Trace) -> dict[str, int]:
    """The figures of one journey."""
    moves = trace.moves
    return {
        "files": len({code.co_filename for code in trace.functions}),
        "functions": len(trace.functions),
        "lines": lines_of(trace.functions),
        "moves": len(moves),
        "both ways": sum((b, a) in moves for a, b in moves) // 2,
        "calls": len(trace.calls),
        "deepest": trace.deepest,
    }


# ------------------------------------------------------------------------------------------ output
def side_by_side(after: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    """One row a journey, one column a figure; with two states ``before / after`` in a cell."""
    if before is None:
        columns = {
            key: {name: row[key] for name, row in after.items()} for key in figure_names(after)
        }
        return table(columns, "journey")
    columns = {}
    for key in figure_names(after):
        columns[key] = {
            name: (before.get(name, {}).get(key), row[key]) for name, row in after.items()
        }
    fewer = {}
    for name, row in after.items():
        was = before.get(name)
        if was:
            kinds = ("files", "moves")
            fewer[name] = tuple(round(100 * (row[kind] / was[kind] - 1)) for kind in kinds)
    return table({**columns, "files / moves, %": fewer}, "journey")


def figure_names(rows: Mapping[str, Any]) -> list[str]:
    return list(next(iter(rows.values())))


def files_text(trace: Trace) -> str:
    """Every file of a journey with the functions entered in it and the files that it calls."""
    names: dict[str, list[str]] = {}
    for code in sorted(trace.functions, key=lambda code: code.co_firstlineno):
        names.setdefault(code.co_filename, []).append(code.co_qualname)
    lines = []
    for file in sorted(names):
        lines.append(f"{short(file)}: {', '.join(names[file])}")
        targets = sorted(short(b) for a, b in trace.calls if a == file)
        if targets:
            lines.append(f"    calls {', '.join(targets)}")
    return "\n".join(lines)


def short(file: str) -> str:
    return Path(file).resolve().relative_to(PACKAGE).with_suffix("").as_posix()


PAGE = """# Six journeys through the code

Written by `python scripts/journeys.py --compare docs/journeys_before.json --page docs/journeys.md`;
what each figure counts stands at the head of that script. In each cell: before the rebuilding /
when this page was written. The last column: how many more (+) or fewer (-) files and moves, in per
cent.

"""


def main() -> None:
    """Trace the journeys; print, write or compare their figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--compare", type=Path, help="a file of --json to stand beside")
    parser.add_argument("--page", type=Path, help="write the table to this Markdown page")
    parser.add_argument("--files", choices=list(JOURNEYS), help="print the files of one journey")
    arguments = parser.parse_args()
    if arguments.files:
        print(files_text(traced(JOURNEYS[arguments.files])))
        return
    after = {name: figures(traced(journey)) for name, journey in JOURNEYS.items()}
    if arguments.json:
        arguments.json.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")
    before = json.loads(arguments.compare.read_text("utf-8")) if arguments.compare else None
    text = side_by_side(after, before)
    if arguments.page:
        arguments.page.write_text(f"{PAGE}{text}\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

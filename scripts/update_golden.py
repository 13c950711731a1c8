"""Write the golden files under tests/golden/, or hold the library against them; their only writer.

    python scripts/update_golden.py --check                   # what changed, as a diff; exit code 1
    python scripts/update_golden.py --check --quick           # the parts of a few seconds
    python scripts/update_golden.py --check --exact           # the bits too
    python scripts/update_golden.py --check --only runs,help  # some parts
    python scripts/update_golden.py --only help               # write: a decision names the change

What is compared. A rewrite that computes the same may add in another order, which moves the last
bits, and two processors or two versions of NumPy, SciPy or Numba do not agree on these either. So
numbers are stored at twelve significant digits and are the same within a relative 1e-9 (1e-12 near
zero; a part may say otherwise); of large arrays a line each is stored: shape, range, mean, standard
deviation, five values.

Beside it stands the SHA-256 of the exact bytes, in files whose names begin with ``bits_`` and that
say on their first line with what they were written: ``--exact`` compares them there and passes over
them elsewhere. A refactoring ought to change no bit; one that does has to say why. Words (names,
help, errors, reports) are compared letter by letter; of the error texts none may be lost, while new
ones may come.

Nothing of the library below its public names is used, so that the script survives what moves there.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from goldens import (  # noqa: E402 - found beside this file
    error_texts,
    help_texts,
    loop_answers,
    model_tables,
    public_names,
    published_protocols,
    runs,
    scoreboard_table,
    sweep_store,
)
from goldens.formats import BITS, Files, Part, differences, machine  # noqa: E402

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "golden"
PARTS = {
    part.name: part
    for part in (
        Part("names", public_names.collect, "public names with signatures", numbers=False),
        Part("help", help_texts.collect, "--help of every verb", numbers=False),
        Part("tables", model_tables.collect, "parameters, edges, instruments, provenance"),
        Part("runs", runs.collect, "simulations of every kind on both engines"),
        Part("sweep", sweep_store.collect, "the store of a sweep of 200 runs"),
        # Versions of SciPy differ in an adaptive step's last bits and in where the optimiser of a
        # mixed model stops: 1.13 moves readings by 4e-9 of themselves and a P value by 2e-7.
        Part(
            "protocols",
            published_protocols.collect,
            "every protocol with a few participants",
            rtol=1e-6,
            atol=1e-6,
        ),
        Part(
            "averaged",
            loop_answers.collect,
            "averaged days of a symptomatic dyad, gains of its loop",
        ),
        Part("slow_runs", runs.collect_slow, "the longer simulations on SciPy", long=True),
        Part(
            "loop",
            loop_answers.collect_slow,
            "regimes, branches, what holds a regime up, a rescue",
            long=True,
        ),
        Part(
            "cohorts",
            published_protocols.collect_slow,
            "the protocols that follow a cohort",
            long=True,
            rtol=1e-6,
            atol=1e-6,
        ),
        Part(
            "errors",
            error_texts.collect,
            "every error text",
            long=True,
            numbers=False,
            may_grow=True,
        ),
        Part("scoreboard", scoreboard_table.collect, "the quick scoreboard", long=True),
    )
}


def stored(name: str) -> str:
    """The text of a golden file, empty where there is none."""
    path = FOLDER / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def changes(part: Part, fresh: Files, *, exact: bool = False) -> list[str]:
    """What of a part differs from the golden files, as lines of a diff."""
    text = []
    for name, new in fresh.items():
        old = stored(name)
        if name.startswith(BITS) and (not exact or old.partition("\n")[0] != f"# {machine()}"):
            continue
        diff = differences(part, name, old, new) if old else ["there is no such golden file yet"]
        text += [f"--- tests/golden/{name}", *diff] if diff else []
    return text


def write(fresh: Files) -> None:
    """The files of a part, with Unix line ends."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in fresh.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


def chosen(only: str | None, quick: bool) -> list[Part]:
    """The parts that were asked for."""
    names = only.split(",") if only else list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        raise SystemExit(f"no part named {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return [PARTS[name] for name in names if not (quick and PARTS[name].long)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(
        description="Write the golden files, or hold the library against them."
    )
    parser.add_argument(
        "--check", action="store_true", help="compare and print what differs; write nothing"
    )
    parser.add_argument(
        "--exact", action="store_true", help="compare the bits too, where they were written"
    )
    parser.add_argument(
        "--quick", action="store_true", help="only the parts that take a few seconds"
    )
    parser.add_argument("--only", metavar="PARTS", help=f"some of {','.join(PARTS)}")
    options = parser.parse_args(arguments)
    changed = False
    for part in chosen(options.only, options.quick):
        print(f"{part.name}: {part.about} ...", flush=True)
        began = time.perf_counter()
        fresh = part.collect()
        diff = changes(part, fresh, exact=options.exact)
        changed |= bool(diff)
        if not options.check:
            write(fresh)
        state = (
            "the same"
            if not diff
            else f"differs in {len([line for line in diff if line[:4] == '--- '])} files"
        )
        print(f"{part.name}: {state} ({time.perf_counter() - began:.1f} s)", flush=True)
        print("".join(f"    {line}\n" for line in diff), end="", flush=True)
    if options.exact and any(
        stored(path.name).partition("\n")[0] != f"# {machine()}" for path in FOLDER.glob(f"{BITS}*")
    ):
        print(f"some bits were not compared: this is not where they were written ({machine()})")
    return int(changed and options.check)


if __name__ == "__main__":
    sys.exit(main())

"""``oxysim evidence``: published findings against simulated ones."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from oxysim.cli.exits import Exit
from oxysim.cli.verb_options import (
    FIGURES,
    add_overwrite,
    require_new,
    say,
    warn,
    whole_number_option,
    writing,
)
from oxysim.errors import InputError
from oxysim.evidence import Scoreboard, scoreboard
from oxysim.evidence.board.answers import NOT_RUN
from oxysim.evidence.board.protocol_runs import SURVEY
from oxysim.evidence.surveys.survey_data import read_survey
from oxysim.findings.published import USES
from oxysim.population import Population

NAME = "evidence"
HELP = "put published findings beside simulated ones"
DESCRIPTION = """\
Run the protocol of every published finding and put the simulated value beside the published one,
in blocks by how far agreement is evidence; the blocks are never summed. Without options all of
them run, in full (some minutes). Findings of your own (--add) stand in a CSV file with the columns
of examples/own_findings.csv."""
EXAMPLE = """\
example:
  oxysim evidence --quick
  oxysim evidence --use fit --csv fit.csv --figure fit.png
  oxysim evidence --add examples/own_findings.csv --use own
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this verb.

    >>> parser = argparse.ArgumentParser()
    >>> add(parser)
    >>> parser.parse_args(["--quick", "--ids", "C7a,H1a"]).ids
    'C7a,H1a'
    """
    parser.add_argument(
        "--quick", action="store_true", help="small pools and few replications, under a minute"
    )
    parser.add_argument(
        "--use", action="append", choices=USES, help="only this block; may be given several times"
    )
    parser.add_argument("--ids", metavar="ID,ID", help="only these findings, separated by commas")
    parser.add_argument("--add", metavar="FILE", dest="extra", help="findings of your own, as CSV")
    parser.add_argument(
        "--survey", metavar="PATH", help="the survey's CSV file, for the rows of use 'survey'"
    )
    parser.add_argument(
        "--population",
        metavar="NAME",
        default="community",
        help="a packaged population, or a TOML file (default: community)",
    )
    parser.add_argument("--csv", metavar="PATH", help="write the table as CSV")
    parser.add_argument("--figure", metavar="PATH", help="write the figure (.png, .pdf or .svg)")
    parser.add_argument("--docs", metavar="PATH", help="write the page of the docs, in Markdown")
    add_overwrite(parser)
    parser.add_argument(
        "--seed", type=whole_number_option(0), metavar="N", default=0, help="seed (default: 0)"
    )
    parser.add_argument(
        "--workers",
        type=whole_number_option(1),
        metavar="N",
        help="worker processes (default: at most two)",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(options: argparse.Namespace) -> Exit:
    """Run the scoreboard, print it, and write what was asked for.

    >>> from oxysim.cli.main import main
    >>> main(["evidence", "--ids", "C7a,"]) == Exit.BAD_INPUT  # nothing is run
    True
    """
    # before the runs, which take minutes
    paths = _paths(options)
    if options.survey is not None:
        # refused before anything runs, and not as rows that were not run
        read_survey(options.survey)
    board = scoreboard(
        quick=options.quick,
        use=options.use,
        ids=_ids(options.ids),
        population=_population(options.population),
        seed=options.seed,
        extra=options.extra,
        survey=options.survey,
        workers=options.workers,
        # None: where somebody looks
        progress=False if options.quiet else None,
    )
    say(board.text(), options)
    for option, path in paths.items():
        with writing(path, f"--{option}") as temporary:
            _WRITERS[option](board, temporary, path)
    left_out = (board.table["run"] == SURVEY) & (options.survey is None)  # nobody asked for it
    failed = board.table[(board.table["holds"] == NOT_RUN) & ~left_out]
    # the table is written all the same: what was run is worth having
    if len(failed):
        reasons = "".join(f"\n  {row['id']}: {row['why']}" for row in failed.to_dict("records"))
        warn(f"{len(failed)} of {len(board.table)} findings were not run:{reasons}")
        return Exit.FAILED_RUNS
    return Exit.FINISHED


def _paths(options: argparse.Namespace) -> dict[str, Path]:
    """Where to write what, refused before anything runs."""
    texts = {
        option: Path(getattr(options, option))
        for option in _WRITERS
        if getattr(options, option) is not None
    }
    for option, path in texts.items():
        # each writer with its endings, so that none is asked for a format that it has not
        contents, endings = _WHAT[option]
        require_new(path, contents, f"--{option}", endings=endings, overwrite=options.overwrite)
    return texts


def _ids(text: str | None) -> list[str] | None:
    if text is None:
        return None
    # an empty one is a slip: it would be looked up as a finding without a name
    ids = [id_text.strip() for id_text in text.split(",")]
    if not all(ids):
        raise InputError(
            f"--ids: expected ids separated by commas, such as C7a,H1a; found {text!r}"
        )
    return ids


def _population(text: str) -> Population:
    return Population.from_file(text) if text.endswith(".toml") else Population.named(text)


def _csv(board: Scoreboard, path: Path, _: Path) -> None:
    board.to_csv(path)


def _docs(board: Scoreboard, path: Path, _: Path) -> None:
    path.write_text(board.markdown(), encoding="utf-8")


def _figure(board: Scoreboard, temporary: Path, path: Path) -> None:
    from oxysim.plots.evidence.scoreboard_figure import (
        scoreboard as draw,  # matplotlib is loaded only where something is drawn
    )

    # the temporary name has another ending, so that the format is said
    draw(board).savefig(temporary, format=path.suffix.lower().removeprefix("."))


# option -> what writes it; the path itself says the format of a figure
_WRITERS: Mapping[str, Callable[[Scoreboard, Path, Path], None]] = {
    "csv": _csv,
    "figure": _figure,
    "docs": _docs,
}
_WHAT: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "csv": ("the table", (".csv",)),
    "figure": ("the figure", FIGURES),
    "docs": ("the page", (".md",)),
}

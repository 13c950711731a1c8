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
from oxysim.ensembles import Ensemble
from oxysim.errors import InputError
from oxysim.evidence import (
    EnsembleScoreboard,
    Scoreboard,
    ensemble_scoreboard,
    scoreboard,
)
from oxysim.evidence.board.answers import NOT_RUN
from oxysim.evidence.board.protocol_runs import SURVEY
from oxysim.evidence.ensemble_board.ensemble_scoreboard import MEMBERS
from oxysim.evidence.surveys.survey_data import read_survey
from oxysim.findings.published import USES
from oxysim.population import Population
from oxysim.simulation.code_cache import folder

COMMUNITY = "community"
KEPT = "scoreboard_members.jsonl"  # answers of members, in the cache folder
Board = Scoreboard | EnsembleScoreboard

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
  oxysim evidence --ensemble community --members 24 --workers 2
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
        default=COMMUNITY,
        help="a packaged population, or a TOML file (default: community)",
    )
    _add_ensemble(parser)
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


def _add_ensemble(parser: argparse.ArgumentParser) -> None:
    """The options that ask members of an ensemble."""
    parser.add_argument(
        "--ensemble",
        metavar="NAME",
        help="ask members of an ensemble of populations, packaged or a TOML file",
    )
    parser.add_argument(
        "--members",
        type=whole_number_option(1),
        metavar="N",
        help=f"members of the ensemble that are asked, a minute each (default: {MEMBERS})",
    )
    parser.add_argument(
        "--work",
        metavar="FILE",
        help="keep members' answers here, so that ended work goes on (default: the cache folder)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="score findings of use 'check' over the ensemble: they may be looked at once only",
    )


def run(options: argparse.Namespace) -> Exit:
    """Run the scoreboard, print it, and write what was asked for.

    >>> from oxysim.cli.main import main
    >>> main(["evidence", "--ids", "C7a,"]) == Exit.BAD_INPUT  # nothing is run
    True
    """
    # before the runs, which take minutes
    paths = _paths(options)
    _require_one_board(options)
    board = _board(options) if options.ensemble is None else _ensemble_board(options)
    say(board.text(), options)
    for option, path in paths.items():
        with writing(path, f"--{option}") as temporary:
            _WRITERS[option](board, temporary, path)
    failed = board.table[board.table["holds"] == NOT_RUN]
    if isinstance(board, Scoreboard) and options.survey is None:
        failed = failed[failed["run"] != SURVEY]  # nobody asked for it
    # the table is written all the same: what was run is worth having
    if len(failed):
        reasons = "".join(f"\n  {row['id']}: {row['why']}" for row in failed.to_dict("records"))
        warn(f"{len(failed)} of {len(board.table)} findings were not run:{reasons}")
        return Exit.FAILED_RUNS
    return Exit.FINISHED


def _board(options: argparse.Namespace) -> Scoreboard:
    """The scoreboard of one population."""
    if options.survey is not None:
        # refused before anything runs, and not as rows that were not run
        read_survey(options.survey)
    return scoreboard(
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


def _ensemble_board(options: argparse.Namespace) -> EnsembleScoreboard:
    """The scoreboard over the members of an ensemble."""
    return ensemble_scoreboard(
        _ensemble(options.ensemble),
        members=MEMBERS if options.members is None else options.members,
        use=options.use,
        ids=_ids(options.ids),
        extra=options.extra,
        score_check=options.check,
        seed=options.seed,
        work=folder() / KEPT if options.work is None else options.work,
        workers=options.workers,
        progress=False if options.quiet else None,
    )


def _require_one_board(options: argparse.Namespace) -> None:
    """Refuse options that say nothing of the board that is asked for."""
    of_one = {
        "--quick": options.quick,
        "--survey": options.survey is not None,
        "--population": options.population != COMMUNITY,
    }
    of_ensemble = {
        "--members": options.members is not None,
        "--work": options.work is not None,
        "--check": options.check,
    }
    idle = of_ensemble if options.ensemble is None else of_one
    for option, is_asked in idle.items():
        if is_asked:
            where = "without" if options.ensemble is None else "with"
            raise InputError(f"{option}: it says nothing {where} --ensemble; leave it out")


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


def _ensemble(text: str) -> Ensemble:
    return Ensemble.from_file(text) if text.endswith(".toml") else Ensemble.named(text)


def _csv(board: Board, path: Path, _: Path) -> None:
    board.to_csv(path)


def _docs(board: Board, path: Path, _: Path) -> None:
    path.write_text(board.markdown(), encoding="utf-8")


def _figure(board: Board, temporary: Path, path: Path) -> None:
    # matplotlib is loaded only where something is drawn
    from oxysim import plots

    draw = plots.scoreboard if isinstance(board, Scoreboard) else plots.scoreboard_over_members
    # the temporary name has another ending, so that the format is said
    draw(board).savefig(temporary, format=path.suffix.lower().removeprefix("."))


# option -> what writes it; the path itself says the format of a figure
_WRITERS: Mapping[str, Callable[[Board, Path, Path], None]] = {
    "csv": _csv,
    "figure": _figure,
    "docs": _docs,
}
_WHAT: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "csv": ("the table", (".csv",)),
    "figure": ("the figure", FIGURES),
    "docs": ("the page", (".md",)),
}

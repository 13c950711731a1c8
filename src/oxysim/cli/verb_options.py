"""Options that several verbs share, and what they stand for."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import sys
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from oxysim import units
from oxysim.errors import InputError, OxysimError, require_extra, shown
from oxysim.simulation.engines import ENGINES
from oxysim.studies import StudyFile, read_study
from oxysim.sweeps.store.store_files import StoreError

OPTIONS = {"force": "--force", "block_size": "--block-size", "store": "--out"}
"""The options that stand for the arguments which errors advise to change."""

FIGURES = (".png", ".pdf", ".svg")
"""Endings of the names of figures, which say in which format one is drawn."""

# Long enough for a scheduler on a busy cluster; a wrong address is named within the minute.
CONNECTING = 30  # seconds in which a Dask scheduler must answer


def whole_number_option(low: int) -> Any:
    """A reader of whole numbers of at least `low`, for argparse.

    >>> whole_number_option(1)("2")
    2
    """

    def read(text: str) -> int:
        # int() takes "1_000" and digits of any script; a command line does not.
        if not text.strip().isdecimal() or int(text) < low:
            raise argparse.ArgumentTypeError(
                f"expected a whole number of at least {low}; found {text!r}"
            )
        return int(text)

    return read


def length_of_time(text: str) -> str:
    """A length of time with its unit, for argparse.

    >>> length_of_time("2 h")
    '2 h'
    """
    try:
        units.duration(text, "time")
    except OxysimError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("time: ")) from None
    return text


def add_study(parser: argparse.ArgumentParser) -> None:
    """The study file, and what stands in place of its own settings.

    >>> parser = argparse.ArgumentParser()
    >>> add_study(parser)
    >>> parser.parse_args(["rescue.toml", "--seed", "7"]).seed
    7
    """
    parser.add_argument("study", metavar="STUDY", help="study file (TOML)")
    parser.add_argument(
        "--seed", type=whole_number_option(0), metavar="N", help="seed, in place of the file's"
    )
    parser.add_argument("--engine", choices=ENGINES, help="engine, in place of the file's")


def add_running(parser: argparse.ArgumentParser) -> None:
    """How a sweep is run.

    >>> parser = argparse.ArgumentParser()
    >>> add_running(parser)
    >>> parser.parse_args(["--timeout", "10 min"]).timeout
    '10 min'
    """
    parser.add_argument(
        "--workers",
        type=whole_number_option(1),
        metavar="N",
        help="worker processes (default: one a processor)",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="run on the Dask cluster with this scheduler, such as tcp://host:8786",
    )
    parser.add_argument(
        "--max-time",
        type=length_of_time,
        metavar="TIME",
        help="stop cleanly after this time, such as '2 h'",
    )
    parser.add_argument(
        "--timeout",
        type=length_of_time,
        metavar="TIME",
        help="give up a block that takes longer, such as '10 min'",
    )
    parser.add_argument(
        "--force", action="store_true", help="run even where memory or disk seem too small"
    )


def add_saying(parser: argparse.ArgumentParser) -> None:
    """What is printed.

    >>> parser = argparse.ArgumentParser()
    >>> add_saying(parser)
    >>> parser.parse_args(["--quiet"]).quiet
    True
    """
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.add_argument(
        "--methods", action="store_true", help="print the methods paragraph of what was run"
    )


def given_study(options: argparse.Namespace) -> StudyFile:
    """The study that the options name.

    >>> try:
    ...     given_study(argparse.Namespace(study="nowhere.toml", seed=None, engine=None))
    ... except InputError as error:
    ...     print(error)
    nowhere.toml: expected a text file; there is no such file
    """
    return read_study(options.study, seed=options.seed, engine=options.engine)


@contextlib.contextmanager
def cluster(address: str | None) -> Iterator[tuple[Executor | None, int | None]]:
    """The executor of a Dask cluster and the number of its threads; None for own processes.

    Raises
    ------
    MissingExtraError : Dask is not installed. InputError : no scheduler answers, or it has no
    workers.

    >>> with cluster(None) as (executor, threads):
    ...     print(executor, threads)
    None None
    """
    if address is None:
        yield None, None
        return
    distributed: Any = require_extra("distributed", "dask")
    try:
        # Not the default client: other code in this process keeps its own.
        client = distributed.Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"--scheduler {address}: no Dask scheduler answers there ({error})"
        ) from None
    with client:
        # A block occupies one thread of a worker.
        threads = sum(client.nthreads().values())
        if not threads:
            raise InputError(
                f"--scheduler {address}: the cluster has no workers; start some: dask worker"
                f" {address}"
            )
        yield client.get_executor(), threads


def say(text: str, options: argparse.Namespace) -> None:
    """Print to standard output, unless told to be quiet.

    >>> say("2 runs finished", argparse.Namespace(quiet=False))
    2 runs finished
    """
    if not options.quiet:
        print(text)


def warn(problem: str | OxysimError) -> None:
    """Print to standard error, with the library's advice in the words of the command line.

    >>> import io
    >>> with contextlib.redirect_stderr(io.StringIO()) as stream:
    ...     warn("1 of 2 runs failed")
    >>> stream.getvalue()
    'oxysim: 1 of 2 runs failed\\n'
    """
    text = problem.worded(OPTIONS) if isinstance(problem, OxysimError) else problem
    print(f"oxysim: {text}", file=sys.stderr)


def show_warning(
    message: Any, category: Any, filename: Any, lineno: Any, file: Any = None, line: Any = None
) -> None:
    """A warning of the library as one line; others as Python shows them.

    >>> import io
    >>> from oxysim import ImplausibleValueWarning
    >>> with contextlib.redirect_stderr(io.StringIO()) as stream:
    ...     show_warning("a dose far out", ImplausibleValueWarning, "study.py", 1)
    >>> stream.getvalue()
    'oxysim: a dose far out\\n'
    """
    # Warnings of the library are advice to the user, others are for programmers.
    if category.__module__.partition(".")[0] == "oxysim":
        warn(str(message))
    else:
        sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """Whether files that exist are replaced: on the command line nothing is overwritten unasked.

    >>> parser = argparse.ArgumentParser()
    >>> add_overwrite(parser)
    >>> parser.parse_args([]).overwrite
    False
    """
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")


def require_new(
    path: Path,
    contents: str,
    option: str = "--out",
    *,
    endings: Sequence[str],
    overwrite: bool = False,
) -> None:
    """Refuse a place where a file cannot or must not be written; `option` is where the path was
    given.

    Parameters
    ----------
    endings : of the name, which say in which format the file is written: one of these.
    overwrite : whether a file that exists is replaced.

    Raises
    ------
    InputError : another ending, a file that exists, a folder, or nowhere to put the file.

    >>> try:
    ...     require_new(Path("effects.txt"), "the effects", "--csv", endings=(".csv",))
    ... except InputError as error:
    ...     print(error)
    --csv effects.txt: expected a name that ends in .csv; found '.txt'
    """
    if os.path.isdir(path):
        raise InputError(f"{option} {path}: expected a file for {contents}; this is a folder")
    if not os.path.isdir(path.absolute().parent):
        raise InputError(
            f"{option} {path}: expected an existing folder around it; there is no"
            f" {path.absolute().parent}"
        )
    if path.suffix.lower() not in endings:
        raise InputError(
            f"{option} {path}: expected a name that ends in {', '.join(endings)}; found"
            f" {path.suffix or 'no ending'!r}"
        )
    try:
        with contextlib.suppress(FileNotFoundError, PermissionError):
            # a name that no file system takes is known before anything is run
            os.lstat(_part(path))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{option} {shown(str(path))}: no file can have this name ({error.args[-1]})"
        ) from None
    if os.path.lexists(path) and not overwrite:
        raise InputError(
            f"{option} {path}: there is such a file already; give another name, or --overwrite to"
            " replace it"
        )


@contextlib.contextmanager
def writing(path: Path, option: str = "--out") -> Iterator[Path]:
    """Where to write what shall stand at `path`, which is touched only when the whole has been
    written.

    Raises
    ------
    StoreError : the disk refused.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "effects.csv"
    ...     with writing(target) as temporary:
    ...         _ = temporary.write_text("effect\\n0.5\\n", encoding="utf-8")
    ...     target.read_text(encoding="utf-8")
    'effect\\n0.5\\n'
    """
    # Beside the file itself: a rename is whole only inside one file system.
    temporary = _part(path)
    try:
        yield temporary
        os.replace(temporary, path)
    except (OSError, InputError) as error:
        # xarray and matplotlib wrap what the disk said.
        disk = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(disk, OSError):
            raise
        raise StoreError(
            f"{option} {path}: the file cannot be written ({disk.strerror or disk})", disk.errno
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    """Where a file is written until it is whole: a name that nobody has, so that it goes over
    nothing and through no link.
    """
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")

"""The figures of many candidate populations, each kept as it comes, so that hours of runs go on
where they were ended.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import array, flag, function, require_seed, whole_number, writable_file
from oxysim.documents import add_json_line, read_json_lines
from oxysim.ensembles.prior_table import PriorTable
from oxysim.errors import ImplausibleValueWarning, InputError, OxysimError
from oxysim.population import Population
from oxysim.progress import counting
from oxysim.streams import stream

LARGEST = 64 * 1024 * 1024  # bytes of a file of runs; a run of fifty figures takes 1.5 KiB
MOST_WORKERS = 256


class ForwardModel(Protocol):
    """From a candidate population to the figures that findings are held against.

    Every draw is keyed by the seed, so that the same candidate has the same figures. A figure that
    could not be had of this candidate is a text, the reason.

    >>> def forward(population, *, seed):
    ...     return {"C1a": population.trait("caregiver.depression.set_point").centre + 1.0}
    """

    def __call__(self, population: Population, *, seed: int) -> Mapping[str, float | str]: ...


@dataclass(frozen=True, eq=False)
class Runs:
    """Candidates of one structure and their figures.

    Attributes
    ----------
    structure : its name.
    latents : shape (n, n_quantities).
    figures : in the findings' own units, shape (n, n_rows); NaN where the model refused a
        candidate, or a part of it one figure.

    >>> some = Runs("both", np.zeros((2, 3)), np.ones((2, 1)))
    >>> len(some.joined(some))
    4
    """

    structure: str
    latents: FloatArray
    figures: FloatArray

    def __len__(self) -> int:
        return len(self.latents)

    def joined(self, *others: Runs) -> Runs:
        """These and others of the same structure."""
        runs = (self, *others)
        if wrong := [other.structure for other in others if other.structure != self.structure]:
            raise InputError(
                f"runs: expected all of structure {self.structure!r}; found {wrong[0]!r}"
            )
        return Runs(
            self.structure,
            np.concatenate([part.latents for part in runs]),
            np.concatenate([part.figures for part in runs]),
        )


@dataclass(frozen=True)
class _Task:
    """One candidate to run; its key is a digest of all that its figures depend on."""

    key: str
    population: Population
    seed: int


def run_candidates(  # noqa: PLR0913 - keywords with defaults
    table: PriorTable,
    latents: FloatArray,
    forward: ForwardModel,
    *,
    seed: int,
    structure: str = "",
    own_draws: bool = False,
    file: str | Path | None = None,
    workers: int = 1,
    progress: bool | None = None,
) -> Runs:
    """Run the candidates at latents.

    Parameters
    ----------
    table : of the priors; its rows say which figures are wanted.
    latents : shape (n, n_quantities).
    forward : the model. With several workers it has to be a function of a module.
    seed : of the model's own draws, the same for all candidates (common random numbers).
    structure : the structure that the candidates have.
    own_draws : whether each candidate has draws of its own instead: what an emulator is fitted to
        averages them out, while an error that all candidates share would stay in it unseen.
    file : where every run is added as it ends; runs that stand in it already are taken from there.
        It holds for this model and these equations: a change of either needs another file.
    workers : processes.
    progress : whether it is shown; by default where somebody looks.

    Raises
    ------
    InputError : figures that a row needs and the model does not give, a file that holds no runs.

    >>> table = PriorTable.named("community")
    >>> def forward(population, *, seed):
    ...     return {row.finding: 0.1 for row in table.rows}
    >>> runs = run_candidates(table, table.design(2, seed=1), forward, seed=3)
    >>> runs.figures.shape == (2, len(table.rows))
    True
    """
    points = array(latents, "latents", (None, len(table.priors)))
    function(forward, "forward")
    require_seed(seed)
    whole_number(workers, "workers", 1, MOST_WORKERS)
    path = None if file is None else writable_file(file, "file")
    # a model with settings prints them; of a function the name is all that is known
    called = getattr(forward, "__qualname__", "")
    name = f"{forward.__module__}.{called}" if called else repr(forward)
    # far apart, so that no two candidates' draws are those of neighbouring seeds of a user
    keys = stream(seed, 0, "draws of candidates", structure).integers(2**40, size=len(points))
    seeds = keys.tolist() if flag(own_draws, "own_draws") else [seed] * len(points)
    tasks = [
        _task(table, point, structure, key, name) for point, key in zip(points, seeds, strict=True)
    ]
    runs = {} if path is None else read_runs(path)
    missing = [task for task in {task.key: task for task in tasks}.values() if task.key not in runs]
    wanted = [row.finding for row in table.rows]
    with counting(len(missing), "candidates", "candidate", progress) as bar:
        refusals = []
        for key, answer in _computed(missing, forward, workers):
            answered = {} if isinstance(answer, str) else answer
            refusals += [answer] if isinstance(answer, str) else []
            _require_figures(answered, wanted)
            figures, reasons = _apart(answered, wanted)
            runs[key] = figures
            if path is not None:
                _add(path, key, figures, {"all": answer} if isinstance(answer, str) else reasons)
            bar.advance()
    # a model that refuses everybody was asked wrongly, and the reason says how
    if len(refusals) == len(tasks):
        raise InputError(f"forward: every candidate was refused, the first with: {refusals[0]}")
    answers = [[runs[task.key].get(row, np.nan) for row in wanted] for task in tasks]
    return Runs(table.structure(structure).name, points, np.array(answers))


def read_runs(path: Path) -> dict[str, dict[str, float]]:
    """The runs of a file by key: finding -> figure; none where there is no file yet.

    A last line that was being written when the work was ended is left out.

    Raises
    ------
    InputError : a line that is no run.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read_runs(Path(folder) / "wave1.jsonl")
    {}
    """
    runs: dict[str, dict[str, float]] = {}

    def take(entry: Any) -> None:
        figures = entry["figures"].items()
        runs[str(entry["key"])] = {str(k): np.nan if v is None else float(v) for k, v in figures}

    read_json_lines(path, take, LARGEST, "a run with its key and figures", "a file of runs")
    return runs


# --------------------------------------------------------------------- internals
def _task(table: PriorTable, point: FloatArray, structure: str, seed: int, name: str) -> _Task:
    population = table.candidate(point, structure)
    identity = repr((population.fingerprint, seed, name))
    return _Task(hashlib.sha256(identity.encode()).hexdigest()[:32], population, seed)


def _computed(
    tasks: Sequence[_Task], forward: ForwardModel, workers: int
) -> Iterator[tuple[str, Mapping[str, float | str] | str]]:
    """Key and figures of each task, in the order in which they end."""
    if workers == 1 or len(tasks) < 2:
        for task in tasks:
            yield task.key, _figures(forward, task)
        return
    # spawned: a fork of a process with threads may hang
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context) as pool:
        try:
            running = {pool.submit(_figures, forward, task): task.key for task in tasks}
            for ended in as_completed(running):
                yield running[ended], ended.result()
        finally:
            # whoever stops the work waits for the runs that are under way, and for no other
            pool.shutdown(wait=True, cancel_futures=True)


def _figures(forward: ForwardModel, task: _Task) -> Mapping[str, float | str] | str:
    """The figures of a candidate, or why the model refused it."""
    try:
        with warnings.catch_warnings():
            # priors are wide on purpose: what is legal but implausible is what is asked about
            warnings.simplefilter("ignore", ImplausibleValueWarning)
            figures = forward(task.population, seed=task.seed)
    except OxysimError as error:
        # what the model refuses is a candidate without figures, not an end
        return str(error)
    return {
        str(finding): figure if isinstance(figure, str) else float(figure)
        for finding, figure in figures.items()
    }


def _apart(
    answered: Mapping[str, float | str], wanted: Sequence[str]
) -> tuple[dict[str, float], dict[str, str]]:
    """Figures, NaN where there is none, and the reasons of those."""
    reasons = {f: text for f in wanted if isinstance(text := answered.get(f), str)}
    numbers = {f: v for f, v in answered.items() if not isinstance(v, str)}
    return {finding: numbers.get(finding, np.nan) for finding in wanted}, reasons


def _require_figures(figures: Mapping[str, float | str], wanted: Sequence[str]) -> None:
    # a refused candidate has none at all
    if figures and (missing := [finding for finding in wanted if finding not in figures]):
        raise InputError(f"forward: expected a figure of every row; missing: {', '.join(missing)}")


def _add(path: Path, key: str, figures: Mapping[str, float], reasons: Mapping[str, str]) -> None:
    # JSON has no word for a missing number
    plain = {k: v if np.isfinite(v) else None for k, v in figures.items()}
    missing = {"reasons": dict(reasons)} if reasons else {}
    add_json_line(path, {"key": key, "figures": plain, **missing})

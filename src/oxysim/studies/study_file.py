"""A study file (TOML) read into a :class:`~oxysim.sweeps.Study`, every error with its file, line
and key.

Nothing in a study file is evaluated, imported or executed; files that it names lie in its own
folder.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from oxysim import units
from oxysim.checks import file_path
from oxysim.documents import LARGEST_TABLE, Section, parse_document, read_text
from oxysim.errors import InputError, OxysimError
from oxysim.families import MAXIMAL_AGE
from oxysim.population.members import Members, Who
from oxysim.schedule import Routine, Window
from oxysim.simulation.engines import ENGINES
from oxysim.simulation.results.outcome_windows import WIDEST_SHARE, outcome_windows, panel_length
from oxysim.simulation.results.outcomes import SAMPLE, outcome, resolve, row_of
from oxysim.simulation.scipy_engine import Solver
from oxysim.studies.day import read_interventions, read_routine, read_usual_day, require_to_happen
from oxysim.studies.designs import ReadTable, axes_of, axis_keys, read_design
from oxysim.studies.file_instruments import FileInstruments
from oxysim.studies.people import read_people
from oxysim.studies.run_settings import read_edges, read_solver
from oxysim.sweeps.study import Study

MOST_SAMPLES = 10_000_000
"""The most moments at which a course may be looked at; a year by the minute has half a million."""

KEYS = (
    "title",
    "dyad",
    "population",
    "instruments",
    "routine",
    "usual_day",
    "interventions",
    "design",
    "outcomes",
    "duration",
    "start",
    "sample",
    "seed",
    "engine",
    "method",
    "tolerance",
    "precision",
    "edges",
    "store",
    "block_size",
    "workers",
    "timeout",
)
# More than any machine or cluster has: a slip of the keyboard is named.
_MOST_WORKERS = 100_000


@dataclass(frozen=True, eq=False)
class StudyFile:
    """A study, and how its file wants it run.

    Attributes
    ----------
    study : what is run.
    title : what the file calls it; its name where it has no title.
    store : the Zarr folder, inside the file's own; None to keep the result in memory.
    block_size, workers : runs in a block, and worker processes; None for the usual.
    timeout : the longest that a block may take, text with a unit; None for no limit.
    source : everything that the study was read from, as text, so that a store can be resumed from
    itself.

    >>> from oxysim.families import Dyad
    >>> study = Study(Dyad(), duration="1 h", outcomes=["caregiver.epds: final"])
    >>> StudyFile(study, "mood", None, block_size=None, workers=2, timeout=None, source="").title
    'mood'
    """

    study: Study
    title: str
    store: Path | None
    block_size: int | None
    workers: int | None
    timeout: str | None
    source: str


def read_study(
    path: str | Path, *, seed: int | None = None, engine: str | None = None
) -> StudyFile:
    """The study of a file; `seed` and `engine` stand in place of the file's own.

    Raises
    ------
    InputError : the file cannot be read, or anything in it is not understood: with file, line and
        key, what was expected and found, and the nearest right names.

    >>> import tempfile
    >>> text = 'duration = "12 h"\\noutcomes = ["caregiver.epds: final"]'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mood.toml"
    ...     _ = path.write_text(text, encoding="utf-8")
    ...     file = read_study(path, seed=7)
    >>> file.title, file.study.seed, file.study.n_runs
    ('mood', 7, 1)
    """
    path = file_path(path, "path")
    file, folder = str(path), path.parent
    tables: dict[str, str] = {}

    # kept as they are read: the record below has to hold them
    def table(name: str) -> str:
        tables[name] = read_text(inside(folder, name), name, LARGEST_TABLE)
        return tables[name]

    text = read_text(path, file)
    section = parse_document(text, file)
    study_file = _read(section, table, folder)
    study = _overridden(study_file.study, section, seed, engine)
    # Everything that was read: a store can be resumed where the files are gone.
    record = {"file": path.name, "text": text, "tables": tables, "seed": seed, "engine": engine}
    return dataclasses.replace(
        study_file, study=study, source=json.dumps(record, ensure_ascii=False)
    )


def read_source(source: str) -> StudyFile:
    """The study that :func:`read_study` gave, from the text that it left in a store; `store` is
    None.

    Raises
    ------
    InputError : the text was not written by :func:`read_study`, or no longer is a legal study.

    >>> import tempfile
    >>> text = 'duration = "12 h"\\noutcomes = ["caregiver.epds: final"]'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mood.toml"
    ...     _ = path.write_text(text, encoding="utf-8")
    ...     file = read_study(path)
    >>> read_source(file.source).study.duration
    '12 h'
    """
    try:
        record = json.loads(source)
        file, text, tables = str(record["file"]), str(record["text"]), dict(record["tables"])
        seed, engine = record["seed"], record["engine"]
        legal = isinstance(record["text"], str) and all(
            isinstance(table, str) for table in tables.values()
        )
        if not legal or not isinstance(engine, str | None) or isinstance(seed, list | dict):
            raise ValueError
    # The text comes from a store, which may come from anywhere.
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputError(
            "the store's copy of the study file is damaged; resume from the study file itself"
        ) from None

    def table(name: str) -> str:
        if name not in tables:
            raise InputError(f"the store kept no table {name!r}; resume from the study file itself")
        return str(tables[name])

    section = parse_document(text, file)
    study_file = _read(section, table, None)
    return dataclasses.replace(
        study_file, study=_overridden(study_file.study, section, seed, engine), source=source
    )


def inside(folder: Path, name: str) -> Path:
    """The path of what a study file names, inside the file's own `folder`.

    Raises
    ------
    InputError : an absolute path, or one that leaves the folder, by ".." or by a link.

    >>> inside(Path("studies"), "runs.csv").as_posix()
    'studies/runs.csv'
    """
    # Drives and backslashes mean a path on one system and a name on another.
    if not name.strip() or Path(name).is_absolute() or "\\" in name or ":" in name:
        raise InputError(
            f"expected a path inside the study file's folder, such as 'runs.csv'; found {name!r}"
        )
    # Links are followed before the path is judged, since they lead out as ".." does.
    home = folder.resolve()
    try:
        full = (home / name).resolve()
    except (OSError, RuntimeError):  # RuntimeError: links that lead round in a circle
        raise InputError(
            f"{name!r} cannot be followed; give a path inside the study file's folder"
        ) from None
    if full == home or not full.is_relative_to(home):
        raise InputError(f"{name!r} leads out of the study file's folder; give a path inside it")
    return folder / name


# ---------------------------------------------------------------------- reading
def _read(section: Section, table: ReadTable, folder: Path | None) -> StudyFile:
    if "trial" in section:
        raise section.error(
            "a trial is run with 'oxysim trial'; without [trial] a study is swept", "trial"
        )
    section.require_known(KEYS)
    study = _study(section, table)
    return StudyFile(
        study=study,
        title=section.text("title", "a text", Path(section.file).stem),
        store=_store(section, folder),
        block_size=section.whole("block_size", 1, 2**31) if "block_size" in section else None,
        workers=section.whole("workers", 1, _MOST_WORKERS) if "workers" in section else None,
        timeout=_timeout(section),
        source="",
    )


def _study(section: Section, table: ReadTable) -> Study:
    tools = FileInstruments.of(section)
    families = read_people(section, table, tools)
    tools.require_used()
    routine, usual_day = read_routine(section, families), read_usual_day(section)
    interventions = read_interventions(section)
    settings = _settings(section)
    # Each part is tried by itself first, so that its own line can be named.
    window = _window(section, families, routine, settings)
    require_to_happen(section, interventions, window)
    outcomes = _outcomes(section, families, window, settings["sample"])
    cut, scale = read_edges(section.section("edges"))
    design = read_design(section, table)
    if (
        isinstance(families, Members)
        and "n" not in section.section("dyad")
        and not (design and "dyad" in design.names)
    ):
        raise section.error(
            "'n' is missing; expected how many dyads, or an axis \"dyad\" of the design", "dyad"
        )
    # What only the whole study can refuse: the key of the error says which entry it is.
    with section.reading(find=partial(_culprit, section)):
        return Study(
            families,
            design=design,
            routine=routine,
            usual_day=usual_day,
            interventions=interventions,
            outcomes=outcomes,
            cut=cut,
            scale=scale,
            **settings,
        )


def _settings(section: Section) -> dict[str, Any]:
    """Duration, start, seed, engine, solver and sample, each checked by itself."""
    duration = section.text("duration", 'a length of time with its unit, such as "12 weeks"')
    start = section.text("start", 'a clock time such as "08:00"', "08:00")
    sample = section.text("sample", 'a length of time with its unit, such as "5 min"', SAMPLE)
    for key, read, value in (("duration", units.duration, duration), ("start", units.clock, start)):
        with section.reading(key):
            read(value, key)
    return {
        # the names of the arguments of Study
        "duration": duration,
        "start": start,
        "sample": sample,
        "solver": read_solver(section, Solver(), "1e-6"),
        "seed": section.whole("seed", 0, 2**63 - 1, 0),
        "engine": section.choice("engine", "engine", ENGINES, "auto"),
    }


def _window(
    section: Section, families: Who, routine: Routine, settings: Mapping[str, Any]
) -> Window:
    """The first run's window, as `Study` tries interventions and outcomes on it."""
    # from the youngest dyad; the oldest must still be of a legal age at the end
    start = units.clock(settings["start"], "start", begins=True)
    stop = start + units.duration(settings["duration"])
    age, oldest = float(np.min(families.ages())), float(np.max(families.ages()))
    if oldest + stop > MAXIMAL_AGE + units.DAY:
        months = (oldest + stop) / units.MONTH
        raise section.error(
            f"the infant would be {months:.4g} months old at the end; the model holds up to 36",
            "duration",
        )
    with section.reading("sample"):
        # four nodes stand in a panel: the number of panels bounds that of samples
        if (stop - start) / panel_length(
            settings["sample"], stop - start
        ) > MOST_SAMPLES / WIDEST_SHARE:
            raise InputError(
                f"expected at most {MOST_SAMPLES} samples of a run; found {settings['sample']!r}"
            )
    with section.reading("duration"):
        return Window(
            age + start, age + stop, families.caregivers, routine.birth_weekday, settings["seed"], 0
        )


def _outcomes(section: Section, families: Who, window: Window, sample: str) -> tuple[str, ...]:
    texts = section.texts("outcomes", 'an array of texts such as ["caregiver.epds: final"]')
    # Outcomes are laid out over minutes of the run, the window over minutes since birth.
    age = float(np.min(families.ages()))
    for number, text in enumerate(texts, start=1):
        keys = (
            ("outcomes", str(number))
            if isinstance(section.values["outcomes"], list)
            else ("outcomes",)
        )
        with section.reading(*keys):
            parsed_outcome = outcome(text)
            if (
                parsed_outcome.step is not None
                and (window.stop - window.start) / parsed_outcome.step > MOST_SAMPLES
            ):
                raise InputError(
                    f"expected at most {MOST_SAMPLES} values of an outcome; found {text!r}"
                )
            # each outcome alone, so that the one that cannot be is named
            row_of(parsed_outcome, families.caregivers)
            outcome_windows(
                resolve([parsed_outcome], families.caregivers),
                families.caregivers,
                (window.start - age, window.stop - age),
                sample,
            )
    return texts


def _store(section: Section, folder: Path | None) -> Path | None:
    if "store" not in section:
        return None
    name = section.text("store", 'the name of a folder, such as "rescue.zarr"')
    with section.reading("store"):
        # Read from a store, the study is resumed there: the name in its file no longer
        # counts.
        return None if folder is None else inside(folder, name)


def _timeout(section: Section) -> str | None:
    if "timeout" not in section:
        return None
    text = section.text("timeout", 'a length of time with its unit, such as "10 min"')
    with section.reading("timeout"):
        units.duration(text, "timeout")
    return text


def _overridden(study: Study, section: Section, seed: int | None, engine: str | None) -> Study:
    # The option counts where it is given; 0 is a seed.
    # members that have no seed of their own go with the study's, so they follow the option too
    changed: dict[str, Any] = {
        k: v for k, v in (("seed", seed), ("engine", engine)) if v is not None
    }
    if (
        seed is not None
        and isinstance(study.who, Members)
        and "seed" not in section.section("dyad")
    ):
        changed["who"] = dataclasses.replace(study.who, seed=seed)
    return dataclasses.replace(study, **changed) if changed else study


def _culprit(section: Section, error: OxysimError) -> tuple[str, ...]:
    """The entry that an error of the whole study is about, by the error's own key: the file calls
    the argument `who` and the axes of a design by other names.
    """
    first = error.key[:1]
    if first in (("dyad",), ("who",)) and "dyad" in section:
        return ("dyad",)
    if first in (("axes",), ("axis",), ("design",)) and "design" in section:
        design = section.section("design")
        return (
            ("design", "file")
            if "file" in design
            else ("design", *axis_keys(axes_of(design), error))
        )
    return section.present((), error.key)

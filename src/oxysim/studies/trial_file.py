"""A trial file (TOML with ``[trial]``) read into a :class:`~oxysim.trials.trial.Trial`, every error
with its file, line and key; nobody is drawn, screened or simulated before the trial is asked for.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from oxysim import units
from oxysim.checks import LARGEST_COUNT, file_path
from oxysim.documents import LARGEST_TABLE, Section, parse_document, read_text
from oxysim.ensembles import Ensemble
from oxysim.errors import InputError, OxysimError
from oxysim.population.members import Members, Who
from oxysim.schedule import Schedule
from oxysim.studies.day import read_interventions, read_routine
from oxysim.studies.file_instruments import FileInstruments
from oxysim.studies.people import read_people
from oxysim.studies.run_settings import read_edges, read_solver
from oxysim.studies.study_file import inside
from oxysim.studies.trial_parts import (
    DESIGNS,
    keys_of_designs,
    read_adherence,
    read_allocation,
    read_blinding,
    read_dropout,
    read_endpoints,
    read_sizes,
    read_trial_design,
    read_visits,
    require_length,
)
from oxysim.trials.ensembles.ensemble_trial import EnsembleTrial
from oxysim.trials.plan.limits import MOST_REPLICATIONS, require_readings
from oxysim.trials.plan.visits import BASELINE, Visit
from oxysim.trials.trial import Trial
from oxysim.trials.trial_plan import SOLVER

KEYS = (
    "title",
    "dyad",
    "population",
    "instruments",
    "routine",
    "interventions",
    "start",
    "seed",
    "method",
    "tolerance",
    "precision",
    "trial",
    "edges",
)
_PLANNED = (
    "design",
    "arms",
    "visits",
    "endpoints",
    "duration",
    "allocation",
    "blinding",
    "adherence",
    "dropout",
    "entry",
    "n",
    "replications",
    "power",
    "members",
)


@dataclass(frozen=True, eq=False)
class TrialFile:
    """A trial, and how its file wants it replicated.

    Attributes
    ----------
    plan : the trial with one dyad for its pool, on which everything was checked.
    who : the pool.
    title : what the file calls it; its name where it has no title.
    n, replications, seed : as for ``Trial.run``.
    power : numbers of participants for which power is asked.
    members : of an ensemble how many are asked; None for all.

    >>> from oxysim.families import Dyad
    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.trials import Endpoint, Parallel
    >>> arms = {"nothing": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> plan = Trial(Dyad(), Parallel(arms), Endpoint("saliva_oxytocin", at="3 h"))
    >>> file = TrialFile(plan, Dyad().repeat(40), "spray", 20, replications=200, seed=0, power=())
    >>> len(file.plan.who), len(file.trial().who)
    (1, 40)
    """

    plan: Trial
    who: Who
    title: str
    n: int
    replications: int
    seed: int
    power: tuple[int, ...]
    members: int | None = None

    @property
    def over_ensemble(self) -> bool:
        """Whether the trial is asked of the members of an ensemble."""
        return isinstance(self.who, Members) and isinstance(self.who.population, Ensemble)

    def ensemble_trial(self) -> EnsembleTrial:
        """The trial in every member of the file's ensemble.

        Raises
        ------
        InputError : the file names no ensemble.
        """
        people = self.who
        if not isinstance(people, Members) or not isinstance(people.population, Ensemble):
            raise InputError("dyad: expected an ensemble; the file names none")
        return self.plan.drawn_from(
            people.population, people.n, seed=people.seed, wanted=people.wanted, at=people.at,
            infant_age=people.infant_age, members=self.members,
        )  # fmt: skip

    def trial(self) -> Trial:
        """The trial with its pool, which is drawn and, where the file has criteria, screened."""
        if not isinstance(self.who, Members):
            return dataclasses.replace(self.plan, who=self.who)
        # here the pool is drawn, and screened where the file has criteria: minutes, and not before
        return self.plan.with_pool(self.who)


def is_trial(path: str | Path) -> bool:
    """Whether a file is a trial's: it has ``[trial]``.

    Raises
    ------
    InputError : it cannot be read, or is not legal TOML.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = Path(folder) / "spray.toml"
    ...     _ = study.write_text("[trial]\\nn = 20\\n", encoding="utf-8")
    ...     is_trial(study)
    True
    """
    return "trial" in parse_document(read_text(Path(path), str(path)), str(path))


def read_trial(path: str | Path, *, seed: int | None = None) -> TrialFile:
    """The trial of a file; `seed` stands in place of the file's own.

    Raises
    ------
    InputError : the file cannot be read, or anything in it is not understood: with file, line and
        key, what was expected and found, and the nearest right names.

    >>> import tempfile
    >>> text = '''
    ... dyad = { population = "community", n = 40 }
    ... [trial]
    ... design = "parallel"
    ... n = 20
    ... arms = { nothing = "", spray = "24 IU intranasal at 10:00" }
    ... endpoints = [{ instrument = "saliva_oxytocin", at = "3 h" }]
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = Path(folder) / "spray.toml"
    ...     _ = study.write_text(text, encoding="utf-8")
    ...     file = read_trial(study)
    >>> file.title, file.plan.primary.name, len(file.who)
    ('spray', 'saliva oxytocin value at 3 h', 40)
    """
    path = file_path(path, "path")
    file, folder = str(path), path.parent
    section = parse_document(read_text(path, file), file)
    if "trial" not in section:
        raise section.error(
            "[trial] is missing; a study without one is run with 'oxysim sweep' or 'oxysim"
            " simulate'"
        )
    section.require_known(KEYS)
    if seed is not None:
        # The option replaces the entry, so that the same checks hold for it.
        section = dataclasses.replace(section, values={**section.values, "seed": seed})
    # a population's file lies beside the trial's, or below it, never elsewhere
    tools = FileInstruments.of(section)
    families = read_people(
        section, lambda name: read_text(inside(folder, name), name, LARGEST_TABLE), tools
    )
    return _read(section, families, tools)


def _read(section: Section, families: Who, tools: FileInstruments) -> TrialFile:
    trial = section.section("trial")
    # Which keys are legal depends on the kind of design.
    kind = trial.choice("design", "design", DESIGNS)
    trial.require_known((*_PLANNED, *keys_of_designs(kind)))
    seed = section.whole("seed", 0, 2**63 - 1, 0)
    _require_pool(section, trial, families)
    n = trial.whole("n", 2, LARGEST_COUNT)
    # Participants are drawn from the pool without being put back.
    if n > len(families):
        raise trial.error(
            f"expected at most {len(families)}, the dyads of the pool; found {n}", "n"
        )
    # a power too needs as many participants as it asks for in the pool
    sizes = read_sizes(trial, "power", len(families))
    plan = _plan(section, trial, kind, families, seed, tools)
    tools.require_used()
    replications = trial.whole("replications", 1, MOST_REPLICATIONS, 200)
    with trial.reading():
        require_readings(max(n, *sizes, 0), replications, len(plan.occasions))
    return TrialFile(
        plan=plan,
        who=families,
        title=section.text("title", "a text", Path(section.file).stem),
        n=n,
        replications=replications,
        seed=seed,
        power=sizes,
        members=_read_members(trial, families),
    )


def _read_members(trial: Section, families: Who) -> int | None:
    """How many members of an ensemble are asked; None for all."""
    if "members" not in trial:
        return None
    if not isinstance(families, Members) or not isinstance(families.population, Ensemble):
        raise trial.error("only an ensemble has members; expected [dyad] ensemble = ...", "members")
    return trial.whole("members", 1, len(families.population))


def _plan(  # noqa: PLR0913 - the file's parts, each read once
    section: Section,
    trial: Section,
    kind: str,
    families: Who,
    seed: int,
    tools: FileInstruments,
) -> Trial:
    """The trial on one dyad of the pool."""
    # what is wrong shows on one dyad, before a pool is drawn or screened
    specimen = families.specimen if isinstance(families, Members) else families.take([0])
    day = Schedule(read_routine(section, families), tuple(read_interventions(section).values()))
    if "duration" in trial:
        require_length(trial, "duration")
    cut, scale = read_edges(section.section("edges"))
    planned: dict[str, Any] = {
        # each part by itself, so that its errors have their own line
        "design": read_trial_design(trial, kind),
        "endpoints": read_endpoints(trial, tools.named),
        "visits": read_visits(trial),
        "allocation": read_allocation(trial, tools.named),
        "blinding": read_blinding(trial),
        "adherence": read_adherence(trial),
        "dropout": read_dropout(trial),
        "cut": cut,
        "scale": scale,
    }
    entry = trial.texts("entry", 'criteria such as "epds >= 13"')
    with trial.reading("entry"):
        planned["entry"] = tools.conditions(entry)
    start = section.text("start", 'a clock time such as "08:00"', "08:00")
    with section.reading("start"):
        units.clock(start, "start", begins=True)
    # Endpoints then name times, and each time is a visit.
    if planned["visits"] is None:
        for number, endpoint in enumerate(planned["endpoints"], start=1):
            with trial.reading("endpoints", str(number), "at"):
                _ = endpoint.at == BASELINE or Visit(endpoint.at)  # each names a visit at that time
    with trial.reading(find=partial(_culprit, trial, planned)):
        return Trial(
            specimen,
            day=day,
            duration=trial.values.get("duration"),
            start=start,
            life=seed,
            solver=read_solver(section, SOLVER, "1e-4"),
            **planned,
        )


def _require_pool(section: Section, trial: Section, families: Who) -> None:
    """Raise unless there are several dyads, and one number a dyad for their draws."""
    if len(families) < 2:
        key = "dyad" if "dyad" in section else "trial"
        section_meant = section.section("dyad") if key == "dyad" else trial
        raise section_meant.error(
            "a trial draws its participants from a pool of dyads; expected [dyad] population ="
            ' "community" with n = 200 or so'
        )


def _culprit(trial: Section, planned: dict[str, Any], error: OxysimError) -> tuple[str, ...]:
    """The entry that an error of the whole trial is about, by the error's own key: it has a visit
    by its name, the file by its number.
    """
    # The library names a visit, the file counts it.
    visits = [visit.name for visit in planned["visits"] or ()]
    if error.key[:1] == ("visits",) and len(error.key) > 1 and error.key[1] in visits:
        return ("visits", str(visits.index(error.key[1]) + 1))
    return trial.present((), error.key)

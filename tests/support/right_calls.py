"""One right call of every public name and of the public methods of what they return, for
tests/test_wrong_calls.py.

What stands in other tests' tables is taken from there: figures, the loop, trials, statistics. A
third entry says which of the wrong values a parameter may have, and is the place to look when a new
one is accepted.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import oxysim as ox
from oxysim import (
    cohorts,
    evidence,
    families,
    fitting,
    interventions,
    measures,
    observations,
    population,
    protocols,
    schedule,
    studies,
    sweeps,
    trials,
)
from oxysim.fitting.hierarchy.person_draws import PersonDraws
from oxysim.fitting.hierarchy.population_scale import PopulationScale
from oxysim.fitting.persons.person_model import PersonModel
from oxysim.fitting.persons.person_samples import persons_of
from oxysim.fitting.search.log_posterior import LogPosterior
from oxysim.fitting.search.optimisation import find_maximum
from oxysim.population import Members, Population
from oxysim.sweeps import Axis, Range
from oxysim.trials.participant_groups import groups
from tests.support import fitted_figures
from tests.support.toy_ensembles import level, toy_ensemble

Right = tuple[Callable[..., Any], Mapping[str, Any], Mapping[str, list[str]]]
Calls = dict[str, Right]
NUMBER, NEGATIVE, TEXT, EMPTY, TRUE, NONE = "3", "-1", "'x'", "[]", "True", "None"

DYAD = ox.Dyad()
FAMILY = ox.Family(dyads=range(3))
NOTHING = ox.Routine.empty()
SPRAY = ox.NasalSpray("24 IU", at="08:05")
RESULT = ox.simulate(DYAD, NOTHING + SPRAY, "30 min", save="10 min", progress=False)
COMMUNITY = Population.named("community")
SAMPLES = ox.observations.Observations.from_table(
    pd.DataFrame(
        {
            "person": "01",
            "minutes": [0.0, 15.0, 30.0],
            "analyte": "epds",
            "value": [5.0, 9.0, 7.0],
            "unit": "EPDS",
        }
    )
)
WELLS = [
    measures.Well("standard", f"S{x:g}", 0.2 + 1.8 / (1 + x / 50), x)
    for x in (0.0, 5.0, 20.0, 80.0, 320.0)
]
PLATE = measures.ElisaPlate(WELLS, "pg/mL")
STUDY = sweeps.Study(
    DYAD,
    "10 min",
    sweeps.grid({"seed": [0, 1]}),
    outcomes=["caregiver.epds: final"],
    engine="scipy",
)
COMMON = {
    "n": [NUMBER],
    "seed": [NUMBER],
    "replications": [NUMBER],
    "pool": [NUMBER],
    "block": [NUMBER],
    "sessions": [NUMBER],
    "workers": [NUMBER],
    "block_size": [NUMBER],
    "count": [NUMBER],
    "progress": [TRUE, NONE],
    "cut": [EMPTY],
    "wanted": [EMPTY],
    "fast": [TRUE],
    "entry": [EMPTY],
    "by": [TEXT],
    "note": [TEXT],
    "occasion": [TEXT],
    "interventions": [EMPTY],
}
"""What a parameter of that name may have wherever it occurs; `by` is looked up in the family that
is simulated.
"""


def door() -> Calls:
    """What stands at the door itself."""
    arguments = {"who": DYAD, "schedule": NOTHING, "duration": "10 min"}
    activity: Right = (ox.Feed, {"at": "10:00", "minutes": 10}, {})
    return {
        "simulate": (ox.simulate, arguments, {"schedule": [NONE]}),
        "outcomes": (
            ox.outcomes,
            {**arguments, "keep": ["caregiver.epds: final"]},
            {"schedule": [NONE]},
        ),
        "Solver": (
            ox.Solver,
            {},
            {"max_step": [NUMBER], "fixed_step": [NUMBER], "max_evaluations": [NUMBER]},
        ),
        "measure": (ox.measure, {"result": RESULT, "name": "epds"}, {}),
        "provenance": (ox.provenance, {}, {}),
        "parameter_table": (ox.parameter_table, {}, {}),
        "edge_table": (ox.edge_table, {}, {}),
        "Feed": activity,
    }


def people() -> Calls:
    """Dyads, families, populations and their methods."""
    return {
        "Dyad": (ox.Dyad, {}, {}),
        "Family": (ox.Family, {}, {"origin": [TEXT]}),
        "combine": (ox.combine, {"families": [DYAD, DYAD]}, {}),
        "edge_multipliers": (
            families.edge_multipliers,
            {"cut": (), "scale": None},
            {"scale": [NONE]},
        ),
        "Family.numbered": (FAMILY.numbered, {"numbers": [1, 2, 3]}, {}),
        "Family.repeat": (FAMILY.repeat, {"n": 2}, {"n": [NUMBER]}),
        "Family.take": (FAMILY.take, {"index": [0]}, {}),
        "Family.value": (FAMILY.value, {"name": "caregiver.oxytocin.plasma_half_life"}, {}),
        "Family.with_parameters": (FAMILY.with_parameters, {"values": {}}, {}),
        "Family.with_start": (FAMILY.with_start, {"values": {}}, {}),
        "Dyad.reference": (ox.Dyad.reference, {}, {}),
        "Dyad.symptomatic": (ox.Dyad.symptomatic, {}, {}),
        "Dyad.recovered": (ox.Dyad.recovered, {}, {}),
        "Attribute": (
            population.Attribute,
            {"name": "boys", "share": 0.5},
            {"name": [TEXT], "shifts": [EMPTY], "interventions": [TEXT]},
        ),
        "Correlation": (
            population.Correlation,
            {"first": "a", "second": "b", "r": 0.5},
            {"first": [TEXT], "second": [TEXT]},
        ),
        "Trait": (
            population.Trait,
            {
                "name": "caregiver.oxytocin.plasma_half_life",
                "distribution": "lognormal",
                "centre": 4.0,
                "spread": 0.2,
            },
            {"centre": [NUMBER], "spread": [NUMBER], "least": [NUMBER], "doubt": [NUMBER]},
        ),
        "Members": (Members, {"population": COMMUNITY}, {}),
        "Population": (
            Population,
            {"name": "some"},
            {
                "name": [TEXT],
                "traits": [EMPTY],
                "correlations": [EMPTY],
                "attributes": [EMPTY],
                "meaning": [TEXT],
            },
        ),
        "sample": (population.sample, {"n": 3, "seed": 0}, {"varied": [EMPTY]}),
        "draw": (population.draw, {"dyads": [0, 1], "seed": 0}, {"varied": [EMPTY]}),
        "select": (
            population.select,
            {"population": COMMUNITY, "n": 2, "seed": 0, "at": "1 d"},
            {},
        ),
        "symptomatic": (
            population.symptomatic,
            {"n": 1, "seed": 0},
            {"varied": [EMPTY], "threshold": [NUMBER]},
        ),
        "Population.draw": (COMMUNITY.draw, {"dyads": [0, 1], "seed": 0}, {}),
        "Population.sample": (COMMUNITY.sample, {"n": 2, "seed": 0}, {}),
        "Population.having": (COMMUNITY.having, {"dyads": [0, 1], "seed": 0}, {}),
        "Population.plausible": (COMMUNITY.plausible, {"k": 1, "seed": 0}, {"k": [NUMBER]}),
        "Population.schedules": (
            COMMUNITY.schedules,
            {"day": NOTHING, "dyads": [0, 1], "seed": 0},
            {"day": [NONE]},
        ),
        "Population.select": (COMMUNITY.select, {"n": 2, "seed": 0, "at": "1 d"}, {}),
        "Population.named": (Population.named, {}, {}),
        "Population.from_file": (Population.from_file, {"path": "none.toml"}, {}),
        "Population.to_file": (
            COMMUNITY.to_file,
            {"path": "missing_folder/some.toml"},
            {"path": [TEXT]},
        ),
        "Population.trait": (COMMUNITY.trait, {"name": COMMUNITY.traits[0].name}, {}),
        "Population.with_trait": (COMMUNITY.with_trait, {"name": COMMUNITY.traits[0].name}, {}),
        "Population.with_values": (COMMUNITY.with_values, {"values": {}}, {}),
        "Trait.quantile": (COMMUNITY.traits[0].quantile, {"share": [0.5]}, {}),
        "Trait.shifted": (COMMUNITY.traits[0].shifted, {"by": 0.1}, {"by": [NUMBER, NEGATIVE]}),
        "Members.added": (Members(COMMUNITY, 3).added, {"numbers": [0]}, {}),
        "Members.ages": (Members(COMMUNITY, 3).ages, {}, {}),
        "Members.draw": (Members(COMMUNITY, 3).draw, {"numbers": [0]}, {}),
        "Members.take": (Members(COMMUNITY, 3).take, {"index": [0]}, {}),
        "Members.under": (Members(COMMUNITY, 3, others={"a": COMMUNITY}).under, {"name": "a"}, {}),
    }


def days() -> Calls:
    """Schedules: activities, routines, what is laid out of them."""
    at = {"at": "10:00", "minutes": "10 min"}
    window = {"start": 0.0, "stop": 60.0}
    window_right = schedule.Window(0.0, 1440.0)
    laid = schedule.as_schedule(NOTHING + SPRAY)
    realised = laid.realise(480.0, 600.0)
    timing = {"what": "spray", "at": "10:00"}
    activities = ("Absence", "Activity", "Feed", "Play", "Sleep", "Talk", "Together", "Touch")
    return {
        **{name: (getattr(schedule, name), at, {}) for name in activities},
        "Routine": (ox.Routine, {}, {"activities": [EMPTY]}),
        "Routine.typical": (ox.Routine.typical, {}, {"infant_care": [TRUE]}),
        "Routine.household": (ox.Routine.household, {}, {}),
        "Routine.bouts": (ox.Routine.typical().bouts, {"window": window_right}, {}),
        "Schedule": (schedule.Schedule, {}, {}),
        "Schedule.edges": (laid.edges, window, {}),
        "Schedule.realise": (laid.realise, window, {}),
        "as_schedule": (schedule.as_schedule, {"item": None}, {"item": [NONE]}),
        "stage": (schedule.stage, {"age_minutes": 0.0}, {"age_minutes": [NUMBER]}),
        "DailyLifeNoise": (
            schedule.DailyLifeNoise,
            {"stress_time": 60.0, "mood_time": 60.0},
            {"stress_time": [NUMBER], "mood_time": [NUMBER]},
        ),
        "Window": (
            schedule.Window,
            window,
            {k: [NUMBER] for k in ("start", "stop", "born_on", "dyad", "enrolled")},
        ),
        "Window.weekday": (
            window_right.weekday,
            {"day": np.array([0])},
            {"day": [NUMBER, NEGATIVE]},
        ),
        "Timing": (schedule.Timing, timing, {"what": [TEXT]}),
        "Timing.moments": (
            schedule.Timing(**timing).moments,
            {"window": window_right, "length": 1.0},
            {"length": [NUMBER], "lasts": [NUMBER]},
        ),
        "Timing.span": (schedule.Timing(**timing).span, {"window": window_right}, {}),
        "Realised.between": (realised.between, {"start": 490.0, "stop": 500.0}, {}),
        "Realised.inputs_at": (realised.inputs_at, {"member": "mother", "times": [490.0]}, {}),
    }


STRONG = (
    "AmbientStress",
    "Antidepressant",
    "Coaching",
    "DailyCrying",
    "LifeEvents",
    "PsychologicalTreatment",
    "SocialSupport",
    "Stressor",
)
"""Interventions whose level or dose may be above 1."""


def given() -> Calls:
    """Every intervention."""
    needed: dict[str, dict[str, Any]] = {
        "minutes": {"minutes": "10 min"},
        "dose": {"dose": "24 IU"},
        "level": {"level": 0.5},
        "from_age": {"from_age": "4 months"},
        "to_age": {"to_age": "6 months"},
    }
    calls: Calls = {}
    for name in interventions.__all__:
        kind = getattr(interventions, name)
        if not isinstance(kind, type):
            continue
        parameters = inspect.signature(kind).parameters.values()
        right = {p.name: needed[p.name][p.name] for p in parameters if p.default is p.empty}
        if name not in (
            "AmbientStress",
            "Antidepressant",
            "DailyCrying",
            "DailyLife",
            "SocialSupport",
            "LifeEvents",
            "Weaning",
            "ReceptorKnockout",
        ):
            right["at"] = "10:00"
        scales = ("level", "dose", "intensity", "steps") if name in STRONG else ("steps",)
        have = inspect.signature(kind).parameters
        # a mean number of bouts is no share either
        legal = {k: [NUMBER] for k in (*scales, "bouts_a_day") if k in have}
        legal |= {k: [TRUE] for k in ("pulses", "regular") if k in have}
        calls[name] = (kind, right, legal)
    calls["parse"] = (interventions.parse, {"text": "massage 15 min daily at 10:00"}, {})
    calls["parse_all"] = (interventions.parse_all, {"text": "massage 15 min daily at 10:00"}, {})
    calls["parse_schedule"] = (
        interventions.parse_schedule,
        {"text": "massage 15 min daily at 10:00"},
        {},
    )
    calls["DailyCrying.by_irritability"] = (
        interventions.DailyCrying().by_irritability,
        {"irritability": [0.3, 0.5]},
        {"slope": ["-1"]},
    )
    calls["Intervention.bouts"] = (SPRAY.bouts, {"window": schedule.Window(0.0, 1440.0)}, {})
    return calls


def results() -> Calls:
    """What a result and an instrument can be asked."""
    arguments = {"name": "caregiver.cortisol"}
    of = measures.instrument("epds")
    instrument = {
        "name": "mine",
        "variables": ("caregiver.epds",),
        "unit": "points",
        "noise": of.noise,
        "source": of.source,
        "status": of.status,
        "note": "",
    }
    return {
        "Result.area": (RESULT.area, arguments, {}),
        "Result.mean": (RESULT.mean, arguments, {}),
        "Result.peak": (RESULT.peak, arguments, {}),
        "Result.between": (RESULT.between, arguments, {}),
        "Result.time_of_peak": (RESULT.time_of_peak, arguments, {}),
        "Result.at": (RESULT.at, {**arguments, "times": "08:10"}, {}),
        "Result.change": (RESULT.change, {**arguments, "baseline": "08:00", "at": "08:10"}, {}),
        "Result.inputs": (RESULT.inputs, {"member": "mother"}, {}),
        "Result.levels_at": (
            RESULT.levels_at,
            {"member": "mother", "channel": "spray", "times": np.array([481.0])},
            {},
        ),
        "Result.means_before": (
            RESULT.means_before,
            {**arguments, "times": np.array([490.0]), "minutes": 5.0},
            {"minutes": [NUMBER]},
        ),
        "Result.values_at": (RESULT.values_at, {**arguments, "times": np.array([490.0])}, {}),
        "Result.load": (ox.Result.load, {"path": "none.zip"}, {}),
        "Result.save": (RESULT.save, {"path": "missing_folder/result.zip"}, {"path": [TEXT]}),
        "Instrument": (measures.Instrument, instrument, {}),
        "Instrument.reads": (
            measures.instrument("reported_temperament").reads,
            {"person": "infant", "caregivers": ["mother"]},
            {"caregivers": [TEXT]},
        ),
        "MeasurementNoise": (measures.MeasurementNoise, {"kind": "multiplied"}, {}),
        "instrument": (measures.instrument, {"name": "epds"}, {}),
        "instrument_table": (measures.instrument_table, {}, {"instruments": [EMPTY]}),
        "read": (
            measures.read,
            {"name": "epds", "values": [[5.0]], "dyads": [0]},
            {"times": [NUMBER, NEGATIVE]},
        ),
        "user_instrument": (
            measures.user_instrument,
            {"name": "kit", "like": "epds"},
            {
                **dict.fromkeys(("lloq", "uloq", "rounding", "high"), [NUMBER]),
                "low": [NUMBER, NEGATIVE],
                "name": [TEXT],
                "matrix": [TEXT],
                "steady": [TRUE],
            },
        ),
        "instrument_of_row": (
            measures.instrument_of_row,
            {"row": {"instrument": "kit", "like": "epds"}},
            {},
        ),
        "noncompartmental": (
            ox.noncompartmental,
            {"observations": SAMPLES},
            {"baseline": [NUMBER, NEGATIVE]},
        ),
        "Well": (
            measures.Well,
            {"kind": "sample", "sample": "P1", "density": 1.0},
            {
                **dict.fromkeys(("concentration", "density", "dilution", "line"), [NUMBER]),
                "concentration": [NUMBER, "nan"],
                "sample": [TEXT],
                "well": [TEXT],
            },
        ),
        "ElisaPlate": (measures.ElisaPlate, {"wells": WELLS, "unit": "pg/mL"}, {"name": [TEXT]}),
        "ElisaPlate.of": (PLATE.of, {"kind": "sample"}, {}),
        "ElisaPlate.curve": (PLATE.curve, {}, {"without": [EMPTY]}),
        "ElisaPlate.read_samples": (PLATE.read_samples, {"curve": PLATE.curve()}, {}),
        "fitted_curve": (
            measures.fitted_curve,
            {
                "concentrations": [w.concentration for w in WELLS],
                "densities": [w.density for w in WELLS],
                "unit": "pg/mL",
            },
            {"blanks": [EMPTY], "scatter": [NUMBER, NONE], "unit": [TEXT], "name": [TEXT]},
        ),
        "StandardCurve.density": (
            PLATE.curve().density,
            {"concentration": 3.0},
            {"concentration": [NUMBER]},
        ),
        "StandardCurve.concentration": (
            PLATE.curve().concentration,
            {"density": 1.0},
            {"density": [NUMBER, NEGATIVE]},
        ),
        "StandardCurve.standard_error": (
            PLATE.curve().standard_error,
            {"concentration": 9.0},
            {"concentration": [NUMBER], "wells": [NUMBER]},
        ),
        "StandardCurve.precision_profile": (
            PLATE.curve().precision_profile,
            {},
            {"wells": [NUMBER]},
        ),
        "StandardCurve.two_components": (PLATE.curve().two_components, {}, {"wells": [NUMBER]}),
        "StandardCurve.instrument": (
            PLATE.curve().instrument,
            {"name": "kit", "like": "saliva_oxytocin"},
            {"name": [TEXT], "dilution": [NUMBER], "rounding": [NUMBER], "wells": [NUMBER]},
        ),
        "read_plate": (measures.read_plate, {"path": "none.csv"}, {}),
        "read_instruments": (measures.read_instruments, {"path": "none.toml"}, {}),
        "read_criteria": (
            population.read_criteria,
            {"texts": "epds >= 13"},
            {
                "texts": [EMPTY],
                "label": [TEXT],
                "attributes": [TEXT, EMPTY],
                "instruments": [EMPTY],
            },
        ),
        "conditioned_preference": (
            measures.conditioned_preference,
            {"social": [1.0], "isolated": [0.5], "dyads": [0]},
            {},
        ),
    }


def sweeping() -> Calls:
    """Sweeps and their designs."""
    return {
        "sweep": (
            ox.sweep,
            {"study": STUDY, "progress": False},
            {"store": [TEXT], "retries": [NUMBER], "force": [TRUE], "source": [TEXT]},
        ),
        "estimate": (sweeps.estimate, {"study": STUDY, "pilot": False}, {"on_disk": [TRUE]}),
        "Study": (sweeps.Study, {"who": DYAD, "duration": "10 min"}, {}),
        "Study.block": (STUDY.block, {"number": 0, "shape": (1,)}, {}),
        "Axis": (Axis, {"name": "spray.dose", "values": ["1 IU"]}, {"name": [TEXT]}),
        "Axis.entry": (Axis("spray.dose", ["1 IU"]).entry, {"position": 0}, {}),
        "Axis.words": (Axis("spray.dose", ["1 IU"]).words, {"position": 0}, {}),
        "Range": (
            Range,
            {"low": 0.5, "high": 5.0},
            {"low": [NUMBER, NEGATIVE], "high": [NUMBER], "unit": [TEXT]},
        ),
        "Range.at": (Range(0.5, 5.0).at, {"share": np.array([0.5])}, {}),
        "Range.spaced": (Range(0.5, 5.0).spaced, {"count": 2}, {}),
        "SweepDesign": (sweeps.SweepDesign, {"kind": "grid", "axes": (Axis("seed", [0, 1]),)}, {}),
        "SweepDesign.columns": (STUDY.design.columns, {"positions": [0]}, {"positions": [EMPTY]}),
        "SweepDesign.indices": (STUDY.design.indices, {"positions": [0]}, {"positions": [EMPTY]}),
        "MemoryStore": (sweeps.MemoryStore, {}, {}),
        "MemoryStore.begin": (
            sweeps.MemoryStore().begin,
            {"study": STUDY, "block_shape": (1,)},
            {"source": [TEXT]},
        ),
        "grid": (sweeps.grid, {"axes": {"seed": [0, 1]}}, {}),
        "zipped": (sweeps.zipped, {"axes": {"seed": [0, 1]}}, {}),
        "one_at_a_time": (sweeps.one_at_a_time, {"axes": {"seed": [0, 1]}}, {}),
        "latin_hypercube": (
            sweeps.latin_hypercube,
            {"ranges": {"spray.dose": ("1 IU", "2 IU")}, "n": 4},
            {},
        ),
        "sobol": (sweeps.sobol, {"ranges": {"spray.dose": ("1 IU", "2 IU")}, "n": 4}, {}),
        "linspace": (
            sweeps.linspace,
            {"low": 0.5, "high": 5.0, "count": 3},
            {"low": [NUMBER, NEGATIVE], "high": [NUMBER], "unit": [TEXT]},
        ),
        "logspace": (
            sweeps.logspace,
            {"low": 0.5, "high": 5.0, "count": 3},
            {"low": [NUMBER], "high": [NUMBER], "unit": [TEXT]},
        ),
        "table": (sweeps.table, {"source": pd.DataFrame({"seed": [0, 1]})}, {}),
        "open_sweep": (sweeps.open_sweep, {"path": "none.zarr"}, {"path": [TEXT]}),
        "verify (sweeps)": (sweeps.verify, {"path": "none.zarr"}, {"path": [TEXT]}),
        "read_source": (
            studies.read_source,
            {"source": 'duration = "6 h"\noutcomes = ["caregiver.epds: final"]'},
            {},
        ),
        "read_study": (studies.read_study, {"path": "none.toml"}, {}),
        "read_trial": (studies.read_trial, {"path": "none.toml"}, {}),
    }


def a_few_populations() -> Any:
    """Draws of the packaged priors."""
    from oxysim.ensembles import Ensemble, PriorTable

    return Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)


def evidences() -> Calls:
    finding = evidence.targets()[next(iter(evidence.targets()))]
    fields = {name: getattr(finding, name) for name in finding.__dataclass_fields__}
    board = evidence.Scoreboard(
        pd.DataFrame({"id": ["A1"], "use": ["fit"], "holds": ["yes"]}), {}, {}
    )
    over_members = evidence.EnsembleScoreboard(board.table, pd.DataFrame(), {})
    return {
        "scoreboard": (evidence.scoreboard, {"ids": ["none"]}, {}),
        "face_validity": (evidence.face_validity, {"lives": []}, {"lives": [EMPTY]}),
        "FaceValidity.markdown": (evidence.face_validity(lives=[]).markdown, {}, {}),
        "Life": (
            evidence.Life,
            {"title": "away", "day": NOTHING},
            {
                "title": [TEXT],
                "day": [NONE],
                "caregivers": [TEXT],
                "reads": [EMPTY],
                "loads": [EMPTY],
                "changes_the_day": [TRUE],
            },
        ),
        "after_selection": (
            evidence.after_selection,
            {"n": 2, "weeks": [1]},
            {"cut_off": [NUMBER]},
        ),
        "trait_or_edge": (
            evidence.trait_or_edge,
            {"findings": ["none"]},
            {"size": [NUMBER], "score_check": [TRUE]},
        ),
        "TraitOrEdge.to_csv": (
            evidence.TraitOrEdge(pd.DataFrame({"finding": ["C11"]}), {}).to_csv,
            {"path": "missing_folder/a.csv"},
            {"path": [TEXT]},
        ),
        "ensemble_scoreboard": (
            evidence.ensemble_scoreboard,
            {"ensemble": a_few_populations(), "ids": ["none"]},
            {"work": [TEXT], "score_check": [TRUE]},
        ),
        "EnsembleScoreboard.block": (over_members.block, {"use": "fit"}, {}),
        "EnsembleScoreboard.to_csv": (
            over_members.to_csv,
            {"path": "missing_folder/a.csv"},
            {"path": [TEXT]},
        ),
        **designs(),
        "Scoreboard.block": (board.block, {"use": "fit"}, {}),
        "Scoreboard.to_csv": (board.to_csv, {"path": "missing_folder/a.csv"}, {"path": [TEXT]}),
        "Target": (
            evidence.Target,
            fields,
            {
                "low": [NUMBER, NEGATIVE],
                "n": [NONE, NUMBER],
                "protocol": [NUMBER],
                **{
                    k: [TEXT]
                    for k in (
                        "id",
                        "quantity",
                        "figure",
                        "unit",
                        "population",
                        "interval_from",
                        "source",
                        "status",
                        "answer",
                        "run",
                    )
                },
            },
        ),
        "Target.holds": (finding.holds, {"value": 1.0}, {"value": [NUMBER, NEGATIVE]}),
        "read_targets": (evidence.read_targets, {"path": "none.csv"}, {}),
        "target": (evidence.target, {"name": finding.id}, {}),
        "targets": (evidence.targets, {}, {}),
    }


def designs() -> Calls:
    """Which study would tell, of a small ensemble that is read without a simulation."""
    ensemble = toy_ensemble(8)

    def survey(population: Population, *, seed: int) -> evidence.StudyFigures:
        return evidence.StudyFigures(["mean"], [level(population)], [[4.0]])

    asked = {"designs": {"survey": survey}, "about": "structure", "ensemble": ensemble}
    found = evidence.informative(**asked, progress=False)  # type: ignore[arg-type]
    table = pd.DataFrame({"mood": [4.0, 5.0, 9.0]})
    arms = {"usual care": None, "massage": interventions.parse("massage 15 min daily at 10:00")}
    plan = trials.Trial(FAMILY, trials.Parallel(arms), trials.Endpoint("epds", "1 d"))
    report = plan.run(3, 3, 1).study()
    return {
        "informative": (
            evidence.informative,
            asked,
            {"ensemble": [NONE], "members": [NUMBER, NONE], "file": [NONE, TEXT]},
        ),
        "Informative.over": (found.over, {"sizes": [30]}, {}),
        "Informative.about": (found.about, {"about": "structure"}, {}),
        "Informative.by_figure": (found.by_figure, {"n": 30}, {"n": [NUMBER]}),
        "StudyFigures": (
            evidence.StudyFigures,
            {"names": ["mean"], "values": [1.0], "covariance": [[4.0]]},
            {},
        ),
        "StudyFigures.of_participants": (
            evidence.StudyFigures.of_participants,
            {"table": table},
            {},
        ),
        "StudyFigures.of_trial": (
            evidence.StudyFigures.of_trial,
            {"result": plan.run(3, 3, 1)},
            {},
        ),
        "StudyFigures.of_report": (evidence.StudyFigures.of_report, {"report": report}, {}),
    }


def trialling() -> Calls:
    """What results, cohorts and the parts of trials can be asked."""
    arms = {"usual care": None, "massage": interventions.parse("massage 15 min daily at 10:00")}
    plan = trials.Trial(FAMILY, trials.Parallel(arms), trials.Endpoint("epds", "1 d"))
    result = plan.run(2, 3, 1)
    curve = trials.power(trials.Gaussian(1.0), n=[10, 20], replications=5)
    newborns = ox.Family(infant_age="0 d", dyads=range(3))
    followed = cohorts.follow(newborns, until="2 d", every="1 d")
    normal = trials.Gaussian(1.0)
    return {
        "Trial.endpoint": (plan.endpoint, {}, {}),
        "Trial.readings": (plan.readings, {"n": 2, "replications": 3, "seed": 0}, {}),
        "Trial.run": (plan.run, {"n": 2, "replications": 3}, {}),
        "TrialResult.contrasts": (result.contrasts, {}, {}),
        "TrialResult.individual": (result.individual, {}, {}),
        "TrialResult.readings": (result.readings, {}, {}),
        "TrialResult.responders": (result.responders, {}, {}),
        "TrialResult.study": (
            result.study,
            {},
            {"name": [TEXT], "question": [TEXT], "assumptions": [EMPTY, TEXT]},
        ),
        "PowerCurve.n_for": (curve.n_for, {}, {}),
        "Gaussian.readings": (normal.readings, {"n": 3, "replications": 2, "seed": 0}, {}),
        "Gaussian.analyse": (normal.analyse, {"readings": normal.readings(5, 2, 0)}, {}),
        "follow": (
            cohorts.follow,
            {"population": newborns, "until": "1 d", "every": "1 d"},
            {"variables": [EMPTY], "at": [EMPTY]},
        ),
        "visit": (
            cohorts.visit,
            {"cohort": followed, "at": "1 d", "variables": ["caregiver.cortisol"], "every": "6 h"},
            {"at": [NUMBER], "variables": [NONE], "times": [EMPTY], "means": [EMPTY]},
        ),
        "course_classes": (cohorts.course_classes, {"epds": np.full((2, 5), 5.0)}, {}),
        "Cohort.at_midnight": (followed.at_midnight, {"at": "1 d"}, {"at": [NUMBER]}),
        "Cohort.family": (followed.family, {"at": "1 d"}, {"at": [NUMBER]}),
        "Cohort.inputs": (followed.inputs, {"member": "mother"}, {}),
        "Cohort.readings": (followed.readings, {"name": "epds", "at": "1 d"}, {}),
        "Cohort.take": (followed.take, {"index": [0]}, {}),
        "Cohort.value": (followed.value, {"name": "caregiver.epds", "at": "1 d"}, {}),
        "groups": (groups, {"pool": 3, "n": 2, "replications": 2, "seed": 0}, {"arm": [TEXT]}),
    }


def published() -> Calls:
    """Protocols, small."""
    calls: Calls = {
        "Measure": (protocols.Measure, {"instrument": "epds"}, {}),
    }
    legal = {
        "early": [NUMBER],
        "krol_n": [NUMBER],
        "adherence": [NONE],
        "later": [EMPTY],
        "ward_stress": [NUMBER],
        "crying": [TRUE],
    }
    for name in protocols.__all__:
        call = getattr(protocols, name)
        if isinstance(call, type) or not callable(call):
            continue
        have = inspect.signature(call).parameters
        right: dict[str, Any] = {k: 2 for k in ("n", "replications", "pool") if k in have}
        calls[name] = (call, right, {k: v for k, v in legal.items() if k in have})
    return calls


def ensembling() -> Calls:
    """What stands for what is not known of a population."""
    from tests.support.ensemble_calls import ensemble_calls

    return ensemble_calls()


def fitted() -> Calls:
    """Fits of what a user measured; where a search ended is made up, so that nothing runs."""
    table = pd.DataFrame(
        {"person": ["a"], "analyte": "epds", "minutes": 600.0, "value": 7.0, "unit": "EPDS"}
    )
    data = observations.Observations.from_table(table)
    names = ["mother.depression.set_point"]
    free = fitting.free_parameters(names, DYAD)
    model = PersonModel(persons_of(data, DYAD, NOTHING), free)
    density = LogPosterior(lambda latents: np.zeros(len(latents)), 1)
    ends = (find_maximum(density, np.zeros(1)),)
    single = fitting.Fit(data, model, density, ends, 0, "made up")
    scale = PopulationScale(free, False)
    draws = PersonDraws(np.zeros((1, 2, 1)), np.zeros((1, 2)))
    figures = (find_maximum(LogPosterior(density.log_likelihood, 2), np.zeros(2)),)
    hierarchy = fitting.HierarchicalFit(
        data, model, scale, draws, LogPosterior(density.log_likelihood, 2), figures, 0, "made up"
    )
    ones = np.ones(2)
    figures_drawn = fitting.Posterior(
        scale.figures, np.zeros((4, 50, 2)), np.zeros((4, 50)), ones, ones, 0.4, {}
    )
    return {
        "fit": (
            ox.fit,
            {"data": data, "who": DYAD, "schedule": NOTHING, "parameters": names},
            {
                "schedule": [NONE],
                "priors": [NONE],
                "starts": [NUMBER],
                "correlated": [TRUE],
                "seed": [NUMBER],
                "progress": [TRUE],
            },
        ),
        "Fit.who": (single.who, {"person": "a"}, {"person": [NONE]}),
        "Fit.profiles": (single.profiles, {}, {"progress": [TRUE]}),
        "Fit.posterior": (
            single.posterior,
            {},
            {"draws": [NUMBER], "file": [TEXT, NONE], "progress": [TRUE]},
        ),
        "Fit.to_population": (
            single.to_population,
            {"name": "a"},
            {"name": [TEXT], "meaning": [TEXT]},
        ),
        "Fit.report": (single.report, {}, {}),
        "HierarchicalFit.to_population": (
            hierarchy.to_population,
            {"name": "all"},
            {"name": [TEXT], "meaning": [TEXT]},
        ),
        "HierarchicalFit.to_ensemble": (
            hierarchy.to_ensemble,
            {"name": "all", "posterior": figures_drawn},
            {"name": [TEXT], "meaning": [TEXT], "n": [NUMBER]},
        ),
        "HierarchicalFit.report": (hierarchy.report, {}, {}),
    }


def compared() -> Calls:
    """Data beside simulated studies, what samples tell, and when to sample."""
    points = fitting.SamplePoints("mother", "plasma_oxytocin", [490.0])
    grid = fitting.SampleGrid(["08:10"], {"mother": "plasma_oxytocin"})
    share = "mother.oxytocin.clearance"
    asked = {"who": DYAD, "schedule": NOTHING, "parameters": share, "grid": grid, "samples": 1}
    checked, design = fitted_figures.check(), fitted_figures.design()
    days = {"schedule": [NONE]}
    numbers = {"samples": [NUMBER], "starts": [NUMBER]}
    finding = {"name": "a", "analyte": "saliva_oxytocin", "start": "10:05", "stop": "10:20"}
    return {
        "SamplePoints": (
            fitting.SamplePoints,
            {"member": "mother", "analyte": "epds", "minutes": [1.0]},
            {"member": [TEXT], "analyte": [TEXT], "occasion": [TEXT]},
        ),
        "dyads_with": (fitting.dyads_with, {"who": DYAD, "values": {}}, {}),
        "expected_readings": (
            fitting.expected_readings,
            {"who": DYAD, "schedule": NOTHING, "points": points},
            {**days, "instruments": [NONE]},
        ),
        "readings_of": (
            fitting.readings_of,
            {"result": RESULT, "points": points},
            {"instruments": [NONE]},
        ),
        "simulate_studies": (
            fitting.simulate_studies,
            {"data": fitted_figures.saliva(), "who": DYAD, "schedule": fitted_figures.SPRAY},
            {**days, "studies": [NUMBER], "minutes_from": [NUMBER, NEGATIVE]},
        ),
        "residuals": (fitting.residuals, {"studies": fitted_figures.studies()}, {}),
        "predictive_check": (
            fitting.predictive_check,
            {"studies": fitted_figures.studies()},
            {"bins": [NUMBER, NONE], "corrected": [TRUE], "percentiles": [NUMBER]},
        ),
        "PredictiveCheck.distances": (checked.distances, {"draws": 5}, {"draws": [NUMBER]}),
        "StudyFinding": (
            fitting.StudyFinding,
            finding,
            {
                "name": [TEXT],
                "analyte": [TEXT],
                "member": [TEXT],
                "start": [NUMBER, NEGATIVE],
                "stop": [NUMBER],
            },
        ),
        "compare_findings": (
            fitting.compare_findings,
            {"studies": fitted_figures.studies(), "findings": [fitting.StudyFinding(**finding)]},
            {},
        ),
        "SampleGrid": (
            fitting.SampleGrid,
            {"times": ["10:00"], "analytes": {"mother": "epds"}},
            {},
        ),
        "SampleGrid.nearest": (grid.nearest, {"plan": ["08:10"]}, {}),
        "SamplingDesign.persons_needed": (design.persons_needed, {}, {}),
        "feasible_times": (
            fitting.feasible_times,
            {"first": "10:00", "last": "11:00"},
            {"first": [NUMBER, NEGATIVE], "without": [EMPTY]},
        ),
        "identifiability_of": (
            fitting.identifiability_of,
            {"samples": points, "who": DYAD, "schedule": NOTHING, "parameters": share},
            {**days, "minutes_from": [NUMBER, NEGATIVE]},
        ),
        "d_optimal_times": (
            fitting.d_optimal_times,
            asked,
            {**days, **numbers, "nuisance": [EMPTY]},
        ),
        "t_optimal_times": (
            fitting.t_optimal_times,
            {**asked, "rival": DYAD},
            {**days, **numbers, "scale": [NONE], "rival_scale": [NONE]},
        ),
    }


def observed() -> Calls:
    """What a user measured."""
    table = pd.DataFrame(
        {"person": ["a"], "analyte": "epds", "age": 60.0, "value": 7.0, "unit": "EPDS"}
    )
    some = observations.Observations.from_table(table)
    folder = Path(tempfile.mkdtemp())
    for name, analyte in (("saliva", "saliva_oxytocin [pg/mL]"), ("forms", "epds")):
        text = f"person,age [weeks],{analyte}\na,6,7\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    # a text of any kind may be a word, an occasion or an event
    free: dict[str, list[str]] = {
        **dict.fromkeys(("below", "above", "insufficient", "missing"), [TEXT, EMPTY]),
        **dict.fromkeys(("member", "event"), [TEXT]),
        **dict.fromkeys(("ignore", "reverse"), [EMPTY]),
    }
    return {
        "read_samples": (
            observations.read_samples,
            {"path": folder / "saliva.csv"},
            {k: v for k, v in free.items() if k != "reverse"} | {"same_day": [TRUE]},
        ),
        "read_forms": (
            observations.read_forms,
            {"path": folder / "forms.csv"},
            {k: free[k] for k in ("missing", "member", "ignore", "reverse")}
            | {"least_items": [NUMBER]},
        ),
        "Observations": (
            observations.Observations,
            {"table": some.table, "report": some.report, "name": "some"},
            {"name": [TEXT]},
        ),
        "Observations.from_table": (
            observations.Observations.from_table,
            {"table": table},
            {"name": [TEXT]},
        ),
        "Observations.of": (some.of, {"analyte": "epds"}, {}),
        "ReadingReport": (
            observations.ReadingReport,
            {"file": "saliva.csv", "kind": "samples", "rows_in_file": 3, "kept": 3},
            {
                "file": [TEXT],
                "kind": [TEXT],
                "changes": [EMPTY],
                "drops": [EMPTY],
                "rows_in_file": [NUMBER],
                "kept": [NUMBER],
            },
        ),
    }


def written_down() -> Calls:
    """Diaries and event tables."""
    folder = Path(tempfile.mkdtemp())
    diary_file, events_file = folder / "diary.csv", folder / "events.csv"
    diary_file.write_text("date,start,end,activity\n2024-03-02,05:00,06:00,nap\n", encoding="utf-8")
    events_file.write_text("ID,TIME,AMT,CMT,DV\n1,0,24,1,.\n1,1,.,2,5\n", encoding="utf-8")
    meanings: dict[str, Any] = {
        "time_unit": "h",
        "dose_unit": "IU",
        "doses": {1: "nasal"},
        "analytes": {2: "saliva_oxytocin"},
        "units": "pg/mL",
        "time_zero": "day 36 10:00",
    }
    # without codes there is nothing to explain
    optional = {
        "dose_unit": [NONE],
        "time_zero": [NONE],
        "member": [TEXT],
        "doses": [],
        "analytes": [TEXT],
    }
    entry = observations.DiaryEntry(2, "sleep", "infant", 600.0, 30.0)
    report = observations.ReadingReport("diary.csv", "diary", 1, 1)
    diary = observations.Diary((entry,), report, "diary")
    table = observations.read_events(events_file, **meanings)
    calls: Calls = {
        "read_diary": (
            observations.read_diary,
            {"path": diary_file, "born": "2024-03-01"},
            {
                "zone": [NONE],
                "columns": [NONE],
                "activities": [NONE],
                "kind": [NONE],
                "caregivers": [NONE],
                "amount_unit": [NONE],
                "ignore": [EMPTY],
                "caregiver": [TEXT],
            },
        ),
        "read_events": (
            observations.read_events,
            {"path": events_file, **meanings},
            {
                **optional,
                "doses": [NONE],
                "analytes": [NONE, TEXT],
                "units": [NONE],
                "ignore": [EMPTY],
            },
        ),
        "write_events": (
            observations.write_events,
            {"path": folder / "again.csv", "events": table},
            {"path": [TEXT]},
        ),
        "DiaryEntry": (
            observations.DiaryEntry,
            {"line": 2, "kind": "sleep", "by": "infant", "start": 600.0, "minutes": 30.0},
            {
                "by": [TEXT],
                "line": [NUMBER],
                "start": [NUMBER],
                "minutes": [NONE, NUMBER],
                "amount_ml": [NONE, NUMBER],
            },
        ),
        "Diary": (
            observations.Diary,
            {"entries": (entry,), "report": report, "name": "diary"},
            {"entries": [EMPTY], "name": [TEXT], "born": [NONE]},
        ),
        "Diary.of": (diary.of, {"kinds": "sleep"}, {}),
        "Diary.between": (
            diary.between,
            {"first_day": 1, "last_day": 30},
            {"first_day": [NUMBER], "last_day": [NUMBER]},
        ),
        "Diary.routine": (diary.routine, {}, {}),
        "Diary.schedule": (diary.schedule, {}, {}),
        "DoseEvent": (
            observations.DoseEvent,
            {"line": 2, "person": "1", "time": 0.0, "dose": 24.0, "route": "nasal"},
            {
                "line": [NUMBER],
                "person": [TEXT],
                "time": [NUMBER, NEGATIVE],
                "dose": [NUMBER],
                "over": [NONE, NUMBER],
                "interval": [NONE, NUMBER],
                "more": [NUMBER],
            },
        ),
        "EventFormat": (observations.EventFormat, meanings, optional),
        "EventFormat.times": (
            table.format.times, {"minutes": 5.0}, {"minutes": [NUMBER, NEGATIVE]},
        ),
        "EventFormat.minutes": (
            table.format.minutes, {"time": 5.0}, {"time": [NUMBER, NEGATIVE]},
        ),
        "EventFormat.international_units": (
            table.format.international_units, {"amount": 5.0}, {"amount": [NUMBER, NEGATIVE]},
        ),
        "EventFormat.unit_of": (table.format.unit_of, {"analyte": "saliva_oxytocin"}, {}),
        "EventFormat.with_time_zero": (
            table.format.with_time_zero, {"time_zero": "day 1 10:00"}, {"time_zero": [NONE]},
        ),
        "EventTable": (
            observations.EventTable,
            {
                "doses": table.doses,
                "observations": table.observations,
                "format": table.format,
                "report": table.report,
            },
            {"doses": [EMPTY]},
        ),
        "EventTable.from_study": (
            observations.EventTable.from_study,
            {
                "observations": table.observations,
                "interventions": {"1": SPRAY},
                "format": table.format,
            },
            {},
        ),
        "EventTable.interventions": (table.interventions, {"person": "1"}, {}),
        "EventTable.schedule": (table.schedule, {"person": "1"}, {"routine": [NONE]}),
    }  # fmt: skip
    return calls

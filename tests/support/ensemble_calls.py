"""Right calls of what ensembles of populations offer, for tests/test_wrong_calls.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from oxysim import ensembles, trials
from oxysim.families import Family
from oxysim.interventions import parse
from oxysim.population import Members, Population
from oxysim.schedule import Routine
from oxysim.trials import power
from tests.support.toy_ensembles import TOY, level, toy_ensemble

NUMBER, NEGATIVE, TEXT, EMPTY, NONE, NAN = "3", "-1", "'x'", "[]", "None", "nan"


def known(population: Population, seed: int) -> trials.Gaussian:
    """A trial of known answer."""
    return trials.Gaussian(0.5)


def ensemble_calls() -> dict[str, tuple[Callable[..., Any], Mapping[str, Any], Mapping[str, Any]]]:
    """One right call of every public name and method."""
    ensemble, table, prior = toy_ensemble(), ensembles.PriorTable, TOY.priors[-1]
    row = TOY.rows[0]
    of_prior = {name: getattr(prior, name) for name in
                ("quantity", "kind", "parameter", "distribution", "low", "high")}  # fmt: skip
    answers = ensemble.ask(level, progress=False)
    arms = {"usual care": None, "massage": parse("massage 15 min daily at 10:00")}
    plan = trials.Trial(Family(), trials.Parallel(arms), trials.Endpoint("epds", "1 d"))
    trial = plan.drawn_from(ensemble, 4, seed=1, members=2)
    result = trial.run(4, 2, progress=False)
    assurance = power(trial, n=[4], replications=2, progress=False)
    running = {"replications": [NUMBER], "seed": [NUMBER], "progress": ["True"]}
    fields = ("name", "priors", "structures", "values", "weights", "figures", "errors",
              "sensitivity")  # fmt: skip
    named = {"label": [TEXT], "structure": []}
    return {
        "Prior": (ensembles.Prior, of_prior, {"low": [NEGATIVE], "high": [NUMBER],
                                              "quantity": [TEXT], "parameter": [TEXT]}),
        "Prior.value": (prior.value, {"latent": np.zeros(2)}, {"latent": [NUMBER, NEGATIVE]}),
        "Prior.latent": (prior.latent, {"value": np.ones(2)}, {}),
        "Structure": (ensembles.Structure, {"name": "both"},
                      {"weight": [NUMBER], "name": [TEXT], "meaning": [TEXT], "zero": [EMPTY]}),
        "ObservedRow": (
            ensembles.ObservedRow, {"finding": "C1a", "low": 5.0, "high": 7.0},
            {"low": [NUMBER, NEGATIVE, NONE], "high": [NONE], "finding": [TEXT]},
        ),
        "ObservedRow.of": (
            ensembles.ObservedRow.of, {"finding": "C1a"},
            {"low": [NUMBER, NEGATIVE], "high": [NUMBER, NEGATIVE]},
        ),
        "ObservedRow.onto": (row.onto, {"figure": 1.0}, {"figure": [NUMBER, NEGATIVE, NAN]}),
        "ObservedRow.back": (row.back, {"coordinate": 1.0},
                             {"coordinate": [NUMBER, NEGATIVE, NAN]}),
        "ObservedRow.misses": (row.misses, {"figures": 1.0}, {"figures": [NUMBER, NEGATIVE, NAN]}),
        "ObservedRow.holds": (row.holds, {"figures": 1.0}, {"figures": [NUMBER, NEGATIVE, NAN]}),
        "ObservedRow.spread": (row.spread, {"error": 1.0, "figure": 1.0},
                               {"error": [NUMBER], "figure": [NUMBER, NEGATIVE]}),
        "PriorTable": (table, {"name": "toy", "base": TOY.base, "priors": TOY.priors},
                       {"name": [TEXT], "meaning": [TEXT], "rows": [EMPTY], "implied": [EMPTY]}),
        "PriorTable.named": (table.named, {"name": "community"}, {}),
        "PriorTable.from_file": (table.from_file, {"path": "none.toml"}, {}),
        "PriorTable.to_file": (TOY.to_file, {"path": "missing_folder/mine.toml"}, {}),
        "PriorTable.structure": (TOY.structure, {"name": "both"}, {}),
        "PriorTable.free": (TOY.free, {"structure": "both"}, {}),
        "PriorTable.design": (TOY.design, {"n": 4, "seed": 1}, {}),
        "PriorTable.values": (TOY.values, {"latents": np.zeros(5)}, {}),
        "PriorTable.latents": (TOY.latents, {"values": TOY.values(np.zeros(5))}, {}),
        "PriorTable.candidate": (TOY.candidate, {"latents": np.zeros(5)}, named),
        "PriorTable.population": (TOY.population, {"values": TOY.values(np.zeros(5))}, named),
        "Ensemble": (ensembles.Ensemble, {name: getattr(ensemble, name) for name in fields},
                     {"name": [TEXT], "meaning": [TEXT]}),
        "Ensemble.named": (ensembles.Ensemble.named, {"name": "none"}, {"name": [TEXT]}),
        "Ensemble.from_file": (ensembles.Ensemble.from_file, {"path": "none.toml"}, {}),
        "Ensemble.to_file": (ensemble.to_file, {"path": "missing_folder/mine.toml"}, {}),
        "Ensemble.from_priors": (ensembles.Ensemble.from_priors,
                                 {"priors": TOY, "n": 4, "seed": 1}, {}),
        "Ensemble.predict": (ensemble.predict, {"asked": level}, {"seeds": [EMPTY]}),
        "Ensemble.ask": (ensemble.ask, {"asked": level}, {"seed": [NUMBER], "members": [NUMBER]}),
        "Ensemble.members_of": (ensemble.members_of, {"dyads": [0, 1], "seed": 1}, {}),
        "Ensemble.sample": (ensemble.sample, {"n": 2, "seed": 1}, {}),
        "Ensemble.draw": (ensemble.draw, {"dyads": [0, 1], "seed": 1}, {}),
        "Ensemble.having": (ensemble.having, {"dyads": [0, 1], "seed": 1}, {}),
        "Ensemble.schedules": (
            ensemble.schedules,
            {"day": Routine.typical(), "dyads": [0, 1], "seed": 1},
            {"day": [NONE]},
        ),
        "Ensemble.select": (ensemble.select, {"n": 2, "seed": 1, "at": "1 d"}, {}),
        "MemberAnswers.predict": (answers.predict, {}, {}),
        "MemberAnswers.table": (answers.table, {}, {}),
        "MemberAnswers.map": (answers.map, {"change": abs}, {"seed": [NUMBER]}),
        "EnsembleTrial": (trials.EnsembleTrial, {"ensemble": ensemble, "planned": known},
                          {"members": [NUMBER]}),
        "EnsembleTrial.run": (trial.run, {"n": 4, "replications": 2}, {"n": [NUMBER], **running}),
        "EnsembleTrial.assurance": (
            trial.assurance,
            {"n": [4], "replications": 2},
            {**running, "truth": [NUMBER, NEGATIVE]},
        ),
        "EnsembleTrialResult.effect": (result.effect, {}, {}),
        "EnsembleTrialResult.by_member": (result.by_member, {}, {}),
        "Assurance.power_at": (assurance.power_at, {"n": 4}, {}),
        "Assurance.n_for": (assurance.n_for, {}, {}),
        "Trial.drawn_from": (
            plan.drawn_from,
            {"source": ensemble[0], "n": 4, "seed": 1},
            {"n": [NUMBER], "seed": [NUMBER], "wanted": [EMPTY]},
        ),
        "Trial.with_pool": (plan.with_pool, {"people": Members(ensemble[0], 4, seed=1)}, {}),
        "Ensemble.informs": (ensemble.informs, {"quantity": "gain"}, {"quantity": [NONE]}),
        "Ensemble.without": (ensemble.without, {}, {}),
    }  # fmt: skip

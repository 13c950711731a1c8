"""Right calls of what ensembles of populations offer, for tests/test_wrong_calls.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from oxysim import ensembles
from tests.support.toy_ensembles import TOY, level, toy_ensemble

NUMBER, NEGATIVE, TEXT, EMPTY, NONE, NAN = "3", "-1", "'x'", "[]", "None", "nan"


def ensemble_calls() -> dict[str, tuple[Callable[..., Any], Mapping[str, Any], Mapping[str, Any]]]:
    """One right call of every public name and method."""
    ensemble, table, prior = toy_ensemble(), ensembles.PriorTable, TOY.priors[-1]
    row = TOY.rows[0]
    of_prior = {name: getattr(prior, name) for name in
                ("quantity", "kind", "parameter", "distribution", "low", "high")}  # fmt: skip
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
        "PriorTable.structure": (TOY.structure, {"name": "both"}, {}),
        "PriorTable.free": (TOY.free, {"structure": "both"}, {}),
        "PriorTable.design": (TOY.design, {"n": 4, "seed": 1}, {}),
        "PriorTable.values": (TOY.values, {"latents": np.zeros(5)}, {}),
        "PriorTable.latents": (TOY.latents, {"values": TOY.values(np.zeros(5))}, {}),
        "PriorTable.candidate": (TOY.candidate, {"latents": np.zeros(5)}, named),
        "PriorTable.population": (TOY.population, {"values": TOY.values(np.zeros(5))}, named),
        "PriorTable.noise": (TOY.noise, {"values": TOY.values(np.zeros(5))}, {}),
        "Ensemble": (ensembles.Ensemble, {name: getattr(ensemble, name) for name in fields},
                     {"name": [TEXT], "meaning": [TEXT]}),
        "Ensemble.named": (ensembles.Ensemble.named, {"name": "none"}, {"name": [TEXT]}),
        "Ensemble.from_file": (ensembles.Ensemble.from_file, {"path": "none.toml"}, {}),
        "Ensemble.to_file": (ensemble.to_file, {"path": "missing_folder/mine.toml"}, {}),
        "Ensemble.from_priors": (ensembles.Ensemble.from_priors,
                                 {"priors": TOY, "n": 4, "seed": 1}, {}),
        "Ensemble.noise": (ensemble.noise, {"number": 0}, {"number": [NUMBER, NEGATIVE]}),
        "Ensemble.predict": (ensemble.predict, {"asked": level}, {"seeds": [EMPTY]}),
        "Ensemble.informs": (ensemble.informs, {"quantity": "gain"}, {"quantity": [NONE]}),
        "Ensemble.without": (ensemble.without, {}, {}),
    }  # fmt: skip

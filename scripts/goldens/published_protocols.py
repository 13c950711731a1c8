"""Every published protocol with a few participants: effects, figures, readings, design, report."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import oxysim as ox
from goldens.formats import Files, arrays, lines, table

FEW: Mapping[str, Mapping[str, Any]] = {
    "spray_crossover": {"n": 6, "pool": 8},
    "spray_mind_mindedness": {"n": 6, "pool": 8},
    "skin_to_skin_session": {"n": 6, "pool": 8},
    "daily_skin_to_skin": {"n": 6, "pool": 8},
    "infant_massage": {"n": 6, "pool": 8},
    "mind_mindedness_coaching": {"n": 6, "pool": 8},
    "play_session": {"pool": 72},
    "social_preference": {"n": 4, "pool": 6},
    "stressor_and_comfort": {"pool": 64},
    "spray_kinetics": {"n_saliva": 4, "n_fluids": 4, "pool": 18},
    "intravenous_bolus": {"n": 4, "pool": 6},
    "single_feed": {"n": 4, "pool": 6},
    "cross_section": {"n": 8, "pool": 16},
    "psychological_treatment": {"n": 6, "pool": 8},
}
"""How few of each: enough that every row of its tables has a number."""
SLOW: Mapping[str, Mapping[str, Any]] = {
    "birth_cohort": {"n": 60, "early": 40, "krol_n": 20},
    "caesarean": {"n": 40, "pool": 80},
    "depression_and_sensitivity": {"n": 40, "pool": 80},
    "mind_mindedness": {"n": 16, "pool": 80},
}
"""Those that follow a cohort from birth."""
COMMON = {"replications": 4, "seed": 3}


def collect() -> Files:
    """The protocols that take a second at most."""
    return _tables("protocols", FEW)


def collect_slow() -> Files:
    """The cohorts."""
    return _tables("cohorts", SLOW)


def _tables(name: str, sizes: Mapping[str, Mapping[str, Any]]) -> Files:
    effects, figures, reports = "", "", ""
    readings: dict[str, dict[str, Any]] = {}
    for protocol, size in sizes.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # so few participants that models of them warn
            study = getattr(ox.protocols, protocol)(**COMMON, **size)
        effects += f"# {protocol}\n{table(study.effects)}"
        figures += f"# {protocol}\n{table(study.figures)}" if len(study.figures) else ""
        design = lines([[key, text] for key, text in study.design.items()])
        reports += f"# {protocol}\n{study.report()}\n{design}\n"
        readings[protocol] = dict(study.readings)
        for arm, result in study.arms.items():
            if hasattr(result, "to_xarray"):
                data = result.to_xarray()
                readings[protocol] |= {
                    f"{arm}: {key}": data[key].values for key in sorted(map(str, data.data_vars))
                }
    return {
        f"{name}_effects.csv": effects,
        f"{name}_figures.csv": figures,
        f"{name}_reports.txt": reports,
        **arrays(f"{name}_readings", readings),
    }

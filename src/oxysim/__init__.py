"""oxysim: mother-infant oxytocin feedback, simulated.

A research and teaching instrument, never a clinical one. Every public name stands in the list below
and is loaded when it is first used: ``import oxysim`` alone loads nothing but the standard library.
"""

from __future__ import annotations

import importlib
from typing import Any

_PLACES = {
    "Dyad": "oxysim.families",
    "Family": "oxysim.families",
    "combine": "oxysim.families",
    "Routine": "oxysim.schedule",
    "Feed": "oxysim.schedule",
    "Sleep": "oxysim.schedule",
    "Play": "oxysim.schedule",
    "Touch": "oxysim.schedule",
    "Talk": "oxysim.schedule",
    "Absence": "oxysim.schedule",
    "Together": "oxysim.schedule",
    "NasalSpray": "oxysim.interventions",
    "Placebo": "oxysim.interventions",
    "IntravenousBolus": "oxysim.interventions",
    "SkinToSkin": "oxysim.interventions",
    "Massage": "oxysim.interventions",
    "PlaySession": "oxysim.interventions",
    "Crying": "oxysim.interventions",
    "DailyLife": "oxysim.interventions",
    "LifeEvents": "oxysim.interventions",
    "simulate": "oxysim.simulation.simulate",
    "outcomes": "oxysim.simulation.simulate_outcomes",
    "Solver": "oxysim.simulation.scipy_engine",
    "Result": "oxysim.simulation.results.result",
    "Study": "oxysim.sweeps",
    "sweep": "oxysim.sweeps",
    "measure": "oxysim.measures",
    "Population": "oxysim.population",
    "Trial": "oxysim.trials",
    "Parallel": "oxysim.trials",
    "Crossover": "oxysim.trials",
    "Factorial": "oxysim.trials",
    "Endpoint": "oxysim.trials",
    "Visit": "oxysim.trials",
    "power": "oxysim.trials",
    "scoreboard": "oxysim.evidence",
    "ImplausibleValueWarning": "oxysim.errors",
    "provenance": "oxysim.simulation.results.provenance",
    "parameter_table": "oxysim.simulation.results.provenance",
    "edge_table": "oxysim.simulation.results.provenance",
}
_MODULES = (
    "cohorts",
    "evidence",
    "interventions",
    "loop",
    "measures",
    "plots",
    "population",
    "protocols",
    "sweeps",
    "trials",
)
__all__ = list(_PLACES) + list(_MODULES)


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(importlib.import_module(_PLACES[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"oxysim.{name}")
    if name == "__version__":
        from importlib import metadata

        return metadata.version("oxysim")
    from oxysim.synonyms import nearest

    near = ", ".join(repr(one) for one in nearest(name, __all__))
    raise AttributeError(f"module 'oxysim' has no attribute {name!r}; nearest: {near}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

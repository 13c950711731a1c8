"""Screening: which of many inputs matter at all, by elementary effects.

Morris' screening: the mean absolute elementary effect mu* of an input, the outcome's change over
the whole of what is possible for it, and its spread sigma, large where the input is non-linear or
interacts (Morris 1991; Campolongo et al. 2007, as SALib has them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.checks import require_seed
from oxysim.errors import InputError, require_extra
from oxysim.loop.uncertainty.model_runs import OutcomeModel, Subject, generator, outcome_model
from oxysim.loop.uncertainty.sensitivity import largest_first, require_bootstrap_settings
from oxysim.loop.uncertainty.uncertain_inputs import Inputs
from oxysim.texts import Described, listed


@dataclass(frozen=True, eq=False)
class MorrisScreening(Described):
    """Elementary effects on one outcome.

    ``table`` has one row an input, the largest mu* first: ``input``, ``status``, ``mu``,
    ``mu_star`` with the half-width ``mu_star_margin`` of its bootstrap interval, ``sigma``; in the
    outcome's unit, for a move over the whole of what is possible. `runs` is how many were asked
    for, `confidence` the level of the intervals.

    >>> found = morris_screening(lambda x: x[0] * x[1], {"a": (0, 1), "b": (0, 1)}, trajectories=4)
    >>> bool((found.table["sigma"] > 0).all())  # they interact
    True
    """

    outcome: str
    table: pd.DataFrame
    runs: int
    confidence: float

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        rows = [f"{row.input} {row.mu_star:.3g}" for row in self.table.itertuples()]
        return "Morris screening", [
            ("outcome", self.outcome),
            ("mu*", listed(rows)),
            ("runs", self.runs),
        ]


def morris_screening(
    subject: Subject,
    inputs: Inputs,
    outcome: Any = None,
    *,
    trajectories: int = 16,
    levels: int = 4,
    seed: int = 0,
    confidence: float = 0.95,
    **running: Any,
) -> MorrisScreening:
    """Morris' elementary effects: which of many inputs matter at all, for (k + 1) runs a
    trajectory.

    Needs the extra "sensitivity" (SALib). Parameters not named here as for
    :func:`sobol_sensitivity`.

    Parameters
    ----------
    trajectories : at least 2. levels : of each input, evenly over the shares of what is possible;
        even, at least 4.

    Raises
    ------
    InputError : illegal numbers, fewer than two inputs, a run that failed.
    MissingExtraError : SALib is not installed.

    >>> found = morris_screening(lambda x: x[0] + 2 * x[1], {"a": (0, 1), "b": (0, 1)})
    >>> found.table.set_index("input")["mu_star"].round(6).to_dict()
    {'b': 2.0, 'a': 1.0}
    """
    checks.whole_number(trajectories, "trajectories", 2)
    checks.whole_number(levels, "levels", 4)
    require_seed(seed)
    # of an odd number the middle level would be met more often
    if levels % 2:
        raise InputError(
            f"levels: expected an even number, so that all are met as often; found {levels}"
        )
    require_bootstrap_settings(confidence)
    # SALib is an extra: it is loaded where it is used
    sample: Any = require_extra("SALib.sample.morris", "sensitivity")
    analyse: Any = require_extra("SALib.analyze.morris", "sensitivity")
    model = outcome_model(subject, inputs, outcome, running)
    k = len(model.inputs)
    if k < 2:
        raise InputError(
            f"inputs: a screening compares at least two; found {', '.join(model.names)}"
        )

    # SALib moves shares of what is possible; values follow from each input's distribution
    problem = {"num_vars": k, "names": [f"x{i}" for i in range(k)], "bounds": [[0.0, 1.0]] * k}
    shares = sample.sample(
        problem, trajectories, num_levels=levels, seed=_whole(seed, "trajectories")
    )
    outcomes = model.at_shares(shares.T)
    effects = analyse.analyze(
        problem,
        shares,
        outcomes,
        conf_level=confidence,
        num_levels=levels,
        seed=_whole(seed, "bootstrap of effects"),
    )
    table = _effects_table(model, effects)
    return MorrisScreening(model.label, largest_first(table, "mu_star"), len(outcomes), confidence)


def _effects_table(model: OutcomeModel, effects: Any) -> pd.DataFrame:
    """One row an input, from what SALib found."""
    columns = {"mu": "mu", "mu_star": "mu_star", "mu_star_margin": "mu_star_conf", "sigma": "sigma"}
    return pd.DataFrame(
        {
            "input": model.names,
            "status": [source.status for source in model.inputs],
            **{name: np.asarray(effects[key], dtype=float) for name, key in columns.items()},
        }
    )


def _whole(seed: int, purpose: str) -> int:
    return int(generator(seed, purpose).integers(2**32))

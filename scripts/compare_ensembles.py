"""Whether two ensembles agree, such as two runs of the script at different seeds.

    python scripts/compare_ensembles.py FIRST.toml SECOND.toml

For each quantity and each finding: the difference of the medians in units of its Monte Carlo error
(that of two weighted medians together), and in units of the first ensemble's spread. Of figures
that differ by chance alone two thirds lie within 1, and 95 % within 2; the exit status is 1 where
fewer than 84 % of the quantities lie within 2. Each ensemble's chain is on an emulator of its own
runs, whose error the Monte Carlo error does not count: quantities that the findings tell most may
differ by more than 2 and yet by little of their spread.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import logit

from oxysim.ensembles import Ensemble, Prediction
from oxysim.ensembles.priors import Prior
from oxysim.errors import OxysimError

WITHIN = 2.0
ENOUGH = 0.84


def on_scale(prior: Prior, values: np.ndarray) -> np.ndarray:
    """Values on the scale on which their prior is normal, where medians have normal errors."""
    if prior.distribution == "lognormal":
        return np.log(values)
    return logit(values) if prior.distribution == "logit-normal" else values


def difference(first: Prediction, second: Prediction) -> dict[str, float]:
    """Of two weighted medians."""
    apart = second.median - first.median
    error = float(np.hypot(first.median_error, second.median_error))
    spread = first.between
    return {
        "first": first.median,
        "second": second.median,
        # members that are all alike have no error, and agree or do not
        "errors": apart / error if error > 0 else (0.0 if apart == 0 else np.inf),
        "spreads": apart / spread if spread > 0 else 0.0,
    }


def compared(first: Ensemble, second: Ensemble) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Differences of quantities and of findings, one row each."""
    if first.priors.quantities != second.priors.quantities:
        sys.exit("compare_ensembles: the ensembles have different quantities")
    quantities = [
        {"quantity": prior.quantity}
        | difference(
            *(
                Prediction(on_scale(prior, one.values[:, [k]]), one.weights)
                for one in (first, second)
            )
        )
        for k, prior in enumerate(first.priors.priors)
    ]
    findings = []
    for k, row in enumerate(first.priors.rows):
        columns = []
        for one in (first, second):
            # a member without this figure says nothing of it
            ran = np.isfinite(one.figures[:, k])
            weights = one.weights[ran] / one.weights[ran].sum()
            columns.append(Prediction(one.figures[ran][:, [k]], weights))
        findings.append({"finding": row.finding} | difference(*columns))
    return pd.DataFrame(quantities), pd.DataFrame(findings)


def main() -> None:
    """Print both tables, and how many lie within two errors."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    options = parser.parse_args()
    try:
        first, second = Ensemble.from_file(options.first), Ensemble.from_file(options.second)
    except OxysimError as error:
        sys.exit(f"compare_ensembles: {error}")
    shares = []
    for table in compared(first, second):
        print(table.to_string(index=False, float_format=lambda v: f"{v:.3g}"))
        shares.append(float((table["errors"].abs() <= WITHIN).mean()))
        root = float(np.sqrt(np.mean(np.square(table["errors"]))))
        print(f"within {WITHIN:g} errors: {shares[-1]:.0%}; root mean square {root:.2f}\n")
    print(f"structures: {first.shares()}\n{second.shares()}")
    sys.exit(0 if shares[0] >= ENOUGH else 1)


if __name__ == "__main__":
    main()

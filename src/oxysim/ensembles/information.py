"""What findings tell: how much of each prior is left, which finding does it, which are missed."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from oxysim.arrays import BoolArray, FloatArray
from oxysim.ensembles.observed_rows import ObservedRow, log_likelihood
from oxysim.ensembles.predictions import effective_size, weighted_quantiles
from oxysim.ensembles.structures import Structure
from oxysim.errors import InputError
from oxysim.texts import listed

FEWEST_LEFT = 20  # equal members after re-weighting, below which an interval is a matter of chance
WARNED_SHARE = 0.5  # of the members; with fewer left the answer goes on, with a warning
TENSE = 0.5  # half widths by which the median misses the middle of a finding in tension
QUANTILES = (0.05, 0.5, 0.95)


def shrinkage_table(
    quantities: Sequence[str], latents: FloatArray, weights: FloatArray, free: BoolArray
) -> pd.DataFrame:
    """How much of each prior's spread findings leave.

    Parameters
    ----------
    latents : of the members, shape (n, n_quantities).
    free : whether the member's structure leaves the quantity free, the same shape: only those
        members are counted.

    >>> latents, equal = np.array([[-0.5], [0.5]]), np.full(2, 0.5)
    >>> float(shrinkage_table(["gain"], latents, equal, np.ones((2, 1), bool))["left"].iloc[0])
    0.5
    """
    rows = []
    for k, quantity in enumerate(quantities):
        share = weights * free[:, k]
        total = share.sum()
        # latents are standard normal before: their spread after is the share that is left
        mean = np.sum(share * latents[:, k]) / total if total > 0 else np.nan
        left = np.sqrt(np.sum(share * (latents[:, k] - mean) ** 2) / total) if total > 0 else np.nan
        rows.append({"quantity": quantity, "moved": float(mean), "left": float(left)})
    return pd.DataFrame(rows).sort_values("left", ignore_index=True)


def informs_table(
    findings: Sequence[str], quantities: Sequence[str], sensitivity: FloatArray
) -> pd.DataFrame:
    """Which finding tells what, for a model that is linear with normal errors near the posterior.

    Parameters
    ----------
    sensitivity : slopes of the figures along the latents in units of their total errors, shape
        (n_rows, n_quantities).

    Returns
    -------
    DataFrame : one row a finding and quantity: "alone" is the share of the prior variance that the
        finding takes away by itself, "widens" how many times wider the quantity would be known
        without it. The most telling stand first.

    >>> table = informs_table(["C1a"], ["level"], np.array([[1.0]]))
    >>> table[["alone", "widens"]].round(3).values.tolist()  # sqrt(2) wider without it
    [[0.5, 1.414]]
    """
    slopes = np.asarray(sensitivity, dtype=float)
    size = slopes.shape[1]

    def variances(rows: FloatArray) -> FloatArray:
        return np.asarray(np.diag(np.linalg.inv(np.eye(size) + rows.T @ rows)))

    every = variances(slopes)
    records = []
    for r, finding in enumerate(findings):
        alone = 1 - variances(slopes[[r]])
        widens = np.sqrt(variances(np.delete(slopes, r, axis=0)) / every)
        records += [
            {"finding": finding, "quantity": quantity, "alone": float(a), "widens": float(w)}
            for quantity, a, w in zip(quantities, alone, widens, strict=True)
        ]
    table = pd.DataFrame(records, columns=["finding", "quantity", "alone", "widens"])
    return table.sort_values("alone", ascending=False, ignore_index=True, kind="stable")


def degrees_of_freedom(sensitivity: FloatArray) -> float:
    """How many numbers the findings tell together: degrees of freedom for signal (Rodgers 2000).

    >>> degrees_of_freedom(np.array([[1e6, 0.0], [0.0, 0.0]]))  # one of two latents, exactly
    1.0
    """
    slopes = np.asarray(sensitivity, dtype=float)
    inner = np.linalg.inv(np.eye(slopes.shape[1]) + slopes.T @ slopes)
    return round(float(np.trace(slopes @ inner @ slopes.T)), 6)


def tensions_table(
    rows: Sequence[ObservedRow], figures: FloatArray, weights: FloatArray
) -> pd.DataFrame:
    """How each finding is met: the members' figures, by how many half widths their median misses
    the middle, the share of members inside, and whether that is a tension.

    >>> row = ObservedRow("C1a", 5.0, 7.0)
    >>> tensions_table([row], np.array([[5.0], [5.2], [5.4]]), np.full(3, 1 / 3))["tense"].item()
    True
    """
    records = []
    for k, row in enumerate(rows):
        ran = np.isfinite(figures[:, k])
        if not ran.any():
            raise InputError(f"finding {row.finding!r}: no member has a figure of it")
        share = weights[ran] / weights[ran].sum()
        low, median, high = weighted_quantiles(figures[ran, k], share, QUANTILES).tolist()
        miss = float(row.misses(median))
        holds = float(np.sum(share * row.holds(figures[ran, k])))
        records.append(
            {"finding": row.finding, "least": row.low, "most": row.high, "5 %": low,
             "median": median, "95 %": high, "miss": miss, "holds": holds,
             "tense": abs(miss) > TENSE}
        )  # fmt: skip
    return pd.DataFrame(records)


def weights_without(
    rows: Sequence[ObservedRow],
    dropped: Sequence[str],
    figures: FloatArray,
    errors: FloatArray,
    weights: FloatArray,
) -> FloatArray:
    """The members' weights were some findings not known: each divided by their likelihood.

    A member that has no figure of a finding counts there as the others do on average.

    >>> row = ObservedRow("C1a", 5.0, 7.0)
    >>> figures, equal = np.array([[6.0], [8.0]]), np.full(2, 0.5)
    >>> weights_without([row], ["C1a"], figures, np.array([1.0]), equal).round(3)
    array([0.119, 0.881])
    """
    places = [k for k, row in enumerate(rows) if row.finding in dropped]
    columns = np.stack([rows[k].onto(figures[:, k]) for k in places], axis=1)
    missing = ~np.isfinite(columns)
    if missing.all(axis=0).any():
        raise InputError(f"{', '.join(dropped)}: no member has a figure of it")
    levels = log_likelihood(columns, [rows[k] for k in places], errors[places])
    usual = np.nanmean(np.where(missing, np.nan, levels), axis=0)
    levels = np.where(missing, usual, levels)
    logarithms = np.log(weights) - levels.sum(axis=1)
    raised = np.exp(logarithms - logarithms.max())
    return np.asarray(raised / raised.sum())


def warn_of_few(findings: Sequence[str], before: FloatArray, after: FloatArray) -> None:
    """Warn where fewer than half of the members' worth is left without some findings.

    Raises
    ------
    InputError : fewer than 20 members' worth left.

    >>> warn_of_few(["C1a"], np.full(40, 1 / 40), np.full(40, 1 / 40))
    """
    left, whole = effective_size(after), effective_size(before)
    text = (
        f"without {listed(findings)} the {len(before)} members stand for {left:.1f} equal ones"
        f" ({whole:.1f} before)"
    )
    if left < FEWEST_LEFT:
        raise InputError(
            f"{text}, fewer than {FEWEST_LEFT}: the findings left out rule out most of what the"
            " others allow; build the ensemble again without them (scripts/build_ensemble.py)"
        )
    if left < WARNED_SHARE * whole:
        # seen from whoever called the method of the ensemble
        warnings.warn(f"{text}: intervals are rough", UserWarning, stacklevel=3)


def shares_table(
    structures: Sequence[Structure], of_members: Sequence[str], weights: FloatArray
) -> pd.DataFrame:
    """The structures, one row each: prior share, share, number of members.

    >>> both = Structure("both"), Structure("no loop")
    >>> shares_table(both, ["both", "both"], np.full(2, 0.5))["share"].tolist()
    [1.0, 0.0]
    """
    total = sum(structure.weight for structure in structures)
    records = []
    for structure in structures:
        inside = np.array([name == structure.name for name in of_members])
        records.append(
            {"structure": structure.name, "prior share": structure.weight / total,
             "share": float(weights[inside].sum()), "members": int(inside.sum())}
        )  # fmt: skip
    return pd.DataFrame(records)


def medoid(points: FloatArray, weights: FloatArray) -> int:
    """The number of the point from which the others are least far, in standard deviations.

    >>> medoid(np.array([[0.0], [1.0], [9.0]]), np.full(3, 1 / 3))
    1
    """
    spread = points.std(axis=0)
    # what does not differ between points puts none nearer to the middle
    standard = points / np.where(spread > 0, spread, 1.0)
    # by numbers of hundreds: all distances stand in memory together
    apart = np.linalg.norm(standard[:, None] - standard[None], axis=-1)
    return int(np.argmin(apart @ weights))

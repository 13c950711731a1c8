"""The rows of a cross-section's tables: correlations of measures, contrasts of groups, and which
published finding each of them answers.

A target's key is a pair of labels: two measures, or a measure and a contrast of groups such as
"PND - controls".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.errors import InputError, unknown_name
from oxysim.findings.agreement import EXPECTED, Expected
from oxysim.findings.published import target
from oxysim.trials.reporting.figure_table import figure_row
from oxysim.trials.reporting.replicated_effects import correlated, unpaired
from oxysim.trials.reporting.table_of_effects import effect_row

# (measure, measure or contrast) -> id of the published finding that the row answers
Targets = Mapping[tuple[str, str], str]


def correlation_figures(
    readings: Mapping[str, FloatArray], targets: Targets
) -> list[dict[str, Any]]:
    """The correlations that answer a published number, as rows of figures.

    Parameters
    ----------
    readings : label -> readings of all groups together, shape (replications, n).
    targets : pair of labels -> id of the finding.

    >>> import numpy as np
    >>> readings = {"epds": np.eye(2, 5), "sensitivity": np.eye(2, 5)}
    >>> correlation_figures(readings, {("epds", "sensitivity"): "C9"})[0]["simulated"]
    1.0
    """
    rows = []
    for (x, y), finding in targets.items():
        # a pair of a measure and a contrast of groups has no correlation
        if y in readings and target(finding).rule == "number":
            effects = correlated(readings[x], readings[y])
            rows.append(figure_row(effects.dz, n=effects.n, target=finding))
    return rows


def contrast_figures(
    readings: Mapping[str, Sequence[FloatArray]], names: Sequence[str], targets: Targets
) -> list[dict[str, Any]]:
    """The contrasts of groups that answer a published correlation, as rows of figures: the point
    biserial r of belonging to the first of two groups.

    Parameters
    ----------
    readings : label -> readings, shape (replications, n of the group), one a group.
    names : of the groups, in that order.
    targets : (label, contrast) -> id of the finding.

    >>> import numpy as np
    >>> low, high = np.array([[1.0, 2.0, 3.0]]), np.array([[4.0, 5.0, 6.0]])
    >>> pairs = {("sensitivity", "PND - controls"): "E8"}
    >>> (row,) = contrast_figures({"sensitivity": [low, high]}, ["PND", "controls"], pairs)
    >>> round(row["simulated"], 3)
    -0.878
    """
    rows = []
    for label, first, second in _contrasts(readings, len(names)):
        finding = targets.get((label, _contrast(names[first], names[second])), "")
        if not finding or target(finding).rule != "number":
            continue
        parts = readings[label][first], readings[label][second]
        # 1 for the first group, so that r has the sign of the first less the second
        belongs = np.concatenate([np.ones_like(parts[0]), np.zeros_like(parts[1])], axis=1)
        effects = correlated(belongs, np.concatenate(parts, axis=1))
        rows.append(figure_row(effects.dz, n=effects.n, target=finding))
    return rows


def correlation_rows(readings: Mapping[str, FloatArray], targets: Targets) -> list[dict[str, Any]]:
    """Every pair of measures, as rows of effects.

    Parameters
    ----------
    readings : label -> readings of all groups together, shape (replications, n).
    targets : pair of labels, in either order -> id of the finding.

    >>> import numpy as np
    >>> (row,) = correlation_rows({"epds": np.eye(2, 5), "bonding": np.eye(2, 5)}, {})
    >>> row["outcome"], row["contrast"], row["unit"]
    ('bonding', 'r with epds', 'r')
    """
    rows = []
    # each pair once, in the order in which the measures were named
    for x, y in itertools.combinations(readings, 2):
        finding = targets.get((x, y), targets.get((y, x), ""))
        # a number is answered by a row of figures
        if finding and target(finding).rule == "number":
            finding = ""
        rows.append(
            effect_row(
                correlated(readings[x], readings[y]),
                outcome=y,
                contrast=f"r with {x}",
                unit="r",
                expected=_expected(finding),
                target=finding,
            )
        )
    return rows


def group_rows(
    readings: Mapping[str, Sequence[FloatArray]],
    names: Sequence[str],
    targets: Targets,
    units: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Every measure's contrast of every pair of groups, as rows of effects.

    Parameters
    ----------
    readings : label -> readings, shape (replications, n of the group), one a group.
    names : of the groups, in that order.
    targets : (label, contrast) -> id of the finding.
    units : label -> unit of the measure.

    >>> import numpy as np
    >>> readings, groups = {"epds": [np.eye(2, 4), np.eye(2, 4)]}, ["PND", "controls"]
    >>> (row,) = group_rows(readings, groups, {}, {"epds": "EPDS"})
    >>> row["contrast"]
    'PND - controls'
    """
    rows = []
    for label, first, second in _contrasts(readings, len(names)):
        # The first group less the second, as "PND - controls" reads.
        contrast = _contrast(names[first], names[second])
        finding = targets.get((label, contrast), "")
        # a number is answered by a row of figures
        if finding and target(finding).rule == "number":
            finding = ""
        rows.append(
            effect_row(
                unpaired(readings[label][second], readings[label][first]),
                outcome=label,
                contrast=contrast,
                unit=units[label],
                expected=_expected(finding),
                target=finding,
            )
        )
    return rows


def require_targets(targets: Targets, labels: Sequence[str], names: Sequence[str]) -> None:
    """Raise unless every target is a known finding for a pair of labels that there is.

    Raises
    ------
    UnknownNameError : no such finding, measure or contrast. InputError : a key that is no pair.

    >>> require_targets({("epds", "sensitivity"): "C9"}, ["epds", "sensitivity"], [])
    """
    # Contrasts can be named only where there are two groups or more.
    contrasts = [_contrast(first, second) for first, second in itertools.combinations(names, 2)]
    for pair, finding in targets.items():
        target(finding)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise InputError(
                f"targets: expected pairs of labels such as ('epds', 'sensitivity'); found {pair!r}"
            )
        if pair[0] not in labels:
            raise unknown_name("measure", pair[0], labels, "in targets")
        if pair[1] not in (*labels, *contrasts):
            raise unknown_name("measure or contrast", pair[1], [*labels, *contrasts], "in targets")


def _contrasts(labels: Iterable[str], n_groups: int) -> Iterator[tuple[str, int, int]]:
    """Every measure with every pair of groups, by their positions."""
    for label in labels:
        for first, second in itertools.combinations(range(n_groups), 2):
            yield label, first, second


def _contrast(first: str, second: str) -> str:
    """The name of a contrast of two groups."""
    return f"{first} - {second}"


def _expected(finding: str) -> Expected:
    """What a finding expects of an effect; a prediction where it says nothing of a direction."""
    figure = target(finding).figure if finding else "prediction"
    return cast(Expected, figure) if figure in EXPECTED else "prediction"

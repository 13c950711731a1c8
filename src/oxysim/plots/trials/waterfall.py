"""Individual effects in order of size, and the share of those who respond."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from oxysim import checks
from oxysim.plots.picture import own_axes
from oxysim.plots.style import (
    BLACK,
    VERMILLION,
    drawing,
    label_text,
    legend_beside,
    size_ticks,
    unit_text,
)
from oxysim.plots.trials.responses import (
    LOOKS_OF_GROUPS,
    ResponderGroups,
    Response,
    checked_response,
    grouped,
    one_number_a_dyad,
)
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.trial_result import TrialResult
from oxysim.units import plain_unit

MOST_BARS = 400  # about two dots wide each at 150 an inch; narrower ones flicker


def waterfall(
    effects: Any,
    ax: Axes | None = None,
    *,
    ylabel: str = "",
    threshold: float | None = None,
    responds: Literal["increase", "decrease"] | None = None,
    endpoint: str = "",
    arm: str = "",
) -> Axes:
    """The effect on every dyad as a bar, from the largest rise to the largest fall.

    With `responds` and `threshold`, the wanted direction and the smallest change that matters,
    responders are told from the rest; without them, who rose and who fell. A trial's result brings
    both with it where its endpoint says them.

    Parameters
    ----------
    effects : a ``TrialResult``, whose true effects in the pool are drawn; or numbers, shape
        (n_dyads,). What is missing is left out and counted.
    ylabel : quantity and unit; needed for numbers.
    threshold : the smallest change that matters, above 0, in the effects' unit; given with
        `responds`.
    responds : whether a response is an increase or a decrease.
    endpoint, arm : of a trial's result: default the primary endpoint, and the first arm after the
        reference.

    Raises
    ------
    InputError : fewer than two effects, one of `threshold` and `responds` without the other.
        UnknownNameError : no such endpoint or arm.

    >>> import oxysim as ox
    >>> fall_of_two = {"threshold": 2.0, "responds": "decrease"}
    >>> ax = ox.plots.waterfall([0.5, -2.0, -3.0], ylabel="EPDS (points)", **fall_of_two)
    >>> ax.get_legend().get_texts()[0].get_text().splitlines()
    ['responded (a fall of at least 2):', '67 %, 2 of 3']
    """
    if isinstance(effects, TrialResult):
        # the endpoint says what a response is, unless the caller does
        judged, effects, label = _of_trial(effects, endpoint, arm)
        ylabel = ylabel or label
        if responds is None and threshold is None:
            responds, threshold = judged.responds, judged.threshold
    # numbers have no endpoint and no arm: a name would be passed over without a word
    elif endpoint != "" or arm != "":
        raise checks.refused(
            {"endpoint": endpoint, "arm": arm},
            "endpoint, arm",
            "a trial's result for them, as Trial.run() returns",
        )
    individual_effects, text = one_number_a_dyad(effects, "effects"), label_text(ylabel, "ylabel")
    if np.isfinite(individual_effects).sum() < 2:
        raise checks.refused(
            f"shape {individual_effects.shape}",
            "effects",
            "one for each of at least two dyads",
            as_text=True,
        )
    rule = checked_response(responds, threshold)
    # from the largest rise to the largest fall, whichever of the two is wanted
    sizes = np.sort(individual_effects[np.isfinite(individual_effects)])[::-1]
    groups = grouped(sizes, rule)
    with drawing():
        ax = own_axes(ax, (7.0, 3.4))
        _draw_bars(ax, sizes, groups)
        ax.axhline(0.0, color=BLACK, linewidth=0.8, zorder=3)
        # the mean beside the individuals: how little of it many of them share is what the figure
        # shows
        ax.axhline(float(sizes.mean()), color=BLACK, linewidth=1.4, linestyle="--", zorder=3)
        if rule is not None:
            ax.axhline(
                rule.sign * rule.threshold,
                color=VERMILLION,
                linewidth=1,
                linestyle=(0, (1, 1)),
                zorder=3,
            )
        # bars are one wide and centred on 1, 2, ...: none is cut
        ax.set_xlim(0.5, len(sizes) + 0.5)
        ax.set_xlabel("Dyads, by the size of their effect")
        ax.set_ylabel(text)
        legend_beside(ax, handles=_entries(sizes, groups, rule), title=_title(individual_effects))
        size_ticks(ax)
    return ax


def _of_trial(result: TrialResult, endpoint: str, arm: str) -> tuple[Endpoint, Any, str]:
    """An endpoint, the true effects of an arm on it in the pool, and what the axis says."""
    judged = result.trial.endpoint(checks.name(endpoint, "endpoint") if endpoint != "" else "")
    # effects are against the reference arm, which comes first
    reference, *arms = result.trial.design.names
    chosen = arms[0] if arm == "" else checks.choice(arm, "arm", arms)
    unit_words = (
        unit_text(f"{judged.tool.owner}.{judged.tool.name}", judged.unit)
        if plain_unit(judged.unit)
        else ""
    )
    label = f"True effect of {chosen} on\n{judged.name}{f' ({unit_words})' if unit_words else ''}"
    return judged, result.individual(judged.name)[f"{chosen} - {reference}"].to_numpy(), label


def _draw_bars(ax: Axes, sizes: Any, groups: ResponderGroups) -> None:
    """A bar a dyad; beyond a few hundred they are narrower than a dot and drawn as one area a
    group.
    """
    places = np.arange(1, len(sizes) + 1)
    if len(sizes) <= MOST_BARS:
        # beyond 80 white edges would take more room than the bars
        edge = "white" if len(sizes) <= 80 else "none"
        colours = [LOOKS_OF_GROUPS[k].bar for k in groups.of.tolist()]
        ax.bar(places, sizes, width=1.0, color=colours, edgecolor=edge, linewidth=0.4, zorder=2)
        return
    # the areas of the groups meet between dyads ("mid"), as bars would
    for k, look in enumerate(LOOKS_OF_GROUPS):
        ax.fill_between(
            places, sizes, where=groups.of == k, step="mid", color=look.bar, linewidth=0, zorder=2
        )


def _entries(sizes: Any, groups: ResponderGroups, rule: Response | None) -> list[Any]:
    handles: list[Any] = []
    for k, text in enumerate(groups.texts):
        n = int((groups.of == k).sum())
        # the first group is named even if nobody is in it: that nobody responded is a finding
        if n or k == 0:
            label = f"{text}:\n{_per_cent(n, len(sizes))}, {n} of {len(sizes)}"
            handles.append(Patch(color=LOOKS_OF_GROUPS[k].bar, label=label))
    handles.append(
        Line2D(
            [], [], color=BLACK, linestyle="--", linewidth=1.4, label=f"mean {sizes.mean():+.3g}"
        )
    )
    if rule is not None:
        line: Any = (0, (1, 1))
        handles.append(
            Line2D([], [], color=VERMILLION, linestyle=line, label="smallest change that matters")
        )
    return handles


def _per_cent(n: int, total: int) -> str:
    """A share in per cent; some are never 0 %, and not all never 100 %."""
    # one decimal only where rounding would hide somebody
    share = 100 * n / total
    return (
        f"{share:.1f} %" if share not in (0, 100) and not 0.5 < share < 99.5 else f"{share:.0f} %"
    )


def _title(effects: Any) -> str | None:
    missing = int((~np.isfinite(effects)).sum())
    return f"{missing} without an effect left out" if missing else None

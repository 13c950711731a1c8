"""What the replications of a trial found: readings, effects, flow, true individual effects, a
report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from oxysim import checks, units
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.measures import instrument
from oxysim.simulation.results.result import Result
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.monte_carlo import central, mean_error
from oxysim.texts import Described, counted
from oxysim.trials.analysis import CHECKS, SEQUENCE, contrasts, reading_key
from oxysim.trials.plan.endpoints import Endpoint, EndpointValues
from oxysim.trials.plan.trial_design import Crossover, Factorial
from oxysim.trials.plan.visits import BASELINE
from oxysim.trials.replication import Replications
from oxysim.trials.reporting.effect_table import effect_row, effect_table, table_text
from oxysim.trials.reporting.figure_table import figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import Effects

if TYPE_CHECKING:
    from oxysim.trials.trial import Trial


@dataclass(frozen=True, eq=False)
class TrialResult(Described):
    """A trial, replicated.

    Attributes
    ----------
    trial : what was planned.
    sample : who took part in every replication, and everything that was read of them.
    n, replications, seed : as they were asked for.
    """

    trial: Trial
    sample: Replications
    n: int
    replications: int
    seed: int

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What was replicated how often; the primary endpoint's first contrast."""
        pairs: list[tuple[str, object]] = [
            ("", self.trial.design.words),
            ("", f"{counted(self.replications, 'trial')} of n = {self.n}"),
            ("seed", self.seed),
        ]
        try:
            label, found = next(iter(self.contrasts().items()))
        except InputError as error:
            return "Trial result", [*pairs, ("primary endpoint", str(error))]
        row = self._row(self.trial.primary, label, found)
        share = 100 * row["share_significant"]
        estimate = units.with_unit(format(row["estimate"], ".3g"), row["unit"])
        text = f"{estimate}, {label}, p < .05 in {share:.0f} % of the trials"
        return "Trial result", [*pairs, (self.trial.primary.name, text)]

    @property
    def arms(self) -> Mapping[str, Result]:
        """Arm (or sequence of arms) -> the simulated pool in it, for plots over time."""
        return self.trial.pool.results

    def readings(self, endpoint: str = "") -> dict[str, FloatArray]:
        """Arm -> what was read, shape (replications, n): participants in the order of enrolment,
        NaN where somebody is in another arm or gave no reading. Default the primary endpoint.
        """
        one = self.trial.endpoint(endpoint)
        held = endpoint_readings(self.trial, self.sample, one)
        return {arm: held[reading_key(one, arm)] for arm in self.trial.design.names}

    def contrasts(self, endpoint: str = "") -> dict[str, Contrast]:
        """Contrast -> what every replication finds, with the analysis that goes with design and
        endpoint.
        """
        one = self.trial.endpoint(endpoint)
        return contrasts(self.trial.design, one, endpoint_readings(self.trial, self.sample, one))

    def effects(self) -> pd.DataFrame:
        """One row an endpoint and contrast, over replications.

        ``estimate`` is the mean estimate (of a ratio the geometric mean), ``low`` and ``high`` the
        central 95 % of them, ``ci_low`` and ``ci_high`` the mean ends of a trial's own 95 %
        interval, ``standardised`` the mean d or dz and ``standardised_se`` its Monte Carlo standard
        error, ``share_up`` and ``share_significant`` shares of the replications that could be
        analysed, ``failed`` the share that could not be analysed, with the first ``reason``.
        """
        rows = []
        for endpoint in self.trial.endpoints:
            try:
                found = self.contrasts(endpoint.name)
            except InputError as error:
                unit = units.plain_unit(endpoint.unit)
                rows.append(
                    {"endpoint": endpoint.name, "unit": unit, "failed": 1.0, "reason": str(error)}
                )
                continue
            rows += [self._row(endpoint, name, one) for name, one in found.items()]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def flow(self) -> pd.DataFrame:
        """Who was screened, eligible, randomised, allocated to each arm (or sequence), dropped, and
        analysed for the primary endpoint: the mean over replications, and replication 0.
        """
        counts = _flow(self.trial, self.sample)
        table = {
            "mean": [float(np.mean(count)) for count in counts.values()],
            "replication 0": [float(np.atleast_1d(count)[0]) for count in counts.values()],
        }
        return pd.DataFrame(table, index=pd.Index(counts, name="participants"))

    def sessions(self) -> pd.DataFrame:
        """Sessions planned, attended and cut short, the mean over the pool, one row an arm (or
        sequence).
        """
        table = {name: held.mean(axis=0) for name, held in self.trial.pool.sessions.items()}
        return pd.DataFrame.from_dict(
            table, orient="index", columns=["planned", "attended", "cut_short"]
        )

    def individual(self, endpoint: str = "") -> pd.DataFrame:
        """The true effect on every dyad of the pool, without measurement error: its value in each
        arm (had it been allocated to it, and to that arm first in a crossover), and each arm less
        the reference, by dyad number.
        """
        one = self.trial.endpoint(endpoint)
        values = {arm: true_values(self.trial, one, arm) for arm in self.trial.design.names}
        reference = self.trial.design.names[0]
        effects = {
            f"{arm} - {reference}": v - values[reference]
            for arm, v in values.items()
            if arm != reference
        }
        return pd.DataFrame(
            {**values, **effects}, index=pd.Index(self.trial.who.numbers, name="dyad")
        )

    def responders(self, endpoint: str = "") -> pd.DataFrame:
        """Who truly responds, of the pool: one row an arm other than the reference, with the share
        of dyads whose true effect goes in the wanted direction by at least the smallest change that
        matters, the share whose effect goes as far in the other direction, and that of the rest.

        Raises
        ------
        InputError : the endpoint says no wanted direction.
        """
        one, design = self.trial.endpoint(endpoint), self.trial.design
        if one.responds is None or one.threshold is None:
            raise InputError(
                f"endpoint {one.name!r}: which change is a response? Give it responds='increase' or"
                " 'decrease' and threshold=, the smallest change that matters"
            )
        sign = 1.0 if one.responds == "increase" else -1.0
        rows = {}
        for name, effect in self.individual(endpoint).iloc[:, len(design.names) :].items():
            towards = sign * effect.dropna().to_numpy()
            better, worse = (float(np.mean(way * towards >= one.threshold)) for way in (1, -1))
            rows[name] = {"respond": better, "worsen": worse, "neither": 1 - better - worse}
        return pd.DataFrame.from_dict(rows, orient="index")

    def study(
        self, name: str = "Trial", question: str = "", assumptions: Sequence[str] = (), *,
        design: Mapping[str, str] | None = None, figures: pd.DataFrame | None = None,
    ) -> ProtocolReport:  # fmt: skip
        """The result in the form of the published protocols, with agreement where endpoints name a
        finding.
        """
        name, question = checks.name(name, "name"), checks.text(question, "question")
        checks.instance(
            design, "design", (Mapping, type(None)), "a mapping of names to texts, or None"
        )
        checks.instance(
            figures, "figures", (pd.DataFrame, type(None)), "a table of figures, or None"
        )
        rows: list[dict[str, Any]] = []
        readings: dict[str, FloatArray] = {}
        notes = list(checks.texts(assumptions, "assumptions", of="texts"))
        for endpoint in self.trial.endpoints:
            held = endpoint_readings(self.trial, self.sample, endpoint)
            readings |= {k: v for k, v in held.items() if k != SEQUENCE}
            try:
                found = contrasts(self.trial.design, endpoint, held)
            except InputError as error:
                notes.append(f"{endpoint.name!r} is missing from the table: {error}.")
                continue
            for number, (label, one) in enumerate(found.items()):
                if label in CHECKS:
                    continue
                effects = as_effects(one, *self._means(endpoint, label))
                rows.append(effect_row(
                    effects, outcome=endpoint.name, contrast=label,
                    pool_errors=self._pool_errors(endpoint, label, effects),
                    unit=endpoint.unit, expected="prediction" if number else endpoint.expected,
                    target="" if number else endpoint.target,
                ))  # fmt: skip
        planned = {**self.planned(), **(design or {})}
        return ProtocolReport(
            name, question, planned, effect_table(rows), dict(self.arms), readings, tuple(notes),
            figure_table() if figures is None else figures,
        )  # fmt: skip

    def planned(self) -> dict[str, str]:
        """The design in words."""
        trial = self.trial
        none = "no belief beyond what an intervention brings (assumed)"
        return {
            "design": trial.design.words,
            "allocation": trial.allocation.words,
            "blinding": none if trial.blinding is None else trial.blinding.words,
            "adherence": trial.adherence.words,
            "drop-out": trial.dropout.words,
            **trial.edges.design,
            "visits": ", ".join(
                f"{v.name}{f' ± {v.window}' if v.window else ''}" for v in trial.visits
            ),
            "replications": (
                f"{self.replications} trials of n = {self.n}, drawn from a pool of {len(trial.who)}"
            ),
        }

    def report(self) -> str:
        """The trial in plain text: plan, flow, effects over replications, what a single trial
        finds.
        """
        lines = [f"  {name}: {text}" for name, text in self.planned().items()]
        lines += ["", self.flow().to_string(float_format=lambda x: f"{x:.1f}")]
        effects = self.study().effects
        if len(effects):
            lines += ["", table_text(effects), *_LEGEND]
            lines += [
                "",
                "One trial's estimate and 95 % interval, means over replications:",
                *self._found(),
            ]
        lines += self._unanalysed()
        failed = self.trial.pool.failed
        lines += [
            f"  - {len(why)} dyads failed in {course!r} and are missing"
            for course, why in failed.items()
        ]
        return "\n".join(lines)

    # --------------------------------------------------------------- internals
    def _found(self) -> list[str]:
        """What a trial finds of each endpoint in the endpoint's own unit, and what tells whether it
        may be trusted.
        """
        return [
            f"  {row['endpoint']}, {row['contrast']}:"
            f" {units.with_unit(format(row['estimate'], '.3g'), row['unit'])} [{row['ci_low']:.3g},"
            f" {row['ci_high']:.3g}], p < .05 in {100 * row['share_significant']:.0f} %"
            f" ({row['method']})"
            for row in self.effects().to_dict("records")
            if np.isfinite(row["estimate"])
        ]

    def _unanalysed(self) -> list[str]:
        """Which endpoints could not be analysed, in what share of the replications and why."""
        return [
            f"  - {row['endpoint']}: {100 * row['failed']:.0f} % of the replications could not be"
            f" analysed ({row['reason']})"
            for row in self.effects().to_dict("records")
            if row["failed"] > 0
        ]

    def _pool_errors(self, endpoint: Endpoint, label: str, effects: Effects) -> tuple[float, float]:
        """What the pool adds to the standard errors of the mean standardised effect and of the mean
        difference.

        Every dyad of the pool stands in either arm in some replication, so that its level cancels.
        What is left is the error of the pool's mean true effect, and that of the spread which
        standardises it.
        """
        if endpoint.what not in ("value", "change", "area"):
            return np.nan, np.nan
        individual = self.individual(endpoint.name)
        if label not in individual:
            return np.nan, np.nan
        error = mean_error(individual[label].to_numpy())
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = (
                np.nanmedian(np.abs(effects.difference / effects.dz)) if len(effects.dz) else np.nan
            )
        if not spread > 0:
            return np.nan, error
        dz = float(np.nanmean(effects.dz))
        return float(np.hypot(error / spread, dz / np.sqrt(2 * len(individual)))), error

    def _means(self, endpoint: Endpoint, label: str) -> tuple[FloatArray, FloatArray]:
        """Mean readings on either side of a contrast, shape (replications,); NaN where it has no
        two sides.
        """
        held, design = self.readings(endpoint.name), self.trial.design
        if isinstance(design, Factorial) and label in design.factors:
            k = design.factors.index(label)
            sides = [
                [held[cell] for cell, on in design.levels.items() if on[k] is given]
                for given in (False, True)
            ]
            return tuple(np.mean([_mean(values) for values in side], axis=0) for side in sides)
        arm = label.removesuffix(f" - {design.names[0]}")
        if arm not in held:
            nothing = np.full(self.replications, np.nan)
            return nothing, nothing
        return _mean(held[design.names[0]]), _mean(held[arm])

    def _row(self, endpoint: Endpoint, label: str, one: Contrast) -> dict[str, Any]:
        good = np.isfinite(one.p) & np.isfinite(one.estimate)
        estimate = one.estimate[good]
        ratio = one.scale == "ratio"
        mean = float(np.exp(np.log(estimate).mean())) if ratio else float(estimate.mean())
        first, second = (float(np.mean(values[good])) for values in self._means(endpoint, label))
        low, high = central(estimate)
        d = None if one.standardised is None else one.standardised.estimate[good]
        spread = np.nan if d is None else mean_error(d)
        unit = "ratio" if ratio else units.plain_unit(endpoint.unit)
        row = (
            endpoint.name,
            label,
            unit,
            one.method,
            float(one.n.mean()),
            len(one),
            first,
            second,
            mean,
            low,
            high,
            float(one.low[good].mean()),
            float(one.high[good].mean()),
            np.nan if d is None else float(d.mean()),
            spread,
            float(np.mean(estimate > one.null)),
            float(np.mean(one.p[good] < 0.05)),
            float(np.mean(~good)),
            next(iter(one.reasons.values()), ""),
        )
        return dict(zip(COLUMNS, row, strict=True))


_LEGEND = (
    (
        "  dz: mean standardised effect (d between groups; of a share its difference, of a ratio"
        " the logarithm), with the"
    ),
    (
        "  central 95 % of replications; up: share of them with an effect above 0; p<.05: share"
        " that find one"
    ),
)
COLUMNS = (
    "endpoint",
    "contrast",
    "unit",
    "method",
    "n",
    "replications",
    "mean_reference",
    "mean_contrast",
    "estimate",
    "low",
    "high",
    "ci_low",
    "ci_high",
    "standardised",
    "standardised_se",
    "share_up",
    "share_significant",
    "failed",
    "reason",
)


def endpoint_readings(
    trial: Trial, sample: Replications, endpoint: Endpoint
) -> dict[str, FloatArray]:
    """The arrays of one endpoint that its analysis takes (see ``trials.analysis``), shape
    (replications, n) each.
    """
    visits, design = len(trial.places), trial.design
    seen = np.where(sample.stays, sample.readings[endpoint.source], np.nan)
    courses = design.courses
    found: dict[str, FloatArray] = {}
    if isinstance(design, Crossover):
        found[SEQUENCE] = sample.course.astype(float)
    by_period = []
    for period in range(len(design.starts)):
        own = slice(period * visits, (period + 1) * visits)
        outcome = endpoint.outcome(
            seen[..., own], _times(trial, sample, endpoint, own), trial.places
        )
        by_period.append((outcome, seen[..., own][..., trial.places[BASELINE]]))
    for arm in design.names:
        parts: dict[str, FloatArray] = {}
        for period, (outcome, baseline) in enumerate(by_period):
            here = np.array([course.arms[period] == arm for course in courses])[sample.course]
            for what, values in _parts(endpoint, outcome, baseline).items():
                parts[what] = np.where(here, values, parts.get(what, np.full(here.shape, np.nan)))
        found |= {reading_key(endpoint, arm, what): values for what, values in parts.items()}
    return found


def _times(trial: Trial, sample: Replications, endpoint: Endpoint, own: slice) -> FloatArray:
    """When each visit of a period was, minutes since enrolment, (replications, n, visits).

    An event is found at the first visit after it: for the hazard ratio all who came to one visit
    share its planned time, however their windows spread (spread times lean the ratio towards 1).
    """
    if endpoint.what != "time to remission":
        return sample.days[..., own] * units.DAY
    occasions = trial.pool.plan.occasions[own]
    start = units.clock(trial.pool.plan.clock)
    planned = np.array([one.planned for one in occasions]) - start
    return np.broadcast_to(planned, sample.days[..., own].shape)


def true_values(trial: Trial, endpoint: Endpoint, arm: str) -> FloatArray:
    """The endpoint of every dyad of the pool without measurement error, had it been given `arm`
    (first), (dyads,).
    """
    courses = trial.design.courses
    k = next(k for k, course in enumerate(courses) if course.arms[0] == arm) if any(
        course.arms[0] == arm for course in courses
    ) else next(k for k, course in enumerate(courses) if arm in course.arms)  # fmt: skip
    period, visits = courses[k].arms.index(arm), len(trial.places)
    own = trial.pool.plan.occasions[period * visits : (period + 1) * visits]
    expected = []
    for occasion in own:
        parts = [
            part[k, :, len(occasion.times) // 2]
            for part in trial.pool.expected(endpoint.source, occasion)
        ]
        expected.append(np.asarray(instrument(endpoint.instrument).expected(*parts), dtype=float))
    times = np.array([occasion.planned for occasion in own]) - own[trial.places[BASELINE]].planned
    return endpoint.outcome(np.stack(expected, axis=-1), times, trial.places).values


def as_effects(one: Contrast, reference: FloatArray, contrast: FloatArray) -> Effects:
    """A contrast in the form of ``trials.reporting.effect_table``, the replications that could be
    analysed; what has no standardised effect (shares, times) stands with the estimate itself, a
    ratio with its logarithm.
    """
    good = np.isfinite(one.p) & np.isfinite(one.estimate)
    scale = np.log if one.scale == "ratio" else np.asarray
    value, *ends = (scale(part[good]) for part in (one.estimate, one.low, one.high))
    d = value
    if one.standardised is not None:
        own = one.standardised
        d, *ends = (part[good] for part in (own.estimate, own.low, own.high))
    n = round(float(one.n.mean()))
    return Effects(
        reference[good], contrast[good], value, d, one.p[good], n, dz_low=ends[0], dz_high=ends[1]
    )


def _parts(
    endpoint: Endpoint, outcome: EndpointValues, baseline: FloatArray
) -> dict[str, FloatArray]:
    parts = {"": outcome.values}
    if outcome.reached is not None:
        parts["reached"] = outcome.reached
    if endpoint.adjusted:
        parts["baseline"] = baseline
    return parts


def _flow(trial: Trial, sample: Replications) -> dict[str, Any]:
    n = sample.position.shape[1]
    counts: dict[str, Any] = {}
    if trial.selection is not None:
        counts["screened for the pool, per participant enrolled x n"] = n / trial.selection.share
    counts["screened"] = sample.screened
    counts["eligible and randomised"] = sample.eligible
    for k, course in enumerate(trial.design.courses):
        own = sample.course == k
        counts[f"{course.name}: allocated"] = own.sum(axis=1)
        for place, occasion in enumerate(trial.pool.plan.occasions):
            label = occasion.visit.name if len(trial.design.starts) == 1 else occasion.label
            if occasion.visit.name != BASELINE:
                counts[f"{course.name}: attended {label}"] = (own & sample.stays[..., place]).sum(
                    axis=1
                )
        counts[f"{course.name}: dropped out"] = (own & ~sample.stays[..., -1]).sum(axis=1)
        counts[f"{course.name}: analysed"] = (own & _analysed(trial, sample)).sum(axis=1)
    return counts


def _analysed(trial: Trial, sample: Replications) -> BoolArray:
    """Who has a value of the primary endpoint; in a crossover, in every arm."""
    one = trial.primary
    held = endpoint_readings(trial, sample, one)
    known = [~np.isnan(held[reading_key(one, arm)]) for arm in trial.design.names]
    return np.all(known, axis=0) if isinstance(trial.design, Crossover) else np.any(known, axis=0)


def _mean(values: FloatArray) -> FloatArray:
    """The mean over participants with a reading; NaN where there is none."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.divide(
        total, known.sum(axis=1), out=np.full(len(values), np.nan), where=known.any(axis=1)
    )

"""What the replications of a trial found: readings, effects, flow, true individual effects, a
report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks, units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.measures.instrument_names import identity_words
from oxysim.simulation.results.result import Result
from oxysim.statistics.contrast import Contrast
from oxysim.texts import Described, counted
from oxysim.trials.analysis import (
    CHECKS,
    SEQUENCE,
    contrasts,
    endpoint_readings,
    reading_key,
    true_values,
)
from oxysim.trials.participant_flow import participant_flow
from oxysim.trials.plan.endpoints import MEASURED_KINDS, Endpoint
from oxysim.trials.replication import Replications
from oxysim.trials.reporting.contrast_rows import (
    CONTRAST_COLUMNS,
    Sides,
    as_effects,
    contrast_row,
    mean_sides,
    pool_errors,
)
from oxysim.trials.reporting.figure_table import figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.table_of_effects import effect_row, effect_table, table_text
from oxysim.trials.trial_plan import TrialPlan

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


@dataclass(frozen=True, eq=False)
class TrialResult(Described):
    """A trial, replicated.

    Attributes
    ----------
    trial : what was planned.
    sample : who took part in every replication, and everything that was read of them.
    n, replications, seed : as they were asked for.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> result = trial.run(4, replications=2, progress=False)
    >>> result.readings()["spray"].shape
    (2, 4)
    """

    trial: TrialPlan
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
            # a result must print, also where nothing could be analysed
            label, contrast = next(iter(self.contrasts().items()))
        except InputError as error:
            return "Trial result", [*pairs, ("primary endpoint", str(error))]
        row = contrast_row(self.trial.primary, label, contrast, self._sides(label, self.readings()))
        share = 100 * row["share_significant"]
        estimate = units.with_unit(format(row["estimate"], ".3g"), row["unit"])
        text = f"{estimate}, {label}, p < .05 in {share:.0f} % of the trials"
        return "Trial result", [*pairs, (self.trial.primary.name, text)]

    @property
    def arms(self) -> Mapping[str, Result]:
        """Arm (or sequence of arms) -> the simulated pool in it, for plots over time."""
        return self.trial.pool.results

    # ------------------------------------------------------------------ what was found
    def readings(self, endpoint: str = "") -> dict[str, FloatArray]:
        """Arm -> what was read, shape (replications, n): participants in the order of enrolment,
        NaN where somebody is in another arm or gave no reading. Default the primary endpoint.
        """
        planned = self.trial.endpoint(endpoint)
        return self._by_arm(planned, endpoint_readings(self.trial, self.sample, planned))

    def contrasts(self, endpoint: str = "") -> dict[str, Contrast]:
        """Contrast -> what every replication finds, with the analysis that goes with design and
        endpoint.
        """
        planned = self.trial.endpoint(endpoint)
        arrays = endpoint_readings(self.trial, self.sample, planned)
        return contrasts(self.trial.design, planned, arrays)

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
            arrays = endpoint_readings(self.trial, self.sample, endpoint)
            try:
                by_label = contrasts(self.trial.design, endpoint, arrays)
            except InputError as error:
                unit = units.plain_unit(endpoint.unit)
                rows.append(
                    {"endpoint": endpoint.name, "unit": unit, "failed": 1.0, "reason": str(error)}
                )
                continue
            by_arm = self._by_arm(endpoint, arrays)
            rows += [
                contrast_row(endpoint, label, contrast, self._sides(label, by_arm))
                for label, contrast in by_label.items()
            ]
        return pd.DataFrame(rows, columns=list(CONTRAST_COLUMNS))

    def flow(self) -> pd.DataFrame:
        """Who was screened, eligible, randomised, allocated to each arm (or sequence), dropped, and
        analysed for the primary endpoint: the mean over replications, and replication 0.
        """
        # one replication beside the mean: a reader sees whole numbers too
        counts = participant_flow(self.trial, self.sample)
        table = {
            "mean": [float(np.mean(count)) for count in counts.values()],
            "replication 0": [float(np.atleast_1d(count)[0]) for count in counts.values()],
        }
        return pd.DataFrame(table, index=pd.Index(counts, name="participants"))

    def sessions(self) -> pd.DataFrame:
        """Sessions planned, attended and cut short, the mean over the pool, one row an arm (or
        sequence).
        """
        means = {name: counts.mean(axis=0) for name, counts in self.trial.pool.sessions.items()}
        return pd.DataFrame.from_dict(
            means, orient="index", columns=["planned", "attended", "cut_short"]
        )

    # ---------------------------------------------------------------- what is true
    def individual(self, endpoint: str = "") -> pd.DataFrame:
        """The true effect on every dyad of the pool, without measurement error: its value in each
        arm (had it been allocated to it, and to that arm first in a crossover), and each arm less
        the reference, by dyad number.
        """
        return self._individual(self.trial.endpoint(endpoint))

    def _individual(self, planned: Endpoint) -> pd.DataFrame:
        """The same of an endpoint itself."""
        reference = self.trial.design.names[0]
        # without measurement error, so that what differs between dyads is their effect
        values = {arm: true_values(self.trial, planned, arm) for arm in self.trial.design.names}
        effects = {
            f"{arm} - {reference}": value - values[reference]
            for arm, value in values.items()
            if arm != reference
        }
        dyads = pd.Index(self.trial.who.numbers, name="dyad")
        return pd.DataFrame({**values, **effects}, index=dyads)

    def responders(self, endpoint: str = "") -> pd.DataFrame:
        """Who truly responds, of the pool: one row an arm other than the reference, with the share
        of dyads whose true effect goes in the endpoint's direction by at least the smallest change
        that matters, the share whose effect goes as far in the other direction, and that of the
        rest.

        Raises
        ------
        InputError : the endpoint says no direction of a response.
        """
        planned, design = self.trial.endpoint(endpoint), self.trial.design
        if planned.responds is None or planned.threshold is None:
            raise InputError(
                f"endpoint {planned.name!r}: which change is a response? Give it"
                " responds='increase' or 'decrease' and threshold=, the smallest change that"
                " matters"
            )
        # towards a response is positive, whichever direction that is
        sign = 1.0 if planned.responds == "increase" else -1.0
        rows = {}
        # the columns of single arms come first, then those of the effects
        for name, effect in self.individual(endpoint).iloc[:, len(design.names) :].items():
            towards = sign * effect.dropna().to_numpy()
            better = float(np.mean(towards >= planned.threshold))
            worse = float(np.mean(-towards >= planned.threshold))
            rows[name] = {"respond": better, "worsen": worse, "neither": 1 - better - worse}
        return pd.DataFrame.from_dict(rows, orient="index")

    # ------------------------------------------------------------------- reporting
    def study(
        self,
        name: str = "Trial",
        question: str = "",
        assumptions: Sequence[str] = (),
        *,
        design: Mapping[str, str] | None = None,
        figures: pd.DataFrame | None = None,
    ) -> ProtocolReport:
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
            arrays = endpoint_readings(self.trial, self.sample, endpoint)
            # the sequence is no reading; it is kept for the analysis alone
            readings |= {key: values for key, values in arrays.items() if key != SEQUENCE}
            try:
                by_label = contrasts(self.trial.design, endpoint, arrays)
            except InputError as error:
                notes.append(f"{endpoint.name!r} is missing from the table: {error}.")
                continue
            rows += self._effect_rows(endpoint, by_label, self._by_arm(endpoint, arrays))

        return ProtocolReport(
            name,
            question,
            {**self.planned(), **(design or {})},
            effect_table(rows),
            dict(self.arms),
            readings,
            tuple(notes),
            figure_table() if figures is None else figures,
        )

    def planned(self) -> dict[str, str]:
        """The design in words."""
        trial = self.trial
        no_belief = "no belief beyond what an intervention brings (assumed)"
        visits = [
            f"{visit.name} ± {visit.window}" if visit.window else visit.name
            for visit in trial.visits
        ]
        return {
            "design": trial.design.words,
            "allocation": trial.allocation.words,
            "blinding": no_belief if trial.blinding is None else trial.blinding.words,
            "adherence": trial.adherence.words,
            "drop-out": trial.dropout.words,
            **trial.edges.design,
            **identity_words(trial.user_instruments),
            "visits": ", ".join(visits),
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
        # the table of the published protocols, so that both read alike
        effects = self.study().effects
        if len(effects):
            heading = "One trial's estimate and 95 % interval, means over replications:"
            lines += ["", table_text(effects), *_LEGEND]
            lines += ["", heading, *self._estimates()]
        lines += self._unanalysed()
        lines += [
            f"  - {len(reasons)} dyads failed in {course!r} and are missing"
            for course, reasons in self.trial.pool.failed.items()
        ]
        return "\n".join(lines)

    # --------------------------------------------------------------- internals
    def _estimates(self) -> list[str]:
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

    def _effect_rows(
        self, endpoint: Endpoint, by_label: Mapping[str, Contrast], by_arm: Mapping[str, FloatArray]
    ) -> list[dict[str, Any]]:
        """An endpoint's rows of the effect table: the published direction belongs to the first
        contrast, and checks of a crossover are no effects.
        """
        rows = []
        for number, (label, contrast) in enumerate(by_label.items()):
            # checks say whether to trust the others
            if label in CHECKS:
                continue
            effects = as_effects(contrast, self._sides(label, by_arm))
            row = effect_row(
                effects,
                outcome=endpoint.name,
                contrast=label,
                pool_errors=pool_errors(endpoint, self._true_effects(endpoint, label), effects),
                unit=endpoint.unit,
                expected="prediction" if number else endpoint.expected,
                target="" if number else endpoint.target,
            )
            rows.append(row)
        return rows

    def _true_effects(self, endpoint: Endpoint, label: str) -> FloatArray | None:
        """Of every dyad of the pool; None where the contrast is of no single arm."""
        # a share or a time of one dyad without error is 0 or 1, and no effect
        if endpoint.what not in MEASURED_KINDS:
            return None
        individual = self._individual(endpoint)
        return individual[label].to_numpy() if label in individual else None

    def _by_arm(
        self, endpoint: Endpoint, arrays: Mapping[str, FloatArray]
    ) -> dict[str, FloatArray]:
        """Arm -> what was read, of the arrays of an endpoint."""
        return {arm: arrays[reading_key(endpoint, arm)] for arm in self.trial.design.names}

    def _sides(self, label: str, by_arm: Mapping[str, FloatArray]) -> Sides:
        """Mean readings on either side of a contrast."""
        return mean_sides(self.trial.design, label, by_arm, self.replications)

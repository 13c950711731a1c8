"""Sampling times that were found: which they are, what they tell, and the gain over a user's own
plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oxysim.arrays import FloatArray
from oxysim.checks import number
from oxysim.errors import InputError
from oxysim.fitting.persons.free_parameters import FreeParameter
from oxysim.fitting.sample_predictions import SamplePoints
from oxysim.population.traits import TAIL
from oxysim.simulation.results.reading import clock_and_day
from oxysim.texts import Described, counted, listed
from oxysim.units import with_unit

RIGHT = 0.95  # of studies that are to find the model that holds


class ScheduleChoice(NamedTuple):
    """The best times under one schedule.

    Attributes
    ----------
    label : of the schedule; "" where there is but one.
    chosen : positions of the candidates.
    value : of the criterion there; that of the user's plan is `plan_value`.
    one_more : by how much the criterion would rise with one more sample at each candidate.
    errors, plan_errors : standard errors of the parameters, in units of their priors' spread; None
        where no parameter is asked for.
    agreeing, starts : how many of the starts of the exchange ended there.

    >>> ScheduleChoice("24 IU", (0, 3), 1.5, None, np.zeros(4), None, None, 9, 12).label
    '24 IU'
    """

    label: str
    chosen: tuple[int, ...]
    value: float
    plan_value: float | None
    one_more: FloatArray
    errors: FloatArray | None
    plan_errors: FloatArray | None
    agreeing: int
    starts: int


@dataclass(frozen=True, eq=False, repr=False)
class SamplingDesign(Described):
    """When to sample.

    Attributes
    ----------
    criterion : "D" (parameters) or "T" (two models).
    minutes, members : of all candidates.
    analytes : member -> what its samples are read with.
    choices : the best times under every schedule.
    parameters : what is asked for; of two models, what the rival fits.
    latents : their values, on the scale of their priors.
    plan : the candidates of the user's own plan.

    >>> choice = ScheduleChoice("", (0, 2), 6.0, 3.0, np.zeros(3), None, None, 9, 12)
    >>> kits = {"mother": ("epds",)}
    >>> times = np.array([600.0, 630.0, 660.0])
    >>> design = SamplingDesign(
    ...     "T", times, ("mother",) * 3, kits, (choice,), (), np.zeros(0), plan=(0, 1))
    >>> design.clocks, design.gain, design.persons_needed()
    (('10:00', '11:00'), 2.0, 2)
    """

    criterion: str
    minutes: FloatArray
    members: tuple[str, ...]
    analytes: Mapping[str, tuple[str, ...]]
    choices: tuple[ScheduleChoice, ...]
    parameters: tuple[FreeParameter, ...]
    latents: FloatArray
    plan: tuple[int, ...] | None = None

    @property
    def best(self) -> ScheduleChoice:
        """The choice under the best of the schedules."""
        return max(self.choices, key=lambda choice: choice.value)

    @property
    def clocks(self) -> tuple[str, ...]:
        """The best times as clock times, in order ("10:45", "10:45 on day 2")."""
        return tuple(clock_and_day(minutes) for minutes in sorted(self._chosen_minutes()))

    @property
    def points(self) -> SamplePoints:
        """The readings of the best times."""
        entries = [
            (self.members[candidate], analyte, float(self.minutes[candidate]))
            for candidate in self.best.chosen
            for analyte in self.analytes[self.members[candidate]]
        ]
        members, analytes, minutes = zip(*entries, strict=True)
        return SamplePoints(members, analytes, list(minutes))

    @property
    def gain(self) -> float:
        """How many times as many persons the user's plan would need, to tell as much as the best
        times do.

        Raises
        ------
        InputError : there was no plan.
        """
        plan_value = self.best.plan_value
        if plan_value is None:
            raise InputError("gain: expected a design with a plan=; found one without")
        if self.criterion == "T":
            return float(self.best.value / plan_value) if plan_value > 0 else np.inf
        return float(np.exp((self.best.value - plan_value) / len(self.parameters)))

    def table(self) -> pd.DataFrame:
        """The best times, one row a sample: "member", "minutes", "time" and "analytes"."""
        rows = [
            {"member": self.members[candidate], "minutes": float(self.minutes[candidate]),
             "time": clock_and_day(float(self.minutes[candidate])),
             "analytes": ", ".join(self.analytes[self.members[candidate]])}
            for candidate in self.best.chosen
        ]  # fmt: skip
        return pd.DataFrame(rows).sort_values(["minutes", "member"], ignore_index=True)

    def precision(self) -> pd.DataFrame:
        """What the best times tell of each parameter: "value", "unit", the ends of 95 % ("low",
        "high"), those with the user's plan ("plan_low", "plan_high") and those without any sample
        ("before_low", "before_high").

        Raises
        ------
        InputError : of a design that tells two models apart.
        """
        errors = self.best.errors
        if errors is None:
            raise InputError("precision: a design that tells two models apart asks no parameter")
        plan = self.best.plan_errors
        rows = []
        for k, parameter in enumerate(self.parameters):
            row: dict[str, object] = {
                "parameter": parameter.name,
                "value": float(parameter.value(self.latents[k])),
                "unit": parameter.unit,
            }
            row |= self._ends(k, errors, "")
            row |= self._ends(k, np.full(len(errors), np.nan) if plan is None else plan, "plan_")
            ends = parameter.value(np.array([-TAIL, TAIL])).tolist()
            rows.append(row | dict(zip(("before_low", "before_high"), ends, strict=True)))
        return pd.DataFrame(rows).set_index("parameter")

    def schedules(self) -> pd.DataFrame:
        """The schedules, the best first: its times and how many times as many persons it needs as
        the best does ("persons").
        """
        best = self.best.value
        rows = [
            {"schedule": choice.label,
             "times": ", ".join(clock_and_day(m) for m in sorted(self.minutes[[*choice.chosen]])),
             "persons": self._persons(best, choice.value)}
            for choice in sorted(self.choices, key=lambda choice: -choice.value)
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def persons_needed(self, right: float = RIGHT) -> int:
        """How many persons it takes to find the model that holds in this share of studies.

        The log likelihood ratio of n persons is normal with mean n T / 2 and variance n T, so that
        it has the right sign in Φ(√(n T) / 2) of studies.

        Raises
        ------
        InputError : a design for parameters; models that no sample tells apart.
        """
        share = number(right, "right", 0.5, 0.9999)
        if self.criterion != "T":
            raise InputError("persons_needed: a design for parameters tells no models apart")
        if not self.best.value > 1e-9:
            raise InputError("persons_needed: the two models expect the same of every sample")
        return max(int(np.ceil((2 * ndtri(share)) ** 2 / self.best.value)), 1)

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        facts: list[tuple[str, object]] = [("times", listed(self.clocks, 12))]
        if self.best.label:
            facts.append(("schedule", self.best.label))
        if self.plan is not None:
            facts.append(("gain over the plan", f"{self.gain:.3g} times"))
        return f"{self.criterion}-optimal sampling", facts

    def report(self) -> str:
        """What was found, in sentences."""
        under = f" under {self.best.label}" if self.best.label else ""
        lines = [
            f"{counted(len(self.best.chosen), 'sample')} tell most at {listed(self.clocks, 20)}"
            f"{under} ({self.best.agreeing} of {counted(self.best.starts, 'start')} ended there)."
        ]
        if self.plan is not None:
            lines.append(
                f"The plan at {listed(self._plan_clocks(), 20)} would need {self.gain:.3g} times as"
                " many persons to tell as much."
            )
        if self.criterion == "T":
            lines.append(self._apart())
        else:
            lines += [
                f"{name}: 95 % in {self._between(row, '')} (before: {self._between(row, 'before_')}"
                + (")." if self.plan is None else f"; the plan: {self._between(row, 'plan_')}).")
                for name, row in self.precision().iterrows()
            ]
        if len(self.choices) > 1:
            lines += [
                f"{row['schedule']} needs {row['persons']:.3g} times as many persons."
                for _, row in self.schedules().iloc[1:].iterrows()
            ]
        return "\n".join(lines)

    def _apart(self) -> str:
        if not self.best.value > 1e-9:
            return "No sample of this grid tells the two models apart."
        return (
            f"The misfit of the rival is {self.best.value:.3g} squared standard errors a person:"
            f" {counted(self.persons_needed(), 'person')} for the right model in {RIGHT:.0%} of"
            " studies."
        )

    def _ends(self, position: int, errors: FloatArray, before: str) -> dict[str, float]:
        """The ends of 95 % of a parameter, NaN where there is no error."""
        middle, reach = self.latents[position], TAIL * errors[position]
        ends = [np.nan, np.nan]
        if np.isfinite(reach):
            ends = self.parameters[position].value(middle + np.array([-reach, reach])).tolist()
        return {f"{before}low": ends[0], f"{before}high": ends[1]}

    def _between(self, row: pd.Series, before: str) -> str:
        low, high = row[f"{before}low"], row[f"{before}high"]
        if np.isnan(low):
            return "left open"
        return with_unit(
            f"{low:.3g} to {high:.3g}", "1" if row["unit"] in ("", "fraction") else row["unit"]
        )

    def _persons(self, best: float, value: float) -> float:
        if self.criterion == "T":
            return float(best / value) if value > 0 else np.inf
        return float(np.exp((best - value) / len(self.parameters)))

    def _chosen_minutes(self) -> list[float]:
        return [float(self.minutes[candidate]) for candidate in self.best.chosen]

    def _plan_clocks(self) -> list[str]:
        return [clock_and_day(float(self.minutes[candidate])) for candidate in self.plan or ()]

"""From a finished run to its result: what was recorded, what happened, and what it rests on."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.model.inputs import CAREGIVER_CHANNELS, NOISE, channels_of
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Realised
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.results.labelled import labelled_courses
from oxysim.simulation.results.provenance import provenance_of
from oxysim.simulation.results.result import Result
from oxysim.simulation.run import PreparedRun

if TYPE_CHECKING:
    import pandas as pd


def assemble(run: PreparedRun, recorder: Recorder, plans: PerDyad[Realised]) -> Result:
    """The result of a finished run; marks dyads whose values left their legal range.

    >>> from oxysim.families import Dyad
    >>> from oxysim.schedule import Routine
    >>> from oxysim.simulation.run import prepare
    >>> run = prepare(Dyad(), Routine.typical(), "10 min", engine="scipy")
    >>> recorder, plans = run.run(["mother.cortisol"], np.array([480.0, 490.0]))
    >>> assemble(run, recorder, plans).variables
    ('mother.cortisol',)
    """
    family, failures = run.who, run.failures
    # Judged at the outputs: a course between them is not known here.
    recorder.mark_illegal(failures, run.solver.rtol)
    inputs = _inputs(plans, family.members, family.ages(), recorder.times)
    for name, (dims, daily_life, attributes) in _noise(run, recorder.times).items():
        scheduled = inputs[name][1] if name in inputs else 0.0  # life events add to daily life
        inputs[name] = (dims, daily_life + scheduled, attributes)
    dataset = labelled_courses(family, recorder.times, recorder.values, inputs, failures)
    schedule = functools.partial(_schedule_table, plans, family.numbers)
    return Result(dataset, schedule, functools.partial(provenance_of, run), run)


def _inputs(
    plans: PerDyad[Realised], members: Sequence[str], ages: FloatArray, times: FloatArray
) -> dict[str, Any]:
    """Input channels that leave their level of rest in some dyad."""
    inputs: dict[str, Any] = {}
    shared = plans.is_shared
    for member in members:
        rows = channels_of(member)
        # Most channels stay at rest, and would only fill the dataset.
        used = [
            i
            for i, row in enumerate(rows.values())
            # what is derived shows nothing that the channels behind it do not
            if row.rule != "derived"
            and any((plan.levels[member][:, i] != row.rest).any() for plan in plans.values)
        ]
        # One row for all where they share a schedule, whatever their ages: its hours are theirs.
        chosen = plans[:1] if shared else plans
        levels = np.array(
            [p.inputs_at(member, times + a)[:, used] for p, a in zip(chosen, ages, strict=False)]
        )
        for k, i in enumerate(used):
            row = list(rows.values())[i]
            values = levels[0, :, k] if shared else levels[:, :, k]
            dims = ("time",) if shared else ("dyad", "time")
            inputs[f"input.{member}.{row.name}"] = (
                dims,
                values,
                {"units": row.unit, "long_name": row.meaning},
            )
    return inputs


def _noise(run: PreparedRun, times: FloatArray) -> dict[str, Any]:
    """Each dyad's daily life at the output times, where some dyad has one."""
    noise = run.noise()
    if noise is None:
        return {}
    # To the end of the run, so that the last hour holds its level at the last output too.
    values = np.stack(
        [noise.at(i, age + times, age + run.window[1]) for i, age in enumerate(run.who.ages())]
    )
    noise_inputs = {}
    for k, (member, name) in enumerate((m, c) for m in run.who.caregivers for c in NOISE):
        row = CAREGIVER_CHANNELS[name]
        attributes = {"units": row.unit, "long_name": row.meaning}
        noise_inputs[f"input.{member}.{name}"] = (("dyad", "time"), values[:, k], attributes)
    return noise_inputs


def _schedule_table(plans: PerDyad[Realised], numbers: Sequence[int]) -> pd.DataFrame:
    import pandas as pd

    # -1 is the number of no dyad.
    if plans.is_shared:
        return plans[0].to_pandas().assign(dyad=-1)
    tables = [
        plan.to_pandas().assign(dyad=number) for plan, number in zip(plans, numbers, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)

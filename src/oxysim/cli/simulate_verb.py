"""``oxysim simulate``: run a study once, without its design."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from oxysim.arrays import FloatArray
from oxysim.cli.exits import Exit
from oxysim.cli.verb_options import (
    add_overwrite,
    add_saying,
    add_study,
    given_study,
    require_new,
    say,
    warn,
    writing,
)
from oxysim.population.members import Members
from oxysim.schedule import Schedule
from oxysim.schedule.bouts import distinct_times
from oxysim.simulation.results.outcomes import row_of
from oxysim.simulation.results.result import Result
from oxysim.simulation.results.summaries import summaries
from oxysim.simulation.simulate import output_times, simulate
from oxysim.sweeps.methods import methods
from oxysim.sweeps.study import Study
from oxysim.units import DAY, clock_text

NAME = "simulate"
HELP = "run a study once, without its design"
DESCRIPTION = """\
Run the study's dyad, or every dyad of its population, once and without the design. Prints the
outcomes; --out keeps the courses of the variables behind them in a NetCDF file."""
EXAMPLE = """\
example:
  oxysim simulate rescue.toml --out rescue.nc
  python -c "import oxysim; print(oxysim.Result.load('rescue.nc').dataset)"
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this verb.

    >>> parser = argparse.ArgumentParser()
    >>> add(parser)
    >>> parser.parse_args(["rescue.toml", "--out", "rescue.nc"]).out
    'rescue.nc'
    """
    add_study(parser)
    parser.add_argument("--out", metavar="PATH", help="NetCDF file for the courses")
    add_overwrite(parser)
    add_saying(parser)


def run(options: argparse.Namespace) -> Exit:
    """Simulate; the exit code says whether some dyads failed.

    >>> import tempfile
    >>> from oxysim.cli.main import main
    >>> text = 'duration = "1 h"\\noutcomes = ["caregiver.epds: final"]'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = Path(folder) / "mood.toml"
    ...     _ = study.write_text(text, encoding="utf-8")
    ...     code = main(["simulate", str(study)])
    mood
    <BLANKLINE>
                  outcome  value unit
    caregiver.epds: final 5.4022 EPDS
    """
    read = given_study(options)
    out = None if options.out is None else Path(options.out)
    if out is not None:
        require_new(out, "the courses", endings=(".nc",), overwrite=options.overwrite)
    # of an axis "dyad" the first of the population remains
    study = replace(read.study, design=None)
    result = simulated(study)
    if out is not None:
        with writing(out) as temporary:
            result.save(temporary)
    say(f"{read.title}\n\n{summary(study, result)}", options)
    if options.methods:
        print(f"\n{methods(study)}")
    for dyad, reason in result.reasons.items():
        warn(f"dyad {dyad} failed: {reason}")
    return Exit.FAILED_RUNS if result.reasons else Exit.FINISHED


def simulated(study: Study) -> Result:
    """The courses of the variables behind a study's outcomes, and at single moments that these look
    at.

    >>> from oxysim.families import Dyad
    >>> study = Study(Dyad(), duration="1 h", outcomes=["caregiver.epds: final"])
    >>> simulated(study).variables
    ('mother.epds',)
    """
    start, families = study.window[0], study.who.take(np.arange(len(study.who)))
    # members live with what their attributes add, each under a day of its own
    added = study.who.added(families.numbers) if isinstance(study.who, Members) else []
    day = study.schedule
    days = (
        [Schedule(day.routine, (*day.interventions, *added_to_dyad)) for added_to_dyad in added]
        if any(added)
        else day
    )
    # The grid on which a course is drawn, and every moment that an outcome looks at.
    moments = distinct_times(np.concatenate([output_times(None, study.window), study.sampling()]))
    return simulate(
        families,
        days,
        study.duration,
        start=study.start,
        # As texts that read back to the same bits, from the start of the run.
        save=[f"{max(at - start, 0.0)!r} min" for at in moments.tolist()],
        variables=list(dict.fromkeys(layout.variable for layout in study.layouts)),
        solver=study.solver,
        seed=study.seed,
        engine=study.engine_meant,
        usual_day=study.usual_day,
        cut=study.cut,
        scale=study.scale,
    )


def summary(study: Study, result: Result) -> str:
    """The outcomes as a table: the value of one dyad, or mean and range over several; a row a
    stretch of time.

    >>> from oxysim.families import Dyad
    >>> study = Study(Dyad(), duration="1 h", outcomes=["caregiver.epds: final"])
    >>> print(summary(study, simulated(study)).splitlines()[0])
                  outcome  value unit
    """
    # the run itself, since it has been simulated here and was read from no file
    assert result.run is not None
    values_of_outcomes = summaries(result.run.again(study.window[1]), study.layouts)
    rows = []
    for layout in study.layouts:
        # one row a dyad, one column a stretch; dyads that failed are said below the table
        values = np.asarray(values_of_outcomes[layout.outcome.name]).reshape(len(study.who), -1)[
            result.ok
        ]
        unit = layout.outcome.unit(row_of(layout.outcome, study.who.caregivers))
        # One row for each stretch of an outcome; none where it has one value.
        stretches = [""] if layout.dim is None else [_moment(time) for time in layout.lows]
        for when, column in zip(stretches, values.T, strict=True):
            rows.append(
                {
                    "outcome": layout.outcome.text,
                    "from": when,
                    **_spread(column),
                    "unit": "" if unit == "1" else unit,
                }
            )
    table = pd.DataFrame(rows)
    # no column for stretches where no outcome has several
    printed = table if (table["from"] != "").any() else table.drop(columns="from")
    return printed.to_string(index=False, float_format=lambda value: f"{value:.5g}")


def _moment(minutes: float) -> str:
    """A moment of the run: its clock time, and how many days after the first it is."""
    # In whole seconds, so that 23:59:59.99 is midnight.
    days, rest = divmod(round(minutes * 60), round(DAY * 60))
    return clock_text(rest / 60) + (f" + {days} d" if days else "")


def _spread(values: FloatArray) -> dict[str, float]:
    if len(values) == 1:
        return {"value": float(values[0])}
    if not len(values):
        return {"mean": np.nan, "lowest": np.nan, "highest": np.nan}
    return {
        "mean": float(values.mean()),
        "lowest": float(values.min()),
        "highest": float(values.max()),
    }

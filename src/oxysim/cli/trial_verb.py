"""``oxysim trial``: run the trial of a file, replicated; its flow, its effects, its power."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from oxysim.cli.exits import Exit
from oxysim.cli.verb_options import (
    FIGURES,
    add_overwrite,
    require_new,
    say,
    warn,
    whole_number_option,
    writing,
)
from oxysim.errors import InputError
from oxysim.studies.trial_file import TrialFile, read_trial
from oxysim.trials.power_analysis import power
from oxysim.trials.power_over_n import PowerCurve
from oxysim.trials.trial import Trial
from oxysim.trials.trial_result import TrialResult
from oxysim.units import plain_unit, with_unit

NAME = "trial"
HELP = "run a trial, replicated: flow, effects, power"
DESCRIPTION = """\
Run the trial of a study file with [trial]. Every dyad of the pool is simulated once in every arm;
the replications draw their participants from it. Prints the plan, who was screened, randomised,
dropped and analysed, the effects over replications, and the power where the file asks for it."""
EXAMPLE = """\
example:
  oxysim trial spray.toml --csv effects.csv --figure effects.png
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this verb.

    >>> parser = argparse.ArgumentParser()
    >>> add(parser)
    >>> parser.parse_args(["spray.toml", "--n", "40"]).n
    40
    """
    parser.add_argument("study", metavar="STUDY", help="study file with [trial] (TOML)")
    parser.add_argument(
        "--seed", type=whole_number_option(0), metavar="N", help="seed, in place of the file's"
    )
    parser.add_argument(
        "--n", type=whole_number_option(2), metavar="N", help="participants, in place of the file's"
    )
    parser.add_argument(
        "--replications", type=whole_number_option(1), metavar="N", help="in place of the file's"
    )
    parser.add_argument("--csv", metavar="PATH", help="write the effects as CSV")
    parser.add_argument(
        "--figure",
        metavar="PATH",
        help="write a figure of effects, arms and power (.png, .pdf, .svg)",
    )
    add_overwrite(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(options: argparse.Namespace) -> Exit:
    """Run the trial; the exit code says whether some dyads failed.

    >>> from oxysim.cli.main import main
    >>> main(["trial", "nowhere.toml"]) == Exit.BAD_INPUT
    True
    """
    paths = _paths(options)
    # the options are held against the pool before any of it is drawn
    read = _changed(read_trial(options.study, seed=options.seed), options)
    if read.over_ensemble:
        return _run_over_members(read, options, paths)
    trial = read.trial()
    result = trial.run(read.n, read.replications, read.seed)
    # of the same pool: no dyad is simulated again
    curve = _power(read, trial)
    say(report(read, result, curve), options)
    if "csv" in paths:
        with writing(paths["csv"], "--csv") as temporary:
            result.effects().to_csv(temporary, index=False)
    if "figure" in paths:
        # matplotlib is loaded only where something is drawn
        from oxysim.plots.trials.trial_panels import trial_panels

        with writing(paths["figure"], "--figure") as temporary:
            figure = trial_panels(result, curve)
            figure.savefig(temporary, format=paths["figure"].suffix.lower().removeprefix("."))
    # a dyad may fail in one arm and come through another
    failed = sorted(set().union(*(failures for failures in trial.pool.failed.values())))
    if failed:
        warn(
            f"{len(failed)} dyads of the pool failed and are missing:"
            f" {', '.join(map(str, failed[:10]))}"
        )
    return Exit.FAILED_RUNS if failed else Exit.FINISHED


def _run_over_members(read: TrialFile, options: argparse.Namespace, paths: dict[str, Path]) -> Exit:
    """The trial in every member of an ensemble: effects over members, assurance, and who failed."""
    if "figure" in paths and not read.power:
        raise InputError("--figure: of an ensemble the assurance is drawn; give power in the file")
    trial = read.ensemble_trial()
    result = trial.run(read.n, read.replications, read.seed)
    paragraphs = [read.title, result.report()]
    assurance = None
    if read.power:
        assurance = power(trial, n=read.power, replications=read.replications, seed=read.seed)
        paragraphs.append(assurance.report())
    say("\n\n".join(paragraphs), options)
    if "csv" in paths:
        with writing(paths["csv"], "--csv") as temporary:
            result.effects().to_csv(temporary, index=False)
    if "figure" in paths and assurance is not None:
        # matplotlib is loaded only where something is drawn
        from oxysim.plots.picture import panels
        from oxysim.plots.trials.assurance_curve import assurance_curve

        with writing(paths["figure"], "--figure") as temporary:
            figure, axes = panels(1, size=(7.2, 3.8))
            assurance_curve(assurance, axes[0, 0])
            figure.savefig(temporary, format=paths["figure"].suffix.lower().removeprefix("."))
    if result.results.failed:
        warn(f"{len(result.results.failed)} members of the ensemble failed and are missing")
    return Exit.FAILED_RUNS if result.results.failed else Exit.FINISHED


def report(read: TrialFile, result: TrialResult, curve: PowerCurve | None) -> str:
    """What a trial found, in plain text.

    >>> from oxysim.families import Dyad
    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.trials import Endpoint, Parallel
    >>> arms = {"nothing": None, "spray": NasalSpray("24 IU", at="08:10")}
    >>> plan = Trial(Dyad().repeat(8), Parallel(arms), Endpoint("saliva_oxytocin", at="1 h"))
    >>> file = TrialFile(plan, plan.who, "A spray", 8, replications=2, seed=0, power=())
    >>> print(report(file, file.trial().run(8, 2), curve=None).partition("\\n")[0])
    A spray
    """
    return "\n\n".join([read.title, *_paragraphs(result, curve)])


def _paragraphs(result: TrialResult, curve: PowerCurve | None) -> Iterator[str]:
    if result.trial.selection is not None:
        # only where candidates were screened
        yield f"Pool: {result.trial.selection}."
    yield result.report()
    yield _individual(result)
    if curve is not None:
        yield curve.report()


def _individual(result: TrialResult) -> str:
    """The true effects on the primary endpoint, as no trial sees them."""
    endpoint, design = result.trial.primary, result.trial.design
    individuals = result.individual()
    unit = f" ({plain_unit(endpoint.unit)})" if plain_unit(endpoint.unit) else ""
    lines = [f"True effects on {endpoint.name} in the pool, without measurement error{unit}:"]
    # after the arms come the contrasts, one column each
    for name in individuals.columns[len(design.names) :]:
        values = individuals[name].dropna()
        # tenths, since single dyads far out say little of the pool
        low, middle, high = values.quantile([0.1, 0.5, 0.9])
        lines.append(
            f"  {name}: mean {values.mean():.3g}, 10 % {low:.3g}, median {middle:.3g}, 90 %"
            f" {high:.3g}"
        )
    if endpoint.responds is not None:
        change = "an increase" if endpoint.responds == "increase" else "a decrease"
        far = f"{change} of at least {with_unit(format(endpoint.threshold, 'g'), endpoint.unit)}"
        # by the endpoint's own threshold: without one nobody is called a responder
        for name, row in result.responders().iterrows():
            lines.append(
                f"  {name}: {100 * row['respond']:.0f} % respond ({far}), "
                f"{100 * row['worsen']:.0f} % change as far the other way"
            )
    return "\n".join(lines)


def _power(read: TrialFile, trial: Trial) -> PowerCurve | None:
    # asked for by the file alone: a power over many n takes longer than the trial
    if not read.power:
        return None
    primary = trial.primary.name
    return power(trial, primary, n=read.power, replications=read.replications, seed=read.seed)


def _changed(read: TrialFile, options: argparse.Namespace) -> TrialFile:
    # what was not given stays as the file has it
    changes = {
        key: getattr(options, key)
        for key in ("n", "replications")
        if getattr(options, key) is not None
    }
    if changes.get("n", 0) > len(read.who):
        raise InputError(f"--n: the pool holds {len(read.who)} dyads; found {options.n}")
    return dataclasses.replace(read, **changes)


def _paths(options: argparse.Namespace) -> dict[str, Path]:
    """Where to write what, refused before anything runs."""
    texts = {
        key: Path(getattr(options, key))
        for key in ("csv", "figure")
        if getattr(options, key) is not None
    }
    for key, path in texts.items():
        contents, endings = {"csv": ("the effects", (".csv",)), "figure": ("the figure", FIGURES)}[
            key
        ]
        require_new(path, contents, f"--{key}", endings=endings, overwrite=options.overwrite)
    return texts

"""A study in sentences: what will be run, on whom, on which day, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from oxysim.families import Family
from oxysim.schedule.bouts import Bouts
from oxysim.simulation.results.outcomes import SAMPLE
from oxysim.sweeps.methods import (
    changed_parameters,
    engine_words,
    intervention_words,
    people_words,
    routine_words,
)
from oxysim.sweeps.study import Study
from oxysim.units import DAY, clock_text, duration_text

_INDENT = "  "


def describe(study: Study) -> str:
    """What a study runs, a paragraph for each of its parts.

    >>> from oxysim.families import Dyad
    >>> study = Study(Dyad(), duration="1 h", outcomes=["caregiver.epds: final"])
    >>> print(describe(study).split()[0])
    Who
    """
    return "\n\n".join(_paragraphs(study))


def _paragraphs(study: Study) -> Iterator[str]:
    yield _titled(
        "Who",
        [f"{people_words(study)}, for {study.duration} from {study.start}.", *_changes(study)],
    )
    added = [
        f"{name}: {intervention_words(intervention)}"
        for name, intervention in study.interventions.items()
    ]
    yield _titled("Day", [routine_words(study.routine), *added])
    if study.usual_day is not None:
        yield _titled("Usual day, on whose cycle it starts", [routine_words(study.usual_day)])
    yield _titled(f"First day, from {study.start}", first_day(study))
    if study.design is not None:
        yield _titled("Design", [study.design.describe(), _dims(study)])
    yield _titled("Kept", [_kept(study)])
    yield _titled("How", [f"by {engine_words(study)}; seed {study.seed}"])


def first_day(study: Study) -> list[str]:
    """What happens in the first 24 hours of one dyad (the first, or one of a population): a line a
    bout, with the input channels that it reaches.

    >>> from oxysim.families import Dyad
    >>> from oxysim.schedule import Routine
    >>> outcomes = ["caregiver.epds: final"]
    >>> study = Study(Dyad(), routine=Routine.empty(), duration="1 h", outcomes=outcomes)
    >>> first_day(study)
    ['Nothing happens.']
    """
    start, stop = study.window
    specimen = study.specimen
    age, (number, *_) = float(specimen.ages()[0]), specimen.numbers
    # as this dyad lives it: its number and the seed shift what is jittered
    plan = study.schedule.realise(
        age + start, age + stop, caregivers=specimen.caregivers, seed=study.seed, dyad=number
    )
    lines: dict[tuple[float, float, str], dict[str, list[str]]] = {}
    for source in plan.sources:
        for begin, end in _within(source, age + start, age + min(stop, start + DAY)):
            # one line where one activity reaches several members at once
            channels = lines.setdefault((begin, end, source.label), {}).setdefault(
                source.member, []
            )
            # without the levels: a line says what is reached, the methods say how far
            channels += [name.replace("_", " ") for name, _ in source.levels]
    if not lines:
        return ["Nothing happens."]
    return [
        _moment(*when, members) for when, members in sorted(lines.items(), key=lambda line: line[0])
    ]


def _moment(begin: float, end: float, label: str, members: dict[str, list[str]]) -> str:
    # a channel that several levels write stands once
    reached = "; ".join(
        f"{member}: {', '.join(dict.fromkeys(channels))}" for member, channels in members.items()
    )
    return f"{clock_text(begin % DAY)} to {clock_text(end % DAY)}  {label} ({reached})"


def _within(source: Bouts, start: float, stop: float) -> Iterator[tuple[float, float]]:
    if source.levels:  # a bout without levels only wakes somebody
        inside = source.within(start, stop)
        yield from zip(inside.starts.tolist(), inside.stops.tolist(), strict=True)


def _changes(study: Study) -> list[str]:
    lines = [f"Set: {text}." for text in changed_parameters(study.who)]
    starts = study.who.start if isinstance(study.who, Family) else {}
    lines += [f"Starts at: {name} = {_extent(value)}." for name, value in starts.items()]
    lines += [f"Cut: {name}." for name in study.cut]
    lines += [f"Scaled: {name} by {_extent(value)}." for name, value in study.scale.items()]
    return lines + [f"Legal but implausible: {value}." for value in study.implausible]


def _extent(value: object) -> str:
    # of an array only the ends: it may have a value for each of many dyads
    numbers = np.ravel(np.asarray(value, dtype=float))
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _dims(study: Study) -> str:
    sizes = " x ".join(f"{name} ({size})" for name, size in study.dims.items())
    return f"{study.n_runs} runs of {duration_text(study.window[1] - study.window[0])}: {sizes}."


def _kept(study: Study) -> str:
    texts = []
    for layout in study.layouts:
        # said, since the mean of a last half week would otherwise be missed
        left_out = (
            f" (the last {duration_text(layout.left_out)} belong to no whole stretch)"
            if layout.left_out
            else ""
        )
        texts.append(layout.outcome.text + left_out)
    looks = "as often as they need" if study.sample == SAMPLE else f"every {study.sample} at least"
    return f"{'; '.join(texts)}; courses are looked at {looks}."


def _titled(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"{_INDENT}{line}" for line in lines)])

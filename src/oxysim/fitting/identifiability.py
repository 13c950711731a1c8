"""What samples can tell of chosen parameters, before or after a fit, and what they leave open.

Expected readings are taken as linear around one set of values and errors as the instruments state
them, so that the answer holds near those values: a fit's profiles say how far. What was known
before the samples is the priors', as for a fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import choice, instance, number
from oxysim.families import Family
from oxysim.fitting.optimal_design.combination_words import (
    Named,
    Scale,
    combination_sentence,
    main_positions,
)
from oxysim.fitting.optimal_design.fisher_information import (
    OPEN,
    Direction,
    FisherInformation,
    information_matrix,
)
from oxysim.fitting.persons.free_parameters import FreeParameter, free_parameters
from oxysim.fitting.persons.person_samples import BEYOND_LIMITS, persons_of
from oxysim.fitting.reading_errors import reading_errors
from oxysim.fitting.sample_predictions import SamplePoints
from oxysim.fitting.sensitivities import Sensitivities, latents_at, sensitivities
from oxysim.measures import Instrument
from oxysim.observations import Observations
from oxysim.population.traits import TAIL
from oxysim.texts import Described, counted, listed
from oxysim.units import with_unit

NOTHING = (
    0.98  # of the prior's spread, were all else known: of such a parameter samples tell nothing
)
# Of a combination's share in what is open: below, two parameters are not open together.
LINKED = 0.1
SAME = 0.02  # of the spread: directions of which as much is left cannot be told from each other
TOGETHER = 0.95  # correlation of two estimates, from which on it is told


@dataclass(frozen=True, eq=False, repr=False)
class Identifiability(Described):
    """What samples tell of parameters.

    Attributes
    ----------
    parameters : which.
    latents : the values at which it holds, on the scale of the priors, shape (p,).
    information : of the samples, in units of the priors' spread.
    n_samples, n_persons : how much there is.

    >>> import oxysim as ox
    >>> day = ox.Routine.empty() + ox.IntravenousBolus("1 IU", at="10:00")
    >>> plan = SamplePoints("mother", "plasma_oxytocin", [605.0, 615.0])
    >>> answer = identifiability_of(plan, ox.Dyad(), day, "mother.oxytocin.clearance")
    >>> isinstance(answer, Identifiability), answer.open
    (True, ())
    """

    parameters: tuple[FreeParameter, ...]
    latents: FloatArray
    information: FisherInformation
    n_samples: int
    n_persons: int = 1

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return "Identifiability", [
            ("of", counted(len(self.parameters), "parameter")),
            ("from", counted(self.n_samples, "sample")),
            ("", "; ".join(self.sentences())),
        ]

    def table(self) -> pd.DataFrame:
        """One row a parameter: the value, its unit, the ends of 95 % before and after the samples,
        the share of the spread that is left, and the share that would be left were all the others
        known.

        The columns are "value", "unit", "low_before", "high_before", "low", "high", "left" and
        "left_alone".
        """
        rows = []
        after = self.information.errors_with_before
        for k, parameter in enumerate(self.parameters):
            ends = self.latents[k] + np.array([-TAIL, TAIL]) * after[k]
            value, low, high, low_before, high_before = parameter.value(
                np.array([self.latents[k], *ends, -TAIL, TAIL])
            ).tolist()
            rows.append(
                {"parameter": parameter.name, "value": value, "unit": parameter.unit,
                 "low_before": low_before, "high_before": high_before, "low": low, "high": high,
                 "left": float(after[k]), "left_alone": float(self._alone[k])}
            )  # fmt: skip
        return pd.DataFrame(rows).set_index("parameter")

    @property
    def open(self) -> tuple[str, ...]:
        """The parameters of which samples leave most of the spread, alone or in a combination."""
        blocks = self._blocks()
        names = {self.parameters[k].name for block in blocks for k in block}
        return tuple(p.name for p in self.parameters if p.name in names)

    def sentences(self) -> list[str]:
        """What the samples tell and what they leave open, each thing in a sentence."""
        parts = [*self._open_sentences(), *self._correlated_sentences()]
        still_open, table = set(self.open), self.table()
        ranges = [
            f"{parameter.name} is told to {_range(row, parameter.unit)} (95 %)"
            for parameter, (_, row) in zip(self.parameters, table.iterrows(), strict=True)
            if parameter.name not in still_open
        ]
        return parts + ranges

    def report(self) -> str:
        """The sentences, one a line, after what was asked."""
        persons = f" of {counted(self.n_persons, 'person')}" if self.n_persons > 1 else ""
        head = (
            f"What {counted(self.n_samples, 'sample')}{persons} tell of"
            f" {counted(len(self.parameters), 'parameter')}:"
        )
        return "\n".join([head, *(f"- {sentence}" for sentence in self.sentences())])

    @property
    def _alone(self) -> FloatArray:
        """The share of each parameter's spread that would be left were all the others known."""
        return np.asarray(1 / np.sqrt(1 + np.diag(self.information.matrix)))

    def _blocks(self) -> list[list[int]]:
        """Parameters that are left open together, each group in the order of the parameters; one
        that nothing tells stands alone.
        """
        untold = np.flatnonzero(self._alone > OPEN).tolist()
        rest = [k for k in range(len(self.parameters)) if k not in untold]
        blocks = [[k] for k in untold]
        if not rest:
            return blocks
        # how much of each pair lies in the directions that are open
        directions = self._open_directions(rest)
        space = np.array([direction.weights for direction in directions]).reshape(-1, len(rest))
        linked = np.abs(space.T @ space) > LINKED
        waiting = {position for position in range(len(rest)) if linked[position, position]}
        while waiting:
            group, reached = set[int](), {min(waiting)}
            while reached:
                group |= reached
                near = {int(b) for a in reached for b in np.flatnonzero(linked[a])}
                reached = (near & waiting) - group
            waiting -= group
            blocks.append([rest[position] for position in sorted(group)])
        return blocks

    def _open_directions(self, positions: Sequence[int]) -> list[Direction]:
        """The open directions of some parameters, the others being known."""
        some = FisherInformation(
            [self.parameters[k].name for k in positions],
            self.information.matrix[np.ix_(positions, positions)],
            np.ones(len(positions)),
        )
        return [direction for direction in some.directions if direction.left > OPEN]

    def _open_sentences(self) -> list[str]:
        named, sizes = zip(*map(self._named, range(len(self.parameters))), strict=True)
        untold = [k for k, alone in enumerate(self._alone.tolist()) if alone > NOTHING]
        sentences = []
        if untold:
            names = listed([self.parameters[k].name for k in untold], len(untold))
            sentences.append(f"no sample tells anything of {names}")
        for block in self._blocks():
            if len(block) == 1:
                sentences += [] if block[0] in untold else [self._alone_sentence(block[0])]
                continue
            parameters, steps = [named[k] for k in block], np.array([sizes[k] for k in block])
            for group in _alike(self._open_directions(block)):
                if len(group) == 1:
                    (direction,) = group
                    move = direction.weights * steps
                    sentences.append(combination_sentence(parameters, direction.weights, move))
                else:
                    sentences.append(_several_sentence(parameters, group))
        return sentences

    def _alone_sentence(self, position: int) -> str:
        name, alone = self.parameters[position].name, self._alone[position]
        return (
            f"{name} is left open: were all else known, {alone:.0%} of the spread of its prior"
            " would be left"
        )

    def _correlated_sentences(self) -> list[str]:
        """Pairs that are told, and hardly apart."""
        still_open = set(self.open)
        correlations = self.information.correlations
        names = [parameter.name for parameter in self.parameters]
        return [
            f"{names[a]} and {names[b]} are told mostly together (their estimates correlate at"
            f" {correlations[a, b]:.2f})"
            for a in range(len(names))
            for b in range(a + 1, len(names))
            if abs(correlations[a, b]) > TOGETHER and not still_open & {names[a], names[b]}
        ]

    def _named(self, position: int) -> tuple[Named, float]:
        """A parameter for sentences, and how far it moves on its scale for each of its latents."""
        parameter = self.parameters[position]
        kinds: dict[str, Scale] = {"lognormal": "log", "logit-normal": "logit"}
        scale = kinds.get(parameter.prior.distribution, "plain")
        beside = parameter.value(self.latents[position] + np.array([-0.01, 0.01]))
        onto = {"log": np.log, "logit": logit}
        scaled = onto[scale](beside) if scale in onto else beside
        size = float(np.diff(scaled)[0] / 0.02)
        return Named(parameter.name, scale, parameter.unit), size


def identifiability_of(  # noqa: PLR0913 - keywords with defaults
    samples: Observations | SamplePoints,
    who: Any,
    schedule: Any,
    parameters: Any,
    *,
    at: Mapping[str, Any] | None = None,
    priors: Any = "rows",
    start: str = "00:00",
    instruments: Mapping[str, Instrument] | None = None,
    minutes_from: float = 0.0,
    beyond_limits: str = "refuse",
    **options: Any,
) -> Identifiability:
    """What samples tell of parameters, and what they leave open.

    Parameters
    ----------
    samples : measured ones, of one person or of several who share the parameters; or a plan.
    who, schedule : one for all persons, or a mapping of persons to theirs.
    parameters : names, as for a fit: parameters, starts ("start.mother.depression"), edges.
    at : the values at which it is asked, such as a fit's estimates; by default those of `who`.
    priors : as for a fit: what is known before.
    start : clock time of day 0 at which simulations begin.
    instruments : the user's own, by the name of the analyte.
    minutes_from, beyond_limits : of measured samples, as for a fit.
    options : of the simulation (seed, usual_day, solver, engine).

    Raises
    ------
    UnknownNameError, InputError : as for a fit; a value outside its prior.

    >>> import oxysim as ox
    >>> day = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> plan = SamplePoints("mother", "saliva_oxytocin", [605.0, 620.0, 640.0])
    >>> gain = "mother.depression.loop_gain"
    >>> told = identifiability_of(plan, ox.Dyad(), day, gain, start="10:00")
    >>> told.sentences()
    ['no sample tells anything of mother.depression.loop_gain']
    """
    instance(samples, "samples", (Observations, SamplePoints), "Observations or SamplePoints")
    number(minutes_from, "minutes_from")
    choice(beyond_limits, "beyond_limits", BEYOND_LIMITS)
    persons = _sampled(samples, who, schedule, instruments, minutes_from, beyond_limits, start)
    free = free_parameters(parameters, persons[0][0], priors)
    matrix = np.zeros((len(free), len(free)))
    latents = np.zeros(len(free))
    for family, days, points in persons:
        latents = latents_at(free, family, at)[0]
        slopes = sensitivities(
            family, days, points, free, latents[None], start=start, instruments=instruments,
            **options,
        )  # fmt: skip
        matrix += information_of(points, slopes, instruments)
    information = FisherInformation([p.name for p in free], matrix, np.ones(len(free)))
    n_samples = sum(len(points) for _, _, points in persons)
    return Identifiability(free, latents, information, n_samples, len(persons))


def information_of(
    points: SamplePoints,
    slopes: Sensitivities,
    instruments: Mapping[str, Instrument] | None = None,
) -> FloatArray:
    """The information of samples of one dyad along the latents, shape (p, p).

    >>> points = SamplePoints("mother", "salivary_cortisol", [480.0])
    >>> slopes = Sensitivities(np.zeros((1, 1)), np.array([[4.0]]), np.array([[[0.4]]]))
    >>> information_of(points, slopes).round(3)  # a tenth of it over its variance on the log scale
    array([[0.219]])
    """
    errors = reading_errors(points, slopes.expected, instruments, limits=True)
    covariance = np.diag(errors.independent[0]) + errors.shared
    return information_matrix(slopes.slopes[0] * errors.slope[0][:, None], covariance)


def _alike(directions: Sequence[Direction]) -> list[list[Direction]]:
    """Directions in groups of which nothing tells one apart: as much is left of each, so that any
    mixture of them is left open as well.
    """
    groups: list[list[Direction]] = []
    for direction in directions:
        if groups and abs(groups[-1][-1].left - direction.left) < SAME:
            groups[-1].append(direction)
        else:
            groups.append([direction])
    return groups


def _several_sentence(parameters: Sequence[Named], group: Sequence[Direction]) -> str:
    """Of several open directions no single one stands out: how many combinations are told."""
    weights = np.sqrt(np.sum([direction.weights**2 for direction in group], axis=0))
    names = [parameters[k].words for k in sorted(main_positions(weights))]
    n_combinations = len(names) - len(group)
    if n_combinations <= 0:
        return f"{listed(names, len(names))} are left open"
    return (
        f"of {listed(names, len(names))} only {counted(n_combinations, 'combination')} can be told"
    )


def _sampled(
    samples: Observations | SamplePoints,
    who: Any,
    schedule: Any,
    instruments: Mapping[str, Instrument] | None,
    minutes_from: float,
    beyond_limits: str,
    start: str,
) -> list[tuple[Family, Any, SamplePoints]]:
    """Each person's family, days and samples."""
    if isinstance(samples, SamplePoints):
        return [(instance(who, "who", Family, "a Dyad or a Family"), schedule, samples)]
    persons = persons_of(
        samples, who, schedule, begin=units.clock(start, "start", begins=True),
        instruments=instruments, minutes_from=minutes_from, beyond_limits=beyond_limits,
    )  # fmt: skip
    return [(person.who, person.schedule, person.points) for person in persons]


def _range(row: pd.Series, unit: str) -> str:
    return with_unit(
        f"{row['low']:.3g} to {row['high']:.3g}", "1" if unit in ("", "fraction") else unit
    )

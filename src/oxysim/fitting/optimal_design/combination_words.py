"""A direction in which samples tell nothing, as a sentence: what trades off against what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.texts import listed

Scale = Literal["log", "logit", "plain"]

TAKES_PART = 0.25  # of the largest weight: what moves less is no part of a combination
# How far an exponent may lie from 1 and still be called a ratio or a product: the sensitivities
# are those at one point, and the next point has slightly others.
NEARLY = 0.15
TENTH = 0.1  # of the first of several that trade off, by which the others' changes are told


class Named(NamedTuple):
    """A parameter in a sentence: its name, its scale ("log" for what is above 0, "logit" for
    shares, "plain") and its unit.

    >>> Named("plasma half-life", "log", "min").words
    'plasma half-life'
    """

    words: str
    scale: Scale
    unit: str = ""


def main_positions(weights: FloatArray) -> list[int]:
    """The positions that take part in a combination, the largest weights first.

    >>> main_positions(np.array([0.7, 0.05, -0.7]))
    [0, 2]
    """
    sizes = np.abs(weights)
    order = np.argsort(-sizes, kind="stable").tolist()
    return [position for position in order if sizes[position] >= TAKES_PART * sizes.max()]


def combination_sentence(named: Sequence[Named], weights: FloatArray, move: FloatArray) -> str:
    """What a direction that is left open means for the parameters that take part in it.

    Parameters
    ----------
    named : the parameters.
    weights : of the direction, in units of each parameter's spread, shape (p,).
    move : the same direction on the parameters' own scales, shape (p,).

    >>> pair = [Named("clearance", "log"), Named("absorbed share", "log")]
    >>> both_up = np.array([0.71, 0.71])
    >>> combination_sentence(pair, both_up, both_up)
    'clearance and absorbed share are told only as their ratio'
    """
    positions = main_positions(weights)
    if len(positions) == 1:
        return f"{named[positions[0]].words} is left open"
    # two that multiply or add can be named; of any others the trade is told
    first, second = sorted(positions[:2])
    scales = {named[first].scale, named[second].scale}
    if len(positions) == 2 and len(scales) == 1 and scales <= {"log", "plain"}:
        return _pair_sentence(named[first], named[second], float(move[second] / move[first]))
    return _trade_sentence(named, positions, move)


def _pair_sentence(first: Named, second: Named, slope: float) -> str:
    """Of two parameters on scales of one kind, of which the second moves by `slope` as the first
    moves by 1.
    """
    multiply = first.scale == "log"
    pair = f"{first.words} and {second.words} are told only as"
    if abs(slope - 1) <= NEARLY and (multiply or first.unit == second.unit):
        return f"{pair} their {'ratio' if multiply else 'difference'}"
    if abs(slope + 1) <= NEARLY and (multiply or first.unit == second.unit):
        return f"{pair} their {'product' if multiply else 'sum'}"
    # what stays the same along the direction: log a - (1 / slope) log b
    exponent = -1 / slope
    if multiply:
        return f"{pair} {first.words} x {second.words}^{exponent:.2g}"
    sign, size = ("-", -exponent) if exponent < 0 else ("+", exponent)
    return f"{pair} {first.words} {sign} {size:.2g} x {second.words}"


def _trade_sentence(named: Sequence[Named], positions: Sequence[int], move: FloatArray) -> str:
    """Of several parameters, or of two on scales of different kinds."""
    leading = positions[0]
    by_tenth = np.log1p(TENTH)  # on a logit scale nearly a tenth of the odds
    factor = by_tenth / abs(move[leading]) if named[leading].scale != "plain" else 1.0
    sign = np.sign(move[leading])
    changes = [
        _change(named[position], float(sign * factor * move[position])) for position in positions
    ]
    return f"{changes[0]} goes unseen together with {listed(changes[1:])}"


def _change(parameter: Named, by: float) -> str:
    """A change of one parameter in words."""
    if parameter.scale == "plain":
        unit = f" {parameter.unit}" if parameter.unit not in ("", "1") else ""
        return f"{parameter.words} {by:+.2g}{unit}"
    of = " (odds)" if parameter.scale == "logit" else ""
    return f"{parameter.words} {np.expm1(by):+.0%}{of}"

"""Input channels: everything by which a day or an intervention reaches the dyad.

A channel is a row: whose it is (a caregiver's or the infant's), its unit, the level when nothing
happens, its legal range, the rule by which several sources combine, and how high a level is
plausible (what is legal beyond it is simulated with a warning).
Routines and interventions write to channels only; equations read them; nobody edits equations or
states from outside.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from oxysim.errors import InputError, shown, unknown_name
from oxysim.model.value_ranges import ROUNDING, Implausible
from oxysim.units import plain_unit

Rule = Literal["add", "maximum", "multiply", "replace", "derived"]


class Channel(NamedTuple):
    """One input channel: its meaning, unit, level at rest, rule of combination, legal range, and
    the largest size of a level that is plausible, with what that rests on.

    >>> channel("infant", "crying").rest
    0
    """

    name: str
    owner: str
    unit: str
    rest: float
    rule: Rule
    low: float
    high: float
    meaning: str
    plausible: float
    basis: str


def _channel(  # noqa: PLR0913 - a row of a table
    owner: str, unit: str, rest: float, rule: Rule, high: float, meaning: str, low: float = 0.0, *,
    plausible: tuple[float, str] | None = None,
) -> Any:  # fmt: skip
    """A row; `plausible` has the largest level that is, and why, where that is less than what is
    legal.
    """
    largest, basis = plausible or (high, "all that is legal")
    return Channel("", owner, unit, rest, rule, low, high, meaning, largest, basis)


class CaregiverInputs(NamedTuple):
    """What reaches one caregiver, or passes between that caregiver and the infant (levels at one
    moment).

    >>> CaregiverInputs._fields[:2]
    ('nasal_spray', 'intravenous')
    """

    # drugs, and the belief of having got one
    nasal_spray: float = _channel(
        "caregiver", "IU/min", 0, "add", 1000,
        "oxytocin sprayed into the nose")
    intravenous: float = _channel(
        "caregiver", "IU/min", 0, "add", 100,
        "oxytocin given into a vein")
    expectancy: float = _channel(
        "caregiver", "1", 0, "maximum", 1,
        "belief of having received an active treatment")
    # contact with the infant
    suckling: float = _channel(
        "caregiver", "1", 0, "maximum", 12,
        "infant suckling at the breast; a milk-ejection pulse exceeds 1")
    breastfeeding_share: float = _channel(
        "caregiver", "1", 1, "multiply", 1,
        "share of feeds still at the breast")
    skin_contact: float = _channel(
        "caregiver", "1", 0, "maximum", 1,
        "bare infant on the caregiver's bare chest")
    affectionate_touch: float = _channel(
        "caregiver", "1", 0, "maximum", 1,
        "cradling, stroking, kissing; scaled by engagement")
    stimulating_play: float = _channel(
        "caregiver", "1", 0, "maximum", 1,
        "playful, arousing touch; scaled by engagement")
    massage: float = _channel(
        "caregiver", "1", 0, "maximum", 1,
        "prescribed infant massage; not scaled by engagement")
    gaze: float = _channel(
        "caregiver", "1", 0, "maximum", 1,
        "mutual looking; scaled by engagement")
    talk: float = _channel(
        "caregiver", "1", 0, "maximum", 1,
        "talking to the infant; scaled by engagement")
    # contact when apart
    remote_voice: float = _channel(
        "caregiver", "1", 0, "maximum", 1,
        "voice alone, as by telephone; needs no presence")
    holding_in_mind: float = _channel(
        "caregiver", "1", 0, "maximum", 1,
        "thinking of the infant when apart")
    # whether contact can happen at all: several sources of absence multiply to nothing
    presence: float = _channel(
        "caregiver", "1", 1, "multiply", 1,
        "whether caregiver and infant are together")
    responsiveness: float = _channel(
        "caregiver", "1", 1, "multiply", 1,
        "0 while the caregiver holds a still face")
    # other people, stress and sleep
    partner_contact: float = _channel(
        "caregiver", "1", 0, "maximum", 1,
        "contact or talk with a partner, friend or companion")
    stressor: float = _channel(
        "caregiver", "1", 0, "add", 10,
        "acute stressor of the caregiver",
        plausible=(3, "three times a laboratory stressor, which is 1 (assumed)"))
    asleep: float = _channel("caregiver", "1", 0, "maximum", 1, "caregiver asleep")
    # treatment
    support: float = _channel(
        "caregiver", "1", 0, "add", 5,
        "social support beyond the caregiver's usual",
        plausible=(2, "twice what a programme of support gives (assumed)"))
    therapy: float = _channel(
        "caregiver", "1", 0, "add", 5,
        "psychological treatment session",
        plausible=(2, "twice a session of the trials (assumed)"))
    antidepressant: float = _channel(
        "caregiver", "1", 0, "add", 3,
        "antidepressant, in usual daily doses")
    coaching: float = _channel(
        "caregiver", "1", 0, "add", 5,
        "mind-mindedness coaching session",
        plausible=(2, "twice a session of the trials (assumed)"))
    # daily life; below zero a better time than usual
    stress_noise: float = _channel(
        "caregiver", "1", 0, "add", 20,
        "life events around the usual (daily-life noise and scheduled)", low=-20,
        plausible=(5, "five standard deviations of daily life (assumed)"))
    mood_noise: float = _channel(
        "caregiver", "1", 0, "add", 20,
        "daily-life mood around the usual (stochastic)", low=-20)
    # knock-outs: what share of receptors is left
    accumbens_receptors: float = _channel(
        "caregiver", "1", 1, "multiply", 1,
        "share of accumbens oxytocin receptors left")
    receptors: float = _channel(
        "caregiver", "1", 1, "multiply", 1,
        "share of all oxytocin receptors left")
    # no source writes this: it follows from what the routine writes to the channels of contact
    routine_contact: float = _channel(
        "caregiver", "1", 0, "derived", 7,
        "contact that the routine plans, whatever interventions add")


class InfantInputs(NamedTuple):
    """What reaches the infant from elsewhere than a caregiver's contact (levels at one moment).

    >>> InfantInputs._fields[:2]
    ('feeding', 'asleep')
    """

    # the infant's day
    feeding: float = _channel("infant", "1", 0, "maximum", 1, "milk intake, by breast or bottle")
    asleep: float = _channel("infant", "1", 0, "maximum", 1, "infant asleep")
    crying: float = _channel("infant", "1", 0, "maximum", 1, "crying, whatever its cause")
    stressor: float = _channel(
        "infant", "1", 0, "add", 10,
        "acute stressor of the infant (inoculation, social stress task)",
        plausible=(3, "three times an inoculation, which is 1 (assumed)"))
    # distress that the infant's arousal receives as acute stress
    separation: float = _channel(
        "infant", "1", 0, "maximum", 1,
        "distress of being left by the caregiver")
    still_face: float = _channel(
        "infant", "1", 0, "maximum", 1,
        "distress of an unresponsive caregiver")
    # surroundings: a ward replaces the home, it does not add to it
    ambient_stress: float = _channel(
        "infant", "1", 0, "replace", 5,
        "standing stress load of the surroundings (neonatal ward)",
        plausible=(2, "several times a neonatal ward (assumed)"))
    receptors: float = _channel(
        "infant", "1", 1, "multiply", 1,
        "share of all oxytocin receptors left")


def _rows(table: Any) -> dict[str, Channel]:
    return {
        name: row._replace(name=name) for name, row in table._field_defaults.items()
    }


CAREGIVER_CHANNELS: dict[str, Channel] = _rows(CaregiverInputs)
INFANT_CHANNELS: dict[str, Channel] = _rows(InfantInputs)
NOISE = ("stress_noise", "mood_noise")
"""The channels of a caregiver that hold daily-life noise, a path of its own in every dyad."""


def channels_of(member: str) -> dict[str, Channel]:
    """The channels of a member: the infant's for "infant", a caregiver's for any other name.

    >>> "nasal_spray" in channels_of("mother"), "nasal_spray" in channels_of("infant")
    (True, False)
    """
    return INFANT_CHANNELS if member == "infant" else CAREGIVER_CHANNELS


def channel(member: str, name: str) -> Channel:
    """One channel by name; a misspelt name raises with the nearest three.

    >>> channel("mother", "nasal_spray").unit
    'IU/min'
    """
    table = channels_of(member)
    if name not in table:
        raise unknown_name("channel", name, table, f"of the {member}")
    return table[name]


def planned_contact(u: CaregiverInputs) -> Any:
    """The sum of the contact that is planned with a caregiver who is as engaged as usual: what
    interaction saturates in (M10, x where e = 1). Levels may be arrays.

    >>> rest = CaregiverInputs(*[row.rest for row in CAREGIVER_CHANNELS.values()])
    >>> planned_contact(rest._replace(talk=0.5, gaze=0.25))
    0.75
    """
    willing = u.affectionate_touch + u.stimulating_play + u.gaze + u.talk
    social = u.responsiveness * willing + u.skin_contact + u.massage
    # a voice over the telephone needs no presence
    return u.presence * social + u.remote_voice


def noise_columns(n_caregivers: int) -> tuple[int, ...]:
    """Where the channels of noise stand among the levels of all members, one caregiver after the
    other.

    >>> len(noise_columns(2))
    4
    """
    # in the order of the field tuples, as a realised schedule lays levels out
    names = list(CAREGIVER_CHANNELS)
    return tuple(
        k * len(names) + names.index(name)
        for k in range(n_caregivers)
        for name in NOISE
    )


def combined_level(row: Channel, levels: Iterable[float]) -> float:
    """The level of a channel when several sources write to it at once, by the channel's own rule.

    With no source the channel is at its level of rest. ``replace`` takes the source that was added
    last; a ``derived`` channel has no sources.

    >>> combined_level(channel("mother", "support"), [0.5, 1.0])
    1.5
    >>> combined_level(channel("mother", "presence"), [])
    1
    """
    sources = list(levels)
    if not sources:
        return row.rest
    match row.rule:
        case "add":
            return row.rest + math.fsum(sources)
        # two sources of one kind of contact are no more than the stronger one
        case "maximum":
            return max(sources)
        # shares of what is left: any zero is zero
        case "multiply":
            return row.rest * math.prod(sources)
        case "replace" | "derived":
            return sources[-1]


def require_level(row: Channel, level: float, source: str) -> float:
    """`level` if it is finite and legal for the channel; otherwise an error that states the range.

    >>> require_level(channel("infant", "crying"), 1, "crying")
    1.0
    """
    # infinity is refused by size, so that the message can show it
    is_number = isinstance(level, int | float) and not isinstance(level, bool)
    if not (
        is_number and abs(level) <= sys.float_info.max and row.low <= level <= row.high
    ):
        unit = f" {plain_unit(row.unit)}".rstrip()
        raise InputError(
            f"{source}: {row.name} must lie in [{row.low:g}, {row.high:g}]{unit}; found"
            f" {shown(level)}"
        )
    return float(level)


def implausible_levels(
    label: str, member: str, levels: Iterable[tuple[str, float]]
) -> tuple[Implausible, ...]:
    """The levels that something called `label` writes for a member, beyond what is plausible.

    Levels are those of single activities and interventions; what several of them add up to is held
    to the legal range alone.

    >>> implausible_levels("stressor", "infant", [("stressor", 8.0)])[0].high
    3
    """
    rows = channels_of(member)
    odd = []
    for name, level in levels:
        row = rows[name]
        if abs(level) > row.plausible * (1 + ROUNDING):
            low = max(row.low, -row.plausible)  # noise goes below zero as far as above it
            odd.append(
                Implausible(f"{label}, {name}", level, row.unit, low, row.plausible, row.basis)
            )
    return tuple(odd)

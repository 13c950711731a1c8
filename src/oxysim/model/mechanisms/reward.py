r"""M6. Social reward: accumbens oxytocin signal during interaction -> serotonin -> reward.

    accumbens signal  n = v/(ν + v),   v = knock-out·ω·I      (I: how social the moment is, M10)
    serotonin         dX/dt = (n − X)/τ_X
    reward            dR/dt = (w·X + (1 − w)·n − R)/τ_R

ω is the caregiver's oxytocin signal (M4), knock-out the share of accumbens receptors left.
Serotonin receives n, reward receives X and n, each over an edge of its own.

The serotonin step is contested: Dölen 2013 needs accumbens serotonin in mice, Kohli 2019 finds
dopamine, not serotonin, in rats. The share w of the serotonin path therefore ranges from 0 to 1;
the rest reaches reward directly. Without accumbens receptors both are silent, social contact is not
rewarding, and clearance is untouched. Reward moves engagement at once (M10) and mood slowly (M9).
The signal saturates early, so that reward falls late; what follows it is linear, so that a cut edge
leaves the reference dyad its mean reward.

Limits of validity: male mice; values of the preference were not found. Doses above the
physiological show an inverted U in mice that is not modelled.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import hill
from oxysim.model.rows import edge, parameter, state

# The upper limits leave the solver a ten-thousandth above full reward.
SEROTONIN = state("1", 0.2, 0, 1.0001, 0.5, "fast", "accumbens serotonin above rest, relative")
REWARD = state("1", 0.2, 0, 1.0001, 0.5, "fast", "social reward, 0 none to 1 full")


class Parameters(NamedTuple):
    """Rows of serotonin and reward.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).serotonin_time
    10.0
    """

    # the serotonin step: pace, and the share of reward that takes this way
    serotonin_time: float = parameter(
        "τ_X", "min", 10, 4, 30, "lognormal",
        "assumption", "assumed", "minutes")
    serotonin_share: float = parameter(
        "w", "fraction", 0.5, 0.0, 1.0, "uniform",
        "dolen2013", "assumed", "contested (Kohli 2019): the range includes zero")
    # saturation and pace of reward
    half_reward: float = parameter(
        "ν", "1", 0.1, 0.07, 0.14, "lognormal",
        "assumption", "assumed", "signal of half reward; saturates early")
    time_constant: float = parameter(
        "τ_R", "min", 20, 8, 45, "lognormal",
        "assumption", "assumed", "tens of minutes")


class SerotoninEdges(NamedTuple):
    """What accumbens serotonin receives.

    >>> SerotoninEdges(*[0.5] * 1).accumbens_oxytocin
    0.5
    """

    accumbens_oxytocin: float = edge(
        "dolen2013", "recalled", "accumbens oxytocin raises serotonin",
        contested=True, level=True)


class Edges(NamedTuple):
    """What social reward receives.

    >>> Edges(*[0.5] * 2).serotonin
    0.5
    """

    serotonin: float = edge(
        "dolen2013", "recalled", "serotonin carries social reward",
        contested=True, level=True)
    accumbens_oxytocin: float = edge(
        "kohli2019", "measured", "accumbens oxytocin rewards without serotonin",
        contested=True, level=True)


def accumbens_signal(
    signal: float, receptors_left: float, interaction: float, p: Parameters
) -> float:
    """n: oxytocin signal in the accumbens while interacting, saturating.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> accumbens_signal(0.5, 0.0, 1.0, p)  # every accumbens receptor knocked out
    0.0
    """
    # the product of receptors, signal and contact: without any one of them nothing is rewarding
    return hill(receptors_left * signal * interaction, p.half_reward)


def serotonin_rate(serotonin: float, received: SerotoninEdges, p: Parameters) -> float:
    """dX/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> serotonin_rate(0.2, SerotoninEdges(accumbens_oxytocin=0.2), p)
    0.0
    """
    return (received.accumbens_oxytocin - serotonin) / p.serotonin_time


def reward_rate(reward: float, received: Edges, p: Parameters) -> float:
    """dR/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> reward_rate(0.2, Edges(serotonin=0.2, accumbens_oxytocin=0.2), p)
    0.0
    """
    # linear in both ways, so that a cut leaves the reference dyad its mean reward
    valued = (
        p.serotonin_share * received.serotonin
        + (1 - p.serotonin_share) * received.accumbens_oxytocin
    )
    return (valued - reward) / p.time_constant

r"""M6. Social reward, and how far a person's need for rewarding contact is met.

    accumbens signal  n = v/(ν + v),   v = knock-out·(ω − (1 − θ)·ω_0)·I
    serotonin         dX/dt = (n + σ_a·antidepressant − X)/τ_X
    reward            dR/dt = ((1 − ϱ)·(w·X + (1 − w)·n) + ϱ·ϱ_i·i − R)/τ_R
    infant's response i = X_c·a             (X_c: how far contact is an exchange, M10; a: M19)

    recent reward     dF/dt = (R/usual R − F)/τ_F                multiples of the usual day
    adaptation level  dH/dt = (offered/usual offered − H)/τ_H    multiples of the usual day
                      offered = (1 − ϱ)·I_0 + ϱ·X_0              contact that the plan offers
    worth of contact  v = 1 − κ_A + κ_A·(1 + o)/(H + o)          1 on the usual day
    satisfaction      φ = F'⁴/(F'⁴ + (f·(1 + o))⁴),   F' = v·(F + o)
    per contact       v·(s + o·usual)/(1 + o)                    of a signal s that runs in contact

ω is the caregiver's oxytocin signal (M4) and ω_0 what the same receptors would signal at the basal
level C_0 (M2): released oxytocin counts in full, the tonic level for its share θ. I says how social
the moment is (M10), knock-out is the share of accumbens receptors left. Serotonin receives n;
reward receives X, n and i, each over an edge of its own. I_0 and X_0 are what contact would be at
engagement 1: what the day offers, whatever the caregiver makes of it.

The serotonin step is contested: Dölen 2013 needs accumbens serotonin in mice, Kohli 2019 finds
dopamine, not serotonin, in rats. The share w of the serotonin path therefore ranges from 0 to 1;
the rest reaches reward directly. Without accumbens receptors both are silent, and contact rewards
by the infant's response alone; clearance is untouched. An antidepressant adds to serotonin.

What reaches mood and bond (M9, M18, M20) is satisfaction φ: the reward of the last days against
what a person is used to. It saturates, so that a second hour of contact adds less than the first,
and it is measured from an adaptation level (Helson 1964): who lives another day, by work, day care
or a partner at home, is hurt or lifted at first and used to it in days to weeks, since contact that
has become rare is worth more. v is the weighted mean of its worth to somebody who never adapts, 1,
and to somebody who adapts in full. The level follows the *offer*, never what the caregiver makes of
it, so nobody adapts to her own withdrawal. Both are slow: what saturates does not swing within the
day, so that a cut edge leaves the reference dyad where it is. o stands for all else in life that
rewards: who sees the infant two hours a day or not at all is used to that, and not made ill by a
ratio of two small numbers.

Signals that run only while the two are together (serotonin X, synchrony Y of M13) count hours in
their daily mean. Confidence and depression (M18, M9) receive them per contact, as the lived day
offers it: a quality, about the usual on a usual day of any length. It is formed before the edge,
since the level swings a little within the day.

Limits of validity: male mice; values of the preference were not found. Doses above the
physiological show an inverted U in mice that is not modelled. That people adapt to their day is
common knowledge and published for well-being at large; for contact with an infant its pace and
completeness are assumed.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import hill, hill4
from oxysim.model.rows import edge, parameter, state

# An antidepressant lifts serotonin beyond what contact alone can; reward follows it in part.
SEROTONIN = state("1", 0.2, 0, 10, 0.5, "fast", "accumbens serotonin above rest, relative")
REWARD = state("1", 0.2, 0, 10, 0.5, "fast", "social reward; 0 none, about 0.2 on a usual day")
RECENT_REWARD = state(
    "1", 1, 0, 100, 1, "slow", "social reward of the last days, multiples of the usual day's",
    set_point="reward.usual_level", time_constant="reward.memory", worse=-1)
ADAPTATION_LEVEL = state(
    "1", 1, 0, 100, 1, "slow", "contact that a person is used to, multiples of the usual day's",
    set_point="reward.usual_level", time_constant="reward.adaptation_time", worse=+1)


class Parameters(NamedTuple):
    """Rows of serotonin, reward and satisfaction.

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
    antidepressant_gain: float = parameter(
        "σ_a", "1", 0.1, 0.03, 0.25, "lognormal",
        "cochrane2021", "assumed",
        "serotonin that a usual daily dose adds, where contact evokes about as much on a usual day")
    # the accumbens: what of oxytocin rewards, and saturation
    tonic_share: float = parameter(
        "θ", "fraction", 0.2, 0.05, 1.0, "uniform",
        "assumption", "assumed",
        "share of the basal signal that rewards; what contact releases counts in full")
    half_reward: float = parameter(
        "ν", "1", 0.2, 0.1, 0.4, "lognormal",
        "assumption", "assumed", "signal of half reward; saturates early")
    # the infant's response
    infant_share: float = parameter(
        "ϱ", "fraction", 0.5, 0.2, 0.7, "uniform",
        "strathearn2008", "assumed",
        "share of reward that the infant's response makes up; a smiling infant activates "
        "mothers' reward areas, the share is assumed")
    infant_gain: float = parameter(
        "ϱ_i", "1", 1.8, 0.8, 3, "lognormal",
        "assumption", "assumed", "brings the infant's response to the scale of reward")
    # pace of reward
    time_constant: float = parameter(
        "τ_R", "min", 20, 8, 45, "lognormal",
        "assumption", "assumed", "tens of minutes")
    # satisfaction: how long reward counts, how much is enough
    memory: float = parameter(
        "τ_F", "d", 2, 1, 4, "lognormal",
        "assumption", "assumed", "days over which reward adds up")
    need: float = parameter(
        "f", "1", 0.54, 0.3, 0.8, "lognormal",
        "assumption", "assumed", "reward that is half enough, multiples of the usual day's")
    other_rewards: float = parameter(
        "o", "1", 0.1, 0.02, 0.3, "lognormal",
        "assumption", "assumed", "what else in life rewards, multiples of the usual day's contact")
    usual_level: float = parameter(
        "H_0", "1", 1.0, 0.99, 1.01, "fixed",
        "assumption", "assumed", "both are 1 on the usual day, by definition")
    # adaptation: how far, and how fast
    adaptation: float = parameter(
        "κ_A", "fraction", 0.95, 0.7, 0.99, "logit-normal",
        "helson1964", "assumed", "how far the worth of contact follows what the day offers")
    adaptation_time: float = parameter(
        "τ_H", "d", 4, 2, 15, "lognormal",
        "helson1964", "assumed", "days until a new day is the usual one")


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

    >>> Edges(*[0.5] * 3).serotonin
    0.5
    """

    serotonin: float = edge(
        "dolen2013", "recalled", "serotonin carries social reward",
        contested=True, level=True)
    accumbens_oxytocin: float = edge(
        "kohli2019", "measured", "accumbens oxytocin rewards without serotonin",
        contested=True, level=True)
    infant_affect: float = edge(
        "strathearn2008", "recalled", "an infant that responds gladly rewards",
        dyadic=True, level=True)


class RecentRewardEdges(NamedTuple):
    """What the reward of the last days receives.

    >>> RecentRewardEdges(*[0.5] * 1).reward
    0.5
    """

    reward: float = edge(
        "assumption", "assumed", "rewarding moments add up over days",
        level=True)


class AdaptationEdges(NamedTuple):
    """What the adaptation level receives.

    >>> AdaptationEdges(*[0.5] * 1).offered_contact
    0.5
    """

    offered_contact: float = edge(
        "helson1964", "assumed", "the contact that the day offers becomes the usual",
        level=True)


def accumbens_signal(
    signal: float, basal: float, receptors_left: float, interaction: float, p: Parameters
) -> float:
    """n: oxytocin signal in the accumbens while interacting, saturating.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> accumbens_signal(0.5, 0.3, 0.0, 1.0, p)  # every accumbens receptor knocked out
    0.0
    """
    released = signal - (1 - p.tonic_share) * basal
    # the product of receptors, signal and contact: without any one of them nothing is rewarding
    return hill(receptors_left * released * interaction, p.half_reward)


def infant_response(exchange: float, infant_affect: float) -> float:
    """i: the infant's glad response; an infant that is only held does not respond.

    >>> infant_response(0.0, 0.8), infant_response(0.5, 0.8)
    (0.0, 0.4)
    """
    return exchange * infant_affect


def serotonin_rate(
    serotonin: float, antidepressant: float, received: SerotoninEdges, p: Parameters
) -> float:
    """dX/dt, per min; `antidepressant` in usual daily doses.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> serotonin_rate(0.2, 0.0, SerotoninEdges(accumbens_oxytocin=0.2), p)
    0.0
    """
    target = received.accumbens_oxytocin + p.antidepressant_gain * antidepressant
    return (target - serotonin) / p.serotonin_time


def reward_rate(reward: float, received: Edges, p: Parameters) -> float:
    """dR/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> level = 1 / p.infant_gain
    >>> reward_rate(1.0, Edges(serotonin=1.0, accumbens_oxytocin=1.0, infant_affect=level), p)
    0.0
    """
    # linear in all three ways, so that a cut leaves the reference dyad its mean reward
    oxytocin = (
        p.serotonin_share * received.serotonin
        + (1 - p.serotonin_share) * received.accumbens_oxytocin
    )
    infant = p.infant_gain * received.infant_affect
    return ((1 - p.infant_share) * oxytocin + p.infant_share * infant - reward) / p.time_constant


# --------------------------------------------------------------------------------------
# satisfaction and adaptation
def offered_contact(interaction: float, exchange: float, p: Parameters) -> float:
    """What contact the plan offers, `interaction` and `exchange` at engagement 1, weighted as they
    reward.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> offered_contact(0.4, 0.4, p)
    0.4
    """
    return (1 - p.infant_share) * interaction + p.infant_share * exchange


def recent_reward_rate(
    recent_reward: float, received: RecentRewardEdges, usual: RecentRewardEdges, p: Parameters
) -> float:
    """dF/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = RecentRewardEdges(reward=0.2)
    >>> recent_reward_rate(1.0, usual, usual, p)
    0.0
    """
    return (received.reward / usual.reward - recent_reward) / p.memory


def adaptation_rate(
    level: float, received: AdaptationEdges, usual: AdaptationEdges, p: Parameters
) -> float:
    """dH/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = AdaptationEdges(offered_contact=0.3)
    >>> adaptation_rate(1.0, usual, usual, p)
    0.0
    """
    offered = received.offered_contact / usual.offered_contact
    return (offered - level) / p.adaptation_time


def worth_of_contact(adaptation_level: float, p: Parameters) -> float:
    """v: what contact is worth to who is used to this much of it; 1 on the usual day.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> worth_of_contact(1.0, p), worth_of_contact(0.5, p) > 1.5
    (1.0, True)
    """
    # the scarcer, the more it is worth; what else rewards keeps this finite where there is none
    scarcity = (1 + p.other_rewards) / (adaptation_level + p.other_rewards)
    return 1 - p.adaptation + p.adaptation * scarcity


def satisfaction(recent_reward: float, adaptation_level: float, p: Parameters) -> float:
    """φ: how far the need for rewarding contact is met, 0 to 1.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> enough = p.need * (1 + p.other_rewards) - p.other_rewards
    >>> round(satisfaction(enough, 1.0, p), 12)
    0.5
    """
    felt = worth_of_contact(adaptation_level, p) * (recent_reward + p.other_rewards)
    # steep: half of the usual day is felt as too little, and twice of it hardly as more
    return hill4(felt, p.need * (1 + p.other_rewards))


def per_contact(signal: float, usual: float, adaptation_level: float, p: Parameters) -> float:
    """A signal that runs in contact, as a quality: against the contact of the lived day.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> round(per_contact(0.1, 0.1, 1.0, p), 12)
    0.1
    """
    # where there is hardly any contact, what else life brings stands for most of it
    worth = worth_of_contact(adaptation_level, p) / (1 + p.other_rewards)
    return worth * (signal + p.other_rewards * usual)

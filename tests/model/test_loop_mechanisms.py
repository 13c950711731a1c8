"""The mechanisms of the loop, of adaptation, of birth and of stress, against closed forms.

Where a state is simulated, what else acts on it is cut, so that its equation is linear and solved
by hand (or, for a pulse of cortisol, by quadrature).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

import oxysim as ox
from oxysim.arrays import FloatArray
from oxysim.interventions import Stressor
from oxysim.model import registry
from oxysim.model.household import Exchange, exchange
from oxysim.model.mechanisms import cortisol, engagement, infant_stress, mood, reward
from oxysim.model.rows import default_values
from oxysim.model.structure import Parameters, State
from oxysim.schedule import Routine, Touch, stage
from oxysim.simulation.reference_signals import usual_signals
from oxysim.units import DAY

EMPTY, PRECISE, AGE = Routine.empty(), ox.Solver("DOP853", rtol=1e-9), "60 d"
P = ox.Dyad(infant_age=AGE).resolved()
MOTHER, INFANT = P.caregivers[0], P.infant
USUAL = usual_signals(("mother",), stage(60 * DAY))
LN2 = math.log(2)
MEANS = registry.by_edge_name(USUAL.caregivers[0])
# What a cut edge passes on a day without contact: the mean, less what goes with routine contact.
ALONE = {
    name: MEANS[name] - slope * USUAL.caregiver_slopes[0].usual_contact
    for name, slope in registry.by_edge_name(USUAL.caregiver_slopes[0].edges).items()
}


def cut_into(*targets: str) -> list[str]:
    """Every edge into these."""
    return [name for name in registry.edges() if name.endswith(tuple(f" -> {t}" for t in targets))]


def course(
    name: str, start: dict[str, float], day: Any, hours: str, cut: list[str], **options: Any
) -> tuple[FloatArray, FloatArray]:
    """Minutes since the start, and the course of one variable in one dyad from 00:00 on."""
    dyad = ox.Dyad(infant_age=options.pop("age", AGE)).with_start(start)
    result = ox.simulate(
        dyad, day, hours, start="00:00", cut=cut, solver=PRECISE, usual_day=EMPTY,
        variables=[name], **{"save": "6 h", **options},
    )  # fmt: skip
    assert not result.reasons
    t = np.asarray(result[name]["time"].values, dtype=float)
    return t - t[0], np.asarray(result[name].values[0], dtype=float)


# --------------------------------------------------------------------------------------
# what moves over days
def test_the_drive_of_birth_fades_and_blood_follows_it() -> None:
    """B falls as exp(-t/τ_B); where nothing else releases, plasma lags it by its own half-life."""
    p, cut = MOTHER.oxytocin, cut_into("caregiver_oxytocin")
    options: dict[str, Any] = {"age": "0 d", "save": "1 h"}
    t, birth = course("mother.birth_drive", {}, EMPTY, "8 d", cut, **options)
    np.testing.assert_allclose(birth, p.birth_drive * np.exp(-t / p.birth_time), rtol=1e-6)

    _, plasma = course("mother.plasma_oxytocin", {}, EMPTY, "8 d", cut, **options)
    rate, fading = LN2 / p.plasma_half_life, 1 / p.birth_time
    above = p.evoked_plasma * p.birth_drive * rate / (rate - fading) * np.exp(-fading * t)
    # what the cut sources pass on is the same throughout
    falls = plasma[4:] - above[4:]
    np.testing.assert_allclose(falls, falls[-1], rtol=1e-6)


def test_a_bad_mood_fades_as_one_exponential() -> None:
    cut = cut_into("mood")
    t, low = course("mother.mood", {"caregiver.mood": -1.0}, EMPTY, "14 d", cut)
    p, rewarded, worn = MOTHER.mood, "reward -> mood", "infant_distress -> mood"
    end = p.satisfaction_gain * (ALONE[rewarded] / MEANS[rewarded] - 1)
    end -= p.distress_gain * (ALONE[worn] - MEANS[worn])
    np.testing.assert_allclose(low, end + (low[0] - end) * np.exp(-t / p.time_constant), rtol=1e-7)
    # its mean over the first day is what the start says
    assert low[:5] @ np.array([0.5, 1, 1, 1, 0.5]) / 4 == pytest.approx(-1, abs=0.01)


def test_what_a_form_reads_follows_mood_on_the_logit_scale() -> None:
    """A mood of one logit turns the odds of a score by e, at either end of the scale."""
    for score in (2.0, 15.0, 27.0):
        read = mood.shifted_by_mood(score, 1.0, 30.0)
        assert (score / (30 - score)) / (read / (30 - read)) == pytest.approx(math.e)


def test_a_caregiver_gets_used_to_another_day_within_days() -> None:
    """A day of steady touch offers so many times the usual; the level goes there exponentially."""
    day = Routine((Touch("00:00", "24 h", intensity=0.3, gaze=0.0),))
    h, share = MOTHER.engagement.interaction_half, MOTHER.reward.infant_share
    social = 0.3 / (h + 0.3)
    # touch alone is as much an exchange as it is social
    offered = ((1 - share) * social + share * social) / (
        USUAL.caregivers[0].adaptation_level.offered_contact
    )
    t, level = course("mother.adaptation_level", {}, day, "12 d", [])
    there = offered + (level[0] - offered) * np.exp(-t / MOTHER.reward.adaptation_time)
    np.testing.assert_allclose(level, there, rtol=1e-6)


def test_reward_of_the_last_days_is_an_exponential_memory() -> None:
    start = {"caregiver.recent_reward": 0.5}
    t, recent = course("mother.recent_reward", start, EMPTY, "8 d", cut_into("recent_reward"))
    end = ALONE["reward -> recent_reward"] / MEANS["reward -> recent_reward"]
    expected = end + (recent[0] - end) * np.exp(-t / MOTHER.reward.memory)
    np.testing.assert_allclose(recent, expected, rtol=1e-7)


def test_continuous_skin_contact_attunes_an_infant() -> None:
    p, day = INFANT.stress, EMPTY + ox.SkinToSkin("24 h daily at 00:00", gaze=0.0)
    t, attuned = course("infant.attunement", {}, day, "14 d", [])
    lost = LN2 / p.attunement_half_life
    rate = p.attunement_rate + lost
    filled = (p.attunement_rate + lost * p.usual_attunement) / rate
    expected = filled + (attuned[0] - filled) * np.exp(-rate * t)
    np.testing.assert_allclose(attuned, expected, rtol=1e-6)
    assert attuned[-1] > 0.9  # two weeks nearly fill it


# --------------------------------------------------------------------------------------
# a pulse of stress
def test_cortisol_after_a_square_stressor_is_its_convolution() -> None:
    """Arousal rises and falls as exponentials; secretion, burst and all, is folded with the decay
    of cortisol by quadrature. It peaks 20 minutes and more after the onset."""
    p, onset, length, size = MOTHER.stress, 120.0, 15.0, 2.0
    what = Stressor("15 min", at="02:00", of="caregiver", intensity=size)
    options: dict[str, Any] = {"save": "5 min"}
    cut = cut_into("caregiver_arousal")
    t, level = course("mother.cortisol", {}, EMPTY + what, "6 h", cut, **options)
    _, calm = course("mother.arousal", {}, EMPTY, "6 h", cut, **options)
    in_step, oxytocin = (
        ALONE[edge] - MEANS[edge]
        for edge in ("synchrony -> caregiver_arousal", "caregiver_oxytocin -> caregiver_arousal")
    )
    buffered = 2 / (1 + math.exp((p.oxytocin_gain + p.synchrony_gain * in_step) * oxytocin))
    evoked = size * p.reactivity * buffered

    def arousal(minute: float) -> float:
        rising = 1 - math.exp(-min(max(minute - onset, 0.0), length) / p.arousal_time)
        since = max(minute - onset - length, 0.0)
        return float(calm[0] + evoked * rising * math.exp(-since / p.arousal_time))

    def secretion(minute: float) -> float:
        a = arousal(minute)
        rhythm = math.cos(2 * math.pi * (minute - 7 * 60) / (24 * 60))
        burst = p.cortisol_burst * a**4 / (p.cortisol_burst_half**4 + a**4)
        return p.cortisol_basal * (
            1 + p.cortisol_rhythm * rhythm + p.cortisol_arousal_gain * a + burst
        )

    rate = LN2 / p.cortisol_half_life
    for k in range(0, len(t), 4):
        kinks = [x for x in (onset, onset + length) if x < t[k]]
        secreted, _ = quad(
            lambda x, end=t[k]: rate * secretion(x) * math.exp(-rate * (end - x)),
            0.0, t[k], points=kinks or None, epsabs=1e-10, limit=200,
        )  # fmt: skip
        assert level[k] == pytest.approx(level[0] * math.exp(-rate * t[k]) + secreted, rel=1e-6)
    assert onset + 15 <= t[np.argmax(level)] <= onset + 35


# --------------------------------------------------------------------------------------
# what must not come back on itself
def _exchanged(parameters: Parameters = P, **states: float) -> Exchange:
    """An hour of contact of every kind with a caregiver in some state."""
    state, inputs = registry.starting_state(), registry.resting_inputs()
    together = inputs.caregivers[0]._replace(
        skin_contact=0.5, affectionate_touch=0.4, stimulating_play=0.2, talk=0.4, gaze=0.3,
        massage=0.2,
    )  # fmt: skip
    caregiver = state.caregivers[0]._replace(**states)
    return exchange(
        State((caregiver,), state.infant), inputs._replace(caregivers=(together,)), parameters,
        USUAL,
    )  # fmt: skip


def _with_style(style: float) -> Parameters:
    own = MOTHER._replace(engagement=MOTHER.engagement._replace(affection=style))
    return P._replace(caregivers=(own,))


def test_affection_is_a_quality_and_changes_no_amount_of_contact() -> None:
    cool, tender = (_exchanged(_with_style(style)) for style in (0.6, 1.7))
    assert cool.moments[0].contact == tender.moments[0].contact
    assert cool.moments[0].offered == tender.moments[0].offered
    # all that the caregiver herself receives is what it was: it does not come back to oxytocin
    assert cool.received == tender.received

    before, after = (one.infant_received.infant_oxytocin for one in (cool, tender))
    assert after.voice / before.voice == pytest.approx(1.7 / 0.6)
    assert after.mind_mindedness / before.mind_mindedness == pytest.approx(1.7 / 0.6)
    contact, style = tender.moments[0].contact, tender.moments[0].affection
    assert after.touch == pytest.approx(
        contact.skin + contact.massage + style * (contact.touch + contact.play)
    )
    assert after.warmth == before.warmth


def test_nobody_gets_used_to_her_own_withdrawal() -> None:
    """A depressed caregiver does less of what the day offers; what it offers stays the same."""
    well, low = (_exchanged(depression=points) for points in (5.4, 25.0))
    assert low.moments[0].contact.exchange < 0.9 * well.moments[0].contact.exchange
    assert low.received[0].adaptation_level == well.received[0].adaptation_level


def test_holding_alone_is_no_exchange() -> None:
    u = registry.resting_inputs().caregivers[0]._replace(skin_contact=1.0)
    contact = engagement.contact(u, 1.0, MOTHER.engagement)
    assert contact.interaction > 0.5
    assert contact.exchange == 0.0
    assert reward.infant_response(contact.exchange, 0.9) == 0.0


# --------------------------------------------------------------------------------------
# legal whatever is legal
def share(low: float = 0.0, high: float = 1.0) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


REWARD = default_values(reward.Parameters)
LEVELS = st.builds(
    REWARD._replace,
    need=share(0.01, 100),
    adaptation=share(0.0, 0.999),
    tonic_share=share(),
    half_reward=share(1e-3, 100),
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(LEVELS, share(0, 100), share(0, 100))
def test_satisfaction_is_a_share_at_every_legal_level(
    p: reward.Parameters, recent: float, level: float
) -> None:
    met = reward.satisfaction(recent, level, p)
    assert 0 <= met <= 1
    assert reward.worth_of_contact(level, p) > 0
    # more reward satisfies no less, being used to more no more
    assert met <= reward.satisfaction(recent + 0.1, level, p)
    assert met >= reward.satisfaction(recent, level + 0.1, p)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(LEVELS, share(0, 2), share(), share(), share())
def test_the_accumbens_signal_is_a_share_wherever_oxytocin_is_not_below_basal(
    p: reward.Parameters, basal: float, above: float, left: float, contact: float
) -> None:
    assert 0 <= reward.accumbens_signal(basal + above, basal, left, contact, p) < 1


INFANT_STRESS = default_values(infant_stress.Parameters)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(share(0, 50), share(), share(-1, 1e3), share(0, 200), share(-1, 1))
def test_an_attuned_infants_secretion_stays_between_none_and_twice_its_own(
    coupling: float, attunement: float, deviation: float, arousal: float, rhythm: float
) -> None:
    p = INFANT_STRESS._replace(coupling=coupling)
    usual = infant_stress.InfantCortisolEdges(arousal=0.3, caregiver_cortisol=0.0)
    received = usual._replace(arousal=arousal, caregiver_cortisol=deviation)
    gained = infant_stress.infant_cortisol_rate(0.0, rhythm, attunement, received, usual, p)
    most = LN2 / p.cortisol_half_life * 2 * cortisol.secretion(rhythm, arousal, p)
    assert 0 <= gained <= most * (1 + 1e-12)
    assert math.isfinite(gained)

r"""M10. Engagement: how much of the day's contact and talk happens, and whom it reaches.

    e = f + (1 − f)·2/(1 + exp(−z))
    z = −ε_D·(d − usual) + ε_R·(R − usual) + ε_B·(B − usual) + ε_C·(C − usual)
    d = D⁴/(D_h⁴ + D⁴)

e is 1 in the reference dyad on average and lies between the floor f and 2 − f. Depression D acts
beyond a threshold (the edge passes d), reward R at once, bond B and confidence C slowly. Of what a
schedule plans (in quotation marks), this much happens:

    touch, play, gaze    presence·responsiveness·e·"touch", "play", "gaze"
    talk                 presence·responsiveness·e·"talk" + "remote voice"
    skin, massage        presence·"skin contact", presence·"massage"
    suckling             presence·"share of feeds at the breast"·"suckling"
    interaction          I = x/(h + x),   x = skin + touch + play + gaze + talk + massage

So feeds, prescribed massage and skin-to-skin happen whatever the mood. I says how social a moment
is.

Limits of validity: the loop's closing edge is inferred (seed literature: depressed mothers talk and
touch less; Lovejoy 2000 d = .29 for disengagement), its sizes are assumed; a floor near a half
keeps the symptomatic regime near clinical means.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.inputs import CaregiverInputs
from oxysim.model.mechanisms.shapes import hill, hill4, unit_centred_logistic
from oxysim.model.rows import edge, parameter


class Parameters(NamedTuple):
    """Rows of engagement and contact.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).floor
    0.46
    """

    # the part of contact that happens whatever the mood
    floor: float = parameter(
        "f", "fraction", 0.46, 0.4, 0.55, "logit-normal",
        "assumption", "assumed", "share of usual contact that always happens")
    # what moves it, and the threshold beyond which depression does
    depression_gain: float = parameter(
        "ε_D", "1", 4, 3, 5.5, "lognormal",
        "lovejoy2000", "assumed", "disengagement with depression; sign recalled, size assumed")
    depression_half: float = parameter(
        "D_h", "EPDS", 11, 10, 12.2, "lognormal",
        "assumption", "assumed", "depression at which half of the disengagement is there")
    # what invites contact: reward at once, bond and confidence over weeks
    reward_gain: float = parameter(
        "ε_R", "1", 0.4, 0.1, 0.8, "lognormal",
        "assumption", "assumed", "reward invites more contact at once")
    bond_gain: float = parameter(
        "ε_B", "1", 1.0, 0.3, 2, "lognormal",
        "assumption", "assumed", "bonded caregivers seek contact")
    confidence_gain: float = parameter(
        "ε_C", "1", 0.5, 0.1, 1, "lognormal",
        "assumption", "assumed", "confident caregivers seek contact")
    # how much contact makes a moment half social
    interaction_half: float = parameter(
        "h", "1", 0.5, 0.4, 0.62, "lognormal",
        "assumption", "assumed", "contact at which a moment is half social")


class Edges(NamedTuple):
    """What engagement receives.

    >>> Edges(*[0.5] * 4).depression
    0.5
    """

    depression: float = edge(
        "lovejoy2000", "recalled", "depression shrinks contact and talk",
        dyadic=True)
    reward: float = edge("assumption", "assumed", "reward invites contact", dyadic=True)
    bond: float = edge("assumption", "assumed", "bond invites contact", dyadic=True)
    confidence: float = edge("assumption", "assumed", "confidence invites contact", dyadic=True)


class Contact(NamedTuple):
    """What actually happens between a caregiver and the infant at one moment (levels, 0 to about
    1).

    >>> Contact(*[0.0] * 8).interaction
    0.0
    """

    suckling: float
    skin: float
    touch: float
    play: float
    gaze: float
    talk: float
    massage: float
    interaction: float


def depression_signal(depression: float, p: Parameters) -> float:
    """d: depression beyond its threshold, before its edge.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> depression_signal(p.depression_half, p)
    0.5
    """
    return hill4(depression, p.depression_half)


def engagement(received: Edges, usual: Edges, p: Parameters) -> float:
    """e: share of the usual contact that happens, floor to 2 - floor.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = Edges(depression=0.0, reward=0.16, bond=0.7, confidence=0.65)
    >>> engagement(usual, usual, p)
    1.0
    """
    # depression arrives as a share of its own, beyond the threshold (``depression_signal``)
    drive = (
        -p.depression_gain * (received.depression - usual.depression)
        + p.reward_gain * (received.reward - usual.reward)
        + p.bond_gain * (received.bond - usual.bond)
        + p.confidence_gain * (received.confidence - usual.confidence)
    )
    return p.floor + (1 - p.floor) * unit_centred_logistic(drive)


def contact(u: CaregiverInputs, engaged: float, p: Parameters) -> Contact:
    """The day's contact as it happens, given how engaged the caregiver is.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> from oxysim.model.inputs import CAREGIVER_CHANNELS, CaregiverInputs
    >>> rest = CaregiverInputs(*[row.rest for row in CAREGIVER_CHANNELS.values()])
    >>> contact(rest._replace(affectionate_touch=1.0), 0.5, p).touch
    0.5
    """
    # What needs a willing caregiver is scaled by engagement; what is planned or prescribed is not.
    willing = u.presence * u.responsiveness * engaged
    skin = u.presence * u.skin_contact
    touch, play = willing * u.affectionate_touch, willing * u.stimulating_play
    # a voice over the telephone needs no presence
    gaze, talk = willing * u.gaze, willing * u.talk + u.remote_voice
    massage = u.presence * u.massage
    # suckling is left out: a feed alone is no social moment
    social = skin + touch + play + gaze + talk + massage
    return Contact(
        suckling=u.presence * u.breastfeeding_share * u.suckling,
        skin=skin, touch=touch, play=play, gaze=gaze, talk=talk, massage=massage,
        interaction=hill(social, p.interaction_half),
    )  # fmt: skip

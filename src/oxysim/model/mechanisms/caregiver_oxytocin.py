r"""M2. Caregiver oxytocin in plasma, in the brain's extracellular fluid, and in lumbar CSF.

    release   r = κ·Σ κ_i·g_i·s_i      (s_i: what is received of each source; κ: how strongly
                                        this person releases; κ_i: the role's share, 1 but for
                                        touch and play)
    plasma    dP/dt = k_P·(P_0 + E_P·(B + r) + 10⁶·(absorbed + 1.68·injected)/(1000·CL) − P)
    central   dC/dt = k_C·(C_0·(1 + a·h(C; C_a)) + E_C·(B + q·r) − C)
                      + from the nose + c·(P − usual P)
    CSF       dL/dt = k_L·(C − L)
    birth     dB/dt = −B/τ_B

with every k = ln 2 over its half-life, h(x; half) = x⁴/(half⁴ + x⁴), absorbed in µg/min (M1),
injected in IU/min of 1.68 µg, and 10⁶ pg per µg over 1000 mL per L. Sources of release, from the
contact that happens (M10):

    suckling, skin, gaze, talk, partner    as they are
    touch    h(affectionate touch + massage; h_c)        strong in mothers
    play     h(stimulating play; h_c)                    strong in fathers
    mind     talk·2/(1 + exp(−m)) + holding in mind      (m: mind-mindedness, M8; weight g_mind)
    stress   h(the caregiver's own stressor; h_s)        into blood and brain alike

Blood and brain are two pools with two basal levels, which say nothing of each other (Valstad 2017:
r = .08 at rest), and share what is evoked: release r, by contact or by a stressor (r = .49 after
one), and the drive of birth B, which fades in days. What is evoked is an *amount* (E_P, E_C: pg/mL
per unit of release), not a multiple of a person's own basal level; so a high level at rest does not
by itself mean a strong response.

a·h(C; C_a) is a steep saturating feedback of central oxytocin on its own release, small by default.
C is the signal that acts; lumbar CSF is what a needle reads, later. Basal release has no daily
rhythm (Amico 1983 found none in plasma).

Limits of validity: one compartment in plasma (clearance is disputed threefold, see ``clearance``);
physiological levels and single doses. Blood and brain share every evoked drive here; in the rat
they can be dissociated. A stressor is the caregiver's own: what a crying infant evokes goes by way
of arousal (M11) and releases nothing. The drive of birth stands for labour and the first days as a
whole, without pulses.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.nasal_spray import MICROGRAM_PER_IU, PICOGRAM_PER_MICROGRAM
from oxysim.model.mechanisms.shapes import LN2, hill4
from oxysim.model.rows import edge, parameter, state

# The starts are the basal levels; the upper limits only catch what cannot be (a dose in grams).
PLASMA = state("pg/mL", 3.4, 0, 1e5, 3, "fast", "plasma oxytocin (extracted assay)")
CENTRAL = state("pg/mL", 5, 0, 1e5, 5, "fast", "oxytocin in the brain's extracellular fluid")
CSF = state("pg/mL", 5, 0, 1e5, 5, "fast", "oxytocin in lumbar cerebrospinal fluid")
BIRTH_DRIVE = state(
    "1", 0, 0, 100, 1, "slow", "drive of birth on oxytocin in blood and brain alike, fading",
    set_point="oxytocin.birth_drive", time_constant="oxytocin.birth_time", fades=True, worse=-1)


class Parameters(NamedTuple):
    """Rows of a caregiver's oxytocin.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).plasma_basal
    2.9
    """

    # plasma: level at rest, pace, and the volume that a dose is cleared from
    plasma_basal: float = parameter(
        "P_0", "pg/mL", 2.9, 1.5, 6.0, "lognormal",
        "leake1981", "measured", "extracted radioimmunoassay; 1-10 in reviews")
    plasma_half_life: float = parameter(
        "t½,P", "min", 4, 3, 5.5, "lognormal",
        "fabian1969", "measured", "3.2 (2.0-5.7) bolus, 4.8 (4.4-6.1) infusion")
    clearance: float = parameter(
        "CL", "L/min", 1.1, 0.45, 1.5, "lognormal",
        "degroot1995", "measured", "0.45 (Nielsen), 1.12 (de Groot), 1.5 (Fabian)")
    # brain: level at rest and pace; lumbar fluid follows late
    central_basal: float = parameter(
        "C_0", "pg/mL", 5, 3.6, 7, "lognormal",
        "amico1983", "measured", "human CSF 2.5-6.4 µU/mL")
    central_half_life: float = parameter(
        "t½,C", "min", 24, 19, 28, "lognormal",
        "mens1983", "measured", "CSF half-life: 19 rat, 28 guinea-pig (Jones)")
    csf_lag: float = parameter(
        "t½,L", "min", 90, 40, 120, "lognormal",
        "striepens2013", "derived",
        "lumbar CSF lags the brain; chosen to reproduce C14 (45-90 min to half of its rise)")
    # what reaches the brain from blood, and how release there compares with that into blood
    blood_to_brain: float = parameter(
        "c", "1/min", 1e-4, 0.0, 5e-4, "normal",
        "mens1983", "derived", "0.002 % of an intravenous dose; the range includes zero")
    central_ratio: float = parameter(
        "q", "1", 1.0, 0.5, 1.8, "lognormal",
        "assumption", "assumed", "evoked central over evoked plasma release")
    # central oxytocin facilitates its own release
    self_release: float = parameter(
        "a", "1", 0.05, 0.0, 0.3, "normal",
        "lee2018", "derived", "low: labelled oxytocin released none in macaques")
    self_release_half: float = parameter(
        "C_a", "pg/mL", 12, 8, 16, "lognormal",
        "assumption", "assumed", "central level of half-maximal self-release")
    # what a unit of release amounts to, and how strongly a person releases
    evoked_plasma: float = parameter(
        "E_P", "pg/mL", 2.9, 1.5, 6.0, "fixed",
        "valstad2017", "derived",
        "plasma level per unit of release: the usual basal level, so that the gains below are "
        "multiples of it; an amount, since levels at rest do not tell those evoked")
    evoked_central: float = parameter(
        "E_C", "pg/mL", 5.0, 3.6, 7.0, "fixed",
        "valstad2017", "derived", "brain level per unit of release, as for plasma")
    release_gain: float = parameter(
        "κ", "1", 1.0, 0.5, 2.0, "lognormal",
        "assumption", "assumed", "how strongly a person releases, into blood and brain alike")
    # the drive of birth
    birth_drive: float = parameter(
        "B_0", "1", 0.8, 0.05, 5.0, "lognormal",
        "assumption", "assumed",
        "drive on the day of birth, units of release; chosen to reproduce C8a",
        father=0.05, other=0.05)
    birth_time: float = parameter(
        "τ_B", "d", 4, 2, 10, "lognormal",
        "assumption", "assumed", "the drive of birth fades over days")
    # release that each source evokes at level 1, in multiples of the usual basal release
    suckling: float = parameter(
        "g_suck", "1", 3.0, 1.5, 5.0, "lognormal",
        "uvnasmoberg2020", "derived", "5-30 pg/mL pulses over 2-10, smoothed over a feed")
    skin_contact: float = parameter(
        "g_skin", "1", 1.1, 0.5, 2.2, "lognormal",
        "vittner2018", "assumed", "sign measured in mothers and fathers; size assumed")
    touch: float = parameter(
        "g_touch", "1", 1.2, 0.6, 2.4, "lognormal",
        "feldman2010", "assumed", "affectionate contact raises oxytocin in mothers; size assumed")
    touch_share: float = parameter(
        "κ_touch", "fraction", 1.0, 0.0, 1.0, "fixed",
        "feldman2010", "assumed",
        "the role's share of g_touch: fathers did not respond to "
        "affectionate contact; chosen to reproduce F1 and F2", father=0.01, other=0.67)
    play: float = parameter(
        "g_play", "1", 1.2, 0.6, 2.4, "lognormal",
        "feldman2010", "assumed", "stimulating contact raises oxytocin in fathers; size assumed")
    play_share: float = parameter(
        "κ_play", "fraction", 0.01, 0.0, 1.0, "fixed",
        "feldman2010", "assumed",
        "the role's share of g_play: mothers did not respond to "
        "stimulating contact; chosen to reproduce F1 and F2", father=0.9, other=0.4)
    # touch and play act steeply: brief contact releases little
    contact_half: float = parameter(
        "h_c", "1", 0.55, 0.45, 0.65, "lognormal",
        "feldman2010", "derived",
        "steep: only parents high in contact respond; chosen to reproduce F1 and F2")
    gaze: float = parameter(
        "g_gaze", "1", 0.12, 0.0, 0.3, "normal",
        "strathearn2009", "assumed", "sign measured; size assumed")
    talk: float = parameter(
        "g_talk", "1", 0.08, 0.0, 0.25, "normal",
        "assumption", "assumed", "affectionate speech; small")
    holding_in_mind: float = parameter(
        "g_mind", "1", 0.1, 0.0, 0.3, "normal",
        "assumption", "assumed", "thinking of the infant; the range includes zero")
    partner: float = parameter(
        "g_partner", "1", 0.4, 0.1, 1.0, "lognormal",
        "assumption", "assumed", "affectionate contact between adults")
    stress: float = parameter(
        "g_stress", "1", 3.5, 0.5, 6.0, "lognormal",
        "valstad2017", "assumed",
        "a stressor releases oxytocin into blood and brain alike; chosen to reproduce VA2")
    stress_half: float = parameter(
        "h_s", "1", 0.7, 0.5, 1.0, "lognormal",
        "assumption", "assumed", "stressor of half of that release")


class Edges(NamedTuple):
    """What caregiver oxytocin receives: the evoking contacts, blood (for the brain) and its own
    central level.

    >>> Edges(*[0.5] * 11).suckling
    0.5
    """

    suckling: float = edge(
        "uvnasmoberg2020", "measured", "suckling releases oxytocin",
        dyadic=True, level=True)
    skin_contact: float = edge(
        "vittner2018", "measured", "skin-to-skin contact releases oxytocin",
        dyadic=True, level=True)
    touch: float = edge(
        "feldman2010", "measured", "affectionate touch releases oxytocin",
        dyadic=True, level=True)
    play: float = edge(
        "feldman2010", "measured", "stimulating play releases oxytocin",
        dyadic=True, level=True)
    gaze: float = edge(
        "strathearn2009", "derived",
        "contact with the infant raised oxytocin; that looking alone does is assumed",
        dyadic=True, contested=True, level=True)
    talk: float = edge(
        "assumption", "assumed", "talking to the infant releases oxytocin",
        dyadic=True, contested=True, level=True)
    mind_mindedness: float = edge(
        "assumption", "assumed", "holding the infant in mind releases oxytocin",
        dyadic=True, contested=True, level=True)
    partner: float = edge(
        "assumption", "assumed", "contact between adults releases oxytocin",
        level=True)
    stressor: float = edge(
        "valstad2017", "derived", "a stressor releases oxytocin",
        level=True)
    plasma_oxytocin: float = edge(
        "mens1983", "measured", "a trace of plasma oxytocin enters the brain",
        contested=True)
    central_oxytocin: float = edge(
        "freundmercier1995", "measured",
        "central oxytocin facilitates its own release (rat, lactation)",
        contested=True, level=True)


def evoked(received: Edges, p: Parameters) -> float:
    """r: evoked release, in units that raise plasma by E_P and the brain's level by E_C.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> evoked(Edges(*[0.0] * 11)._replace(suckling=1.0), p) == p.suckling
    True
    """
    # the share is the role's: fathers respond to play, mothers to touch
    return p.release_gain * (
        p.suckling * received.suckling
        + p.skin_contact * received.skin_contact
        + p.touch_share * p.touch * received.touch
        + p.play_share * p.play * received.play
        + p.gaze * received.gaze
        + p.talk * received.talk
        + p.holding_in_mind * received.mind_mindedness
        + p.partner * received.partner
        + p.stress * received.stressor
    )


def stress_signal(stressor: float, p: Parameters) -> float:
    """h(stressor): how strongly the caregiver's own stressor releases, before its edge.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> stress_signal(p.stress_half, p)
    0.5
    """
    return hill4(stressor, p.stress_half)


def self_release_signal(central: float, p: Parameters) -> float:
    """h(C): the steep saturating self-facilitation, before its edge.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> self_release_signal(p.self_release_half, p)
    0.5
    """
    return hill4(central, p.self_release_half)


def plasma_rate(
    plasma: float, injected: float, absorbed: float, birth: float, received: Edges, p: Parameters
) -> float:
    """dP/dt, pg/mL per min; `injected` in IU/min, `absorbed` from the nose in µg/min, `birth` the
    drive of birth.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> plasma_rate(p.plasma_basal, 0.0, 0.0, 0.0, Edges(*[0.0] * 11), p)  # nothing is evoked
    0.0
    """
    rate = LN2 / p.plasma_half_life
    # pg/min into 1000·CL mL/min; times the rate constant, which basal levels share, it is a level
    drug = (MICROGRAM_PER_IU * injected + absorbed) * PICOGRAM_PER_MICROGRAM / (1000 * p.clearance)
    released = p.plasma_basal + p.evoked_plasma * (birth + evoked(received, p))
    return rate * (released + drug - plasma)


def central_rate(
    central: float, from_nose: float, birth: float, received: Edges, usual: Edges, p: Parameters
) -> float:
    """dC/dt, pg/mL per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> nothing = Edges(*[0.0] * 11)
    >>> central_rate(p.central_basal, 0.0, 0.0, nothing, nothing, p)
    0.0
    """
    # basal release with its self-facilitation, and what is evoked, add up before the half-life acts
    basal = p.central_basal * (1 + p.self_release * received.central_oxytocin)
    released = basal + p.evoked_central * (birth + p.central_ratio * evoked(received, p))
    # a cut of this edge leaves what blood usually brings
    from_blood = p.blood_to_brain * (received.plasma_oxytocin - usual.plasma_oxytocin)
    return LN2 / p.central_half_life * (released - central) + from_nose + from_blood


def birth_rate(birth: float, p: Parameters) -> float:
    """dB/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> birth_rate(1.0, p) * p.birth_time
    -1.0
    """
    return -birth / p.birth_time


def csf_rate(csf: float, central: float, p: Parameters) -> float:
    """dL/dt, pg/mL per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> csf_rate(5.0, 5.0, p)
    0.0
    """
    return LN2 / p.csf_lag * (central - csf)

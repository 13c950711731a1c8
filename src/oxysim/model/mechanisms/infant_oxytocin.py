r"""M3. Infant oxytocin in plasma and in the brain's extracellular fluid.

    release   r = r_max·x/(h + x),   x = Σ g_i·s_i
    plasma    dP/dt = k_P·(P_0·(1 + r) − P)
    central   dC/dt = k_C·(C_0·(1 + r) − C)
    saliva reads s·P

with every k = ln 2 over its half-life. Sources of release, each but feeding summed over all
caregivers (M14), from the contact that happens (M10):

    touch    skin contact + a·(affectionate touch + play) + massage
    feeding  the level of milk intake
    warmth   A·I                       (A: the caregiver's affect, M7; I: how social it is, M10)
    voice    a·talk
    mind     a·(talk + play + gaze)·2/(1 + exp(−m))      (m: the caregiver's mind-mindedness, M8)

a is how affectionate the contact is (M10): the same minutes reach the infant as more when they are
tender. Mind-minded contact is not talk alone: play and looking that fit the infant's mind count.
The sum x saturates, so that voice alone can do nearly as much as full contact (Seltzer
2010, in girls of 7-12 years: an extrapolation to infants).

Limits of validity: **no pharmacokinetic study of human infants is known.** Half-lives are the
adult's, levels are of the adult's order; every value here is a scaled assumption and marked so.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import LN2, hill
from oxysim.model.rows import edge, parameter, state

# The starts are the basal levels; the upper limits only catch what cannot be.
PLASMA = state("pg/mL", 4, 0, 1e5, 3, "fast", "infant plasma oxytocin")
CENTRAL = state("pg/mL", 6, 0, 1e5, 5, "fast", "infant oxytocin in the brain's extracellular fluid")


class Parameters(NamedTuple):
    """Rows of the infant's oxytocin.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).plasma_basal
    3.0
    """

    # plasma and brain: level at rest and pace
    plasma_basal: float = parameter(
        "P_0", "pg/mL", 3, 1.5, 6, "lognormal",
        "leake1981", "assumed",
        "scaled assumption: raised over adults in the first days, of adult order later")
    plasma_half_life: float = parameter(
        "t½,P", "min", 4, 2, 8, "lognormal",
        "assumption", "assumed", "scaled assumption: the adult's value, no infant study")
    central_basal: float = parameter(
        "C_0", "pg/mL", 5, 3, 8.5, "lognormal",
        "assumption", "assumed", "scaled assumption: the adult's value")
    central_half_life: float = parameter(
        "t½,C", "min", 24, 12, 40, "lognormal",
        "assumption", "assumed", "scaled assumption: the adult's value")
    # release saturates as a whole, with the weight of each source
    maximal_release: float = parameter(
        "r_max", "1", 5, 2.5, 10, "lognormal",
        "assumption", "assumed", "ceiling of evoked release, multiples of basal")
    release_half: float = parameter(
        "h", "1", 3, 1, 6, "lognormal",
        "assumption", "assumed",
        "drive of half the maximal release: an ordinary moment is far below the ceiling, so that "
        "better contact can release more")
    touch: float = parameter(
        "g_touch", "1", 0.8, 0.3, 2, "lognormal",
        "vittner2018", "assumed", "sign measured; size assumed")
    feeding: float = parameter(
        "g_feed", "1", 0.3, 0.0, 0.8, "normal",
        "assumption", "assumed", "feeding releases oxytocin; size assumed")
    warmth: float = parameter(
        "g_warm", "1", 0.8, 0.2, 2, "lognormal",
        "feldman2010hb", "assumed", "infant rises in play, more with synchrony; size assumed")
    voice: float = parameter(
        "g_voice", "1", 1.0, 0.2, 1.6, "lognormal",
        "seltzer2010", "derived", "voice alone releases oxytocin (older children)")
    mind_talk: float = parameter(
        "g_mind", "1", 2, 0, 4, "normal",
        "lindleybaroncohen2024", "derived", "cross-sectional correlation; the range includes zero")
    # what a saliva sample reads
    saliva_ratio: float = parameter(
        "s", "1", 2.3, 1.4, 3.8, "lognormal",
        "weisman2012", "assumed", "scaled assumption: saliva over plasma as in adults")


class Edges(NamedTuple):
    """What infant oxytocin receives from its caregivers and from feeding.

    >>> Edges(*[0.5] * 5).touch
    0.5
    """

    touch: float = edge(
        "vittner2018", "measured", "touch releases infant oxytocin",
        dyadic=True, level=True)
    feeding: float = edge("assumption", "assumed", "feeding releases infant oxytocin", level=True)
    warmth: float = edge(
        "feldman2010hb", "derived", "the caregiver's warmth releases infant oxytocin",
        dyadic=True, level=True)
    voice: float = edge(
        "seltzer2010", "derived", "the caregiver's voice releases infant oxytocin",
        dyadic=True, level=True)
    mind_mindedness: float = edge(
        "lindleybaroncohen2024", "derived",
        "appropriate mind-related talk releases infant oxytocin",
        dyadic=True, contested=True, level=True)


def evoked(received: Edges, p: Parameters) -> float:
    """r: evoked release in multiples of basal release.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> evoked(Edges(*[0.0] * 5), p)
    0.0
    >>> evoked(Edges(*[1e9] * 5), p) < p.maximal_release * (1 + 1e-9)
    True
    """
    # the weights put all sources on one scale
    drive = (
        p.touch * received.touch
        + p.feeding * received.feeding
        + p.warmth * received.warmth
        + p.voice * received.voice
        + p.mind_talk * received.mind_mindedness
    )
    return p.maximal_release * hill(drive, p.release_half)


def plasma_rate(plasma: float, received: Edges, p: Parameters) -> float:
    """dP/dt, pg/mL per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> plasma_rate(p.plasma_basal, Edges(*[0.0] * 5), p)
    0.0
    """
    return LN2 / p.plasma_half_life * (p.plasma_basal * (1 + evoked(received, p)) - plasma)


def central_rate(central: float, received: Edges, p: Parameters) -> float:
    """dC/dt, pg/mL per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> central_rate(p.central_basal, Edges(*[0.0] * 5), p)
    0.0
    """
    return LN2 / p.central_half_life * (p.central_basal * (1 + evoked(received, p)) - central)

"""Made-up loops of an ensemble's members, with known figures."""

from __future__ import annotations

import numpy as np

from oxysim.ensembles import MemberAnswers
from oxysim.loop.loops_of_members import GROUPS, THROUGH_BOTH, WHOLE, MemberLoop, MemberLoops
from oxysim.model import registry

BOND = "bond -> depression"
WARMTH = "warmth -> infant_oxytocin"


def made_up_loop(whole: float, through: float, fall: float, structure: str = "both") -> MemberLoop:
    """A member's loop with three known figures: of the whole, through mind-mindedness and infant
    oxytocin, and by how much the EPDS falls with the edge WARMTH cut.
    """
    gains = dict.fromkeys((*GROUPS, *registry.edges()), 0.0)
    gains |= {WHOLE: whole, THROUGH_BOTH: through, BOND: whole / 4}
    falls = dict.fromkeys(registry.edges(), 0.0) | {WARMTH: fall}
    unstable = (THROUGH_BOTH,) if structure == "trait only" else ()
    return MemberLoop(15.0, 8.0, gains, unstable, falls)


def _four() -> MemberLoops:
    three = [made_up_loop(0.2, 0.05, 0.4), made_up_loop(0.4, 0.1, 1.5), made_up_loop(0.6, 0.15, -2)]
    answers = (*three, made_up_loop(0.0, 0.0, 0.0, "trait only"))
    weights = np.array([0.3, 0.3, 0.3, 0.1])
    structures = ("both", "both", "both", "trait only")
    return MemberLoops(MemberAnswers((0, 1, 2, 3), answers, weights, structures, {}))


LOOPS = _four()
"""Three members of "both", one of "trait only" with a tenth of the weight."""

"""The colour of every intervention, the same in every figure: as a shade, a bar and the curve of an
arm.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from oxysim.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LOOKS,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    Look,
)

# Okabe and Ito's colours go to what stands together in one figure most often; the rest are Tol's
# muted ones, which the common colour-vision deficiencies keep apart too. All are dark enough for a
# curve on white.
WINE, INDIGO, TEAL, OLIVE, ROSE, FOREST, MAROON, MAGENTA = (
    "#882255", "#332288", "#44AA99", "#8A8A1F", "#CC6677", "#117733", "#661100", "#AA4499",
)  # fmt: skip

# the order decides: "intravenous oxytocin" holds two of the words and is no spray, and a "placebo
# spray" is a placebo
INTERVENTIONS = {
    "intravenous": INDIGO,
    "placebo": GREY,
    "nasal spray": BLUE,
    "oxytocin": BLUE,
    "spray": BLUE,
    "skin-to-skin": ORANGE,
    "massage": ROSE,
    "breastfe": TEAL,
    "weaning": TEAL,
    "talk": OLIVE,
    "play": GREEN,
    "voice": FOREST,
    "partner": SKY,
    "knock-out": MAGENTA,
    "crying": VERMILLION,
    "still face": PURPLE,
    "separation": WINE,
    "stress": MAROON,
    "life events": MAROON,
    "coaching": FOREST,
    "psychological": INDIGO,
    "antidepressant": WINE,
    "support": SKY,
    "work": WINE,
}
"""A word of an intervention's name -> its colour; the first word that a name holds decides."""

CONTROL = (
    "usual care",
    "control",
    "untreated",
    "without",
    "waiting list",
    "whole loop",
    "intact",
    "no ",
)
"""How the names of arms of comparison begin: they are black."""

_OTHERS = (PURPLE, GREEN, WINE, SKY, OLIVE)


def colour_of(name: str) -> str:
    """The colour of an intervention by its name, such as "nasal spray 24 IU"; a name of one's own
    keeps its colour too.

    >>> colour_of("skin-to-skin contact") == colour_of("skin-to-skin 60 min daily")
    True
    """
    folded = name.casefold().replace("_", "-")
    colour = next((colour for word, colour in INTERVENTIONS.items() if word in folded), None)
    # Python's own hash of a text differs from process to process; a check sum does not
    return colour or _OTHERS[zlib.crc32(folded.encode()) % len(_OTHERS)]


def arm_looks(names: Sequence[str]) -> list[Look]:
    """A look for each of at most six arms: an arm that is called after an intervention has its
    colour, an arm of comparison is black, and line and marker differ in any case.

    >>> looks = arm_looks(["usual care", "skin-to-skin"])
    >>> looks[0].colour == BLACK, looks[1].colour == colour_of("skin-to-skin contact")
    (True, True)
    """
    folded = [name.casefold().replace("_", "-") for name in names]
    preferred: list[str | None] = []
    for name in folded:
        named_colour = next(
            (colour for word, colour in INTERVENTIONS.items() if word in name), None
        )
        colour = BLACK if name.startswith(CONTROL) else named_colour
        # two doses of one: the second takes another
        preferred.append(colour if colour not in preferred else None)
    # what is left goes to arms without a colour of their own, in the order of the looks
    free = [look.colour for look in LOOKS if look.colour not in preferred]
    return [
        look._replace(colour=colour or free.pop(0))
        for look, colour in zip(LOOKS, preferred, strict=False)
    ]

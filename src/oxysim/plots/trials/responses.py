"""Who responded: a change in the wanted direction that is large enough to matter, or only who rose
and who fell.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.plots.style import BLUE, GREY, LIGHT, ORANGE


class Response(NamedTuple):
    """What counts as a response: +1 an increase or -1 a decrease, of at least `threshold` in the
    outcome's unit.

    >>> Response(-1, 2.0).text
    'a fall of at least 2'
    """

    sign: int
    threshold: float

    @property
    def text(self) -> str:
        """In words: "a rise of at least 0.5"."""
        return f"a {'rise' if self.sign > 0 else 'fall'} of at least {self.threshold:g}"


class GroupLook(NamedTuple):
    """Colour, line and fill of the marks of one group; bars take the colour of `bar`.

    >>> LOOKS_OF_GROUPS[1].fill  # of those who did not respond
    'white'
    """

    colour: str
    line: Any
    fill: str
    bar: str


# Who responded or rose; who did not, grey and hollow so that the eye passes over them; who fell.
LOOKS_OF_GROUPS = (
    GroupLook(BLUE, "-", BLUE, BLUE), GroupLook(GREY, (0, (4, 2)), "white", LIGHT),
    GroupLook(ORANGE, ":", "white", ORANGE),
)  # fmt: skip


class ResponderGroups(NamedTuple):
    """Which group each dyad is in, shape (n_dyads,), and what the groups are called.

    >>> ResponderGroups(np.array([0, 1, 1]), ("responded", "did not respond")).of.tolist()
    [0, 1, 1]
    """

    of: IntArray
    texts: tuple[str, ...]


def checked_response(responds: Any, threshold: Any) -> Response | None:
    """What counts as a response, or None where that was left open.

    Raises
    ------
    InputError : a direction without a smallest change that matters, or such a change without a
    direction.

    >>> checked_response("decrease", 2.0)
    Response(sign=-1, threshold=2.0)
    """
    if responds is None and threshold is None:
        return None
    # a direction alone would call any noise a response
    if responds is None or threshold is None:
        raise InputError(
            what="responds, threshold",
            expected="both or neither: the wanted direction and the smallest change that matters",
            found=f"responds={responds!r}, threshold={threshold!r}",
            remedy="any change above 0 is no response",
            key=("threshold" if threshold is None else "responds",),
        )
    direction = checks.choice(responds, "responds", ("increase", "decrease"))
    return Response(
        1 if direction == "increase" else -1,
        checks.number(threshold, "threshold", 0, open_low=True),
    )


def grouped(changes: FloatArray, rule: Response | None) -> ResponderGroups:
    """Responders (0) and the others (1); without a wanted direction who rose (0), did not change
    (1) and fell (2).

    >>> grouped(np.array([2.0, -1.0]), Response(-1, 1.0)).of.tolist()
    [1, 0]
    """
    if rule is None:
        # without a direction nobody knows what a response is: only signs are told
        return ResponderGroups(
            (1 - np.sign(changes)).astype(np.int64), ("rose", "did not change", "fell")
        )
    # a fall turned over is a rise, so that one comparison serves both
    answers = rule.sign * changes >= rule.threshold
    return ResponderGroups(
        (~answers).astype(np.int64), (f"responded ({rule.text})", "did not respond")
    )


def one_number_a_dyad(values: Any, argument: str) -> FloatArray:
    """One number a dyad, shape (n_dyads,); what is missing is NaN.

    Raises
    ------
    InputError : no list of numbers.

    >>> one_number_a_dyad([1, 2.5], "effects").tolist()
    [1.0, 2.5]
    """
    expected = "one number for each dyad, in a list or an array of one dimension"
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise checks.refused(values, argument, expected) from None
    # texts such as "1" and truth values would turn into numbers without a word
    if array.ndim != 1 or np.asarray(values).dtype.kind not in "iuf":
        raise checks.refused(f"shape {array.shape}", argument, expected, as_text=True)
    return array

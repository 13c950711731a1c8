"""The courses of depression over eighteen months: four classes by a rule that a reader can check by
hand.

Putnick 2020 found four classes by latent class growth at 4, 12, 24 and 36 months. Here three
readings of the EPDS, at 4, 12 and 18 months, are classed by cut-offs and by the reliable change, in
this order:

    high persistent          first, last and mean of the three at or above HIGH
    low then increasing      first below HIGH, last at or above HIGH, and higher by RELIABLE or more
    medium then decreasing   first at or above MEDIUM, last below HIGH, and lower by RELIABLE
                             or more
    low stable               everybody else

So who moves by less than a form's own error is stable, whatever the level, unless it is high
throughout. The rule reads noisy forms, as a study does: some of those classed as moving have not
moved.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from oxysim.arrays import IntArray
from oxysim.checks import refused
from oxysim.errors import InputError
from oxysim.measures.cut_offs import EPDS_HIGHEST, EPDS_POSSIBLE

AGES = ("4 months", "12 months", "18 months")
HIGH = EPDS_POSSIBLE  # the cut-off of finding C2
MEDIUM = 7.0  # mild symptoms: entry to the registered oxytocin trial in mothers (NL-OMON53882)
RELIABLE = 4.0  # reliable change of one mother's score (Matthey 2004)
COURSES = ("low stable", "low then increasing", "medium then decreasing", "high persistent")


def course_classes(epds: npt.ArrayLike) -> IntArray:
    """The class of each course, as its place in ``COURSES``; -1 where a reading is missing.

    Parameters
    ----------
    epds : readings at the three ``AGES``, in points, shape (..., 3).

    Returns
    -------
    Shape (...).

    Raises
    ------
    InputError : the last dimension is not 3, or a reading lies outside 0 to 30.

    >>> COURSES[int(course_classes([4.0, 9.0, 14.0]))]
    'low then increasing'
    """
    try:
        # a range may be of any length, and would fill the memory before it is refused
        forms = np.asarray(() if isinstance(epds, range) else epds, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise refused(epds, "epds", "numbers of EPDS points, NaN where a form is missing") from None
    if forms.ndim < 1 or forms.shape[-1] != len(AGES):
        raise InputError(
            f"course: expected EPDS readings at {', '.join(AGES)}, shape (..., 3); found shape"
            f" {forms.shape}"
        )
    outside = (forms < 0) | (forms > EPDS_HIGHEST)
    if outside.any():
        raise InputError(f"course: expected EPDS readings in [0, 30]; found {forms[outside][0]:g}")

    first, last, mean = forms[..., 0], forms[..., -1], forms.mean(axis=-1)
    rise = last - first
    persistent = (first >= HIGH) & (last >= HIGH) & (mean >= HIGH)
    increasing = (first < HIGH) & (last >= HIGH) & (rise >= RELIABLE)
    decreasing = (first >= MEDIUM) & (last < HIGH) & (rise <= -RELIABLE)

    # The first rule that holds decides; the numbers are positions in COURSES.
    rules = [np.isnan(mean), persistent, increasing, decreasing]
    classes = np.select(rules, [-1, 3, 1, 2], default=0)
    return np.asarray(classes, dtype=np.int64)


def course_shares(epds: npt.ArrayLike) -> dict[str, float]:
    """The share of each class among the complete courses, by name; NaN where there is none.

    >>> course_shares([[4.0, 5.0, 4.0], [12.0, 13.0, 12.0]])["high persistent"]
    0.5
    """
    classes = course_classes(epds)
    complete = classes[classes >= 0]
    return {
        name: float(np.mean(complete == k)) if len(complete) else float("nan")
        for k, name in enumerate(COURSES)
    }

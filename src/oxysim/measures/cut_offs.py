"""The scale of the EPDS, its usual score and its two cut-offs, in one place beside the instrument.

Regimes, rescue, screening, drop-out, endpoints and protocols read them here. Points of a completed
form; a level of depression in the model stands on the same scale.
"""

from __future__ import annotations

from oxysim.model.mechanisms.depression import DEPRESSION

EPDS_HIGHEST: float = DEPRESSION.ceiling  # of a form; the lowest is 0
EPDS_USUAL: float = DEPRESSION.start  # of a mother in the community
EPDS_POSSIBLE = 10.0  # from here depression is possible: screening in the community (Cox 1987)
EPDS_PROBABLE = 13.0  # from here it is probable: a form counts as positive (Cox 1987)

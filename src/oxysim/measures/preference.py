"""Conditioned social preference of the mouse: a function of two means, not of one moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import ndtri

from oxysim.checks import array
from oxysim.errors import InputError
from oxysim.measures.readings import NoiseKey, checked_noise_key, dyad_numbers
from oxysim.streams import position_uniforms

# ratio per unit of reward; assumed: a day of huddling rewards the wild type by .06 more than a day
# alone, which makes 1.3, the middle of the recalled 1.2-1.4 (Dölen 2013)
PREFERENCE_GAIN = 5.0
PREFERENCE_SD = 0.15  # of the ratio, between tests of one animal; assumed


def conditioned_preference(
    social: Any, isolated: Any, dyads: Sequence[int], noise_key: NoiseKey | None = None
) -> xr.DataArray:
    """The ratio of time spent in the bedding of social housing, after conditioning over before it.

    1 is no preference; it rises by the difference of the mean rewards that the two beddings went
    with. The figures of Dölen 2013 are recalled (wild type 1.2 to 1.4, blocked about 1.0); gain and
    noise are assumed.

    Parameters
    ----------
    social, isolated : mean ``reward`` over the days in social and in isolated housing, shape (n,).
    dyads : the animals' numbers, length n.
    noise_key : seed, member and occasion; None gives the expected ratio.

    Returns
    -------
    DataArray (dyad,), a ratio without unit.

    Raises
    ------
    InputError : no numbers, or not one a dyad.

    >>> conditioned_preference([0.0625], [0.0], [0]).item()
    1.3125
    """
    numbers = dyad_numbers(dyads)
    with_mates, alone = array(social, "social", (None,)), array(isolated, "isolated", (None,))
    if not with_mates.shape == alone.shape == numbers.shape:
        raise InputError(
            "conditioned preference: expected one mean a dyad and housing; found shapes"
            f" {with_mates.shape} and {alone.shape} for {numbers.shape[0]} dyads"
        )
    ratio = 1 + PREFERENCE_GAIN * (with_mates - alone)
    if noise_key is not None:
        noise_key = checked_noise_key(noise_key)
        draws = position_uniforms(
            noise_key.seed,
            numbers,
            f"measure conditioned_preference {noise_key.member}",
            noise_key.occasion,
        )
        # a ratio of times is not below 0
        ratio = np.maximum(ratio + PREFERENCE_SD * ndtri(draws), 0.0)
    attrs = {
        "units": "1",
        "long_name": "conditioned social preference",
        "source": "dolen2013",
        "status": "assumed",
    }
    return xr.DataArray(
        ratio, dims=("dyad",), coords={"dyad": numbers}, name="conditioned_preference", attrs=attrs
    )

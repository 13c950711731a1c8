"""What a store needs to know of a study and of a computed block: it keeps them without knowing how
they were made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import xarray as xr


class StorableStudy(Protocol):
    """What a store needs to know of a study.

    >>> from types import SimpleNamespace
    >>> study: StorableStudy = SimpleNamespace(
    ...     identity=lambda: {"seed": "0"},
    ...     template=lambda: xr.Dataset({"epds": ("run", [5.4, 9.0])}),
    ... )
    >>> dict(study.template().sizes)
    {'run': 2}
    """

    def identity(self) -> Mapping[str, str]:
        """Part of the study -> canonical text."""

    def template(self) -> xr.Dataset:
        """Names, dimensions, coordinates and units of what the study gives, without its values."""


class StorableResult(Protocol):
    """What a store needs to know of a computed block.

    >>> from types import SimpleNamespace
    >>> block: StorableResult = SimpleNamespace(values={"epds": [5.4]}, status=[1], reason=[""])
    >>> block.values["epds"]
    [5.4]
    """

    @property
    def values(self) -> Mapping[str, Any]:
        """Outcome -> array of the block's shape and the outcome's own behind it."""

    @property
    def status(self) -> Any:
        """Array of the block's shape: 1 ok, 2 failed."""

    @property
    def reason(self) -> Any:
        """Array of texts of the block's shape, empty where the run did not fail."""

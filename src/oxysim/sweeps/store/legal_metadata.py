"""What a store may say of itself: kinds, names, paths and sizes, each refused with a ``ValueError``
where it cannot be.

Whoever reads a store says in its own words what that means; these only tell what could be so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import prod
from typing import Any

from oxysim.sweeps.store.zarr_layout import (
    BOOKKEEPING,
    LARGEST_LAYOUT,
    METADATA,
    REASON,
    STATUS,
    StoreLayout,
    folder_name,
    is_file_name,
)

_DIGEST = re.compile(r"[0-9a-f]{64}")
# of a variable's folder: metadata or a chunk
_INSIDE = re.compile(rf"{re.escape(METADATA)}|c(?:/[0-9]{{1,18}})*")
_DTYPES = ("<f8", "<f4", "|f8", "|f4", ">f8", ">f4")


def checked_text(value: Any) -> str:
    """A text that can be written as UTF-8."""
    if not isinstance(value, str):
        raise ValueError
    value.encode("utf-8")  # half of a surrogate pair cannot be printed, nor be the name of anything
    return value


def checked_flag(value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ValueError
    return value


def checked_digest(value: Any) -> str:
    """A SHA-256."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise ValueError
    return value


def checked_mapping(value: Any) -> dict[str, str]:
    """Text -> text."""
    if not isinstance(value, dict):
        raise ValueError
    return {checked_text(name): checked_text(text) for name, text in value.items()}


def checked_names(value: Any) -> tuple[str, ...]:
    """Different names of variables."""
    if not isinstance(value, list) or not all(
        isinstance(one, str) and is_file_name(one) for one in value
    ):
        raise ValueError
    if len(set(value)) < len(value):
        raise ValueError
    return tuple(value)


def checked_paths(value: Any) -> dict[str, str]:
    """Path of a file of metadata or of a coordinate, inside the store -> its SHA-256."""
    found = {}
    for path, digest in checked_mapping(value).items():
        folder, _, rest = path.partition("/")
        of_group = path in (METADATA, f"{BOOKKEEPING}/{METADATA}")
        if not of_group and not (is_file_name(folder) and _INSIDE.fullmatch(rest)):
            raise ValueError
        found[path] = checked_digest(digest)
    return found


def checked_layout(held: Mapping[str, Any]) -> StoreLayout:
    """The layout that a description tells."""
    dims, shape, blocks = (
        checked_names(held["dims"]),
        _sizes(held["shape"]),
        _sizes(held["block_shape"]),
    )
    if not len(dims) == len(shape) == len(blocks) or any(
        b > n for b, n in zip(blocks, shape, strict=True)
    ):
        raise ValueError
    if not isinstance(held["outcomes"], dict) or not held["outcomes"]:
        raise ValueError
    outcomes = {}
    for name, (own_dims, own_shape, dtype) in held["outcomes"].items():
        own = checked_names(own_dims), _sizes(own_shape)
        if (
            not is_file_name(folder_name(checked_text(name)))
            or name in (STATUS, REASON)
            or dtype not in _DTYPES
        ):
            raise ValueError
        if len(own[0]) != len(own[1]) or prod(shape) * prod(own[1]) > LARGEST_LAYOUT:
            raise ValueError
        outcomes[name] = (*own, str(dtype))
    layout = StoreLayout(dims, shape, blocks, outcomes)
    layout.require_possible()
    return layout


def _sizes(value: Any) -> tuple[int, ...]:
    whole = isinstance(value, list) and all(
        isinstance(n, int) and not isinstance(n, bool) for n in value
    )
    if not whole or any(not 1 <= n <= LARGEST_LAYOUT for n in value):
        raise ValueError
    return tuple(value)

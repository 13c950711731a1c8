"""What the documents of a store may say: kinds, names, paths and sizes of its description, and of
zarr's own metadata only what a sweep writes; all else is refused with a ``ValueError``.

A store may come from anywhere. Metadata decide how bytes are read: which codecs, of which size,
under which names. Whoever reads a store says in its own words what a refusal means.
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

# SHA-256 in hexadecimal, as hashlib writes it.
_DIGEST = re.compile(r"[0-9a-f]{64}")
# of a variable's folder: metadata or a chunk
_INSIDE = re.compile(rf"{re.escape(METADATA)}|c(?:/[0-9]{{1,18}})*")
# Outcomes are floats of any byte order.
_DTYPES = ("<f8", "<f4", "|f8", "|f4", ">f8", ">f4")


# How bytes are made of an array: of numbers, and of texts of any length.
_CODECS = (("bytes",), ("vlen-utf8",))
# Around either: compression, then the checksum that zarr verifies.
_AROUND = ["zstd", "crc32c"]
_KINDS = frozenset(("float64", "float32", "int64", "int32", "uint8", "bool", "string"))
_ARRAY = frozenset(
    (
        "shape",
        "data_type",
        "chunk_grid",
        "chunk_key_encoding",
        "fill_value",
        "codecs",
        "attributes",
        "dimension_names",
        "zarr_format",
        "node_type",
        "storage_transformers",
    )
)
_GROUP = frozenset(("attributes", "zarr_format", "node_type", "consolidated_metadata"))


# ---------------------------------------------------------------- the description
def checked_text(value: Any) -> str:
    """A text that can be written as UTF-8.

    >>> checked_text("caregiver.epds: final")
    'caregiver.epds: final'
    """
    if not isinstance(value, str):
        raise ValueError
    value.encode("utf-8")  # half of a surrogate pair cannot be printed, nor be the name of anything
    return value


def checked_flag(value: Any) -> bool:
    """True or False.

    >>> checked_flag(1)
    Traceback (most recent call last):
    ...
    ValueError
    """
    if not isinstance(value, bool):
        raise ValueError
    return value


def checked_digest(value: Any) -> str:
    """A SHA-256.

    >>> len(checked_digest("0f" * 32))
    64
    """
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise ValueError
    return value


def checked_mapping(value: Any) -> dict[str, str]:
    """Text -> text.

    >>> checked_mapping({"seed": "0"})
    {'seed': '0'}
    """
    if not isinstance(value, dict):
        raise ValueError
    return {checked_text(name): checked_text(text) for name, text in value.items()}


def checked_names(value: Any) -> tuple[str, ...]:
    """Different names of variables.

    >>> checked_names(["dyad", "loop gain"])
    ('dyad', 'loop gain')
    >>> checked_names(["../dyad"])
    Traceback (most recent call last):
    ...
    ValueError
    """
    if not isinstance(value, list) or not all(
        isinstance(name, str) and is_file_name(name) for name in value
    ):
        raise ValueError
    if len(set(value)) < len(value):
        raise ValueError
    return tuple(value)


def checked_paths(value: Any) -> dict[str, str]:
    """Path of a file of metadata or of a coordinate, inside the store -> its SHA-256.

    >>> list(checked_paths({"zarr.json": "0f" * 32, "dyad/c/0": "f0" * 32}))
    ['zarr.json', 'dyad/c/0']
    """
    digests = {}
    # Paths are opened below the store's folder, so none may lead out of it.
    for path, digest in checked_mapping(value).items():
        folder, _, rest = path.partition("/")
        of_group = path in (METADATA, f"{BOOKKEEPING}/{METADATA}")
        if not of_group and not (is_file_name(folder) and _INSIDE.fullmatch(rest)):
            raise ValueError
        digests[path] = checked_digest(digest)
    return digests


def checked_layout(description: Mapping[str, Any]) -> StoreLayout:
    """The layout that a description tells.

    >>> runs = {"dims": ["run"], "shape": [5], "block_shape": [2]}
    >>> checked_layout({**runs, "outcomes": {"epds": [[], [], "<f8"]}}).n_blocks
    3
    """
    dims, shape, blocks = (
        checked_names(description["dims"]),
        _sizes(description["shape"]),
        _sizes(description["block_shape"]),
    )
    # A sweep never cuts blocks larger than its runs.
    if not len(dims) == len(shape) == len(blocks) or any(
        b > n for b, n in zip(blocks, shape, strict=True)
    ):
        raise ValueError
    if not isinstance(description["outcomes"], dict) or not description["outcomes"]:
        raise ValueError
    outcomes = {}
    for name, (own_dims, own_shape, dtype) in description["outcomes"].items():
        own_dims_and_sizes = checked_names(own_dims), _sizes(own_shape)
        # An outcome becomes a folder, beside those of status and reason.
        if (
            not is_file_name(folder_name(checked_text(name)))
            or name in (STATUS, REASON)
            or dtype not in _DTYPES
        ):
            raise ValueError
        # All its numbers together must have numbers themselves.
        if (
            len(own_dims_and_sizes[0]) != len(own_dims_and_sizes[1])
            or prod(shape) * prod(own_dims_and_sizes[1]) > LARGEST_LAYOUT
        ):
            raise ValueError
        outcomes[name] = (*own_dims_and_sizes, str(dtype))
    layout = StoreLayout(dims, shape, blocks, outcomes)
    # Each size is legal; their product may still be beyond any disk.
    layout.require_possible()
    return layout


def _sizes(value: Any) -> tuple[int, ...]:
    # True is an int to Python, and no size.
    whole = isinstance(value, list) and all(
        isinstance(n, int) and not isinstance(n, bool) for n in value
    )
    if not whole or any(not 1 <= n <= LARGEST_LAYOUT for n in value):
        raise ValueError
    return tuple(value)


# ---------------------------------------------------------------- zarr's metadata
def require_known(documents: Mapping[str, Any], layout: StoreLayout) -> None:
    """Raise ``ValueError``, with the place, where metadata are none that a sweep writes.

    Parameters
    ----------
    documents : path of each ``zarr.json`` -> what it holds.

    >>> import json
    >>> import numpy as np
    >>> import xarray as xr
    >>> from oxysim.sweeps.store.zarr_layout import layout_of, metadata_files
    >>> template = xr.Dataset({"epds": ("run", np.zeros(5))})
    >>> layout = layout_of(template, (2,))
    >>> files = metadata_files(template, layout)
    >>> documents = {path: json.loads(data) for path, data in files.items()}
    >>> require_known(documents, layout)
    >>> documents["epds/zarr.json"]["codecs"][0]["name"] = "unknown"
    >>> require_known(documents, layout)
    Traceback (most recent call last):
    ...
    ValueError: epds/zarr.json: codecs that no sweep uses
    """
    whole = dict(documents)
    root = whole.pop(METADATA, {})
    _require_group(METADATA, root)
    _require_group(f"{BOOKKEEPING}/{METADATA}", whole.pop(f"{BOOKKEEPING}/{METADATA}", {}))
    outcomes = {folder_name(name): name for name in layout.arrays}
    # Dimensions have one size wherever they occur.
    sizes = dict(zip(layout.dims, layout.shape, strict=True))
    for dims, shape, _ in layout.outcomes.values():
        sizes |= dict(zip(dims, shape, strict=True))
    for path, document in whole.items():
        folder = path.removesuffix(f"/{METADATA}")
        _require_array(path, document, sizes)
        if folder in outcomes:
            _require_outcome(path, document, layout, outcomes[folder])
    # The root repeats all metadata for readers that open one file; both must say the same.
    again = root["consolidated_metadata"]["metadata"]
    if set(again) != {*(path.removesuffix(f"/{METADATA}") for path in whole), BOOKKEEPING}:
        raise ValueError(f"{METADATA}: other arrays than those of the store")
    for path, document in whole.items():
        if again[path.removesuffix(f"/{METADATA}")] != document:
            raise ValueError(f"{METADATA}: it says something else of {path} than this says itself")


def _require_group(path: str, document: Any) -> None:
    is_legal = (
        isinstance(document, dict)
        and set(document) <= _GROUP
        and document.get("node_type") == "group"
    )
    if (
        not is_legal
        or not isinstance(document.get("attributes"), dict)
        or document.get("zarr_format") != 3
    ):
        raise ValueError(f"{path}: no group of a sweep")


def _require_array(path: str, document: Any, sizes: Mapping[str, int]) -> None:
    if (
        not isinstance(document, dict)
        or not set(document) <= _ARRAY
        or document.get("node_type") != "array"
    ):
        raise ValueError(f"{path}: no array of a sweep")
    names, shape = document.get("dimension_names") or [], document.get("shape")
    if not isinstance(names, list) or shape != [sizes.get(str(name)) for name in names]:
        raise ValueError(f"{path}: other dimensions than those of the sweep")
    if (
        prod(shape) > LARGEST_LAYOUT
        or document.get("data_type") not in _KINDS
        or document.get("storage_transformers")
    ):
        raise ValueError(f"{path}: a kind of array that no sweep writes")
    # Codecs name the code that turns bytes into numbers: none but those that a sweep uses.
    codecs = [
        codec.get("name") if isinstance(codec, dict) else None
        for codec in document.get("codecs") or [{}]
    ]
    if (
        codecs[1:] != _AROUND
        or (codecs[0],) not in _CODECS
        or (codecs[0] == "vlen-utf8") != _is_text(document)
    ):
        raise ValueError(f"{path}: codecs that no sweep uses")
    if not isinstance(document.get("attributes"), dict) or document.get("zarr_format") != 3:
        raise ValueError(f"{path}: no array of a sweep")
    if not isinstance(document.get("fill_value"), str if _is_text(document) else int | float | str):
        raise ValueError(f"{path}: a fill value that no sweep uses")
    chunks = _part(document, "chunk_grid", "chunk_shape")
    if not isinstance(chunks, list) or any(
        not isinstance(n, int) or not 1 <= n <= LARGEST_LAYOUT for n in chunks
    ):
        raise ValueError(f"{path}: chunks of no legal size")
    # A coordinate without values still has chunks of one.
    if len(chunks) != len(shape) or any(
        chunk > max(size, 1) for chunk, size in zip(chunks, shape, strict=True)
    ):
        raise ValueError(f"{path}: chunks of no legal size")


def _require_outcome(path: str, document: Any, layout: StoreLayout, name: str) -> None:
    own_dims, own_shape, _ = layout.outcomes.get(name, ((), (), ""))
    if (document.get("dimension_names") or []) != [*layout.dims, *own_dims]:
        raise ValueError(f"{path}: other dimensions than those of the outcome")
    # A chunk of an outcome is a block: its file is found by the block's number.
    chunks, separator = (
        _part(document, "chunk_grid", "chunk_shape"),
        _part(document, "chunk_key_encoding", "separator"),
    )
    if chunks != [*layout.block_shape, *own_shape] or separator != ".":
        raise ValueError(f"{path}: other blocks than those of the sweep")


def _is_text(document: Mapping[str, Any]) -> bool:
    return document.get("data_type") == "string"


def _part(document: Mapping[str, Any], name: str, key: str) -> Any:
    """An entry of a named part's configuration; None where there is none."""
    entry = document.get(name)
    inner = entry.get("configuration") if isinstance(entry, dict) else None
    return inner.get(key) if isinstance(inner, dict) else None

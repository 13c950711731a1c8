"""What zarr's own metadata of a store may say: arrays as this package lays them out, and nothing
that runs or leads on.

Metadata decide how bytes are read: which codecs, of which size, under which names. A store from
elsewhere could name any; these are the ones that a sweep writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from oxysim.sweeps.store.zarr_layout import (
    BOOKKEEPING,
    LARGEST_LAYOUT,
    METADATA,
    StoreLayout,
    folder_name,
)

_CODECS = (("bytes",), ("vlen-utf8",))
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


def require_known(documents: Mapping[str, Any], layout: StoreLayout) -> None:
    """Raise ``ValueError``, with the place, where metadata are none that a sweep writes.

    Parameters
    ----------
    documents : path of each ``zarr.json`` -> what it holds.
    """
    whole = dict(documents)
    root = whole.pop(METADATA, {})
    _require_group(METADATA, root)
    _require_group(f"{BOOKKEEPING}/{METADATA}", whole.pop(f"{BOOKKEEPING}/{METADATA}", {}))
    outcomes = {folder_name(name): name for name in layout.arrays}
    sizes = dict(zip(layout.dims, layout.shape, strict=True))
    for dims, shape, _ in layout.outcomes.values():
        sizes |= dict(zip(dims, shape, strict=True))
    for path, held in whole.items():
        folder = path.removesuffix(f"/{METADATA}")
        _require_array(path, held, sizes)
        if folder in outcomes:
            _require_outcome(path, held, layout, outcomes[folder])
    again = root["consolidated_metadata"]["metadata"]
    if set(again) != {*(path.removesuffix(f"/{METADATA}") for path in whole), BOOKKEEPING}:
        raise ValueError(f"{METADATA}: other arrays than those of the store")
    for path, held in whole.items():
        if again[path.removesuffix(f"/{METADATA}")] != held:
            raise ValueError(f"{METADATA}: it says something else of {path} than this says itself")


def _require_group(path: str, held: Any) -> None:
    known = isinstance(held, dict) and set(held) <= _GROUP and held.get("node_type") == "group"
    if not known or not isinstance(held.get("attributes"), dict) or held.get("zarr_format") != 3:
        raise ValueError(f"{path}: no group of a sweep")


def _require_array(path: str, held: Any, sizes: Mapping[str, int]) -> None:
    if not isinstance(held, dict) or not set(held) <= _ARRAY or held.get("node_type") != "array":
        raise ValueError(f"{path}: no array of a sweep")
    names, shape = held.get("dimension_names") or [], held.get("shape")
    if not isinstance(names, list) or shape != [sizes.get(str(name)) for name in names]:
        raise ValueError(f"{path}: other dimensions than those of the sweep")
    if (
        prod(shape) > LARGEST_LAYOUT
        or held.get("data_type") not in _KINDS
        or held.get("storage_transformers")
    ):
        raise ValueError(f"{path}: a kind of array that no sweep writes")
    codecs = [
        codec.get("name") if isinstance(codec, dict) else None
        for codec in held.get("codecs") or [{}]
    ]
    if (
        codecs[1:] != _AROUND
        or (codecs[0],) not in _CODECS
        or (codecs[0] == "vlen-utf8") != _is_text(held)
    ):
        raise ValueError(f"{path}: codecs that no sweep uses")
    if not isinstance(held.get("attributes"), dict) or held.get("zarr_format") != 3:
        raise ValueError(f"{path}: no array of a sweep")
    if not isinstance(held.get("fill_value"), str if _is_text(held) else int | float | str):
        raise ValueError(f"{path}: a fill value that no sweep uses")
    chunks = _part(held, "chunk_grid", "chunk_shape")
    if not isinstance(chunks, list) or any(
        not isinstance(n, int) or not 1 <= n <= LARGEST_LAYOUT for n in chunks
    ):
        raise ValueError(f"{path}: chunks of no legal size")
    if len(chunks) != len(shape) or any(
        chunk > max(size, 1) for chunk, size in zip(chunks, shape, strict=True)
    ):
        raise ValueError(f"{path}: chunks of no legal size")


def _require_outcome(path: str, held: Any, layout: StoreLayout, name: str) -> None:
    own_dims, own_shape, _ = layout.outcomes.get(name, ((), (), ""))
    if (held.get("dimension_names") or []) != [*layout.dims, *own_dims]:
        raise ValueError(f"{path}: other dimensions than those of the outcome")
    chunks, separator = (
        _part(held, "chunk_grid", "chunk_shape"),
        _part(held, "chunk_key_encoding", "separator"),
    )
    if chunks != [*layout.block_shape, *own_shape] or separator != ".":
        raise ValueError(f"{path}: other blocks than those of the sweep")


def _is_text(held: Mapping[str, Any]) -> bool:
    return held.get("data_type") == "string"


def _part(held: Mapping[str, Any], name: str, key: str) -> Any:
    """An entry of a named part's configuration; None where there is none."""
    part = held.get(name)
    inner = part.get("configuration") if isinstance(part, dict) else None
    return inner.get(key) if isinstance(inner, dict) else None

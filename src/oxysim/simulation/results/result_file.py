"""A result as one NetCDF file with a digest of its own bytes: what was changed or damaged is
refused, not read.

The file is plain NetCDF 3, which xarray and every NetCDF tool open. Its attribute ``digest`` holds
the SHA-256 of the whole file as it is with sixty-four zeros in that place, so a file that was cut
short, changed or written again by another program is known before anything in it is read.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import secrets
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from oxysim.checks import writable_file
from oxysim.errors import InputError, OxysimError

if TYPE_CHECKING:
    import pandas as pd

MARK = "oxysim result, sha256:"
_EMPTY = "0" * 64
EMPTY_SEAL = MARK + _EMPTY
"""The attribute ``digest`` of a dataset that is to be sealed."""
_WRITTEN = "a file written by Result.save, as it was written"
_AGAIN = "save the result again, or simulate again from the inputs that made it"

# What xarray, its NetCDF reader and json raise on a file that is not what it says, sizes in its
# header included.
_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    MemoryError,
    OSError,
    EOFError,
    AssertionError,
    NotImplementedError,
    struct.error,
)


def write_result(
    dataset: xr.Dataset, schedule: pd.DataFrame, provenance: Mapping[str, Any], path: str | Path
) -> Path:
    """Write a result's three parts to `path`, whole or not at all.

    Raises
    ------
    InputError : no path of a file, a folder that is missing, or a place where nothing can be
    written.

    >>> import tempfile
    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_result(result.dataset, result.schedule, {}, Path(folder) / "run.nc")
    ...     path.name, digest_matches(path)
    ('run.nc', True)
    """
    target = writable_file(path, "path")
    whole = dataset.copy()
    whole.attrs["provenance"] = json.dumps(dict(provenance))
    whole.attrs["schedule"] = json.dumps(schedule.to_dict("list"))
    whole.attrs["digest"] = EMPTY_SEAL
    # NetCDF 3 holds bytes, not texts.
    for name in ("status", "reason"):
        whole[name] = (whole[name].dims, np.char.encode(whole[name].values.astype(str), "utf-8"))
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        whole.to_netcdf(unfinished, engine="scipy", format="NETCDF3_64BIT")
        # Before the file gets its name: what is under that name is whole.
        write_digest(unfinished)
        unfinished.replace(target)
    except OSError as error:
        raise InputError(
            what="path", expected="a place where a file can be written", key=("path",),
            found=f"{target} ({error.strerror or error})",
        ) from error  # fmt: skip
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def read_result(path: str | Path) -> tuple[xr.Dataset, pd.DataFrame, dict[str, Any]]:
    """The dataset, schedule and provenance that :func:`write_result` wrote.

    Raises
    ------
    InputError : no such file, no result of oxysim, or one whose bytes are not those that were
    written.

    >>> import oxysim as ox, pathlib, tempfile
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "10 min")
    >>> file = result.save(pathlib.Path(tempfile.mkdtemp()) / "ten_minutes.nc")
    >>> read_result(file)[2]["engine"]
    'scipy'
    """
    file_path = Path(path) if isinstance(path, str | os.PathLike) else None
    if file_path is None or not file_path.is_file():
        file_kind = "a folder" if file_path is not None and file_path.is_dir() else "no such file"
        raise InputError(
            what=str(path)[:200],
            expected="a file written by Result.save",
            found=file_kind,
            key=("path",),
        )
    try:
        _require_sealed(file_path)
        with xr.open_dataset(file_path, engine="scipy") as file:
            return _parts(file.load(), file_path)
    # Our own errors say more than the wrapping below would.
    except OxysimError:
        raise
    except _UNREADABLE as error:
        raise _refused(
            file_path, f"one that cannot be read ({type(error).__name__}: {str(error)[:120]})"
        ) from error


def _parts(whole: xr.Dataset, path: Path) -> tuple[xr.Dataset, pd.DataFrame, dict[str, Any]]:
    import pandas as pd

    whole.attrs.pop("digest", None)
    provenance = json.loads(whole.attrs.pop("provenance"))
    # A file may be sealed and still come from elsewhere: its parts are looked at one by one.
    columns = json.loads(whole.attrs.pop("schedule"))
    if not isinstance(columns, dict) or len({len(cells) for cells in columns.values()}) > 1:
        raise _refused(path, "one whose schedule is no table")
    # without rows a column has no values from which pandas could tell its kind
    empty = {"dyad": np.int64}
    schedule = pd.DataFrame(
        {k: pd.Series(v, dtype=None if v else empty.get(k, object)) for k, v in columns.items()}
    )
    for name in ("status", "reason"):
        whole[name] = (whole[name].dims, np.char.decode(whole[name].values.astype(bytes), "utf-8"))
    if not isinstance(provenance, dict) or not isinstance(provenance.get("caregivers"), list):
        raise _refused(path, "one without the names of its caregivers")
    for name, dims in {"status": ("dyad",), "infant_age": ("dyad",), "time": ("time",)}.items():
        if whole[name].dims != dims:
            raise _refused(path, f"{name!r} with the dimensions {whole[name].dims}")
    return whole.assign_coords(dyad=whole["dyad"].astype(np.int64)), schedule, provenance


# --------------------------------------------------------------------------------------
# digest
def write_digest(path: Path) -> None:
    """Put the digest of a NetCDF file, with zeros in its place, into that place: its attribute
    ``digest``, which was written as ``EMPTY_SEAL``.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.nc"
    ...     xr.Dataset(attrs={"digest": EMPTY_SEAL}).to_netcdf(path, engine="scipy")
    ...     write_digest(path)
    ...     digest_matches(path)
    True
    """
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        at = _place(content)
        if at is None:
            raise InputError(
                f"a name or text of this result contains {MARK!r}, which marks the file's digest"
            )
        content[at : at + len(_EMPTY)] = _digest(content, at).encode()
        content.flush()


def digest_matches(path: Path) -> bool | None:
    """Whether a file's bytes are those that :func:`write_digest` saw; None without a digest.

    >>> import pathlib, tempfile
    >>> empty = pathlib.Path(tempfile.mkdtemp()) / "empty.nc"
    >>> _ = empty.write_bytes(b"")
    >>> print(digest_matches(empty))
    None
    """
    if path.stat().st_size == 0:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = _place(content)
        return (
            None if at is None else content[at : at + len(_EMPTY)] == _digest(content, at).encode()
        )


def _require_sealed(path: Path) -> None:
    """Raise for a file whose bytes are not those that :func:`write_digest` saw."""
    if path.stat().st_size == 0:
        raise _refused(path, "an empty file")
    sealed = digest_matches(path)
    if sealed is None:
        with path.open("rb") as file:
            file_kind = "a NetCDF file without one" if file.read(3) == b"CDF" else "no NetCDF file"
        raise InputError(
            what=str(path),
            expected="a result of oxysim with its digest",
            found=file_kind,
            key=("path",),
            remedy=_AGAIN,
        )
    if not sealed:
        raise _refused(path, "other bytes than its digest stands for: it was changed or damaged")


def _place(content: mmap.mmap) -> int | None:
    """Where the digest stands; None where its mark is missing or stands twice."""
    mark = MARK.encode()
    at = content.find(mark)
    # Twice would leave open which of them is the digest.
    once = (
        at >= 0 and content.find(mark, at + 1) < 0 and at + len(mark) + len(_EMPTY) <= len(content)
    )
    return at + len(mark) if once else None


def _digest(content: mmap.mmap, at: int) -> str:
    """SHA-256 of the file with zeros where the digest stands."""
    with memoryview(content) as view:
        digest = hashlib.sha256()
        for content_part in (view[:at], _EMPTY.encode(), view[at + len(_EMPTY) :]):
            digest.update(content_part)
            if isinstance(content_part, memoryview):
                content_part.release()  # a map with a view on it cannot be closed
    return digest.hexdigest()


def _refused(path: Path, found_instead: str) -> InputError:
    return InputError(
        what=str(path), expected=_WRITTEN, found=found_instead, remedy=_AGAIN, key=("path",)
    )

"""Where a store may lie: a local folder that is new, empty, or a store already."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from oxysim.errors import InputError, shown
from oxysim.sweeps.store.journal import (
    DESCRIPTION,
    Description,
    is_only_ours,
    marker_numbers,
    read_description,
)
from oxysim.sweeps.store.store_files import PART, require_plain
from oxysim.sweeps.store.zarr_layout import BOOKKEEPING, METADATA

_FILES = frozenset(
    (
        ".csv",
        ".tsv",
        ".txt",
        ".json",
        ".toml",
        ".xlsx",
        ".xls",
        ".parquet",
        ".feather",
        ".pkl",
        ".nc",
        ".nc4",
        ".h5",
        ".hdf5",
        ".npz",
        ".npy",
        ".mat",
        ".rds",
        ".sav",
        ".dta",
        ".zip",
        ".md",
        ".png",
        ".pdf",
        ".svg",
    )
)
"""Endings that everybody reads as a file of some format: a folder of that name would be taken for
one.
"""

SHOWN = 5  # entries named of a folder that is something else


def folder_of(path: Any) -> Path:
    """The absolute path of a store.

    Raises
    ------
    InputError : not a text or path, or an address of another kind.

    >>> folder_of("sweep.zarr").name
    'sweep.zarr'
    """
    if (
        not isinstance(path, str | os.PathLike)
        or not isinstance(os.fspath(path), str)
        or not os.fspath(path).strip()
    ):
        raise InputError(
            f"store: expected the path of a folder such as 'sweep.zarr'; found {shown(path)}"
        )
    text = os.fspath(path)
    if "://" in text or "\0" in text:
        raise InputError(
            f"store: expected the path of a local folder such as 'sweep.zarr'; found {shown(text)}"
        )
    try:
        root = Path(text).resolve()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            os.lstat(root)  # a name that no file system takes is known before anything is made
        return root
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead round in a circle
        reason = (
            error.strerror if isinstance(error, OSError) else "its links lead round in a circle"
        )
        raise InputError(
            f"store: expected the path of a folder; found {shown(text)}, which cannot be followed "
            f"({reason})"
        ) from None


def require_folder_name(root: Path) -> None:
    """Refuse the name of a file of another format for a store.

    Raises
    ------
    InputError : it ends as the name of a table, a picture or another file does.

    >>> require_folder_name(Path("epds.csv"))
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: store epds.csv: expected the name of a folder, such as 'sweep.zarr';
    found one that ends in '.csv'; ...
    """
    if root.suffix.lower() in _FILES and not os.path.lexists(root):
        raise InputError(
            what=f"store {root}",
            expected="the name of a folder, such as 'sweep.zarr'",
            key=("store",),
            found=f"one that ends in {root.suffix!r}",
            remedy=(
                "for a table: oxysim.sweeps.open_sweep('sweep.zarr').to_dataframe()"
                f".to_csv('{root.stem}.csv')"
            ),
        )


def require_place(root: Path) -> None:
    """Refuse a path where no store can be made and none is.

    Raises
    ------
    InputError : a file, a folder of something else, a path inside a store, a store that lost its
        description, or a parent that does not exist. OSError : the folder cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     require_place(Path(folder) / "sweep.zarr")
    ...     (Path(folder) / "diary.txt").touch()
    ...     require_place(Path(folder))
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: store ...: the folder is not empty and not the store of a sweep
    (it holds diary.txt); give another path
    """
    # A store inside a store would be taken for one of its arrays.
    for parent in root.parents:
        if (parent / BOOKKEEPING / DESCRIPTION).exists() or (parent / METADATA).exists():
            raise InputError(
                f"store {root}: the path lies inside the store {parent}; choose one beside it"
            )
    if not root.parent.is_dir():
        raise InputError(
            f"store {root}: expected an existing folder around it; there is no {root.parent}; make"
            " it first"
        )
    if not root.exists():
        return
    if not root.is_dir():
        raise InputError(f"store {root}: expected a folder or a new path; this is a file")
    require_plain(root)
    description = read_description(root)
    blocks = len(marker_numbers(root))
    # Blocks without a description are somebody's results: nothing is made over them.
    if blocks and (description is None or not description.complete):
        raise InputError(
            f"store {root}: it holds {blocks} blocks, but {BOOKKEEPING}/{DESCRIPTION} does not"
            " describe them; restore that file from a copy, or remove the store"
        )
    # A making that was killed may go on; a stranger's files beside it are left alone.
    foreign = (
        _beside(root, description) if description is not None and not description.complete else []
    )
    if foreign or (description is None and not is_only_ours(root)):
        inside = foreign or sorted(path.name for path in root.iterdir())
        names = ", ".join(inside[:SHOWN]) + (" ..." if len(inside) > SHOWN else "")
        raise InputError(
            f"store {root}: the folder is not empty and not the store of a sweep (it holds"
            f" {names}); give another path"
        )


def _beside(root: Path, half: Description) -> list[str]:
    """What lies in the folder of a half-made store and is none of what such a store writes."""
    ours = {BOOKKEEPING, METADATA, *(path.partition("/")[0] for path in half.files)}
    names = [
        path.name.removesuffix(PART) if path.is_file() else path.name for path in root.iterdir()
    ]
    return sorted(set(names) - ours)

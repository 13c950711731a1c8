"""The text of a file that a user named: there, a file, small enough, and UTF-8."""

from __future__ import annotations

from pathlib import Path

from oxysim.errors import InputError

LARGEST_FILE = 256 * 1024
"""The largest document that is read, in bytes; tables have files of their own."""


def read_text(
    path: Path, file: str, largest: int = LARGEST_FILE, expected: str = "a text file"
) -> str:
    """The text of a file; errors call it `file`.

    Raises
    ------
    InputError : it is missing, not a file, too large, cannot be read or is not UTF-8 (with its
    line).

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "study.toml"
    ...     _ = path.write_text("seed = 1\\n", encoding="utf-8")
    ...     read_text(path, "study.toml")
    'seed = 1\\n'
    """
    return decode_text(read_bytes(path, file, largest, expected), file)


def read_bytes(
    path: Path, file: str, largest: int = LARGEST_FILE, expected: str = "a text file"
) -> bytes:
    """The content of a file, `largest` bytes at most.

    Raises
    ------
    InputError : it is missing, not a file, too large or cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "study.toml"
    ...     _ = path.write_bytes(b"seed = 1")
    ...     read_bytes(path, "study.toml")
    b'seed = 1'
    """
    try:
        kind = (
            "file"
            if path.is_file()
            else "it is a folder"
            if path.is_dir()
            else "there is no such file"
        )
        # a pipe or a device would be read for ever
        content = b""
        if kind == "file":
            with path.open("rb") as opened:
                # One byte more than is allowed tells that there are more.
                content = opened.read(largest + 1)
    except OSError as error:
        raise InputError(f"{file}: the file cannot be read ({error.strerror or error})") from error
    if kind != "file":
        raise InputError(f"{file}: expected {expected}; {kind}")
    if len(content) > largest:
        raise InputError(
            f"{file}: the file is larger than {largest / 1024:g} KiB, more than is read"
        )
    return content


def decode_text(content: bytes, file: str) -> str:
    """The content of a file as text.

    Raises
    ------
    InputError : it is not UTF-8 (with the line).

    >>> from_windows = b"\\xef\\xbb\\xbfseed = 1\\r\\n"
    >>> decode_text(from_windows, "study.toml")
    'seed = 1\\n'
    """
    try:
        # With or without the mark that editors on Windows put in front.
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        # The text cannot be read, but its bytes up to there have lines.
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise InputError(
            f"{file}:{line}: expected a text in UTF-8; found the byte 0x{byte:02x}; save it as"
            " UTF-8"
        ) from None

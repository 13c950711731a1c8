"""One cell of a table of instruments or of a plate as a number."""

from __future__ import annotations

from oxysim.errors import InputError


def plain_number(cell: str, where: str) -> float:
    """The number in a cell; `where` says which one it is.

    Raises
    ------
    InputError : no number, or one with a decimal comma.

    >>> plain_number("14.5", "plate.csv, line 2, density")
    14.5
    """
    # Python's float() would also take "1_000" and the digits of other scripts
    if cell.isascii() and "_" not in cell:
        try:
            return float(cell)
        except ValueError:
            pass
    comma = "; write a decimal point" if "," in cell else ""
    raise InputError(f"{where}: expected a number; found {cell!r}{comma}")

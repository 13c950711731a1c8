"""What study files and trial files have in common beside people and days: how to integrate, and
which edges are changed.
"""

from __future__ import annotations

from typing import Any

from oxysim.documents import Section
from oxysim.families import edge_multipliers
from oxysim.simulation.scipy_engine import METHODS, PRECISIONS, Solver


def read_solver(section: Section, usual: Solver, example: str) -> Solver | None:
    """How to integrate, with `usual` for what the file leaves out; None where it says nothing.

    Parameters
    ----------
    example : a tolerance, for what an error expects.

    >>> from oxysim.documents import parse_document
    >>> section = parse_document("tolerance = 1e-5", "study.toml")
    >>> read_solver(section, Solver(), "1e-6").rtol
    1e-05
    """
    if not any(key in section for key in ("method", "tolerance", "precision")):
        return None
    method = section.choice("method", "method", METHODS, usual.method)
    tolerance = section.number("tolerance", f"a relative tolerance such as {example}", usual.rtol)
    precision = section.choice("precision", "precision", PRECISIONS, usual.precision)
    with section.reading("tolerance"):
        return Solver(method, rtol=tolerance, precision=precision)


def read_edges(section: Section) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The edges that are cut, and edge -> multiplier, of ``[edges]``.

    >>> from oxysim.documents import parse_document
    >>> section = parse_document('cut = ["reward -> depression"]', "study.toml")
    >>> read_edges(section)
    (('reward -> depression',), {})
    """
    section.require_known(("cut", "scale"))
    cut = section.texts("cut", 'an array of edges such as ["reward -> depression"]')
    # One by one for the line of each, then together for what contradicts.
    for number, name in enumerate(cut, start=1):
        with section.reading("cut", str(number)):
            edge_multipliers(name, None)
    scale = section.section("scale")
    for name in scale.values:
        with scale.reading(name):
            edge_multipliers((), {name: scale.number(name, "a multiplier such as 0.5")})
    with section.reading():
        edge_multipliers(cut, scale.values)
    return cut, dict(scale.values)

"""Errors that users meet, and the helper that finds the nearest right name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class OxysimError(Exception):
    """Base class of every error that oxysim raises on purpose."""


class UnknownNameError(OxysimError, KeyError):
    """A name (parameter, edge, variable, method, channel ...) that does not exist."""

    def __str__(self) -> str:
        return str(self.args[0])


class UnitError(OxysimError, ValueError):
    """A number without a unit, or with a unit of the wrong kind."""


class ScheduleError(OxysimError, ValueError):
    """A schedule that cannot be: reversed, overlapping or impossible intervals, absurd doses."""


class InputError(OxysimError, ValueError):
    """Any other input that a simulation, a measure or a protocol cannot accept."""


class MissingExtraError(OxysimError, ImportError):
    """An optional dependency is not installed; the message names the command that installs it."""


def unknown_name(kind: str, name: object, known: Iterable[str], where: str = "") -> UnknownNameError:
    """The error for a misspelt `name`, with the three nearest names that exist.

    Parameters
    ----------
    kind : what was looked for, in the reader's words ("parameter", "edge", "method").
    name : what was given.
    known : the names that exist.
    where : an optional clause that says where the name was used.
    """
    names = sorted(set(known))
    folded = {candidate.casefold(): candidate for candidate in names}
    text = str(name)
    near = difflib.get_close_matches(text.casefold(), list(folded), n=3, cutoff=0.0)
    hint = ", ".join(repr(folded[match]) for match in near)
    place = f" {where}" if where else ""
    expected = f"nearest: {hint}" if hint else f"there are no {kind}s here"
    return UnknownNameError(f"unknown {kind} {text!r}{place}; {expected}")


def require_extra(module: str, extra: str) -> object:
    """Import an optional `module`, or say which command installs the `extra` that brings it."""
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(f"{module} is not installed; install it with: pip install 'oxysim[{extra}]'") from error

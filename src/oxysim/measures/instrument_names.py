"""Instruments by name: those that the package brings along, and those that a user hands over."""

from __future__ import annotations

from collections.abc import Iterable

from oxysim.checks import choice
from oxysim.errors import InputError
from oxysim.measures.behaviour import OBSERVED
from oxysim.measures.hormones import LABORATORY
from oxysim.measures.instrument_model import Instrument
from oxysim.measures.questionnaires import PHYSIOLOGY, SELF_REPORT

# in the order in which tables list them
INSTRUMENTS: dict[str, Instrument] = {
    tool.name: tool for tool in (*LABORATORY, *SELF_REPORT, *PHYSIOLOGY, *OBSERVED)
}


def instrument(name: str | Instrument) -> Instrument:
    """The instrument of that name, or the instrument itself where a user brings one.

    Every place at which an instrument is named looks it up here, so that an :class:`Instrument` is
    taken wherever a name is. Nothing is registered: what a script declares is known to what it is
    handed to, whatever was imported before.

    Raises
    ------
    UnknownNameError : no such instrument; with the nearest three.
    InputError : a user's instrument under the name of one that the package brings along.

    >>> instrument("epds").unit
    'EPDS'
    """
    if isinstance(name, str) and name in INSTRUMENTS:
        return INSTRUMENTS[name]
    if isinstance(name, Instrument):
        return _distinct(name)
    return INSTRUMENTS[choice(name, "instrument", INSTRUMENTS)]


def is_shipped(tool: Instrument) -> bool:
    """Whether an instrument is one that the package brings along.

    >>> is_shipped(instrument("epds"))
    True
    """
    return tool.name in INSTRUMENTS


def name_or_instrument(tool: Instrument) -> str | Instrument:
    """An instrument of the package by its name, one of a user as itself: the name alone would not
    find it again.

    >>> name_or_instrument(instrument("epds"))
    'epds'
    """
    return tool.name if is_shipped(tool) else tool


def distinct_user_instruments(tools: Iterable[Instrument]) -> tuple[Instrument, ...]:
    """Those that the package does not bring along, each once.

    Raises
    ------
    InputError : two of one name: noise is keyed by the name, and so is every table.

    >>> distinct_user_instruments([instrument("epds")])
    ()
    """
    by_name: dict[str, Instrument] = {}
    for tool in tools:
        if is_shipped(tool):
            continue
        if by_name.setdefault(tool.name, tool) != tool:
            raise InputError(
                what=f"instrument {tool.name!r}",
                expected="one instrument of that name in a study",
                found="two with different figures",
                key=("instrument",),
            )
    return tuple(by_name.values())


def identity_words(tools: Iterable[Instrument]) -> dict[str, str]:
    """Instruments of the user's as an entry of a design in words; none where there is none.

    >>> identity_words(distinct_user_instruments([instrument("epds")]))
    {}
    """
    words = [f"{tool.name} (fingerprint {tool.fingerprint[:12]}): {tool.words}" for tool in tools]
    return {"instruments": "; ".join(words)} if words else {}


def _distinct(tool: Instrument) -> Instrument:
    """The instrument; raises where two of one name could be taken for each other in a report."""
    shipped = INSTRUMENTS.get(tool.name, tool)
    if shipped != tool:
        raise InputError(
            what="instrument",
            expected="a name of its own",
            found=f"{tool.name!r}, which the package brings along with other figures",
            remedy="give it another name, such as that of the laboratory behind it",
            key=("name",),
        )
    return shipped

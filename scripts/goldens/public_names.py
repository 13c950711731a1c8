"""Public names with their signatures: the door, its subpackages, and the methods of classes."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

import oxysim as ox
from goldens.formats import Files

_DOTTED = re.compile(r"\b(?:[A-Za-z_]\w*\.)+([A-Za-z_]\w*)")
_ALIASES = {"NDArray[float64]": "FloatArray", "NDArray[int64]": "IntArray"}
"""One array type under two names."""
_PLACE = re.compile(r" at 0x[0-9a-f]+")


def collect() -> Files:
    """One line a name, one a method; without modules, so that a move changes nothing."""
    inside = [name for name in ox.__all__ if inspect.ismodule(getattr(ox, name))]
    packages = ["oxysim", *(f"oxysim.{name}" for name in sorted(inside))]
    text = [line for package in packages for line in _package(package)]
    return {"public_names.txt": "\n".join(text) + "\n"}


def _package(name: str) -> list[str]:
    package = importlib.import_module(name)
    return [
        line
        for public in sorted(package.__all__)
        for line in _lines(f"{name}.{public}", getattr(package, public))
    ]


def _lines(name: str, thing: Any) -> list[str]:
    if inspect.ismodule(thing):
        return [f"{name}: module"]
    if inspect.isclass(thing):
        bases = [
            base.__name__ for base in thing.__mro__[1:] if not base.__module__.startswith("oxysim")
        ]
        kind = "exception" if issubclass(thing, BaseException) else "class"
        return [f"{name}: {kind}{_signature(thing)} {', '.join(bases)}", *_members(name, thing)]
    if callable(thing):
        return [f"{name}: function{_signature(thing)}"]
    keys = f" with {', '.join(map(str, thing))}" if hasattr(thing, "keys") else ""
    return [f"{name}: {type(thing).__name__}{keys}"]


def _members(name: str, kind: type) -> list[str]:
    """Public methods, properties and fields that the library's own classes define."""
    members: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if not base.__module__.startswith("oxysim"):
            continue
        members |= {
            field: "field"
            for field in vars(base).get("__annotations__", {})
            if not field.startswith("_")
        }
        for member, value in vars(base).items():
            if not member.startswith("_"):
                members[member] = _member(value)
    return [f"{name}.{member}: {text}" for member, text in sorted(members.items())]


def _member(value: Any) -> str:
    plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    if inspect.isfunction(plain):
        kind = type(value).__name__ if plain is not value else "method"
        return f"{kind}{_signature(plain)}"
    if isinstance(value, property) or hasattr(type(value), "__set_name__"):  # a cached property too
        return "property"
    return "field"


def _signature(thing: Any) -> str:
    try:
        text = str(inspect.signature(thing))
    except (TypeError, ValueError):  # of an exception that takes what Python's own take
        return "(...)"
    text = _PLACE.sub("", _DOTTED.sub(r"\1", text))
    for plain, alias in _ALIASES.items():
        text = text.replace(plain, alias)
    return text

"""Doors that load a name when it is first used.

Each public folder has an ``__init__.pyi`` beside its ``__init__.py``: ordinary imports and an
``__all__``. Type checkers and editors read it as it stands; at run time it is the table of which
module holds which name. So importing one leaf loads that leaf and what it needs, not the house.

The package ``lazy_loader`` does nearly the same, but refuses names from other folders
(``oxysim.evidence`` hands out ``oxysim.findings``) and says nothing of the nearest right name.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any


def lazy_door(
    package: str, init_file: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a folder, from the stub beside its file.

    Parameters
    ----------
    package : the folder's ``__name__``.
    init_file : its ``__file__``.

    Examples
    --------
    >>> from oxysim import measures
    >>> "instrument" in dir(measures)
    True
    >>> measures.instrumnt
    Traceback (most recent call last):
        ...
    AttributeError: module 'oxysim.measures' has no attribute 'instrumnt'; nearest: ...
    """
    # read once, when the folder is imported; a name's module only when it is asked for
    modules = _modules_of_names(Path(init_file).with_suffix(".pyi"))
    names = sorted(modules)

    def load(name: str) -> Any:
        if name in modules and modules[name][0] != package:
            module, original = modules[name]
            value = getattr(importlib.import_module(module), original)
        elif not name.startswith("_") and importlib.util.find_spec(f"{package}.{name}"):
            value = importlib.import_module(f"{package}.{name}")
        else:
            # difflib is loaded only where a name was wrong
            from oxysim.synonyms import nearest

            near = ", ".join(repr(close) for close in nearest(name, names))
            hint = f"; nearest: {near}" if near else ""
            raise AttributeError(f"module {package!r} has no attribute {name!r}{hint}")

        # the next access finds it without asking again
        setattr(importlib.import_module(package), name, value)
        return value

    def public_names() -> list[str]:
        """The public names alone: modules that happen to be loaded are no part of the door."""
        return list(names)

    return load, public_names, names


def _modules_of_names(stub: Path) -> dict[str, tuple[str, str]]:
    """Every name of a stub's ``__all__`` -> (module, name in that module).

    A module that is handed out itself (``from oxysim import loop``) is looked up in its parent.
    """
    places: dict[str, tuple[str, str]] = {}
    public: list[str] = []

    for statement in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ImportFrom) and statement.module:
            for alias in statement.names:
                places[alias.asname or alias.name] = (statement.module, alias.name)
        elif isinstance(statement, ast.Assign):
            public = ast.literal_eval(statement.value)

    return {name: places[name] for name in public}

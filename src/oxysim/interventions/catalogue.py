"""Every intervention by name: a new file in this folder is found by itself."""

import importlib
import pkgutil
from pathlib import Path

from oxysim.schedule.schedule import Intervention

# The files of this folder that hold no intervention.
_NO_INTERVENTIONS = ("catalogue", "declared", "sentences")
_PACKAGE = __name__.rpartition(".")[0]


def _interventions() -> dict[str, type[Intervention]]:
    """The interventions that the files of this folder define, by class name."""
    files = [file.name for file in pkgutil.iter_modules([str(Path(__file__).parent)])]
    classes: dict[str, type[Intervention]] = {}
    for file in sorted(set(files) - set(_NO_INTERVENTIONS)):
        module = importlib.import_module(f"{_PACKAGE}.{file}")
        for name, value in vars(module).items():
            # what a file imports from another one is not its own
            defined_there = getattr(value, "__module__", "") == module.__name__
            if defined_there and isinstance(value, type) and issubclass(value, Intervention):
                classes[name] = value
    return dict(sorted(classes.items()))


INTERVENTIONS: dict[str, type[Intervention]] = _interventions()
"""Every intervention by name."""

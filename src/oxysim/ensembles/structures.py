"""What is not there at all: structures beside numbers."""

from __future__ import annotations

from dataclasses import dataclass

from oxysim.checks import instance, name, number, sequence
from oxysim.texts import Called


@dataclass(frozen=True)
class Structure(Called):
    """What is not there at all: quantities that are 0, whatever their priors say.

    Parameters
    ----------
    name, meaning : such as "no loop into mood", and what that stands for.
    weight : prior weight against the other structures, above 0.
    zero : names of the quantities that are 0. A centre at 0 is a value of 0 in every dyad, a spread
        at 0 is no difference between dyads, a correlation at 0 stays 0.

    >>> Structure("trait only", zero=("reward -> mood",)).weight
    1.0
    """

    name: str
    meaning: str = ""
    weight: float = 1.0
    zero: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        name(self.name, "name of a structure")
        where = f"structure {self.name!r}"
        instance(self.meaning, f"{where}, meaning", str, "a text")
        object.__setattr__(
            self, "weight", number(self.weight, f"{where}, weight", 0, open_low=True)
        )
        zero = sequence(self.zero, f"{where}, zero", name, of="names of quantities", least=0)
        object.__setattr__(self, "zero", zero)

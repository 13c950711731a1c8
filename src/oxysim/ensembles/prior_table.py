"""All priors of a population together, and the structures of the loop: from latents to populations.

A structure says what is not there at all: "no loop into mood" fixes the gains of the edges into
mood at 0. A prior that is uniform down to 0 never reaches 0, so that the question "is there a loop"
needs structures beside numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oxysim.arrays import BoolArray, FloatArray
from oxysim.checks import (
    array,
    choice,
    file_path,
    instance,
    name,
    refused,
    require_seed,
    sequence,
    text,
    whole_number,
    writable_file,
)
from oxysim.ensembles.correlation_completion import completed_correlations
from oxysim.ensembles.observed_rows import ObservedRow
from oxysim.ensembles.prior_file import read_priors, write_priors
from oxysim.ensembles.priors import Prior, require_range
from oxysim.ensembles.structures import Structure
from oxysim.errors import InputError
from oxysim.population import Correlation, Population, Trait
from oxysim.streams import stream
from oxysim.texts import Described, listed

ROUNDED_AWAY = 5e-5  # a correlation nearer to 0 than this is left out: no cohort could tell it
DIGITS = 6  # of an implied correlation: far below what any cohort tells
LARGEST_BETA = 0.95  # of the spread at which a beta distribution falls apart into two points
INSIDE = 1e-6  # share of a trait's range by which its centre stays off both ends


@dataclass(frozen=True, eq=False)
class PriorTable(Described):
    """Everything that is uncertain of a population, and what is to be met.

    Parameters
    ----------
    name, meaning : what it stands for.
    base : the population that the quantities change.
    priors : one for each quantity.
    structures : what may not be there; without any all quantities are free.
    rows : the findings that candidates are held against.
    implied : pairs of traits whose correlation in `base` is dropped, so that it follows from the
        drawn ones.

    Raises
    ------
    UnknownNameError : a trait, parameter or quantity that does not exist. InputError : a quantity
    twice, a range beyond what the trait or the parameter can have.

    >>> table = PriorTable.named("community")
    >>> table.candidate(table.design(1, seed=1)[0]).name
    'community'
    """

    name: str
    base: Population
    priors: tuple[Prior, ...]
    structures: tuple[Structure, ...] = (Structure("all free"),)
    rows: tuple[ObservedRow, ...] = ()
    implied: tuple[tuple[str, str], ...] = ()
    meaning: str = ""

    def __post_init__(self) -> None:
        name(self.name, "name of the table of priors")
        instance(self.base, "base", Population, "a Population")
        instance(self.meaning, "meaning", str, "a text")
        for field_name, kind in (
            ("priors", Prior),
            ("structures", Structure),
            ("rows", ObservedRow),
        ):
            entries = sequence(
                getattr(self, field_name), field_name, _of_kind(kind), of=f"{kind.__name__}s",
                least=0 if kind is ObservedRow else 1,
            )  # fmt: skip
            object.__setattr__(self, field_name, entries)
        _require_different([prior.quantity for prior in self.priors], "quantity")
        _require_different([structure.name for structure in self.structures], "structure")
        _require_different([row.finding for row in self.rows], "row")
        for structure in self.structures:
            for quantity in structure.zero:
                choice(quantity, f"quantity of structure {structure.name!r}", self.quantities)
        object.__setattr__(
            self, "implied", sequence(self.implied, "implied", _pair, of="pairs of traits", least=0)
        )
        for prior in self.priors:
            require_range(prior, self.base)
        # the middle of every structure is built, so that what none can have is refused here
        for structure in self.structures:
            self.candidate(np.zeros(len(self.priors)), structure.name)

    @classmethod
    def named(cls, name: str = "community") -> PriorTable:
        """A table that the package brings along (``data/ensembles/*.priors.toml``).

        Raises
        ------
        UnknownNameError : there is none of that name.

        >>> len(PriorTable.named("community").priors) > 10
        True
        """
        return cls(**read_priors(name))

    @classmethod
    def from_file(cls, path: str | Path) -> PriorTable:
        """A table from a TOML file of the form of the packaged ones.

        Raises
        ------
        InputError : no such file, not TOML, an entry that is unknown, missing or of the wrong kind
            (file, line and entry are named).

        >>> from importlib import resources
        >>> path = resources.files("oxysim") / "data/ensembles/community.priors.toml"
        >>> PriorTable.from_file(str(path)).name
        'community'
        """
        return cls(**read_priors(file_path(path, "path")))

    def to_file(self, path: str | Path) -> None:
        """Write it as a TOML file that :meth:`from_file` gives back. A base that the package does
        not bring along is written beside it, as "mine.population.toml" beside "mine.toml".

        >>> import tempfile
        >>> table = PriorTable.named("community")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     table.to_file(Path(folder) / "mine.priors.toml")
        ...     again = PriorTable.from_file(Path(folder) / "mine.priors.toml")
        >>> again.rows == table.rows
        True
        """
        write_priors(self, writable_file(path, "path"))

    # ------------------------------------------------------------------ what it holds
    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of the quantities, in the order of latents and values.

        >>> PriorTable.named("community").quantities[0]
        'mood, usual level: centre'
        """
        return tuple(prior.quantity for prior in self.priors)

    def structure(self, name: str = "") -> Structure:
        """A structure by name; the first for an empty name.

        >>> PriorTable.named("community").structure("no loop into mood").zero[0]
        'reward -> mood'
        """
        by_name = {structure.name: structure for structure in self.structures}
        asked = instance(name, "structure", str, "the name of a structure")
        return by_name[choice(asked or self.structures[0].name, "structure", by_name)]

    def free(self, structure: str = "") -> BoolArray:
        """Which quantities a structure leaves free, shape (n_quantities,).

        >>> bool(PriorTable.named("community").free("both").all())
        True
        """
        zero = self.structure(structure).zero
        return np.array([quantity not in zero for quantity in self.quantities])

    def table(self) -> pd.DataFrame:
        """The priors, one row each, with the range that holds 90 % of each.

        >>> PriorTable.named("community").table()["quantity"].is_unique
        True
        """
        tail = ndtri(np.array([0.05, 0.5, 0.95]))
        rows = []
        for prior in self.priors:
            low, middle, high = prior.value(tail).tolist()
            rows.append(
                {"quantity": prior.quantity, "kind": prior.kind, "of": prior.label,
                 "distribution": prior.distribution, "least": prior.low, "5 %": low,
                 "median": middle, "95 %": high, "most": prior.high,
                 "source": prior.source, "note": prior.note}
            )  # fmt: skip
        return pd.DataFrame(rows)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it is, for print and notebooks; ``table()`` has every prior."""
        return f"Priors {self.name!r}", [
            ("", self.meaning.rstrip(".") or "no meaning given"),
            ("quantities", f"{len(self.priors)}: {listed(self.quantities, 3)}"),
            ("structures", listed([structure.name for structure in self.structures])),
            ("findings", listed([row.finding for row in self.rows], 8) or "none"),
        ]

    # ------------------------------------------------------------------ drawing
    def design(self, n: int, *, seed: int, structure: str = "") -> FloatArray:
        """Latents spread evenly over the prior (scrambled Sobol' points), shape (n, n_quantities).

        Latents of quantities that the structure fixes are 0: nothing depends on them.

        >>> PriorTable.named("community").design(8, seed=1).shape[0]
        8
        """
        from scipy.stats import qmc  # a second to import, and members read from a file need none

        whole_number(n, "n")
        require_seed(seed)
        free = self.free(structure)
        purpose = f"ensemble design, {self.structure(structure).name}"
        # a sampler spawns its generator, which one of a keyed stream cannot
        generator = np.random.default_rng(stream(seed, 0, purpose).integers(2**63))
        sampler = qmc.Sobol(int(free.sum()), scramble=True, seed=generator)
        # whole powers of two, of which the first n are taken: SciPy warns of others
        points = sampler.random_base2(max(int(np.ceil(np.log2(n))), 0))[:n]
        latents = np.zeros((n, len(self.priors)))
        # a point at 0 has no quantile
        latents[:, free] = ndtri(np.clip(points, 2.0**-30, 1 - 2.0**-30))
        return latents

    def values(self, latents: FloatArray, structure: str = "") -> FloatArray:
        """The quantities at latents, shape of `latents` (..., n_quantities); 0 where fixed.

        >>> table = PriorTable.named("community")
        >>> fixed = table.values(table.design(2, seed=1), "no loop into mood")
        >>> float(fixed[:, table.quantities.index("reward -> mood")].max())
        0.0
        """
        points = self._points(latents, "latents")
        columns = [prior.value(points[..., k]) for k, prior in enumerate(self.priors)]
        return np.where(self.free(structure), np.stack(columns, axis=-1), 0.0)

    def latents(self, values: FloatArray, structure: str = "") -> FloatArray:
        """The latents of quantities, shape of `values`; 0 where fixed: the inverse of
        :meth:`values`.

        >>> table = PriorTable.named("community")
        >>> z = table.design(2, seed=1)
        >>> bool(np.allclose(table.latents(table.values(z)), z))
        True
        """
        points = self._points(values, "values")
        free = self.free(structure)
        columns = [
            prior.latent(points[..., k]) if free[k] else np.zeros(points.shape[:-1])
            for k, prior in enumerate(self.priors)
        ]
        return np.stack(columns, axis=-1)

    def candidate(self, latents: FloatArray, structure: str = "", *, label: str = "") -> Population:
        """The population at latents, shape (n_quantities,).

        >>> PriorTable.named("community").candidate(np.zeros(1))
        Traceback (most recent call last):
        oxysim.errors.InputError: latents: expected an array of finite numbers of shape ...
        """
        point = array(latents, "latents", (len(self.priors),))
        return self.population(self.values(point, structure), structure, label=label)

    def population(self, values: FloatArray, structure: str = "", *, label: str = "") -> Population:
        """The population with these quantities, shape (n_quantities,).

        >>> table = PriorTable.named("community")
        >>> alike = table.population(table.values(np.zeros(len(table.priors)), "trait only"))
        >>> alike.values["caregiver.depression.reward_gain"]
        0.0
        """
        numbers = array(values, "values", (len(self.priors),))
        text(label, "label")
        free = self.free(structure)
        drawn: dict[str, dict[Any, float]] = {
            kind: {} for kind in ("centre", "spread", "value", "noise")
        }
        wanted = {
            (pair.first, pair.second): pair.r
            for pair in self.base.correlations
            if {pair.first, pair.second} not in [set(names) for names in self.implied]
        }
        for prior, value, is_free in zip(self.priors, numbers.tolist(), free, strict=True):
            if prior.kind == "correlation":
                wanted = {
                    k: r for k, r in wanted.items() if set(k) != {prior.parameter, prior.second}
                }
                wanted[prior.parameter, prior.second] = value
            elif prior.kind == "centre" and not is_free:
                drawn["value"][prior.parameter] = 0.0  # in every dyad
            else:
                drawn[prior.kind][prior.parameter] = value
        return _changed(self.base, drawn, wanted, label or self.name)

    def _points(self, value: Any, label: str) -> FloatArray:
        """Numbers of which the last dimension has one a quantity."""
        points = array(value, label)
        size = len(self.priors)
        if not points.ndim or points.shape[-1] != size:
            raise refused(value, label, f"an array with {size} numbers a candidate, one a quantity")
        return points


# --------------------------------------------------------------------- internals
def _changed(
    base: Population,
    drawn: Mapping[str, Mapping[str, float]],
    wanted: Mapping[tuple[str, str], float],
    label: str,
) -> Population:
    """The base with drawn centres, spreads, values, times and correlations, made in one step."""
    shared = dict(drawn["value"])
    traits = []
    for trait in base.traits:
        spread = drawn["spread"].get(trait.name)
        if trait.name in shared:
            continue
        moved = _moved(trait, drawn["centre"].get(trait.name), spread)
        if spread == 0.0:
            # no difference between dyads: the trait is a value that all share
            shared[trait.name] = float(moved.centre or 0.0)
        else:
            traits.append(moved)
    varying = {trait.name for trait in traits}
    pairs = completed_correlations({k: r for k, r in wanted.items() if set(k) <= varying})
    correlations = tuple(
        Correlation(
            first, second, round(r, DIGITS), "assumption", "drawn, or implied by drawn ones"
        )
        for (first, second), r in pairs.items()
        if abs(r) >= ROUNDED_AWAY
    )
    attributes = tuple(
        replace(a, shifts=tuple(s for s in a.shifts if s[0] in varying)) for a in base.attributes
    )
    # made anew, and not by replace(): a member's origin is its ensemble
    return Population(
        label, tuple(traits), correlations, {**base.values, **shared}, attributes, base.meaning,
        daily_life={**base.daily_life, **drawn["noise"]},
    )  # fmt: skip


def _moved(trait: Trait, centre: float | None, spread: float | None) -> Trait:
    """A trait with another centre and spread, inside what it can have."""
    changes: dict[str, Any] = {}
    if centre is not None:
        low, high = trait.ends
        off = INSIDE * (high - low) if np.isfinite(high - low) else INSIDE
        changes["centre"] = float(np.clip(centre, low + off, high - off))
    if spread:
        middle = float(changes.get("centre", trait.centre) or 0.0)
        if trait.distribution == "beta":
            spread = min(spread, LARGEST_BETA * float(np.sqrt(middle * (1 - middle))))
        changes["spread"] = spread
    return replace(trait, **changes, status="calibrated") if changes else trait


def _pair(value: Any, label: str) -> tuple[str, str]:
    names = sequence(value, label, name, of="two names of traits", least=2, most=2)
    return names[0], names[1]


def _of_kind(kind: type[Any]) -> Any:
    return lambda value, label: instance(value, label, kind, f"a {kind.__name__}")


def _require_different(names: Sequence[str], kind: str) -> None:
    if twice := sorted({entry for entry in names if names.count(entry) > 1}):
        raise InputError(f"table of priors: {kind} {twice[0]!r} stands twice")

"""An ensemble of populations: members that all agree with published findings as far as these are
known.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from oxysim.arrays import BoolArray, FloatArray
from oxysim.checks import (
    array,
    choice,
    file_path,
    instance,
    name,
    sequence,
    whole_number,
    writable_file,
)
from oxysim.ensembles.conditioning import member_counts
from oxysim.ensembles.ensemble_file import read_ensemble, write_ensemble
from oxysim.ensembles.information import (
    QUANTILES,
    degrees_of_freedom,
    informs_table,
    medoid,
    shares_table,
    shrinkage_table,
    tensions_table,
    warn_of_few,
    weights_without,
)
from oxysim.ensembles.members.drawn_dyads import DrawnDyads
from oxysim.ensembles.observed_rows import Errors, figure_array
from oxysim.ensembles.predictions import Prediction, effective_size, predicted, weighted_quantiles
from oxysim.ensembles.prior_table import PriorTable
from oxysim.errors import InputError
from oxysim.population import Population
from oxysim.texts import Described, listed


@dataclass(frozen=True, eq=False)
class Ensemble(DrawnDyads, Described):
    """Populations that stand for what is not known of one.

    Parameters
    ----------
    name, meaning : what it stands for.
    priors : the table that the members were drawn from.
    structures : of each member, its structure's name.
    values : of each member, its quantities, shape (n, n_quantities).
    weights : of the members, shape (n,), above 0; they are made to sum to 1.
    figures : of each member, what it gives for each finding, shape (n, n_rows); NaN where it was
        not run.
    errors : the errors of the findings' likelihood.
    sensitivity : slopes of the figures along the latents, in units of their errors, shape (n_rows,
        n_quantities).
    record : how it was made: methods, seeds, versions.

    Raises
    ------
    InputError : arrays of other shapes, a structure that does not exist, weights that are none.

    >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    >>> [population.name for population in ensemble][0]
    'community, before any finding, member 1'
    """

    name: str
    priors: PriorTable
    structures: tuple[str, ...]
    values: FloatArray
    weights: FloatArray
    figures: FloatArray
    errors: Errors
    sensitivity: FloatArray
    meaning: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name(self.name, "name of the ensemble")
        instance(self.priors, "priors", PriorTable, "a PriorTable")
        instance(self.errors, "errors", Errors, "Errors")
        instance(self.meaning, "meaning", str, "a text")
        instance(self.record, "record", Mapping, "a mapping")
        size, rows = len(self.priors.priors), len(self.priors.rows)
        values = array(self.values, "values", (None, size))
        names = sequence(self.structures, "structures", name, of="names of structures")
        for structure in names:
            choice(structure, "structure of a member", [s.name for s in self.priors.structures])
        weights = array(self.weights, "weights", (len(values),), low=np.finfo(float).tiny)
        # a table without findings has no figures
        figures = figure_array(self.figures, "figures") if rows else np.zeros((len(values), 0))
        slopes = array(self.sensitivity, "sensitivity") if rows else np.zeros((0, size))
        if len(names) != len(values) or figures.shape != (len(values), rows):
            raise InputError(
                f"ensemble {self.name!r}: expected a structure and {rows} figures of each of"
                f" {len(values)} members; found {len(names)} and {figures.shape}"
            )
        if slopes.shape != (rows, size):
            raise InputError(f"sensitivity: expected shape ({rows}, {size}); found {slopes.shape}")
        object.__setattr__(self, "structures", names)
        checked = {"values": values, "figures": figures, "sensitivity": slopes}
        checked["weights"] = weights / weights.sum()
        for field_name, entries in checked.items():
            # a frozen class is written to by this way only
            object.__setattr__(self, field_name, entries)

    # ------------------------------------------------------------------ where it comes from
    @classmethod
    def named(cls, name: str = "community") -> Ensemble:
        """An ensemble that the package brings along (see ``data/ensembles``).

        Raises
        ------
        UnknownNameError : there is none of that name.

        >>> Ensemble.named("nobody")
        Traceback (most recent call last):
        oxysim.errors.UnknownNameError: unknown ensemble 'nobody' ...
        """
        return cls(**read_ensemble(name))

    @classmethod
    def from_file(cls, path: str | Path) -> Ensemble:
        """An ensemble from the TOML file that :meth:`to_file` writes, and the CSV file beside it.

        Raises
        ------
        InputError : a file that is missing, was changed since it was written, or is no ensemble.

        >>> import tempfile
        >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ensemble.to_file(Path(folder) / "mine.toml")
        ...     mine = Ensemble.from_file(Path(folder) / "mine.toml")
        >>> mine[1].trait("caregiver.depression.set_point").name
        'caregiver.depression.set_point'
        """
        return cls(**read_ensemble(file_path(path, "path")))

    @classmethod
    def from_priors(cls, priors: PriorTable, n: int = 100, *, seed: int) -> Ensemble:
        """Draws of the priors, before any finding is looked at: the naive forecast that a
        conditioned ensemble is held against.

        >>> len(Ensemble.from_priors(PriorTable.named("community"), 8, seed=1))
        8
        """
        instance(priors, "priors", PriorTable, "a PriorTable")
        whole_number(n, "n", len(priors.structures))
        total = sum(structure.weight for structure in priors.structures)
        shares = {structure.name: structure.weight / total for structure in priors.structures}
        counts = member_counts(shares, n, least=1)
        values = [
            priors.values(priors.design(count, seed=seed, structure=structure), structure)
            for structure, count in counts.items()
        ]
        drawn = [structure for structure, count in counts.items() for _ in range(count)]
        rows = len(priors.rows)
        return cls(
            f"{priors.name}, before any finding", priors, tuple(drawn), np.concatenate(values),
            np.array([shares[structure] / counts[structure] for structure in drawn]),
            np.full((n, rows), np.nan), Errors.of(priors.rows),
            np.zeros((rows, len(priors.priors))), priors.meaning, {"seed": seed},
        )  # fmt: skip

    def to_file(self, path: str | Path) -> None:
        """Write it as a TOML document and a CSV table of the same name, as the example of
        :meth:`from_file` does.
        """
        write_ensemble(self, writable_file(path, "path"))

    # ------------------------------------------------------------------ members
    def __len__(self) -> int:
        return len(self.structures)

    def __iter__(self) -> Iterator[Population]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Population:
        place = self._place(number)
        if place not in self._built:
            self._built[place] = self.priors.population(
                self.values[place], self.structures[place], label=f"{self.name}, member {place + 1}"
            )
        return self._built[place]

    def most_central(self) -> Population:
        """The member from which the others are least far, in standard deviations of their
        quantities: the one to take where a single population has to do.

        It is a member of the likeliest structure.

        >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> ensemble.most_central() is ensemble[ensemble.most_central_number]
        True
        """
        return self[self.most_central_number]

    @functools.cached_property
    def most_central_number(self) -> int:
        """The number of :meth:`most_central`, from 0."""
        shares = self.shares().set_index("structure")["share"]
        inside = np.flatnonzero([s == shares.idxmax() for s in self.structures])
        return int(inside[medoid(self.latents[inside], self.weights[inside])])

    @functools.cached_property
    def latents(self) -> FloatArray:
        """The members' latents, shape (n, n_quantities): standard normal before any finding."""
        rows = [
            self.priors.latents(np.clip(values, *self._ends), structure)
            for values, structure in zip(self.values, self.structures, strict=True)
        ]
        return np.array(rows)

    # ------------------------------------------------------------------ asking
    def predict(
        self,
        asked: Callable[..., Any],
        *,
        seeds: Sequence[int] = (),
        progress: bool | None = None,
    ) -> Prediction:
        """Ask every member: the median, the 90 % interval, and the Monte Carlo error apart.

        Parameters
        ----------
        asked : a function of a population that returns a number, or a number and its standard
            error. With `seeds` it is called with ``seed=`` as well, once a seed.
        seeds : of several draws a member, from whose spread the Monte Carlo error is told.
        progress : whether it is shown; by default where somebody looks.

        Raises
        ------
        InputError : an answer that is no number.

        >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 16, seed=1)
        >>> def level(population):
        ...     return population.trait("caregiver.depression.set_point").centre
        >>> 2.5 < ensemble.predict(level).median < 4.5
        True
        """
        return predicted(list(self), self.weights, asked, seeds, progress)

    def table(self) -> pd.DataFrame:
        """The quantities, one row each: prior and ensemble as median and 90 % interval, and the
        share of the prior's spread that is left.

        >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 8, seed=1)
        >>> list(ensemble.table().columns[-4:])
        ['5 %', 'median', '95 %', 'left']
        """
        before = self.priors.table().set_index("quantity")[["kind", "of", "5 %", "median", "95 %"]]
        before.columns = ["kind", "of", "prior 5 %", "prior median", "prior 95 %"]
        after = [weighted_quantiles(v, self.weights, QUANTILES) for v in self.values.T]
        now = pd.DataFrame(after, index=before.index, columns=["5 %", "median", "95 %"])
        left = self.shrinkage().set_index("quantity")["left"]
        return before.join(now).join(left).reset_index()

    def shrinkage(self) -> pd.DataFrame:
        """How far findings moved each quantity ("moved", in standard deviations of its prior) and
        how much of its spread they left ("left"), the best-known first.

        >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 256, seed=1)
        >>> bool(ensemble.shrinkage()["left"].min() > 0.9)  # nothing was looked at
        True
        """
        return shrinkage_table(self.priors.quantities, self.latents, self.weights, self._free)

    def informs(self, quantity: str | None = None) -> pd.DataFrame:
        """Which finding tells what: for each finding and quantity the share of the prior variance
        that it takes away alone, and how many times wider the quantity would be known without it.

        Linear with normal errors near the posterior; no re-weighting. An unknown quantity raises
        ``UnknownNameError``.

        >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> float(ensemble.informs("reward -> mood")["alone"].max())
        0.0
        """
        quantities = self.priors.quantities
        findings = [row.finding for row in self.priors.rows]
        table = informs_table(findings, quantities, self.sensitivity)
        if quantity is None:
            return table
        asked = choice(quantity, "quantity", quantities)
        return table[table["quantity"] == asked].reset_index(drop=True)

    def tensions(self) -> pd.DataFrame:
        """How each finding is met: median and 90 % interval of the members, by how many half widths
        the median misses the middle, the share of members inside, and whether it is in tension.
        Members that were never run, such as draws of the priors, raise ``InputError``.
        """
        return tensions_table(self.priors.rows, self.figures, self.weights)

    def shares(self) -> pd.DataFrame:
        """The structures, one row each: prior share, share, number of members.

        >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 8, seed=1)
        >>> ensemble.shares()["members"].tolist()
        [2, 2, 2, 2]
        """
        return shares_table(self.priors.structures, self.structures, self.weights)

    def without(self, *findings: str) -> Ensemble:
        """The ensemble were some findings not known: the same members, each weighted by the inverse
        of the findings' likelihood.

        Warns where fewer than half of the members' worth is left; how many equal members they stand
        for is :attr:`effective_members`.

        Raises
        ------
        UnknownNameError : no such finding. InputError : none named, or fewer than 20 members' worth
        left: then the ensemble has to be built again without the finding.
        """
        if not findings:
            raise InputError("findings: expected the id of one at least; found none")
        rows = self.priors.rows
        for finding in findings:
            choice(finding, "finding of the ensemble", [row.finding for row in rows])
        weights = weights_without(rows, findings, self.figures, self.errors.total, self.weights)
        warn_of_few(findings, self.weights, weights)
        dropped = sorted({*self.record.get("without", []), *findings})
        # a finding that is not known tells nothing
        slopes = np.where([[row.finding in dropped] for row in rows], 0.0, self.sensitivity)
        return replace(
            self, name=f"{self.name}, without {listed(dropped)}", weights=weights,
            sensitivity=slopes, record={**self.record, "without": dropped},
        )  # fmt: skip

    @property
    def effective_members(self) -> float:
        """How many equal members tell as much as these with their weights.

        >>> Ensemble.from_priors(PriorTable.named("community"), 8, seed=1).effective_members
        8.0
        """
        return round(effective_size(self.weights), 6)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it is, for print and notebooks; ``table()`` has every quantity."""
        shares = self.shares()
        lines = [
            f"{s} {100 * w:.0f} %"
            for s, w in zip(shares["structure"], shares["share"], strict=True)
        ]
        rows = [row.finding for row in self.priors.rows]
        met = "not asked" if np.isnan(self.figures).all() else listed(rows, 8)
        return f"Ensemble {self.name!r}", [
            ("", self.meaning.rstrip(".") or "no meaning given"),
            ("members", f"{len(self)} populations (worth {self.effective_members:.1f} equal ones)"),
            ("structures", ", ".join(lines)),
            ("quantities", f"{len(self.priors.priors)}: {listed(self.priors.quantities, 2)}"),
            ("findings", met),
            ("numbers that they tell", f"{degrees_of_freedom(self.sensitivity):.1f}"),
        ]

    # ---------------------------------------------------------------- internals
    @functools.cached_property
    def _built(self) -> dict[int, Population]:
        """Members that were asked for, by number: each is made once."""
        return {}

    @functools.cached_property
    def _free(self) -> BoolArray:
        return np.array([self.priors.free(structure) for structure in self.structures])

    @functools.cached_property
    def _ends(self) -> tuple[FloatArray, FloatArray]:
        """The ranges of the priors, with 0 inside for what a structure fixes."""
        low = np.array([min(prior.low, 0.0) for prior in self.priors.priors])
        high = np.array([max(prior.high, 0.0) for prior in self.priors.priors])
        return low, high

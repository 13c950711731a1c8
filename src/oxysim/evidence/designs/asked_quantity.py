"""What is asked about, of every member of an ensemble: a number, or a class."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import choice, name, refused, texts
from oxysim.ensembles import Ensemble
from oxysim.errors import ImplausibleValueWarning, InputError, OxysimError, unknown_name
from oxysim.evidence.designs.answer_store import AnswerStore
from oxysim.evidence.designs.expected_information import entropy, information_shares
from oxysim.evidence.designs.expected_narrowing import remaining_spread, variance_shares
from oxysim.evidence.designs.figure_spread import FigureSpread
from oxysim.progress import Bar
from oxysim.simulation.equations.model_digest import defaults_digest
from oxysim.texts import Described

STRUCTURE = "structure"
HALF_VARIANCE = 0.75  # of the variance taken away leaves half of the standard deviation
HALF_ENTROPY = 0.5
KNOWN = 1 - 1e-12  # a share of variance at which bits are still a number
EXPECTED = (
    "the name of a quantity, 'structure', a mapping of words to structures, or a function of a"
    " population"
)


@dataclass(frozen=True, eq=False)
class AskedQuantity(Described):
    """A number or a class of every member, and what it means that a study tells of it.

    Attributes
    ----------
    words : what was asked about.
    numbers : of each member, shape (members,), NaN where a function gave none; of classes their
        places in `labels`.
    labels : the classes' words; none of a number.
    failed : number of a member, from 1 -> why it has no number.

    >>> AskedQuantity("loop gain", np.array([0.1, 0.4]), (), {}).is_number
    True
    """

    words: str
    numbers: FloatArray
    labels: tuple[str, ...]
    failed: Mapping[int, str]

    @property
    def is_number(self) -> bool:
        """Whether it is a number; else a class."""
        return not self.labels

    @property
    def half(self) -> float:
        """The share taken away at which half of the doubt is left."""
        return HALF_VARIANCE if self.is_number else HALF_ENTROPY

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How far it is known now, equal members for all."""
        finite = self.numbers[np.isfinite(self.numbers)]
        if self.is_number:
            return f"Asked about {self.words!r}", [
                ("mean", f"{finite.mean():.3g}"),
                ("SD", f"{finite.std():.3g}"),
            ]
        counts = np.bincount(finite.astype(np.int64), minlength=len(self.labels))
        return f"Asked about {self.words!r}", list(zip(self.labels, counts.tolist(), strict=True))

    def taken(self, spread: FigureSpread, usable: BoolArray, sizes: FloatArray) -> FloatArray:
        """The share of its variance, or of its entropy, that studies of some sizes are expected to
        take away.

        Parameters
        ----------
        spread : of the usable members.
        usable : which members of the ensemble these are.
        sizes : participants.
        """
        values = self.numbers[usable]
        if self.is_number:
            return variance_shares(spread, values, sizes)
        classes: IntArray = values.astype(np.int64)
        return information_shares(spread, classes, sizes)

    def narrowing(self, taken: FloatArray) -> FloatArray:
        """The share of its standard deviation that goes, of a class the share of its entropy."""
        return 1 - remaining_spread(taken) if self.is_number else np.clip(taken, 0.0, 1.0)

    def bits(self, taken: FloatArray, weights: FloatArray, usable: BoolArray) -> FloatArray:
        """The same in bits, in which numbers and classes can be compared."""
        if self.is_number:
            return np.asarray(-0.5 * np.log2(1 - np.clip(taken, 0.0, KNOWN)))
        classes = self.numbers[usable].astype(np.int64)
        shares: FloatArray = np.bincount(classes, weights=weights / weights.sum()).astype(float)
        whole = entropy(shares)
        return np.asarray(np.clip(taken, 0.0, 1.0) * whole)

    def error_of_narrowing(self, taken: FloatArray, error: FloatArray) -> FloatArray:
        """The standard error of the narrowing, from that of the share taken away."""
        if not self.is_number:
            return error
        # the slope of 1 - sqrt(1 - share)
        return np.asarray(error / (2 * np.maximum(remaining_spread(taken), 1e-6)))


def asked_quantity(about: Any, ensemble: Ensemble, answers: AnswerStore, bar: Bar) -> AskedQuantity:
    """What is asked about, of every member.

    Parameters
    ----------
    about : the name of a quantity of the ensemble's priors; "structure"; a mapping of words to the
        structures that they stand for; a function of a population that returns a number.
    answers : where those of a function are kept.
    bar : moves with every member of which a function is asked.

    Raises
    ------
    UnknownNameError : no such quantity or structure. InputError : anything else; what is the same
    in all members; a function that fails in every one.

    >>> from oxysim.ensembles import PriorTable
    >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 8, seed=1)
    >>> doubt = {"loop": ["both", "edge only"], "none": ["no loop into mood", "trait only"]}
    >>> asked_quantity(doubt, ensemble, AnswerStore(None), Bar("member"))
    Asked about 'loop or none': loop 4; none 4.
    """
    if isinstance(about, str):
        asked = _named(about, ensemble)
    elif isinstance(about, Mapping):
        asked = _grouped(about, ensemble)
    elif callable(about):
        asked = _function(about, ensemble, answers, bar)
    else:
        raise refused(about, "about", EXPECTED)
    finite = asked.numbers[np.isfinite(asked.numbers)]
    if not len(finite) or np.ptp(finite) == 0:
        raise InputError(
            what="about",
            expected="something that the members differ in",
            found=f"{asked.words!r}, the same in all of them",
            key=("about",),
        )
    return asked


# --------------------------------------------------------------------- internals
def _named(about: str, ensemble: Ensemble) -> AskedQuantity:
    if about == STRUCTURE:
        single = {structure.name: [structure.name] for structure in ensemble.priors.structures}
        return _grouped(single, ensemble, STRUCTURE)
    names = (*ensemble.priors.quantities, STRUCTURE)
    if about not in names:
        raise unknown_name("quantity", about, names, key=("about",))
    return AskedQuantity(about, ensemble.values[:, names.index(about)], (), {})


def _grouped(groups: Mapping[Any, Any], ensemble: Ensemble, words: str = "") -> AskedQuantity:
    """Classes of structures; members of structures in none of them are left out."""
    names = [structure.name for structure in ensemble.priors.structures]
    position_of: dict[str, int] = {}
    labels = tuple(name(label, "about, word") for label in groups)
    for number, (label, structures) in enumerate(groups.items()):
        for entry in texts(structures, f"about, {label!r}", of="names of structures", least=1):
            choice(entry, f"structure of {label!r}", names)
            if entry in position_of:
                raise refused(
                    entry, f"about, {label!r}", "structures that no other word stands for"
                )
            position_of[entry] = number
    numbers = np.array([position_of.get(structure, np.nan) for structure in ensemble.structures])
    return AskedQuantity(words or " or ".join(labels), numbers, labels, {})


def _function(about: Any, ensemble: Ensemble, answers: AnswerStore, bar: Bar) -> AskedQuantity:
    try:
        inspect.signature(about).bind(None)
    except (TypeError, ValueError):  # other arguments, or a built-in that does not say its own
        raise refused(about, "about", EXPECTED) from None
    words = getattr(about, "__name__", "") or repr(about)
    numbers, failed = np.full(len(ensemble), np.nan), {}
    for position, population in enumerate(ensemble):
        identity = repr(("about", words, population.fingerprint, defaults_digest()))
        entry = answers.find(identity)
        if entry is None:
            entry = _answered(about, population)
            answers.add(identity, entry)
        if "refused" in entry:
            failed[position + 1] = str(entry["refused"])
        else:
            numbers[position] = entry["number"]
        bar.advance()
    if len(failed) == len(ensemble):
        raise InputError(f"about: it failed in every member, in the first with: {failed[1]}")
    return AskedQuantity(words.replace("_", " "), numbers, (), failed)


def _answered(about: Any, population: Any) -> dict[str, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ImplausibleValueWarning)
            answer = about(population)
    except OxysimError as error:
        return {"refused": str(error)}
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.integer | np.floating):
        raise refused(answer, "about, answer", "a number")
    # a loop gain where the opened loop itself runs away is none
    return {"number": float(answer)} if np.isfinite(answer) else {"refused": "no finite number"}

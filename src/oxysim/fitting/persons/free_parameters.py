"""What a fit leaves open: named values, each with its prior, on a scale on which the prior is a
standard normal.

On that scale (latents) every parameter has the same size: 0 is the middle of its plausible range,
-1.96 and 1.96 are the ends that hold 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, logit

from oxysim.arrays import FloatArray
from oxysim.checks import instance, name, refused, texts
from oxysim.ensembles import Prior
from oxysim.errors import InputError, unknown_name
from oxysim.families import Family
from oxysim.fitting.sample_predictions import START
from oxysim.model import registry
from oxysim.model.rows import ParameterRow
from oxysim.model.slow_states import slow_rows
from oxysim.population import Population, Trait
from oxysim.population.traits import TAIL
from oxysim.texts import Described
from oxysim.units import plain_unit, with_unit

WIDEST = 6.0  # latents beyond are as far as a double tells a share from 0 or 1
# Onto the scale on which a distribution is normal, and back from it.
_SCALES: dict[str, tuple[Any, Any]] = {
    "normal": (np.asarray, np.asarray),
    "lognormal": (np.log, np.exp),
    "logit-normal": (logit, expit),
}


@dataclass(frozen=True, eq=False, repr=False)
class FreeParameter(Described):
    """One value that a fit seeks.

    Attributes
    ----------
    name : as :func:`~oxysim.fitting.dyads_with` takes it: a parameter, "start." and a slow state,
        or an edge.
    prior : what is believed of it beforehand; also the scale on which it is sought.
    targets : the full names of what it sets; "caregiver." stands for several in a family.
    unit : of its values.

    >>> import oxysim as ox
    >>> (half_life,) = free_parameters(["mother.oxytocin.plasma_half_life"], ox.Dyad())
    >>> half_life.value(np.array([-1.96, 0.0, 1.96])).round(2)
    array([3.  , 4.06, 5.5 ])
    """

    name: str
    prior: Prior
    targets: tuple[str, ...]
    unit: str

    def value(self, latent: FloatArray) -> FloatArray:
        """The values at some latents, in the unit.

        >>> import oxysim as ox
        >>> (edge,) = free_parameters(["reward -> depression"], ox.Dyad())
        >>> edge.value(np.array([0.0]))
        array([1.])
        """
        return self.prior.value(np.clip(latent, -WIDEST, WIDEST))

    def latent(self, value: FloatArray) -> FloatArray:
        """The latents of some values: the inverse of :meth:`value`.

        >>> import oxysim as ox
        >>> (gain,) = free_parameters(["mother.depression.loop_gain"], ox.Dyad())
        >>> gain.latent(gain.value(np.array([0.7]))).round(6)
        array([0.7])
        """
        return self.prior.latent(np.asarray(value, dtype=float))

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        low, high = self.value(np.array([-TAIL, TAIL])).tolist()
        return f"Free parameter {self.name!r}", [
            (
                "95 % of its prior in",
                with_unit(f"{low:.4g} to {high:.4g}", self.unit),
            ),
            ("prior", self.prior.distribution),
        ]


def free_parameters(names: Any, who: Family, priors: Any = "rows") -> tuple[FreeParameter, ...]:
    """Free parameters by name, each with its prior.

    Parameters
    ----------
    names : one name or several, as :func:`~oxysim.fitting.dyads_with` takes them.
    who : whose they are, for the names of the caregivers.
    priors : "rows" for the plausible ranges of the parameters' rows; a :class:`Population`, whose
        traits are the priors of what they spread; or a mapping of names to a
        :class:`~oxysim.ensembles.Prior` or a pair (low, high) that holds 95 % of it. What is not
        named has the range of its row.

    Raises
    ------
    UnknownNameError : no such parameter, slow state or edge. InputError : a name twice, or two
        names of one value; a prior that is none.

    >>> import oxysim as ox
    >>> pair = {"mother.depression.loop_gain": (0.5, 2.0)}
    >>> (gain,) = free_parameters(["mother.depression.loop_gain"], ox.Dyad(), pair)
    >>> gain.value(np.array([0.0]))
    array([1.])
    """
    labels = texts(names, "parameters", of="names of parameters", least=1)
    own_priors = _checked_priors(priors, labels)
    free = tuple(_free_parameter(name(label, "parameters"), who, own_priors) for label in labels)
    owner: dict[str, str] = {}
    for parameter in free:
        for target in parameter.targets:
            # "caregiver.x" and "mother.x" are one value: the later would win unseen
            if target in owner:
                raise InputError(
                    what="parameters",
                    expected="each value once",
                    found=f"{owner[target]!r} and {parameter.name!r}, which both set {target!r}",
                    key=("parameters",),
                )
            owner[target] = parameter.name
    return free


def _free_parameter(label: str, who: Family, priors: Mapping[str, Any]) -> FreeParameter:
    if "->" in label:
        row = registry.edge_place(label).row
        usual = Prior(row.name, "value", row.name, "uniform", 0.0, row.limit)
        return FreeParameter(
            row.name,
            _prior(label, priors, usual, (0.0, row.limit)),
            (label,),
            "1",
        )
    if label.startswith(START):
        return _free_start(label, who, priors)
    members, path, parameter = registry.parameter_row(label, who.caregivers)
    targets = tuple(f"{member}.{path}" for member in members)
    general = f"{registry.kind_of(members[0])}.{path}"
    prior = _prior(
        label,
        priors,
        _prior_of_row(parameter, label),
        parameter.legal,
        general,
    )
    return FreeParameter(label, prior, targets, plain_unit(parameter.unit))


def _free_start(label: str, who: Family, priors: Mapping[str, Any]) -> FreeParameter:
    """The starting value of a slow state: anything in its legal range, unless a prior says more."""
    prefix, _, state = label.removeprefix(START).partition(".")
    members = registry.members_named(prefix, who.caregivers, label)
    rows = slow_rows(registry.kind_of(members[0]))
    if state not in rows:
        raise unknown_name("slow state", label, [f"{START}{prefix}.{key}" for key in rows])
    row = rows[state]
    usual = Prior(label, "value", label, "uniform", row.low, row.high)
    targets = tuple(f"{START}{member}.{state}" for member in members)
    prior = _prior(label, priors, usual, (row.low, row.high))
    return FreeParameter(label, prior, targets, plain_unit(row.unit))


def _prior_of_row(row: ParameterRow, label: str) -> Prior:
    """The plausible range of a row as a distribution that has 95 % in it."""
    return _prior_between(label, row.distribution, row.low, row.high, row.legal)


def _prior_between(
    label: str,
    distribution: str,
    low: float,
    high: float,
    legal: tuple[float, float],
) -> Prior:
    if distribution == "uniform":
        return Prior(label, "value", label, "uniform", low, high)
    # a constant of nature has a range too, in which it is not known
    kind = distribution if distribution in _SCALES else "lognormal" if low > 0 else "normal"
    onto, _ = _SCALES[kind]
    middle, spread = (
        (onto(low) + onto(high)) / 2,
        (onto(high) - onto(low)) / (2 * TAIL),
    )
    return _cut_off(label, kind, float(middle), float(spread), legal)


def _cut_off(
    label: str,
    kind: str,
    middle: float,
    spread: float,
    legal: tuple[float, float],
) -> Prior:
    """A prior by its middle and spread on the scale on which it is normal, cut off where a value is
    no longer legal, or as far out as a latent goes.
    """
    _, back = _SCALES[kind]
    least, most = (float(back(middle + side * WIDEST * spread)) for side in (-1, 1))
    low, high = max(least, legal[0]), min(most, legal[1])
    return Prior(label, "value", label, kind, low, high, float(back(middle)), spread)


def _prior(
    label: str, priors: Mapping[str, Any], usual: Prior, legal: tuple[float, float],
    general: str = "",
) -> Prior:  # fmt: skip
    """The prior of a name, or of the "caregiver." or "infant." name that is general to it."""
    entry = priors.get(label, priors.get(general))
    if entry is None:
        return usual
    if isinstance(entry, Prior):
        if not legal[0] <= entry.low < entry.high <= legal[1]:
            raise _wrong_prior(label, f"inside [{legal[0]:g}, {legal[1]:g}]", entry)
        return entry
    if isinstance(entry, Trait):
        return _prior_of_trait(entry, label)
    if isinstance(entry, tuple | list) and len(entry) == 2:
        low, high = entry
        if (
            all(isinstance(end, int | float) for end in entry)
            and legal[0] <= low < high <= legal[1]
        ):
            return _prior_between(label, usual.distribution, float(low), float(high), legal)
    expected = f"a Prior, or a pair (low, high) in [{legal[0]:g}, {legal[1]:g}]"
    raise _wrong_prior(label, expected, entry)


def _prior_of_trait(trait: Trait, label: str) -> Prior:
    low, high = trait.ends
    if trait.distribution == "uniform":
        return Prior(label, "value", label, "uniform", low, high)
    if trait.distribution not in _SCALES or trait.centre is None or trait.spread is None:
        raise _wrong_prior(label, "a normal, lognormal, logit-normal or uniform trait", trait)
    onto, _ = _SCALES[trait.distribution]
    middle = float(onto(trait.centre))
    return _cut_off(label, trait.distribution, middle, trait.spread, (low, high))


def _checked_priors(priors: Any, names: Sequence[str]) -> Mapping[str, Any]:
    if isinstance(priors, str):
        if priors != "rows":
            raise refused(
                priors,
                "priors",
                "'rows', a Population, or a mapping of names to priors",
            )
        return {}
    if isinstance(priors, Population):
        return {trait.name: trait for trait in priors.traits}
    instance(
        priors,
        "priors",
        Mapping,
        "'rows', a Population, or a mapping of names to priors",
    )
    for label in priors:
        # a prior of what is not sought is a slip in one of the two
        if label not in names:
            raise unknown_name("parameter", label, names, "in priors")
    return dict(priors)


def _wrong_prior(label: str, expected: str, entry: object) -> InputError:
    error = refused(entry, f"prior of {label!r}", expected)
    error.key = ("priors", label)
    return error

"""A model run at many points: a study through one sweep, or a plain function. A run that failed is
never left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.checks import require_seed
from oxysim.errors import InputError
from oxysim.loop.uncertainty.uncertain_inputs import Inputs, UncertainInput, uncertain_inputs
from oxysim.simulation.results.outcomes import Outcome, resolve, row_of
from oxysim.simulation.results.run_status import RunStatus
from oxysim.streams import stream
from oxysim.sweeps.runner import sweep
from oxysim.sweeps.study import Study
from oxysim.sweeps.sweep_design import zipped

Subject = Study | Callable[[FloatArray], Any]
SHOWN = 3  # failed runs that a message names


@dataclass(frozen=True, eq=False)
class OutcomeModel:
    """What is asked about: numbers in, one number out.

    Attributes
    ----------
    subject : a study without a design, or a function of an array of shape (k, n) that returns n
        numbers.
    inputs : the k inputs, in the order of the rows.
    outcome : of a study what is kept; None for a function.
    running : keywords for ``sweep`` (store, workers, executor ...).

    >>> inputs = uncertain_inputs({"a": (0, 1), "b": (0, 2)})
    >>> model = OutcomeModel(lambda x: x.sum(axis=0), inputs, None)
    >>> model.names, model.at_shares(np.array([[0.5], [0.5]]))
    (('a', 'b'), array([1.5]))
    """

    subject: Subject
    inputs: tuple[UncertainInput, ...]
    outcome: Outcome | None
    running: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return tuple(source.name for source in self.inputs)

    @property
    def label(self) -> str:
        """The outcome in words."""
        if self.outcome is None:
            return getattr(self.subject, "__name__", "outcome")
        n = len(self.subject.who) if isinstance(self.subject, Study) else 1
        return self.outcome.text if n == 1 else f"{self.outcome.text} (mean over {n} dyads)"

    @property
    def unit(self) -> str:
        """The outcome's unit, empty for a function."""
        if self.outcome is None or not isinstance(self.subject, Study):
            return ""
        return self.outcome.unit(row_of(self.outcome, self.subject.who.caregivers))

    def at_shares(self, shares: FloatArray) -> FloatArray:
        """The outcomes at shares in [0, 1] of what is possible for each input; (k, n) -> (n,)."""
        return self.at(
            np.array([source.at(row) for source, row in zip(self.inputs, shares, strict=True)])
        )

    def at(self, x: FloatArray) -> FloatArray:
        """The outcomes at values of the inputs, in one batch; (k, n) -> (n,).

        Raises
        ------
        InputError : runs that failed, were not made or gave no finite number: how many, the first
        with their inputs.
        """
        if isinstance(self.subject, Study):
            return self._swept(self.subject, x)
        # a copy, so that a function that writes into its argument harms nothing
        raw = self.subject(x.copy())
        outcomes = (
            np.asarray(raw, dtype=float) if np.asarray(raw).dtype.kind in "iuf" else np.empty(())
        )
        if outcomes.shape != (x.shape[1],):
            raise InputError(
                f"function: expected {x.shape[1]} numbers for inputs of shape {x.shape}; found an"
                f" array of shape {outcomes.shape}"
            )
        self._require(np.isfinite(outcomes), x, [""] * len(outcomes))
        return outcomes

    def _swept(self, study: Study, x: FloatArray) -> FloatArray:
        outcome = self.outcome
        if outcome is None:
            raise InputError(
                "outcome: a study needs one, such as 'caregiver.epds: final'; found none"
            )
        # a point that is asked for twice is run once
        rows, row_of_point = np.unique(x, axis=1, return_inverse=True)
        design = zipped(
            [source.axis(values) for source, values in zip(self.inputs, rows, strict=True)]
        )
        outcomes = [
            *study.outcomes,
            *(
                []
                if outcome.text in {kept_outcome.text for kept_outcome in study.outcomes}
                else [outcome]
            ),
        ]
        result = sweep(replace(study, design=design, outcomes=outcomes), **self.running)
        status, reason = (_by_run(result[name]) for name in ("status", "reason"))
        values = _by_run(result[outcome.name])
        good = (status == RunStatus.OK) & np.isfinite(values)
        why = [
            "" if ok.all() else _why(s[~ok][0], r[~ok][0])
            for ok, s, r in zip(good, status, reason, strict=True)
        ]
        self._require(good.all(axis=1), rows, why)
        return np.asarray(values.mean(axis=1)[row_of_point.ravel()], dtype=float)

    def _require(self, good: BoolArray, x: FloatArray, why: Sequence[str]) -> None:
        """Raise where a point has no outcome."""
        if good.all():
            return
        bad = np.flatnonzero(~good)
        points = "; ".join(
            ", ".join(
                f"{name} = {value:.6g}" for name, value in zip(self.names, x[:, i], strict=True)
            )
            + (f" ({why[i]})" if why[i] else "")
            for i in bad[:SHOWN].tolist()
        )
        raise InputError(
            f"{self.label}: {len(bad)} of {len(good)} points have no finite outcome, and none is"
            " left out or replaced;"
            f" {'the first ' + str(SHOWN) + ' are ' if len(bad) > SHOWN else ''}at {points}. Narrow"
            " the range of what makes runs fail; what was not made is made by running again with"
            " the same store"
        )


def outcome_model(
    subject: Subject, inputs: Inputs, outcome: Any, running: Mapping[str, Any]
) -> OutcomeModel:
    """A model from what the user gave.

    Raises
    ------
    InputError, UnknownNameError : as for
        :func:`~oxysim.loop.uncertainty.uncertain_inputs.uncertain_inputs`; a study that has a
        design; an outcome that is not one number a run; an outcome or options of a sweep beside a
        function.

    >>> outcome_model(lambda x: x[0], {"a": (0, 1)}, None, {}).at(np.array([[0.25, 0.5]]))
    array([0.25, 0.5 ])
    """
    if not isinstance(subject, Study):
        if not callable(subject):
            raise checks.refused(subject, "subject", "a Study or a function")
        if outcome is not None or running:
            raise InputError(
                f"outcome and options of a sweep go with a study; found {outcome!r},"
                f" {sorted(running)}"
            )
        return OutcomeModel(subject, uncertain_inputs(inputs), None)
    # the inputs become the design
    if subject.design is not None:
        raise InputError("study: it has a design, whose place the inputs take; give it without")
    resolved = resolve(
        [outcome]
        if outcome is not None
        else [kept_outcome.text for kept_outcome in subject.outcomes],
        subject.who.caregivers,
    )
    if len(resolved) != 1 or resolved[0].every is not None:
        names = ", ".join(repr(kept_outcome.text) for kept_outcome in resolved) or "none"
        raise InputError(
            "outcome: expected one that is one number a run, such as 'mother.epds: final'; found"
            f" {names}"
        )
    return OutcomeModel(subject, uncertain_inputs(inputs, subject.who), resolved[0], running)


def generator(seed: int, purpose: str) -> np.random.Generator:
    """The stream of a method, in the form of which SciPy can make further ones.

    >>> bool(generator(1, "two samples").random() == generator(1, "two samples").random())
    True
    """
    require_seed(seed)
    # SciPy spawns further streams, which needs a seed sequence
    key = stream(seed, 0, f"sensitivity, {purpose}").integers(2**63, size=2)
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(key.tolist())))


def _by_run(values: xr.DataArray) -> npt.NDArray[Any]:
    """Shape (n_points, n_dyads)."""
    return np.asarray(values.transpose("sample", ...).values).reshape(values.sizes["sample"], -1)


def _why(status: Any, reason: Any) -> str:
    return "not made" if status == 0 else str(reason) or "no finite number"

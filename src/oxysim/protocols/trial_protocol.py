"""A published randomised trial as data, and the one runner for all of them.

A new protocol of this kind is one file: a :class:`TrialProtocol`, and a public function that turns
its arguments into the arms and calls :func:`run_trial_protocol`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oxysim.checks import instance
from oxysim.families.cut_edges import EdgeChanges
from oxysim.population.independent_sample import Age
from oxysim.protocols.design_words import design_words
from oxysim.protocols.enrolment import Recruitment, trial_pool
from oxysim.trials.plan.adherence import Adherence
from oxysim.trials.plan.allocation import Blocked
from oxysim.trials.plan.blinding import Blinded, Open
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.limits import require_replications
from oxysim.trials.plan.trial_design import Crossover, Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.trial import Trial
from oxysim.trials.trial_result import TrialResult


@dataclass(frozen=True)
class TrialProtocol:
    """What a published trial fixes, whatever the arguments of a call.

    Attributes
    ----------
    name, question : of the report.
    infant_age : at enrolment: one age at which mothers are screened, or a range over which they are
        drawn without a screening.
    pool : mothers simulated in every arm by default; replications draw from them.
    endpoints : what the trial is judged by, each with the published finding that it answers.
    visits : when they are read.
    design : entries of the design in words, as templates for
        :func:`oxysim.protocols.design_words.design_words`. Beside the values of the call they may
        name ``n``, ``sample``, and ``attended``, ``planned`` and ``cut_short`` (sessions a mother
        of the arm `attendance_of`).
    assumptions : sentences that a reader must know before using the table.
    entry : criteria of entry by default.
    block_sizes : participants of a block of the allocation: the first that divides n, or else the
        last; none for blocks of varying size.
    attendance_of : the arm whose attended sessions the design tells; none by default.

    >>> protocol = TrialProtocol(
    ...     "Massage", "Does the EPDS fall?", "2 weeks", 300, (Endpoint("epds", "6 weeks"),),
    ...     (Visit("6 weeks"),), design={}, block_sizes=(4, 2),
    ... )
    >>> protocol.allocation(10).size
    2
    """

    name: str
    question: str
    infant_age: Age
    pool: int
    endpoints: Sequence[Endpoint]
    visits: Sequence[Visit]
    design: Mapping[str, str]
    assumptions: Sequence[str] = ()
    entry: Sequence[str] = ()
    block_sizes: Sequence[int] = ()
    attendance_of: str = ""

    def allocation(self, n: int) -> Blocked:
        """How `n` participants are allocated to the arms."""
        if not self.block_sizes:
            return Blocked()
        # a block that does not divide n would leave the arms uneven
        return Blocked(next((k for k in self.block_sizes if n % k == 0), self.block_sizes[-1]))


@dataclass(frozen=True)
class TrialConduct:
    """How a trial is carried out and replicated, as the arguments of a protocol say it.

    Attributes
    ----------
    n : participants of one trial, in all arms together.
    replications : how many such trials.
    seed : key of every random stream.
    cut, scale : edges to cut, edge -> multiplier.
    adherence, dropout, blinding : None: as planned, nobody leaves, no belief in the treatment.

    >>> TrialConduct(n=120, replications=200).seed
    0
    """

    n: int
    replications: int
    seed: int = 0
    cut: Iterable[str] | str = ()
    scale: Mapping[str, Any] | None = None
    adherence: Adherence | None = None
    dropout: Dropout | None = None
    blinding: Blinded | Open | None = None


def run_trial_protocol(
    protocol: TrialProtocol,
    arms: Parallel | Crossover,
    recruitment: Recruitment,
    conduct: TrialConduct,
    **values: Any,
) -> ProtocolReport:
    """Enrol, simulate every arm, replicate the trial, and report it.

    Parameters
    ----------
    protocol : what the publication fixes.
    arms : what each arm gets, built from the arguments of the call.
    recruitment : who takes part.
    conduct : how the trial is carried out.
    values : what the protocol's design in words names ("minutes").

    Raises
    ------
    InputError : replications, adherence, drop-out or blinding that cannot be, before anybody is
        followed; a small pool; criteria that too few meet.

    >>> from oxysim.families import Dyad
    >>> from oxysim.interventions import Massage
    >>> protocol = TrialProtocol(
    ...     "Massage", "Does the EPDS fall?", "2 weeks", 300, (Endpoint("epds", "2 d"),),
    ...     (Visit("2 d"),), design={"massage": "{minutes} a day"},
    ... )
    >>> arms = Parallel({"care": None, "massage": Massage("15 min", at="10:00", repeat="daily")})
    >>> mothers = Dyad(infant_age="2 weeks").repeat(4)
    >>> study = run_trial_protocol(
    ...     protocol, arms, Recruitment(mothers), TrialConduct(4, 2), minutes="15 min"
    ... )
    >>> study.design["massage"]
    '15 min a day'
    """
    edges = EdgeChanges.of(conduct.cut, conduct.scale)
    # following mothers up to enrolment takes minutes; a slip is to be told before
    _require_conduct(conduct)
    enrolled = trial_pool(
        recruitment,
        infant_age=protocol.infant_age,
        n=conduct.n,
        seed=conduct.seed,
        default_pool=protocol.pool,
        default_entry=protocol.entry,
    )

    trial = Trial(
        enrolled.mothers,
        arms,
        protocol.endpoints,
        visits=protocol.visits,
        day=enrolled.day,
        allocation=protocol.allocation(conduct.n),
        adherence=conduct.adherence or Adherence(),
        dropout=conduct.dropout or Dropout(),
        blinding=conduct.blinding,
        selection=enrolled.selection,
        # The lives go on as they were up to enrolment, so the trial takes the seed of the draw.
        life=conduct.seed,
        scale=edges.multipliers,
    )
    result = trial.run(conduct.n, conduct.replications, conduct.seed)

    # the caller's values come last: a protocol may say one of these in its own words
    values = {"n": conduct.n, "sample": enrolled.sample, **_attendance(result, protocol), **values}
    return result.study(
        protocol.name,
        protocol.question,
        protocol.assumptions,
        design={**design_words(protocol.design, values), **edges.design},
    )


def _attendance(result: TrialResult, protocol: TrialProtocol) -> dict[str, float]:
    """Sessions of the protocol's arm: attended, planned, cut short, means over the pool."""
    # only a treatment by sessions has an attendance to tell
    if not protocol.attendance_of:
        return {}
    return {str(k): v for k, v in result.sessions().loc[protocol.attendance_of].items()}


def _require_conduct(conduct: TrialConduct) -> None:
    """Raise unless a trial can be carried out so, before anybody is followed up to enrolment."""
    require_replications(conduct.replications)
    options: tuple[tuple[str, Any, str], ...] = (
        ("adherence", Adherence, "an Adherence"),
        ("dropout", Dropout, "a Dropout"),
        ("blinding", (Blinded, Open), "Blinded(...), Open(...)"),
    )
    for argument, kind, expected in options:
        value = getattr(conduct, argument)
        # None means the plain case, which needs no check
        if value is not None:
            instance(value, argument, kind, f"{expected} or None")

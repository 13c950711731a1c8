"""A published session in a laboratory as data, and the one runner for all of them.

Families come for some hours; every arm is simulated for all of them, and replications draw who
takes part. A new protocol of this kind is one file: a :class:`SessionProtocol`, and a public
function that enrols (:meth:`SessionProtocol.enrol`), simulates its arms (:meth:`Session.simulate`),
reads its instruments and reports (:meth:`SessionProtocol.report`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.population.independent_sample import Age
from oxysim.protocols.design_words import design_words
from oxysim.protocols.enrolment import Recruitment, laboratory_sample
from oxysim.schedule import Intervention, Routine
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.trials.participant_groups import SOLVER, Groups, groups
from oxysim.trials.reporting.figure_table import figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.table_of_effects import effect_table


class Participants(NamedTuple):
    """Who comes to a session.

    Attributes
    ----------
    argument : by which a user gives families of their own ("adults").
    pool : how many are simulated by default; replications draw from them.
    caregivers, infant_age : of the families that are drawn.

    >>> Participants("adults", pool=120, caregivers=("other",)).infant_age
    '5 months'
    """

    argument: str
    pool: int
    caregivers: tuple[str, ...] = ("mother",)
    infant_age: Age = "5 months"


class Recording(NamedTuple):
    """When a session is simulated, and what is saved of it.

    Attributes
    ----------
    start : clock time at which the simulation begins.
    length : how long it lasts.
    save : time between the values that are kept.
    variables : which are kept.

    >>> Recording("09:30", "3 h", "1 min", ["caregiver.plasma_oxytocin"]).length
    '3 h'
    """

    start: str
    length: str
    save: str
    variables: Sequence[str]


@dataclass(frozen=True)
class SessionProtocol:
    """What a published session fixes, whatever the arguments of a call.

    Attributes
    ----------
    name, question : of the report.
    participants : who comes, by default.
    recording : when it is simulated and what is saved.
    design : entries of the design in words, as templates for
        :func:`oxysim.protocols.design_words.design_words`.
    assumptions : sentences that a reader must know before using the tables.

    >>> session = SessionProtocol(
    ...     "Rest", "What does plasma read?", Participants("adults", 4, ("other",)),
    ...     Recording("09:30", "5 min", "5 min", ["caregiver.plasma_oxytocin"]), design={},
    ... ).enrol(Recruitment(pool=2), edges=EdgeChanges.of(), seed=0)
    >>> len(session.families)
    2
    """

    name: str
    question: str
    participants: Participants
    recording: Recording
    design: Mapping[str, str]
    assumptions: Sequence[str] = ()

    def enrol(
        self,
        recruitment: Recruitment,
        *,
        edges: EdgeChanges,
        seed: int,
        participants: Participants | None = None,
    ) -> Session:
        """The families who come, and how their session is simulated.

        Parameters
        ----------
        recruitment : who takes part, as the user wants it.
        edges : which edges are cut or scaled, in every arm.
        seed : key of every random stream.
        participants : who comes, if not the protocol's own.

        Raises
        ------
        InputError : both families and a population or a pool; a pool that cannot be.
        """
        # a study of both parents brings two kinds of participants to one protocol
        expected = participants or self.participants
        families, sample = laboratory_sample(
            recruitment,
            argument=expected.argument,
            seed=seed,
            default_pool=expected.pool,
            caregivers=expected.caregivers,
            infant_age=expected.infant_age,
        )
        return Session(families, sample, self.recording, edges, seed)

    def report(
        self,
        *,
        edges: EdgeChanges,
        arms: Mapping[str, Result],
        readings: Mapping[str, FloatArray],
        effects: Sequence[Mapping[str, Any]] = (),
        figures: Sequence[Mapping[str, Any]] = (),
        further_design: Mapping[str, str] | None = None,
        **values: Any,
    ) -> ProtocolReport:
        """What the session found, as every protocol returns it.

        Parameters
        ----------
        edges : which edges were cut or scaled, for the design in words.
        arms : what was simulated, by arm.
        readings : by "outcome | arm", shape (replications, n).
        effects, figures : rows of the two tables.
        further_design : entries of the design that no template holds.
        values : what the templates of the design name.
        """
        # entries that depend on the call may replace those of the template; edges come last
        words = design_words(self.design, values)
        return ProtocolReport(
            name=self.name,
            question=self.question,
            design={**words, **(further_design or {}), **edges.design},
            effects=effect_table(effects),
            arms=arms,
            readings=readings,
            assumptions=self.assumptions,
            figures=figure_table(figures),
        )


@dataclass(frozen=True, eq=False)
class Session:
    """The families who came to a session, and how it is simulated.

    Attributes
    ----------
    families : who came; the pool from which replications draw.
    sample : where they come from, in words.
    recording : when the session is simulated and what is saved.
    edges : which edges are cut or scaled.
    seed : key of every random stream.

    >>> from oxysim.families import Dyad
    >>> recording = Recording("09:30", "5 min", "5 min", ["caregiver.plasma_oxytocin"])
    >>> session = Session(Dyad().repeat(3), "3 given by the user", recording, EdgeChanges.of(), 0)
    >>> session.draw(2, replications=4).position.shape
    (4, 2)
    """

    families: Family
    sample: str
    recording: Recording
    edges: EdgeChanges
    seed: int

    def draw(self, n: int, replications: int, *, arm: str = "") -> Groups:
        """Who takes part in each replication; in a parallel design the arm keys the draw.

        Raises
        ------
        InputError : fewer than two participants, no replication, a pool below `n`.
        """
        return groups(len(self.families), n, replications, self.seed, arm=arm)

    def simulate(
        self,
        *interventions: Intervention,
        recording: Recording | None = None,
        usual_day: Routine | None = None,
    ) -> Result:
        """Every family on a day that is empty but for what is done to them.

        Parameters
        ----------
        interventions : in this order.
        recording : when and what, if not the session's own.
        usual_day : what they come from; default an empty day.

        >>> from oxysim import NasalSpray
        >>> from oxysim.families import Dyad
        >>> recording = Recording("09:55", "10 min", "5 min", ["caregiver.plasma_oxytocin"])
        >>> families = Dyad().repeat(2)
        >>> session = Session(families, "2 given by the user", recording, EdgeChanges.of(), 0)
        >>> session.simulate(NasalSpray("24 IU", at="10:00"))["caregiver.plasma_oxytocin"].shape
        (2, 3)
        """
        # a laboratory visit replaces the usual day: nothing of a routine goes on in it
        schedule = Routine.empty()
        for intervention in interventions:
            schedule = schedule + intervention

        recorded = recording or self.recording
        return simulate(
            self.families,
            schedule,
            recorded.length,
            start=recorded.start,
            save=recorded.save,
            variables=list(recorded.variables),
            solver=SOLVER,
            seed=self.seed,
            usual_day=usual_day,
            # in every arm and throughout: a cut belongs to the simulated world, not to the
            # treatment
            scale=self.edges.multipliers,
        )

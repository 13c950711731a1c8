"""Doses and measured values of a study in one table, as pharmacometrics keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from oxysim import checks
from oxysim.checks import instance, sequence
from oxysim.errors import unknown_name
from oxysim.observations.event_tables.dose_events import (
    DoseEvent,
    dose_events,
    dose_intervention,
    require_zero,
)
from oxysim.observations.event_tables.event_columns import COLUMNS
from oxysim.observations.event_tables.event_format import EventFormat
from oxysim.observations.observation_form import COLUMNS as FORM
from oxysim.observations.observation_form import DEFAULTS, checked_form
from oxysim.observations.observations import Observations
from oxysim.observations.reading_report import ReadingReport
from oxysim.schedule.routine import Routine
from oxysim.schedule.schedule import Intervention, Schedule
from oxysim.texts import Described, counted, listed


@dataclass(frozen=True, eq=False, repr=False)
class EventTable(Described):
    """Who got what when, and what was measured.

    Attributes
    ----------
    doses : every dose, in the order of the file.
    observations : the measured values in the tidy form. Its minutes count from midnight of the day
        of TIME 0 where that day is known, else from TIME 0.
    format : units, codes and TIME 0, with which the table is written back.
    report : what the reader kept, changed and dropped.
    columns : the columns of the file, in their order.

    >>> import oxysim as ox
    >>> import pandas as pd
    >>> samples = pd.DataFrame({"person": ["01"], "analyte": "plasma_oxytocin", "minutes": [630.0],
    ...                         "value": [12.5], "unit": "pg/mL"})
    >>> table = EventTable.from_study(
    ...     Observations.from_table(samples), {"01": [ox.NasalSpray("24 IU", at="10:00")]},
    ...     EventFormat("h", "IU", {1: "nasal"}, {2: "plasma_oxytocin"}, "pg/mL", "day 36 10:00"))
    >>> table.doses[0].dose, table.persons
    (24.0, ('01',))
    """

    doses: tuple[DoseEvent, ...]
    observations: Observations
    format: EventFormat
    report: ReadingReport
    columns: tuple[str, ...] = ("ID", "TIME", "AMT", "CMT", "EVID", "MDV", "DV")

    def __post_init__(self) -> None:
        doses = sequence(
            self.doses,
            "doses",
            lambda dose, label: instance(dose, label, DoseEvent, "a DoseEvent"),
            of="DoseEvent",
            least=0,
        )
        object.__setattr__(self, "doses", doses)
        instance(self.observations, "observations", Observations, "Observations")
        instance(self.format, "format", EventFormat, "an EventFormat")
        instance(self.report, "report", ReadingReport, "a ReadingReport")
        columns = sequence(
            self.columns,
            "columns",
            lambda column, label: checks.choice(column, label, COLUMNS),
            of="columns of an event table",
        )
        object.__setattr__(self, "columns", columns)

    @staticmethod
    def from_study(
        observations: Observations,
        interventions: Mapping[str, Sequence[Any]],
        format: EventFormat,
    ) -> EventTable:
        """The event table of observations and of the sprays and infusions of each person.

        Every dose up to a person's last observation becomes a row.

        Parameters
        ----------
        observations : of the analytes that the format explains.
        interventions : person -> NasalSpray, Placebo or IntravenousBolus, one or several.
        format : units, codes, and TIME 0.

        Raises
        ------
        InputError, UnknownNameError : a person without observations, an intervention that is no
        dose, an analyte without a code.

        >>> import pandas as pd
        >>> samples = pd.DataFrame({"person": ["01"], "analyte": "epds", "minutes": [630.0],
        ...                         "value": [12.0], "unit": "EPDS"})
        >>> format = EventFormat("h", analytes="epds", units="EPDS", time_zero="day 1 10:00")
        >>> EventTable.from_study(Observations.from_table(samples), {}, format).doses
        ()
        """
        instance(observations, "observations", Observations, "Observations")
        instance(format, "format", EventFormat, "an EventFormat")
        instance(interventions, "interventions", Mapping, "a mapping of persons")
        analytes = tuple(format.analytes.values())
        for analyte in observations.analytes:
            if analyte not in analytes:
                raise unknown_name("analyte", analyte, analytes, "in the format", key=("format",))

        zero = require_zero(format)
        doses: list[DoseEvent] = []
        for person, doses_of in interventions.items():
            checks.choice(person, "interventions", observations.persons)
            of_person = observations.table[observations.table["person"] == person]
            last = float(of_person["minutes"].max()) - zero[1]
            listed_once = [doses_of] if isinstance(doses_of, Intervention) else list(doses_of)
            doses += dose_events(person, listed_once, format, last)
        rows = len(observations) + len(doses)
        report = ReadingReport(observations.name, "events", rows, rows)
        return EventTable(tuple(doses), observations, format, report)

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody in the table: those with doses first, in the order of the file."""
        return tuple(dict.fromkeys([*(dose.person for dose in self.doses),
                                    *self.observations.persons]))  # fmt: skip

    def interventions(self, person: str) -> tuple[Intervention, ...]:
        """The doses of a person as interventions.

        Raises
        ------
        UnknownNameError : nobody has that name. InputError : nothing says when TIME 0 is.

        >>> from oxysim.observations.event_tables.event_reader import parse_events
        >>> format = EventFormat("h", "IU", "nasal", time_zero="day 36 10:00")
        >>> table = parse_events("ID,TIME,AMT\\n01,0,24\\n", "pk.csv", format)
        >>> table.interventions("01")
        (24 IU intranasal at 10:00 on day 36 by mother,)
        """
        checks.choice(person, "person", self.persons)
        zero = require_zero(self.format)
        return tuple(
            dose_intervention(dose, zero, self.format.member)
            for dose in self.doses
            if dose.person == person
        )

    def schedule(self, person: str, routine: Routine | None = None) -> Schedule:
        """A person's days: a routine (by default an empty one) and the doses.

        >>> from oxysim.observations.event_tables.event_reader import parse_events
        >>> format = EventFormat("h", "IU", "nasal", time_zero="day 36 10:00")
        >>> table = parse_events("ID,TIME,AMT\\n01,0,24\\n", "pk.csv", format)
        >>> len(table.schedule("01", Routine.typical()).interventions)
        1
        """
        day = Routine.empty() if routine is None else instance(
            routine, "routine", Routine, "a Routine"
        )  # fmt: skip
        return Schedule(day, self.interventions(person))

    def to_pandas(self) -> pd.DataFrame:
        """Doses and values in the tidy form, one row each, in the order of the file.

        A dose has "dose, nasal" or "dose, intravenous" for its analyte, and its value in IU; what
        is repeated stands once.

        >>> from oxysim.observations.event_tables.event_reader import parse_events
        >>> format = EventFormat("h", "IU", "nasal", time_zero="day 36 10:00")
        >>> table = parse_events("ID,TIME,AMT\\n01,0,24\\n", "pk.csv", format)
        >>> table.to_pandas()[["analyte", "value", "unit"]].values.tolist()
        [['dose, nasal', 24.0, 'IU']]
        """
        rows = [
            {
                **DEFAULTS,
                "person": dose.person,
                "member": self.format.member,
                **self.format.times(dose.time),
                "analyte": f"dose, {dose.route}",
                "value": dose.dose,
                "unit": "IU",
                "censored": "",
                "line": dose.line,
            }
            for dose in self.doses
        ]
        rows += self.observations.table.to_dict("records")
        whole = pd.DataFrame(rows, columns=list(FORM))
        return checked_form(whole, self.report.file).sort_values(
            "line", kind="stable", ignore_index=True
        )

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """How many doses and values of whom, and when TIME 0 is."""
        return "Event table", [
            ("", self.report.file),
            ("of", f"{counted(len(self.persons), 'person')} ({listed(self.persons, 3)})"),
            ("with", counted(len(self.doses), "dose")),
            ("", f"{counted(len(self.observations), 'value')} of"
             f" {listed(self.observations.analytes)}"),
            ("TIME 0", self.format.time_zero or "not known"),
        ]  # fmt: skip

"""The instruments that a study or trial file brings along, a table each under ``[instruments]``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from oxysim.documents import Section
from oxysim.measures import Instrument
from oxysim.measures.instrument_files import instruments_of_section
from oxysim.population.criteria import Criterion, read_criteria


@dataclass(frozen=True)
class FileInstruments:
    """Instruments by name, and which of them the rest of the file has named.

    >>> from oxysim.documents import parse_document
    >>> text = "[instruments.kit]\\nlike = 'saliva_oxytocin'"
    >>> tools = FileInstruments.of(parse_document(text, "trial.toml"))
    >>> tools.named("kit").unit, tools.named("epds")
    ('pg/mL', 'epds')
    """

    section: Section
    tools: dict[str, Instrument]
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, study: Section) -> FileInstruments:
        """Those of a file.

        Raises
        ------
        InputError : anything in one that is not understood, with file, line and key.
        """
        section = study.section("instruments")
        return cls(section, instruments_of_section(section))

    def named(self, name: str) -> str | Instrument:
        """The file's instrument of that name; any other name as it is."""
        if name in self.tools:
            self.used.add(name)
        return self.tools.get(name, name)

    def conditions(
        self, texts: Sequence[str], attributes: Iterable[str] = (), label: str = "entry"
    ) -> Sequence[str | Criterion]:
        """Criteria of entry, read where the file has instruments that they may name."""
        if not self.tools:
            return texts
        conditions = read_criteria(texts, attributes, label, self.tools.values())
        self.used.update(entry.user_tool.name for entry in conditions if entry.user_tool)
        return conditions

    def require_used(self) -> None:
        """Raise for an instrument with which nothing is read.

        Raises
        ------
        InputError : with its line.
        """
        # most often its name is written otherwise where it should be used; one that others are
        # like may stand for them alone
        for name in self.section.values:
            entries = [entry for key, entry in self.section.values.items() if key != name]
            if name in self.used or any(entry.get("like") == name for entry in entries):
                continue
            remedy = "name it in an endpoint, a criterion of entry or for strata, or leave it out"
            raise self.section.error(f"nothing in this file is read with it; {remedy}", name)

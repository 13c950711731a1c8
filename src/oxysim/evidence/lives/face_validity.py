"""The question itself: where everyday lives rest, and what their shifts come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from oxysim.checks import instance, sequence
from oxysim.evidence.lives.courses import Setting
from oxysim.evidence.lives.everyday import contact_doses, everyday_lives
from oxysim.evidence.lives.life import Life
from oxysim.evidence.lives.page import face_validity_page, face_validity_text
from oxysim.evidence.lives.verdicts import (
    AT_WEEKS,
    BOUND,
    Courses,
    change_row,
    input_rows,
    life_row,
)
from oxysim.simulation.equations.model_digest import model_digest
from oxysim.simulation.results.provenance import version

_WEEKS = tuple(f"week_{week}" for week in AT_WEEKS)
# Fixed, so that a table without a row has the same columns and types as one with many.
_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "lives": {
        "life": "object",
        "caregiver": "object",
        **dict.fromkeys(_WEEKS, "float64"),
        "shift": "float64",
        "largest_shift": "float64",
        "within": "bool",
        "cause": "object",
        "shift_without_cause": "float64",
        "holds": "bool",
        "why": "object",
    },
    "inputs": {
        "life": "object",
        "caregiver": "object",
        "input": "object",
        "is_load": "bool",
        "shift": "float64",
        "shift_without": "float64",
        "due_to_it": "float64",
    },
    "changes": {
        "life": "object",
        "caregiver": "object",
        "worst_shift": "float64",
        "shift": "float64",
        "hurt": "bool",
        "adapts": "bool",
        "holds": "bool",
        "why": "object",
    },
}


@dataclass(frozen=True, eq=False)
class FaceValidity:
    """What everyday lives make of a reference person's mood.

    Attributes
    ----------
    lives : a row for each life and caregiver: ``week_1`` to ``week_24`` (EPDS, mean over that
        week), ``shift`` (week 24 less the reference mother's, EPDS points), ``largest_shift`` (of a
        day in the first four weeks), ``within`` (2.5 points of her), ``cause`` (where not: the
        input without which it rests nearest to her), ``shift_without_cause``, ``holds`` and
        ``why``.
    doses : the same columns for extra contact.
    inputs : a row for each input of a life: where the life rests without it, and whether it is a
        load.
    changes : a row for each life whose day changes: whether that hurts at first and then passes.
    header : what a reader must know before the tables, as name -> text.

    >>> from oxysim.evidence import face_validity
    >>> face_validity(lives=[]).lives["life"].tolist()
    ['reference mother']
    """

    lives: pd.DataFrame
    doses: pd.DataFrame
    inputs: pd.DataFrame
    changes: pd.DataFrame
    header: Mapping[str, str]

    @property
    def failing(self) -> pd.DataFrame:
        """The lives that rest elsewhere without a load to blame."""
        return self.lives[~self.lives["holds"]]

    def text(self) -> str:
        """The tables for a terminal."""
        return face_validity_text(self._tables(), self.header)

    def markdown(self, selection: pd.DataFrame | None = None) -> str:
        """The tables as a page of the docs, without a date.

        `selection` is what :func:`oxysim.evidence.after_selection` gives, or None to leave it out.

        >>> from oxysim.evidence import face_validity
        >>> face_validity(lives=[]).markdown().splitlines()[0]
        '# Face validity'
        """
        if selection is not None:
            instance(selection, "selection", pd.DataFrame, "the table of after_selection, or None")
        return face_validity_page(self._tables(), self.header, selection)

    def _tables(self) -> Mapping[str, pd.DataFrame]:
        return {
            "lives": self.lives,
            "changes": self.changes,
            "doses": self.doses,
            "inputs": self.inputs,
        }


def face_validity(  # noqa: PLR0913 - all are keywords with defaults
    *,
    lives: Iterable[Life] | None = None,
    infant_age: Any = "5 months",
    parameters: Mapping[str, Any] | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    engine: str = "auto",
) -> FaceValidity:
    """Let reference people live everyday lives for 24 weeks, and see where mood rests.

    Nothing is random: no daily-life noise, no jitter. Every life is simulated with all of its
    inputs and without each of them, in the full model.

    Parameters
    ----------
    lives : default those of :func:`~oxysim.evidence.lives.everyday.everyday_lives` and the
        doses of contact; the reference mother is there in any case.
    infant_age : at which the day changes.
    parameters : of all these people, as for :class:`oxysim.families.Family`, under the name
        "caregiver" for whoever is the first of a family.
    cut, scale, engine : as for :func:`oxysim.simulate`: what is left of a shift without an edge?

    Returns
    -------
    FaceValidity : tables with EPDS points.

    Raises
    ------
    InputError, UnknownNameError, UnitError : before anything runs.

    >>> from oxysim import Routine
    >>> from oxysim.evidence import Life, face_validity
    >>> bottle = Life("bottle", Routine.typical(feeding="bottle"))
    >>> face_validity(lives=[bottle]).lives["caregiver"].tolist()
    ['mother', 'mother']
    """
    values = {} if parameters is None else parameters
    setting = Setting(infant_age, values, cut, scale, engine)
    reference = everyday_lives()[0]
    if lives is None:
        asked, doses = everyday_lives()[1:], contact_doses()
    else:
        asked, doses = sequence(lives, "lives", _life, of="lives", least=0), ()

    courses = Courses([reference, *asked, *doses], setting)
    usual = courses.of(reference, reference.schedule)["mother"]
    everybody = [(life, who) for life in (reference, *asked) for who in life.reads]
    given = [(life, who) for life in doses for who in life.reads]
    rows = {
        "lives": [life_row(*pair, courses, usual) for pair in everybody],
        "doses": [life_row(*pair, courses, usual) for pair in given],
        "inputs": [row for pair in everybody for row in input_rows(*pair, courses, usual)],
        # whoever comes to help has a day that changes too, but is not the one who goes away
        "changes": [
            change_row(life, life.reads[0], courses, usual)
            for life in asked
            if life.changes_the_day
        ],
    }
    tables = {name: _table(rows[name], name) for name in rows}
    return FaceValidity(**tables, header=_header(setting))


def _life(value: Any, label: str) -> Life:
    return instance(value, label, Life, "a Life")


def _table(rows: list[dict[str, Any]], name: str) -> pd.DataFrame:
    types = _COLUMNS["lives" if name == "doses" else name]
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def _header(setting: Setting) -> dict[str, str]:
    digests = model_digest()
    return {
        "oxysim": version(),
        "equations": f"{digests['equations']} (SHA-256 of every operation)",
        "defaults": f"{digests['defaults']} (SHA-256 of every parameter's default)",
        "infant": f"{setting.infant_age} old when the day changes",
        "people": "reference people, every parameter at its default"
        if not setting.parameters
        else f"reference people but for {', '.join(sorted(setting.parameters))}",
        "shift": "EPDS of week 24 less the reference mother's, points; nothing is random",
        "holds": (
            f"within {BOUND:g} points of the reference mother, or above her by a load: the life"
            " without its loads is within them"
        ),
    }

"""A survey of depressive symptoms: ten items of the EPDS from mothers of infants of 3 to 12 months,
by age class.

The file is not part of the package; it is read from a path, strictly. A population may be fitted to
one random half of it (``evidence.surveys.survey_priors``) and is then scored on the other
(``evidence.surveys.survey_score``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from oxysim.arrays import IntArray
from oxysim.checks import require_seed
from oxysim.documents import LARGEST_TABLE, decode_text, parse_rows, read_bytes
from oxysim.errors import InputError, unknown_name
from oxysim.model.rows import sources
from oxysim.observations.cells import whole_cell
from oxysim.streams import stream

CITATION = f"{sources()['sandoz2022']} (the doi is that of the data); cite both"
CLASSES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"3-6": (3.0, 6.0), "6-9": (6.0, 9.0), "9-12": (9.0, 12.0)}
)
"""Age classes of the infants, months: from the first number on, below the second."""
WHOLE = "3-12"  # all classes together
ITEMS = tuple(f"epds_{number}" for number in range(1, 11))
AGE, TOTAL = "infant_age_months", "epds_total"
# In this order in the file.
COLUMNS = ("participant", AGE, *ITEMS, TOTAL)
POINTS = np.arange(31)  # what the ten items add up to
MOST = 3  # points of one item


@dataclass(frozen=True, eq=False)
class Survey:
    """Completed forms of a survey, as :func:`read_survey` reads them.

    Attributes
    ----------
    forms : one row a mother: "participant", "infant_age_months" (a key of ``CLASSES``), "epds_1" to
        "epds_10" (0 to 3) and "epds_total" (0 to 30).
    name : the file's name, for titles and records.
    sha256 : of the file, hexadecimal.
    portion : how much of the file it is, in words.

    >>> import pandas as pd
    >>> form = {"participant": ["a", "b"], "infant_age_months": "3-6", "epds_total": [4, 14]}
    >>> survey = Survey(pd.DataFrame(form), "made up", "")
    >>> survey.classes, float(survey.mean()["3-6"])
    (('3-6',), 9.0)
    """

    forms: pd.DataFrame
    name: str
    sha256: str
    portion: str = "all of the survey"

    def __len__(self) -> int:
        return len(self.forms)

    @property
    def classes(self) -> tuple[str, ...]:
        """The age classes that occur, youngest first."""
        present = set(self.forms[AGE])
        return tuple(name for name in CLASSES if name in present)

    def counts(self, age_class: str) -> IntArray:
        """How many forms of an age class ("3-6", or "3-12" for all) show 0, 1, ... 30 points, shape
        (31,).

        Raises
        ------
        UnknownNameError : no such age class in the survey.

        >>> form = {"participant": ["a", "b"], "infant_age_months": "3-6", "epds_total": [4, 14]}
        >>> survey = Survey(pd.DataFrame(form), "made up", "")
        >>> survey.counts("3-6")[[4, 5, 14]]
        array([1, 0, 1])
        """
        classes = (*self.classes, WHOLE)
        if age_class not in classes:
            raise unknown_name("age class", age_class, classes, f"in {self.name}")
        chosen = self.forms if age_class == WHOLE else self.forms[self.forms[AGE] == age_class]
        return np.bincount(chosen[TOTAL], minlength=len(POINTS)).astype(np.int64)

    def mean(self) -> pd.Series:
        """Mean total by age class, and of all ("3-12"), EPDS points."""
        return self._by_class(lambda counts: float(counts @ POINTS / counts.sum()))

    def shares(self, cut: float) -> pd.Series:
        """Share of forms with a total of at least `cut`, by age class, and of all ("3-12").

        >>> form = {"participant": ["a", "b"], "infant_age_months": "3-6", "epds_total": [4, 14]}
        >>> survey = Survey(pd.DataFrame(form), "made up", "")
        >>> float(survey.shares(13)["3-6"])
        0.5
        """
        return self._by_class(lambda counts: float(counts[cut <= POINTS].sum() / counts.sum()))

    def halves(self, seed: int) -> tuple[Survey, Survey]:
        """Two random halves, each with half of every age class; their sizes differ by one at most.

        Who goes where depends on the seed and on the participants' names, not on the order of the
        file.

        Raises
        ------
        InputError : a bad seed, or an age class with fewer than two mothers.

        >>> form = {"participant": ["a", "b"], "infant_age_months": "3-6", "epds_total": [4, 14]}
        >>> survey = Survey(pd.DataFrame(form), "made up", "")
        >>> [(len(half), half.portion) for half in survey.halves(seed=7)]
        [(1, 'first half, seed 7'), (1, 'second half, seed 7')]
        """
        require_seed(seed)
        first: list[object] = []
        odd = 0
        for name in self.classes:
            # Sorted by name, so that the order of the file decides nothing.
            people = np.sort(self.forms.loc[self.forms[AGE] == name, "participant"].to_numpy())
            if len(people) < 2:
                raise InputError(
                    f"{self.name}: age class {name!r}: expected at least 2 mothers to halve;"
                    " found 1"
                )
            # the odd mothers of the classes go to either half in turn
            take = (len(people) + (odd + 1) % 2) // 2
            odd += len(people) % 2
            first += stream(seed, 0, "halves of a survey", name).permutation(people)[:take].tolist()
        # By name, since the halves are of people and not of lines.
        inside = self.forms["participant"].isin(first)
        return self._part(inside, f"first half, seed {seed}"), self._part(
            ~inside, f"second half, seed {seed}"
        )

    def _part(self, chosen: pd.Series, name: str) -> Survey:
        return replace(self, forms=self.forms[chosen].reset_index(drop=True), portion=name)

    def _by_class(self, figure: Callable[[IntArray], float]) -> pd.Series:
        names = [*self.classes, WHOLE]
        return pd.Series(
            [figure(self.counts(name)) for name in names], index=pd.Index(names, name=AGE)
        )


def read_survey(path: str | Path) -> Survey:
    """A survey from a CSV file with the columns participant, infant_age_months, epds_1 to epds_10
    and epds_total.

    Raises
    ------
    InputError : no such file, columns missing, an item that is not 0, 1, 2 or 3, a total that is
        not the items' sum, a participant twice, no row; the message names the file, the line and
        the column. UnknownNameError : a column or an age class that is not known.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "forms.csv"
    ...     _ = file.write_text(",".join(COLUMNS) + "\\na,3-6,1,0,0,2,0,0,0,0,1,0,4\\n")
    ...     survey = read_survey(file)
    >>> len(survey), survey.classes
    (1, ('3-6',))
    """
    file = Path(path)
    # Bytes are hashed as they lie, before anything is read into them.
    data = read_bytes(file, str(file), LARGEST_TABLE, "the survey, a CSV file in UTF-8")
    text = decode_text(data, str(file))
    forms = pd.DataFrame(list(_rows(text, str(file))), columns=list(COLUMNS))
    if forms.empty:
        raise InputError(
            f"{file}: expected at least one completed form below the header; found none"
        )
    return Survey(forms, file.name, hashlib.sha256(data).hexdigest())


def _rows(text: str, name: str) -> Iterator[dict[str, object]]:
    rows = parse_rows(text, name)
    rows.require_columns(COLUMNS)
    # A participant twice is a copy or a second form; either would count double.
    seen: dict[str, int] = {}
    for line, cells in rows:
        where = f"{name}, line {line}"
        form = _form(cells, where)
        participant = str(form["participant"])
        if participant in seen:
            raise InputError(
                f"{where}, column participant: {participant!r} stands in line {seen[participant]}"
                " already; expected one form each"
            )
        seen[participant] = line
        yield form


def _form(cells: Mapping[str, str], where: str) -> dict[str, object]:
    """One form; every complaint begins with its line and column."""
    if not cells["participant"]:
        raise InputError(f"{where}, column participant: expected a name or number; found nothing")
    if cells[AGE] not in CLASSES:
        raise unknown_name("age class", cells[AGE], CLASSES, f"in {where}, column {AGE}")
    items = {name: whole_cell(cells[name], f"{where}, column {name}", 0, MOST) for name in ITEMS}
    # The total is given beside its items, so that a slip in either shows.
    total = whole_cell(cells[TOTAL], f"{where}, column {TOTAL}", 0, int(POINTS[-1]))
    if total != sum(items.values()):
        raise InputError(
            f"{where}, column {TOTAL}: expected the items' sum, {sum(items.values())}; found"
            f" {total}"
        )
    return {"participant": cells["participant"], AGE: cells[AGE], **items, TOTAL: total}

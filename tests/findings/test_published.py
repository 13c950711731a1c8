"""Published findings: every row is there and reads as it stands; a bad row names its field."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from oxysim.errors import InputError, UnknownNameError
from oxysim.findings.published import USES, read_targets, target, targets
from tests.support.own_findings import ROW, written

BLOCKS = {"input": 3, "fit": 48, "built_in": 19, "survey": 2, "check": 11}


# findings
def test_every_finding_is_there() -> None:
    assert Counter(row.use for row in targets().values()) == BLOCKS
    assert len(targets()) == 83
    assert Counter(row.rule for row in targets().values() if row.use != "check").keys() == {
        "number", "null", "sign", "up / none", "similar", "count",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": ""}, "low: the rule 'number' needs both ends"),
        ({"high": "2"}, "expected low <= high; found 3 and 2"),
        ({"high": "much"}, "high: expected a number; found 'much'"),
        ({"high": "inf"}, "high: expected a finite number"),
        ({"quantity": " "}, "quantity: expected a text; found nothing"),
        ({"use": "fitt"}, "unknown use 'fitt'; nearest: 'fit'"),
        ({"rule": "nul"}, "unknown rule 'nul'; nearest: 'null'"),
        ({"protocol": "16"}, "protocol: expected a whole number from 1 to 15; found 16"),
        ({"protocol": ""}, "protocol: expected a number from 1 to 15; found nothing"),
        ({"protocol": "1.5"}, "protocol: expected a whole number; found '1.5'"),
        ({"n": "1"}, "n: expected a whole number of at least 2"),
        ({"answer": "a", "outcome": "b", "contrast": "c"},
         "outcome and answer: expected one of the two"),
        ({"answer": "", "outcome": "b"}, "outcome and contrast: expected both"),
        ({"answer": "", "outcome": "b", "contrast": "c", "rule": "sign", "figure": "more"},
         "figure: the rule 'sign' needs up or down; found 'more'"),
        ({"rule": "count", "figure": "many"}, "begins with a whole number"),
    ],
)  # fmt: skip
def test_a_bad_finding_names_its_file_row_and_field(
    tmp_path: Path, change: dict[str, str], message: str
) -> None:
    path = written(tmp_path, {**ROW, "outcome": "", "contrast": "", **change})
    with pytest.raises(InputError) as error:
        read_targets(path)
    assert message in str(error.value)
    assert str(path) in str(error.value) and "line 2, row 'mine'" in str(error.value)


def test_a_bad_file_of_findings_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="stands twice in the file"):
        read_targets(written(tmp_path, ROW, ROW))
    with pytest.raises(InputError, match="missing: status"):
        read_targets(
            written(tmp_path, {key: value for key, value in ROW.items() if key != "status"})
        )
    with pytest.raises(UnknownNameError, match="unknown column 'qantity'.*nearest: 'quantity'"):
        read_targets(written(tmp_path, {**ROW, "qantity": "x"}))
    with pytest.raises(InputError, match="expected at least one finding"):
        path = written(tmp_path, ROW)
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
        read_targets(path)
    with pytest.raises(InputError, match="as many as the header"):
        path = written(tmp_path, ROW)
        path.write_text(path.read_text(encoding="utf-8") + "a,b\n", encoding="utf-8")
        read_targets(path)
    with pytest.raises(InputError, match=r"no\.csv: expected a CSV file of findings"):
        read_targets(tmp_path / "no.csv")


def test_a_finding_kept_for_a_check_is_not_shown_by_a_traceback() -> None:
    printed = repr(target("C7b"))
    assert "C7b" in printed and target("C7b").figure not in printed


def test_a_finding_is_asked_for_by_its_name() -> None:
    assert target("C12") is targets()["C12"]
    with pytest.raises(UnknownNameError, match="unknown published finding 'C12x'; nearest: 'C12'"):
        target("C12x")


def test_both_ends_of_an_interval_belong_to_it_and_an_open_end_bounds_nothing() -> None:
    closed = target("C12")
    assert closed.interval is not None
    low, high = closed.interval
    assert closed.holds(low) and closed.holds(high)
    assert not closed.holds(low - 1e-9 * abs(low)) and not closed.holds(high + 1e-9 * abs(high))
    below = replace(closed, rule="sign", low=None)
    assert below.interval is None and below.holds(-1e9) and not below.holds(2 * high)
    above = replace(closed, rule="sign", high=None)
    assert above.interval is None and above.holds(1e9) and not above.holds(low - 1.0)


def test_a_count_is_the_whole_number_that_its_figure_begins_with() -> None:
    count = replace(target("C12"), rule="count", figure="12 of 44 (27 %)")
    assert count.counted == 12
    with pytest.raises(InputError, match="C12: figure: expected a whole number; found 'half'"):
        _ = replace(count, rule="number", figure="half").counted


def test_every_finding_can_be_judged_by_its_rule_and_names_its_source() -> None:
    for name, row in targets().items():
        assert row.id == name and row.source and row.status
        assert row.use in USES and row.use != "own"
        if row.rule in ("number", "null", "similar"):
            assert row.interval is not None and row.interval_from, name

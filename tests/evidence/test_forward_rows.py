"""Figures of a candidate population: which findings have one, and what is left where a part
fails.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oxysim.cohorts.trajectory_classes import AGES
from oxysim.ensembles import PriorTable
from oxysim.errors import InputError
from oxysim.evidence.board import check_protocols
from oxysim.evidence.candidates import forward_parts, forward_rows
from oxysim.evidence.candidates.forward_parts import (
    FEWEST_CASES,
    PARTS,
    CandidateCohorts,
    Part,
    SmallSettings,
)
from oxysim.evidence.candidates.forward_rows import WEEKS, CohortRows, course_figures
from oxysim.findings.published import targets
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.population import Population
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row, effect_table

COMMUNITY = Population.named("community")


def _report(effects: list[dict[str, object]], figures: list[dict[str, object]]) -> ProtocolReport:
    return ProtocolReport(
        name="", question="", design={}, effects=effect_table(effects), arms={}, readings={},
        figures=figure_table(figures),
    )  # fmt: skip


def _candidate(n: int = 160, seed: int = 3) -> CandidateCohorts:
    return CandidateCohorts(SmallSettings(COMMUNITY, seed=seed, quick=True, small_cohort=n))


def test_every_fit_finding_but_one_has_a_figure_and_no_other_has() -> None:
    flat = dict.fromkeys((*WEEKS, *AGES, "8 months", "6 months"), np.array([4.0, 12.0]))
    answered = [*course_figures(flat.__getitem__), *(f for part in PARTS for f in part.findings)]
    assert len(set(answered)) == len(answered)
    fit = {finding for finding, row in targets().items() if row.use == "fit"}
    # E14 is left out, as the module says
    assert set(answered) == fit - {"E14"}
    assert [row.finding for row in PriorTable.named("community").rows] == sorted(
        answered, key=[row.finding for row in PriorTable.named("community").rows].index
    )


def test_a_part_that_fails_leaves_its_reason_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_ill(candidate: CandidateCohorts) -> ProtocolReport:
        raise InputError("nobody is ill")

    def singular(candidate: CandidateCohorts) -> ProtocolReport:
        raise np.linalg.LinAlgError("Singular matrix")

    def works(candidate: CandidateCohorts) -> ProtocolReport:
        return _report([], [figure_row([6.0, 6.5], n=3, target="E1")])

    parts = (Part(("C5", "E15"), none_ill), Part(("E3",), singular), Part(("E1",), works))
    monkeypatch.setattr(forward_rows, "PARTS", parts)
    monkeypatch.setattr(
        forward_rows, "course_figures", lambda readings: {"C1a": float(readings("8 weeks").mean())}
    )
    figures = CohortRows(160)(COMMUNITY, seed=3)
    assert figures["C5"] == figures["E15"] == "nobody is ill"
    assert figures["E3"] == "Singular matrix"
    assert figures["E1"] == 6.25
    # the published mean of the population that was fitted to it, within two errors of 160 dyads
    assert 4.5 < float(figures["C1a"]) < 7.5


def test_of_two_effects_that_a_sign_asks_for_the_smaller_one_counts() -> None:
    draw = np.random.default_rng(1)
    before = draw.standard_normal((4, 35))

    def row(outcome: str, shift: float) -> dict[str, object]:
        after = before + shift + draw.standard_normal((4, 35))
        return effect_row(
            paired(before, after), outcome=outcome, contrast="oxytocin - placebo", unit="",
            expected="up", target="E10",
        )  # fmt: skip

    rows = [row("affectionate contact", 1.0), row("closeness", 0.3)]
    smaller = float(np.mean(rows[1]["dz"]))  # type: ignore[call-overload]
    part = Part(("E10",), lambda candidate: _report(rows, []))
    assert part.figures(_candidate())["E10"] == pytest.approx(smaller)


def test_too_few_cases_are_made_up_by_those_who_score_highest() -> None:
    candidate = _candidate()
    forms = candidate.whole.readings("epds", "8 weeks", occasion="screening")
    cases = int((forms >= EPDS_PROBABLE).sum())
    chosen = candidate.burdened("8 weeks", most=100)
    assert len(chosen) == max(cases, FEWEST_CASES)
    # 160 dyads of which 8 % are ill: nobody scores above those who were taken
    places = [list(candidate.whole.who.numbers).index(number) for number in chosen.numbers]
    others = np.delete(forms, places)
    assert forms[places].min() >= others.max()
    assert len(candidate.burdened("8 weeks", most=10)) == 10


def test_a_part_is_the_scoreboards_own_protocol() -> None:
    """Bonding and mood of the whole cohort: the correlation, by its definition."""
    candidate = _candidate(320)
    part = next(part for part in forward_parts.PARTS if part.findings == ("E7",))
    figure = part.figures(candidate)["E7"]
    cohort = candidate.whole
    direct = [
        np.corrcoef(cohort.readings("epds", age), cohort.readings("bonding", age))[0, 1]
        for age in ("2 months", "6 months", "12 months")
    ]
    # other draws of two forms' noise, 320 dyads
    assert float(figure) == pytest.approx(-np.mean(direct), abs=0.12)


def test_reviewed_studies_are_counted_by_their_power(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pairs, of studies of 30 and 112: power of a correlation as statsmodels has it of Fisher's
    z, a normal difference.
    """
    from statsmodels.stats.power import NormalIndPower

    asked = (("plasma_oxytocin", "bonding"), ("plasma_oxytocin", "sensitivity"))
    monkeypatch.setattr(check_protocols, "ASKED", asked)
    monkeypatch.setattr(check_protocols, "REVIEWED", [30, 112])
    draw = np.random.default_rng(4)
    blood = draw.standard_normal((2, 160))
    readings = {
        "plasma_oxytocin": blood,
        **{
            name: 0.3 * blood + draw.standard_normal((2, 160))
            for name in ("bonding", "sensitivity")
        },
    }

    def studied(measures: list[str], **options: object) -> ProtocolReport:
        return replace(_report([], []), readings={name: readings[name] for name in measures})

    monkeypatch.setattr(forward_parts, "cross_section", studied)
    figure = Part(("G1",), forward_parts._reviewed).figures(_candidate())["G1"]
    expected = 0.0
    for (fluid, relation), n in zip(asked, (30, 112), strict=True):
        pairs = zip(readings[fluid], readings[relation], strict=True)
        r = np.mean([np.corrcoef(x, y)[0, 1] for x, y in pairs])
        # one sample: an effect of z against a standard error of 1 / sqrt(n - 3)
        expected += NormalIndPower(ddof=3).solve_power(
            effect_size=np.arctanh(r), nobs1=n, alpha=0.05, ratio=0
        )
    assert float(figure) == pytest.approx(expected, abs=1e-4)


@pytest.mark.long
def test_every_row_of_the_packaged_table_is_answered() -> None:
    brief = COMMUNITY.replace(daily_life={"mood_time": 5.0})
    figures = CohortRows(240)(brief, seed=7)
    reasons = {finding: v for finding, v in figures.items() if isinstance(v, str)}
    assert reasons == {}
    assert all(np.isfinite(float(v)) for v in figures.values())
    again = CohortRows(240)(brief, seed=7)
    assert again == figures

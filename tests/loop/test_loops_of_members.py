"""How strong the loop is over the members of an ensemble."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

import oxysim as ox
from oxysim.ensembles import Ensemble, PriorTable
from oxysim.errors import InputError, UnknownNameError
from oxysim.loop import edges_out_of, group_gains, loop_gain, regimes, symptomatic_dyad
from oxysim.loop.loops_of_members import GROUPS, THROUGH_BOTH, WHOLE, member_loops
from oxysim.loop.regime_analysis.loop_gain import THE_LOOP
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.population import Population
from tests.support.made_up_loops import BOND, LOOPS, WARMTH


def test_gains_are_weighted_medians_of_members() -> None:
    both = LOOPS.gains([WHOLE, THROUGH_BOTH], "both").set_index("of")
    assert both["median"].tolist() == pytest.approx([0.4, 0.1])
    every = LOOPS.gains([THROUGH_BOTH]).iloc[0]
    assert every["unstable"] == pytest.approx(0.1)
    assert every["median"] < 0.1  # the fourth member pulls it down
    with pytest.raises(UnknownNameError, match="structure"):
        LOOPS.gains(structure="neither")


def test_an_edge_has_its_share_of_what_reaches_depression() -> None:
    table = LOOPS.shares().set_index("edge")
    assert table.index[0] == BOND
    assert table.loc[BOND].tolist() == pytest.approx([0.25] * 3)
    with pytest.raises(InputError, match="in which the loop reaches depression"):
        LOOPS.shares("trait only")


def test_a_cut_is_felt_in_either_direction() -> None:
    row = LOOPS.cuts().set_index("edge").loc[WARMTH]
    assert row["a point"] == pytest.approx(0.6)  # 1.5 and -2.0 of weight .3 each
    assert LOOPS.any_cut("infant_oxytocin") == pytest.approx(0.6)
    assert LOOPS.any_cut("infant_oxytocin", "both") == pytest.approx(2 / 3)
    assert LOOPS.any_cut("bond") == 0.0


def test_groups_of_edges_have_the_gain_of_each_by_itself() -> None:
    found = regimes(ox.Dyad.symptomatic(), starts=0, progress=False)
    worst = found.worst()
    groups = {"loop": THE_LOOP, "bond": edges_out_of("bond")}
    table = group_gains(found.system, worst, groups).set_index("group")
    for name, edges in groups.items():
        alone = loop_gain(found.system, worst, edges)
        assert table.loc[name, "gain"] == pytest.approx(alone.gain, abs=1e-9)
        assert table.loc[name, "opened_stable"] == alone.opened_stable
    for wrong in ({}, {"none": ()}):
        with pytest.raises(InputError, match="groups: expected at least one"):
            group_gains(found.system, worst, wrong)
    with pytest.raises(UnknownNameError, match="confidence"):
        edges_out_of("confidense")


def test_the_symptomatic_dyad_is_the_mildest_of_those_with_a_strong_loop() -> None:
    community = Population.named("community")
    dyad = symptomatic_dyad(community)
    gain, level = "caregiver.depression.loop_gain", "caregiver.depression.set_point"
    strong = community.trait(gain).quantile(np.array(0.95))
    assert dyad.value(gain) == pytest.approx(float(strong))
    assert regimes(dyad, starts=0, progress=False).worst().epds >= EPDS_PROBABLE
    # a tenth less, and it has no such regime
    milder = dyad.with_parameters({level: dyad.value(level) / 1.1})
    assert regimes(milder, starts=0, progress=False).worst().epds < EPDS_PROBABLE
    content = community.with_trait(level, centre=1.0, spread=0.1, most=1.5)
    with pytest.raises(InputError, match="at which the central dyad is symptomatic"):
        symptomatic_dyad(content)


def test_the_figure_has_a_row_for_each_sub_loop() -> None:
    ax = ox.plots.member_gains(LOOPS, structure="both")
    assert len(ax.get_yticks()) == len(GROUPS)
    assert ax.get_yticklabels()[-1].get_text() == "Everything into depression"
    marks = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1]
    assert any(mark == pytest.approx(0.4) for mark in marks)  # of everything into depression
    plt.close(ax.figure)
    with pytest.raises(InputError, match="what member_loops"):
        ox.plots.member_gains("loops")  # type: ignore[arg-type]


@pytest.mark.long
def test_members_without_a_loop_into_mood_have_none() -> None:
    ensemble = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    found = member_loops(ensemble, progress=False)
    whole = dict(
        zip(found.answers.structures, [m.gains[WHOLE] for m in found.answers], strict=True)
    )
    assert whole["no loop into mood"] == pytest.approx(0, abs=1e-6)
    assert whole["trait only"] == pytest.approx(0, abs=1e-6)
    assert whole["both"] > 0 and whole["edge only"] > 0
    # cut from outside: from the regime, with the edge cut, the dyad rests where it says
    first = found.answers.answers[0]
    dyad = symptomatic_dyad(ensemble[found.answers.numbers[0]])
    cut = regimes(dyad, cut=[BOND], starts=0, progress=False).worst()
    assert first.epds - cut.epds == pytest.approx(first.falls[BOND], abs=0.3)

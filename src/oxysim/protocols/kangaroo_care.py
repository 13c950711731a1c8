"""Protocol 4 by dose: many hours of skin-to-skin contact a day, in preterm infants (kangaroo care,
Pathak 2023) and in the first month of infants born at term (Bigelow 2012).

Both are randomised here against usual care. The first asks for the relative risk of a positive EPDS
after four weeks; the second whether what contact does is there at one week and gone a month after
it ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.interventions import SkinToSkin
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.trial_protocol import TrialConduct, TrialProtocol, run_trial_protocol
from oxysim.schedule import Schedule
from oxysim.simulation.plausibility import said_once
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import unpaired
from oxysim.trials.reporting.table_of_effects import effect_row, effect_table

AGE = "2 d"  # of the infants when contact begins; assumed
CLOCK = "10:00"  # of the visits; assumed
USUAL, CONTACT = "usual care", "skin-to-skin"
# eight hours in two sittings, and what the study at term had: five hours, then two; times assumed
MANY_HOURS = ("4 h daily at 09:00", "4 h daily at 14:30")
FIVE_HOURS = (
    "3 h daily at 09:00 from trial day 1 to trial day 7",
    "2 h daily at 14:30 from trial day 1 to trial day 7",
)
TWO_HOURS = "2 h daily at 14:30 from trial day 8 to trial day 28"
FOUR_WEEKS, EARLY, MONTH, LATE = "4 weeks", "1 week", "4 weeks", "8 weeks"
RELATIVE_RISK = "EPDS >= 13 after four weeks, relative risk"

KANGAROO = TrialProtocol(
    name="Kangaroo care of preterm infants against usual care",
    question="Do many hours of skin-to-skin contact a day lower the risk of a positive EPDS?",
    infant_age=AGE,
    pool=500,
    entry=("preterm",),
    endpoints=(
        Endpoint("epds", FOUR_WEEKS, primary=True, expected="down", name="EPDS after four weeks"),
    ),
    visits=(Visit(FOUR_WEEKS, at=CLOCK),),
    block_sizes=(2,),
    design={
        "source": "{E13}",
        "participants": "{n} mothers of preterm infants (mean size of the 30 trials)",
        "sample": "{sample}",
        "contact": "eight hours a day in two sittings for four weeks (hours and times assumed)",
    },
    assumptions=(
        "The figure was read by calibration (use = fit): agreement is no independent evidence.",
        "Thirty trials of different hours, scales and times of follow-up are one design here.",
        "A positive form is an EPDS of 13 or more, whatever scale a trial had.",
    ),
)

FIRST_MONTH = TrialProtocol(
    name="Skin-to-skin contact in the first month against usual care",
    question="Is what contact does to the EPDS larger at one week than a month after its end?",
    infant_age=AGE,
    pool=360,
    endpoints=tuple(
        Endpoint("epds", time, primary=time == EARLY, name=f"EPDS after {time}")
        for time in (EARLY, MONTH, LATE)
    ),
    visits=tuple(Visit(time, at=CLOCK) for time in (EARLY, MONTH, LATE)),
    block_sizes=(2,),
    design={
        "source": "{E14}",
        "participants": "{n} mothers, half in each arm (published 30 against 60, not randomised)",
        "sample": "{sample}",
        "contact": "five hours a day in the first week, then two to one month (times assumed)",
    },
    assumptions=(
        "The sign was read by calibration (use = fit): agreement is no independent evidence.",
        (
            "What was published is an effect at one week and none at two months; that is held"
            " against the difference of the two effects, for which a study of this size has little"
            " power."
        ),
    ),
)


@said_once
def kangaroo_care(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 258,
    replications: int = 200,
    mothers: Family | None = None,
    population: Population | None = None,
    entry: Sequence[str] | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the trial and return the relative risk of a positive EPDS after four weeks (E13).

    Parameters
    ----------
    n : mothers in one trial, half in each arm; the mean of the 30 trials is 258.
    replications : how many such trials.
    mothers : who takes part; default `pool` mothers of the `population` (default "community") who
        meet `entry`, by default those whose infant was born preterm.
    pool : how many mothers are simulated in every arm, of whom replications draw; default 500.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`: in every arm from
        enrolment on; who is enrolled has lived with every edge whole.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arms "usual care" and "skin-to-skin"; the EPDS after four weeks, and among the
        figures the relative risk of 13 or more.

    Raises
    ------
    InputError : a small pool, criteria that too few meet.

    >>> from oxysim.families import Dyad
    >>> mothers = Dyad.symptomatic(infant_age="2 d").repeat(4)
    >>> kangaroo_care(n=4, mothers=mothers, replications=2).figures["target"].tolist()
    ['E13']
    """
    report = run_trial_protocol(
        KANGAROO,
        Parallel({USUAL: None, CONTACT: _together(*MANY_HOURS)}),
        Recruitment(mothers, population, pool, entry),
        TrialConduct(n, replications, seed, cut, scale),
    )
    name = KANGAROO.endpoints[0].name
    risks = relative_risks(*(report.readings[f"{name} | {arm}"] for arm in (USUAL, CONTACT)))
    row = figure_row(risks, n=n, quantity=RELATIVE_RISK, target="E13")
    return replace(report, figures=figure_table([row]))


@said_once
def early_skin_to_skin(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int | None = None,
    replications: int = 200,
    mothers: Family | None = None,
    population: Population | None = None,
    entry: Sequence[str] | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the trial and return the EPDS at one week, one month and two, and whether the effect
    is larger at one week than at two months (E14).

    Parameters
    ----------
    n : mothers in one trial, half in each arm; published as 90.
    replications : how many such trials.
    mothers : who takes part; default `pool` mothers of the `population` (default "community").
    pool : how many mothers are simulated in every arm, of whom replications draw; default 360.
    entry, cut, scale : as for :func:`kangaroo_care`.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arms "usual care" and "skin-to-skin".

    Raises
    ------
    InputError : a small pool, criteria that too few meet.

    >>> from oxysim.families import Dyad
    >>> mothers = Dyad(infant_age="2 d").repeat(4)
    >>> study = early_skin_to_skin(n=4, mothers=mothers, replications=2)
    >>> study.effects["target"].tolist()[-1]
    'E14'
    """
    report = run_trial_protocol(
        FIRST_MONTH,
        Parallel({USUAL: None, CONTACT: _together(*FIVE_HOURS, TWO_HOURS)}),
        Recruitment(mothers, population, pool, entry),
        TrialConduct(90 if n is None else n, replications, seed, cut, scale),
    )
    # early less late form of each mother: lower in the arm whose effect is there early only
    early_less_late = {
        arm: report.readings[f"EPDS after {EARLY} | {arm}"]
        - report.readings[f"EPDS after {LATE} | {arm}"]
        for arm in (USUAL, CONTACT)
    }
    row = effect_row(
        unpaired(early_less_late[USUAL], early_less_late[CONTACT]),
        outcome="EPDS after 1 week less EPDS after 8 weeks", contrast=f"{CONTACT} - {USUAL}",
        unit="EPDS", expected="down", target="E14",
    )  # fmt: skip
    return replace(report, effects=effect_table([*report.effects.to_dict("records"), row]))


def relative_risks(usual: FloatArray, contact: FloatArray) -> FloatArray:
    """The risk of a positive EPDS with contact over that without, in each replication; NaN where
    nobody without it is positive.

    Parameters
    ----------
    usual, contact : forms, shape (replications, participants); NaN where there is none.

    >>> relative_risks(np.array([[13.0, 5.0], [1.0, 2.0]]), np.array([[4.0, 5.0], [14.0, 2.0]]))
    array([ 0., nan])
    """
    without, having = (_share_positive(forms) for forms in (usual, contact))
    return np.divide(having, without, out=np.full_like(having, np.nan), where=without > 0)


def _share_positive(forms: FloatArray) -> FloatArray:
    """The share of the forms there are that are positive, by replication."""
    there = np.isfinite(forms)
    return np.asarray((forms >= EPDS_PROBABLE).sum(axis=1) / np.maximum(there.sum(axis=1), 1))


def _together(*sentences: str) -> Schedule:
    """Skin-to-skin contact by several sentences, one schedule."""
    first, *others = (SkinToSkin(sentence) for sentence in sentences)
    schedule = Schedule(interventions=(first,))
    for sitting in others:
        schedule = schedule + sitting
    return schedule

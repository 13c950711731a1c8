"""Protocol 10 after a trial of contact: near-continuous skin-to-skin in the first weeks of preterm
infants, and the cortisol of mother and infant after a still face months later (Mörelius 2015).

Families are randomised to near-continuous contact or standard care. At four months of corrected age
mother and infant play, she holds a still face, and both give saliva half an hour after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import rankdata

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.findings.published import target
from oxysim.interventions import PlaySession, SkinToSkin, StillFace
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.still_face import PLAY, PLAY_AT, STILL_FACE
from oxysim.protocols.trial_protocol import TrialConduct, TrialProtocol, run_trial_protocol
from oxysim.schedule import Schedule, as_schedule
from oxysim.simulation.plausibility import said_once
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import Effects, correlated
from oxysim.trials.reporting.table_of_effects import effect_row, effect_table

AGE = "2 d"  # of the infants when contact begins; assumed
# Twenty hours in four sittings: feeds and changes fall between; published is near-continuous
SITTINGS, SITTING = ("00:30", "06:30", "12:30", "18:30"), "5 h"
LASTS = "3 weeks"  # about the stay on a ward of infants born at 32 to 35 weeks; assumed
# four months of corrected age in infants born six to seven weeks early
AFTER = "24 weeks"
SAMPLED = 30.0  # min from the still face's end to the samples; published
VISIT = "after the still face"
USUAL, CONTACT = "standard care", "skin-to-skin"
# whose cortisol -> the endpoint's name
CORTISOL = {"caregiver": "mother's cortisol", "infant": "infant's cortisol"}

PROTOCOL = TrialProtocol(
    name="Still face after near-continuous skin-to-skin contact",
    question="Do the cortisols of mother and infant go together after a still face?",
    infant_age=AGE,
    pool=120,
    entry=("preterm",),
    endpoints=tuple(
        Endpoint("salivary_cortisol", VISIT, member=member, primary=member == "infant", name=name)
        for member, name in CORTISOL.items()
    ),
    visits=(),  # one, whose day is the caller's
    block_sizes=(2,),
    design={
        "source": "{E22}",
        "participants": "{n} families of preterm infants (published 37), half in each arm",
        "sample": "{sample}",
        "contact": (
            f"{len(SITTINGS)} sittings of {SITTING} a day for {{lasts}} (published: almost"
            " continuous; hours and weeks assumed)"
        ),
        "still face": (
            f"{STILL_FACE:g} min, with {PLAY:g} min of play before it and after it, {{after}} after"
            " enrolment (published: at four months of corrected age)"
        ),
        "samples": f"saliva of both, {SAMPLED:g} min after the still face (published)",
    },
    assumptions=(
        "Standard care is the typical day, touch and all, without skin-to-skin contact.",
        "The published correlation is one of ranks, within the families who had contact.",
        "Preterm infants follow the term infant's equations.",
    ),
)


@said_once
def continuous_skin_to_skin(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int | None = None,
    replications: int = 200,
    lasts: str = LASTS,
    after: str = AFTER,
    mothers: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the trial and return how the cortisols of mother and infant go together after a
    still face (E22).

    Parameters
    ----------
    n : families in one trial, half in each arm; published as 37.
    replications : how many such trials.
    lasts, after : how long contact goes on, and when the still face is, from enrolment.
    mothers : who takes part, in the first days after birth; default `pool` mothers of the
        `population` (default "community") whose infant was born preterm.
    pool : how many mothers are simulated in every arm, of whom replications draw; default 120.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`: in every arm from
        enrolment on; who is enrolled has lived with every edge whole.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arms "standard care" and "skin-to-skin"; the correlation of ranks within either
        arm, that within "skin-to-skin" among the figures.

    Raises
    ------
    InputError : a small pool; UnitError, ScheduleError : times that cannot be.

    >>> from oxysim.families import Dyad
    >>> mothers = Dyad(infant_age="2 d").repeat(8)
    >>> study = continuous_skin_to_skin(
    ...     n=8, mothers=mothers, lasts="1 d", after="2 d", replications=2
    ... )
    >>> study.figures["target"].tolist()
    ['E22']
    """
    size = target("E22").n or 0 if n is None else n
    # no course would be contact for good
    units.duration(lasts, "lasts")
    # the day of enrolment is trial day 1
    day = int(units.duration(after, "after") // units.DAY) + 1
    session = _still_face(day)
    contact = SkinToSkin(SITTING, at=SITTINGS, repeat="daily", start="trial day 1", course=lasts)
    at = units.clock_text(PLAY_AT + PLAY + STILL_FACE + SAMPLED)
    report = run_trial_protocol(
        replace(PROTOCOL, visits=(Visit(after, at=at, name=VISIT),)),
        Parallel({USUAL: session, CONTACT: session + contact}),
        Recruitment(mothers, population, pool),
        TrialConduct(size, replications, seed, cut, scale),
        lasts=lasts,
        after=after,
    )
    together = {arm: _ranks_together(report, arm) for arm in (USUAL, CONTACT)}
    rows = [
        effect_row(
            found, outcome=f"rank of {CORTISOL['infant']}, {arm}",
            contrast=f"r with rank of {CORTISOL['caregiver']}", unit="r", expected="prediction",
        )
        for arm, found in together.items()
    ]  # fmt: skip
    return replace(
        report,
        effects=effect_table([*report.effects.to_dict("records"), *rows]),
        figures=figure_table([figure_row(together[CONTACT].dz, n=size, target="E22")]),
    )


def _still_face(day: int) -> Schedule:
    """Play with a still face in the middle, on a day of the trial."""
    # she is with the infant all the time, and does not answer it for two minutes of it
    play = PlaySession(
        f"{2 * PLAY + STILL_FACE:g} min", at=units.clock_text(PLAY_AT), day=f"trial day {day}"
    )
    face = StillFace(
        f"{STILL_FACE:g} min", at=units.clock_text(PLAY_AT + PLAY), day=f"trial day {day}"
    )
    return as_schedule(play) + face


def _ranks_together(report: ProtocolReport, arm: str) -> Effects:
    """The correlation of ranks of mother's and infant's cortisol within an arm."""
    mother, infant = (report.readings[f"{name} | {arm}"] for name in CORTISOL.values())
    return rank_correlated(mother, infant)


def rank_correlated(x: FloatArray, y: FloatArray) -> Effects:
    """Spearman's correlation of two measures of the same families, per replication.

    Parameters
    ----------
    x, y : shape (replications, n); NaN where somebody was not measured.

    >>> x = np.array([[1.0, 2.0, 3.0, np.nan, 4.0]])
    >>> rank_correlated(x, np.exp(x)).dz.tolist()
    [1.0]
    """
    # ranks are among those who have both
    missing = np.isnan(x + y)
    ranks = (
        rankdata(np.where(missing, np.nan, values), axis=1, nan_policy="omit") for values in (x, y)
    )
    return correlated(*ranks)

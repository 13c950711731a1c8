"""How large each protocol runs for a scoreboard, in full and in quick mode.

Pools hold everybody that the replications of one sample draw, so that these are as good as new
people, wherever the protocol is cheap enough.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from oxysim import protocols
from oxysim.errors import InputError
from oxysim.evidence.board.shared_cohorts import SharedCohorts, came_through
from oxysim.evidence.board.table_rows import epds_rows
from oxysim.evidence.surveys.survey_data import read_survey
from oxysim.evidence.surveys.survey_score import score_survey
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.protocols.birth_cohort import persistence as persisting
from oxysim.protocols.birth_cohort import tenths
from oxysim.trials.reporting.effect_table import effect_table
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport


def bolus(stock: SharedCohorts) -> ProtocolReport:
    setting = stock.setting
    replications = setting.size(200, 50)
    adults = setting.people(setting.size(1200, 300), ("other",))
    return protocols.intravenous_bolus(replications=replications, adults=adults, seed=setting.seed)


def kinetics(stock: SharedCohorts) -> ProtocolReport:
    setting = stock.setting
    replications = setting.size(200, 100)
    adults = setting.people(setting.size(4000, 2000), ("other",))
    return protocols.spray_kinetics(replications=replications, adults=adults, seed=setting.seed)


def feed(stock: SharedCohorts) -> ProtocolReport:
    setting = stock.setting
    replications = setting.size(200, 30)
    mothers = setting.people(setting.size(2000, 300), infant_age="4 d")
    return protocols.single_feed(replications=replications, mothers=mothers, seed=setting.seed)


def preference(stock: SharedCohorts) -> ProtocolReport:
    setting = stock.setting
    replications = setting.size(400, 100)
    mice = setting.people(setting.size(1000, 200), ("other",))
    return protocols.social_preference(replications=replications, mice=mice, seed=setting.seed)


def comfort(stock: SharedCohorts) -> ProtocolReport:
    setting = stock.setting
    replications = setting.size(400, 200)
    children = setting.people(setting.size(2000, 400), infant_age="24 months")
    return protocols.stressor_and_comfort(
        replications=replications, children=children, seed=setting.seed
    )


def play(stock: SharedCohorts) -> ProtocolReport:
    setting = stock.setting
    sizes = {"mothers": "mother", "fathers": "father"}
    parents = {
        name: setting.people(setting.size(1200, 240), (role,)) for name, role in sizes.items()
    }
    return protocols.play_session(
        replications=setting.size(400, 100), parents=parents, seed=setting.seed
    )


def skin(stock: SharedCohorts) -> ProtocolReport:
    setting = stock.setting
    replications = setting.size(400, 100)
    pool = setting.size(1120, 140)
    # preterm infants have no daily rhythm of cortisol yet
    rhythm = {"infant.stress.cortisol_rhythm": 1e-6}
    triads = setting.people(pool, ("mother", "father"), "7 d").with_parameters(rhythm)
    return protocols.skin_to_skin_session(
        replications=replications, triads=triads, seed=setting.seed
    )


def crossover(stock: SharedCohorts) -> ProtocolReport:
    mothers = stock.entering("5 months", low=EPDS_PROBABLE)
    replications = stock.setting.size(400, 100)
    study = protocols.spray_crossover(
        replications=replications, mothers=mothers, seed=stock.setting.seed
    )
    words = (
        f"{len(mothers)} of {len(stock.young)} mothers of the cohort, with 13 or more on the EPDS"
        " at 5 months"
    )
    return replace(study, design={**study.design, "sample": words})


def spray_and_mind(stock: SharedCohorts) -> ProtocolReport:
    setting = stock.setting
    pool, replications = setting.size(620, 124), setting.size(200, 50)
    return protocols.spray_mind_mindedness(
        pool=pool, replications=replications, population=setting.population, seed=setting.seed
    )


def treatment(stock: SharedCohorts) -> ProtocolReport:
    if stock.setting.quick:
        mothers = stock.entering("8 weeks", low=EPDS_PROBABLE)
        n = 2 * (min(len(mothers), 60) // 2)
        return protocols.psychological_treatment(
            n=n, replications=200, mothers=mothers, seed=stock.setting.seed
        )
    return protocols.psychological_treatment(
        pool=stock.setting.size(400, 400),
        population=stock.setting.population,
        seed=stock.setting.seed,
    )


def massage(stock: SharedCohorts) -> ProtocolReport:
    if stock.setting.quick:
        mothers = stock.entering("2 weeks", 6.0, 12.0)
        return protocols.infant_massage(mothers=mothers, seed=stock.setting.seed)
    return protocols.infant_massage(
        pool=stock.setting.size(400, 400),
        population=stock.setting.population,
        seed=stock.setting.seed,
    )


def coaching(stock: SharedCohorts) -> ProtocolReport:
    if stock.setting.quick:
        mothers = stock.entering("6 months").take(range(100))
        return protocols.mind_mindedness_coaching(n=100, mothers=mothers, seed=stock.setting.seed)
    return protocols.mind_mindedness_coaching(
        pool=stock.setting.size(300, 300),
        population=stock.setting.population,
        seed=stock.setting.seed,
    )


def birth_cohort(stock: SharedCohorts) -> ProtocolReport:
    replications = stock.setting.size(200, 100)
    study = protocols.birth_cohort(cohort=stock.whole, replications=replications)
    at_each_age = figure_table(epds_rows(came_through(stock.whole)))
    return replace(study, figures=pd.concat([study.figures, at_each_age], ignore_index=True))


def persistence(stock: SharedCohorts) -> ProtocolReport:
    """C3 alone: few mothers read 12 or more, so the larger cohort is asked."""
    entered, still = persisting(came_through(stock.young))
    parts = tenths(len(still))
    found = [
        still[part].sum() / entered[part].sum() if entered[part].any() else np.nan for part in parts
    ]
    row = figure_row(found, n=round(entered.sum() / len(parts)), target="C3")
    return ProtocolReport(
        name="Persistence of symptoms from six weeks to six months",
        question="",
        design={},
        effects=effect_table([]),
        arms={},
        readings={},
        figures=figure_table([row]),
    )


def caesarean(stock: SharedCohorts) -> ProtocolReport:
    return protocols.caesarean(cohort=stock.young, seed=stock.setting.seed)


def sensitivity(stock: SharedCohorts) -> ProtocolReport:
    return protocols.depression_and_sensitivity(cohort=stock.young, seed=stock.setting.seed)


def mind_mindedness(stock: SharedCohorts) -> ProtocolReport:
    return protocols.mind_mindedness(cohort=stock.young, seed=stock.setting.seed)


def survey(stock: SharedCohorts) -> ProtocolReport:
    """The survey's own parameter set, whatever population the other rows are run with."""
    setting = stock.setting
    if setting.survey is None:
        raise InputError("survey: expected the path of the survey's file; it is not packaged")
    mothers, draws = setting.size(3000, 400), setting.size(1000, 200)
    return score_survey(
        read_survey(setting.survey), n=mothers, seed=setting.seed, draws=draws
    ).study()

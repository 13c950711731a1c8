"""A made-up survey and made-up simulated mothers; the real survey is not part of the repository."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from oxysim.evidence.surveys.simulated_respondents import SimulatedRespondents
from oxysim.evidence.surveys.survey_data import AGE, CLASSES, COLUMNS, ITEMS, POINTS, TOTAL

SIZES = {"3-6": 47, "6-9": 33, "9-12": 30}


def forms(sizes: dict[str, int], chance: float = 0.3, seed: int = 1) -> pd.DataFrame:
    """Made-up forms: mothers differ in their level, each item is a binomial count of it."""
    luck = np.random.default_rng(seed)
    ages = np.repeat(list(sizes), list(sizes.values()))
    level = luck.beta(4 * chance, 4 * (1 - chance), len(ages))
    items = luck.binomial(3, level[:, None], (len(ages), len(ITEMS)))
    table = pd.DataFrame(items, columns=list(ITEMS))
    table.insert(0, "participant", np.arange(1, len(ages) + 1))
    table.insert(1, AGE, ages)
    table[TOTAL] = items.sum(axis=1)
    return table[list(COLUMNS)]


def simulated(shares: Any = None, n: int = 2000, seed: int = 3) -> SimulatedRespondents:
    """Mothers whose totals come from given shares, or from a stretch of binomials."""
    luck = np.random.default_rng(seed)
    level = luck.beta(1.2, 2.8, n)
    totals = {name: luck.binomial(30, level).astype(float) for name in CLASSES}
    if shares is not None:
        totals = {name: luck.choice(POINTS, n, p=shares).astype(float) for name in CLASSES}
    return SimulatedRespondents(totals, "made up", "", seed)

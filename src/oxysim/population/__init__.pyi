from oxysim.population.criteria import read_criteria
from oxysim.population.independent_sample import draw, sample
from oxysim.population.members import Members
from oxysim.population.population import Population
from oxysim.population.screening import ScreeningReport, symptomatic
from oxysim.population.selection import Selection, select
from oxysim.population.traits import Attribute, Correlation, Trait

__all__ = [
    "Attribute",
    "Correlation",
    "Members",
    "Population",
    "ScreeningReport",
    "Selection",
    "Trait",
    "draw",
    "read_criteria",
    "sample",
    "select",
    "symptomatic",
]

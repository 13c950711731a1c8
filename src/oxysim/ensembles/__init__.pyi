from oxysim.ensembles.observed_rows import ObservedRow
from oxysim.ensembles.prior_table import PriorTable
from oxysim.ensembles.priors import Prior
from oxysim.ensembles.structures import Structure

__all__ = ["ObservedRow", "Prior", "PriorTable", "Structure"]

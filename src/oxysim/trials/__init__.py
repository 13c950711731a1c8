"""Trials: designs, what they find, and how sure it is. In reading order:

trial                a trial as an object: run it, ask it for readings
trial_plan           what it plans: who, which design, what is measured when; checked
plan/                the parts of a plan: arms, allocation, adherence, visits, endpoints, ...
pool                 every dyad simulated once in every arm, and what would be read of it
pool_simulation      how it is simulated
stretch_means        means over a stretch of time that instruments read
replication          many trials drawn from the pool: who enters, when they come, who leaves
analysis             the arrays of one endpoint, and which analysis goes with it and the design
trial_result         what the replications found
participant_flow     who was screened, allocated, left and analysed
carry_over           whether a crossover's washout is long enough
ensembles/           one plan over the members of an ensemble of populations, and its assurance
power_analysis       power over n; its standard error is `statistics.monte_carlo.share_error`
power_over_n         the curve, and the n that a power needs
reporting/           effect tables, figures, the report that a protocol returns
participant_groups   who takes part in the replications of a protocol
gaussian             a trial of known answer, for tests

>>> from oxysim import trials
>>> design = trials.Gaussian(0.5, design="parallel")  # its power is known in closed form
>>> curve = trials.power(design, n=[40, 120], replications=400, seed=1, progress=False)
>>> (curve.table["power"].diff().iloc[1] > 0).item()
True
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)

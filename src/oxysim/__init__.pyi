from oxysim import (
    cohorts,
    ensembles,
    evidence,
    fitting,
    interventions,
    loop,
    measures,
    observations,
    plots,
    population,
    protocols,
    sweeps,
    trials,
)
from oxysim.ensembles import Ensemble
from oxysim.errors import ImplausibleValueWarning
from oxysim.evidence import scoreboard
from oxysim.families import Dyad, Family, combine
from oxysim.fitting import fit
from oxysim.interventions import (
    Crying,
    DailyCrying,
    DailyLife,
    IntravenousBolus,
    LifeEvents,
    Massage,
    NasalSpray,
    Placebo,
    PlaySession,
    SkinToSkin,
)
from oxysim.measures import measure
from oxysim.observations import noncompartmental
from oxysim.population import Population
from oxysim.schedule import Absence, Feed, Play, Routine, Sleep, Talk, Together, Touch
from oxysim.simulation.results.provenance import edge_table, parameter_table
from oxysim.simulation.results.provenance_text import provenance
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.simulation.simulate_outcomes import outcomes
from oxysim.sweeps import Study, sweep
from oxysim.trials import Crossover, Endpoint, Factorial, Parallel, Trial, Visit, power

__all__ = [
    "Absence",
    "Crossover",
    "Crying",
    "DailyCrying",
    "DailyLife",
    "Dyad",
    "Endpoint",
    "Ensemble",
    "Factorial",
    "Family",
    "Feed",
    "ImplausibleValueWarning",
    "IntravenousBolus",
    "LifeEvents",
    "Massage",
    "NasalSpray",
    "Parallel",
    "Placebo",
    "Play",
    "PlaySession",
    "Population",
    "Result",
    "Routine",
    "SkinToSkin",
    "Sleep",
    "Solver",
    "Study",
    "Talk",
    "Together",
    "Touch",
    "Trial",
    "Visit",
    "cohorts",
    "combine",
    "edge_table",
    "ensembles",
    "evidence",
    "fit",
    "fitting",
    "interventions",
    "loop",
    "measure",
    "measures",
    "noncompartmental",
    "observations",
    "outcomes",
    "parameter_table",
    "plots",
    "population",
    "power",
    "protocols",
    "provenance",
    "scoreboard",
    "simulate",
    "sweep",
    "sweeps",
    "trials",
]
__version__: str

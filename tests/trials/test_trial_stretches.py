"""What a trial reads as a mean over a stretch sees a dose in it: held against a 1e-10 run with
every edge.
"""

from __future__ import annotations

import numpy as np

from oxysim.interventions import IntravenousBolus
from oxysim.population import sample
from oxysim.schedule import Routine
from oxysim.simulation.run import prepare
from oxysim.trials import Endpoint, Parallel, Trial, Visit
from tests.support.fine_reference import Reference

BOLUS = IntravenousBolus("1 IU", at="10:00")


def test_urine_after_a_bolus_holds_the_whole_of_it() -> None:
    """Three hours of plasma with a pulse of minutes in them: trapezoids 15 min apart missed nearly
    all of it.
    """
    families = sample(2, seed=5, infant_age="5 months")
    trial = Trial(
        families, Parallel({"usual": None, "bolus": BOLUS}), Endpoint("urine_oxytocin", "after"),
        visits=[Visit("0 d", at="12:10", name="after")], day=Routine.typical(),
    )  # fmt: skip
    ((plasma,),) = [
        trial.pool.expected(("urine_oxytocin", "caregiver", 180.0), trial.occasions[-1])
    ]
    bolus = list(trial.pool.results).index("bolus")
    start = trial.pool.results["bolus"].run
    assert start is not None
    for k in range(len(families)):
        run = prepare(
            families.take([k]),
            Routine.typical() + BOLUS,
            "14 h",
            start=trial.start,
            solver=start.solver,
        )
        area = Reference(run).area("mother.plasma_oxytocin", 550, 730)
        np.testing.assert_allclose(plasma[bolus, k, 0], area / 180, rtol=10 * start.solver.rtol)

"""Linear kinetics against closed forms, and the conservation of every dose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm

from oxysim.families import Dyad
from oxysim.interventions import IntravenousBolus, NasalSpray
from oxysim.model.mechanisms import nasal_spray as nose
from oxysim.model.mechanisms.nasal_spray import MICROGRAM_PER_IU
from oxysim.model.registry import edges
from oxysim.schedule import Routine
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate

LN2 = np.log(2.0)
SILENT = {
    f"caregiver.oxytocin.{name}": 0.0
    for name in (
        "suckling",
        "skin_contact",
        "touch",
        "play",
        "gaze",
        "talk",
        "holding_in_mind",
        "partner",
        "self_release",  # noqa: E501
        "blood_to_brain",
    )
}
"""No release but the basal one: what is left is linear."""

PRECISE = Solver("DOP853", rtol=1e-11)


def _run(schedule: Any, duration: str, save: Any, **parameters: float) -> tuple[Dyad, Result]:
    dyad = Dyad(parameters=SILENT | {f"caregiver.{k}": v for k, v in parameters.items()})
    result = simulate(dyad, schedule, duration, save=save, solver=PRECISE)
    assert result.ok.all()
    return dyad, result


def _linear(dyad: Dyad) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(A, b of the spray, b of the vein) of depot, transit, plasma, central, CSF around their
    resting levels.
    """
    v = {
        name: dyad.value(f"caregiver.{name}")
        for name in (
            "nasal_spray.depot_half_life",
            "nasal_spray.transit_half_life",
            "nasal_spray.absorbed_fraction",
            "nasal_spray.brain_fraction",
            "nasal_spray.brain_volume",
            "nasal_spray.depot_share",
            "oxytocin.plasma_half_life",  # noqa: E501
            "oxytocin.clearance",
            "oxytocin.central_half_life",
            "oxytocin.csf_lag",
        )
    }
    depot, transit, plasma, central, csf = (
        LN2 / v[k]
        for k in (
            "nasal_spray.depot_half_life",
            "nasal_spray.transit_half_life",
            "oxytocin.plasma_half_life",  # noqa: E501
            "oxytocin.central_half_life",
            "oxytocin.csf_lag",
        )
    )
    per_microgram = plasma * 1e6 / (1000 * v["oxytocin.clearance"])
    a = np.diag([-depot, -transit, -plasma, -central, -csf])
    a[1, 0] = v["nasal_spray.brain_fraction"] * depot * 1e6 / v["nasal_spray.brain_volume"]
    a[2, 0] = v["nasal_spray.absorbed_fraction"] * depot * per_microgram
    a[3, 1], a[4, 3] = transit, csf
    spray, vein = np.zeros(5), np.zeros(5)
    spray[0] = v["nasal_spray.depot_share"] * MICROGRAM_PER_IU
    vein[2] = MICROGRAM_PER_IU * per_microgram
    return a, spray, vein


NAMES = ("nasal_depot", "brain_transit", "plasma_oxytocin", "central_oxytocin", "csf_oxytocin")


@pytest.mark.parametrize("route", ["nose", "vein"])
def test_the_linear_chain_is_its_matrix_exponential(route: str) -> None:
    dose = (
        NasalSpray("24 IU", at="09:00") if route == "nose" else IntravenousBolus("2 IU", at="09:00")
    )
    times = [f"{t} min" for t in (0, 60, 61, 75, 120, 300)]
    dyad, course = _run(Routine.empty() + dose, "6 h", times)
    a, spray, vein = _linear(dyad)
    force = 24 * spray if route == "nose" else 2 * vein
    # one minute of constant input by the exponential of the matrix that carries the input as a
    # state
    whole = np.zeros((6, 6))
    whole[:5, :5], whole[:5, 5] = a, force
    after = expm(whole) @ np.array([0, 0, 0, 0, 0, 1.0])
    resting = np.array([course[f"caregiver.{name}"].values[0, 0] for name in NAMES])
    for i, minutes in enumerate((0.0, 14.0, 59.0, 239.0)):
        expected = resting + expm(a * minutes) @ after[:5]
        actual = np.array([course[f"caregiver.{name}"].values[0, i + 2] for name in NAMES])
        assert actual == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_an_intravenous_bolus_halves_in_its_half_life() -> None:
    times = [f"{t} min" for t in (0, 61, 65, 69)]
    half_life = {"oxytocin.plasma_half_life": 4.0}
    _, course = _run(
        Routine.empty() + IntravenousBolus("1 IU", at="09:00"), "2 h", times, **half_life
    )
    base, *levels = course["caregiver.plasma_oxytocin"].values[0]
    above = np.array(levels) - base
    assert above[1:] / above[:-1] == pytest.approx([0.5, 0.5], rel=1e-8)


def test_the_residue_fills_and_drains_as_in_closed_form() -> None:
    dyad, course = _run(
        Routine.empty() + NasalSpray("24 IU", at="09:00"),
        "6 h",
        [f"{t} min" for t in (61, 90, 300)],
    )
    get = lambda name: dyad.value(f"caregiver.nasal_spray.{name}")  # noqa: E731
    for kind in ("fast", "slow"):
        share, rate = (
            get(f"residue_{kind}_share") * MICROGRAM_PER_IU,
            LN2 / get(f"residue_{kind}_half_life"),
        )
        filling = 24 / get("capacity") + rate
        top = 24 * share / filling * (1 - np.exp(-filling))
        actual = course[f"caregiver.nasal_residue_{kind}"].values[0]
        assert actual == pytest.approx(
            top * np.exp(-rate * np.array([0, 29, 239])), rel=1e-8, abs=1e-9
        )


@pytest.mark.parametrize("dose", [4.0, 24.0, 48.0])
def test_every_dose_is_conserved(dose: float) -> None:
    # Gauss-Legendre on 3-min panels, and on 12 s while the dose runs in: exact for these
    # exponentials to rounding
    nodes, weights = np.polynomial.legendre.leggauss(8)
    panels = np.concatenate([np.linspace(0, 1, 6), np.linspace(1, 360, 121)[1:]])
    middle, half = (panels[1:] + panels[:-1]) / 2, np.diff(panels) / 2
    times = (middle[:, None] + half[:, None] * nodes).ravel()
    weight = (half[:, None] * weights).ravel()
    save = [f"{60 + t:.9f} min" for t in (*times, 360.0)]
    dyad, course = _run(Routine.empty() + NasalSpray(f"{dose:g} IU", at="09:00"), "8 h", save)
    p = dyad.resolved().caregivers[0].nasal_spray
    state = [
        course[f"caregiver.nasal_{k}"].values[0] for k in ("depot", "residue_fast", "residue_slow")
    ]
    rate = np.where(times < 1, dose, 0.0)
    depot, fast, slow = (s[:-1] for s in state)
    absorbed = float(weight @ nose.absorption(depot, p))
    to_brain = float(weight @ (p.brain_fraction * LN2 / p.depot_half_life * depot))
    lost = float(weight @ nose.lost(depot, fast, slow, rate, p))
    values = sum(float(s[-1]) for s in state)
    assert np.all(nose.lost(depot, fast, slow, rate, p) >= -1e-9)
    assert absorbed + to_brain + lost + values == pytest.approx(dose * MICROGRAM_PER_IU, rel=1e-7)


def test_cut_edges_leave_the_linear_kinetics_alone() -> None:
    # the drug's own path has no edge: with every edge cut, a spray adds the same plasma oxytocin
    times = [f"{t} min" for t in (0, 75, 120)]
    spray = Routine.empty() + NasalSpray("24 IU", at="09:00")
    rises = []
    for cut in ((), tuple(edges())):
        course = simulate(
            Dyad(parameters=SILENT), spray, "3 h", save=times, solver=PRECISE, cut=cut
        )
        level = course["caregiver.plasma_oxytocin"].values[0]
        rises.append(level[1:] - level[0])
    assert rises[0] == pytest.approx(rises[1], rel=1e-7)

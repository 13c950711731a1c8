"""Questions of rescue for tests, and maps of courses that are made up."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

import oxysim as ox
from oxysim.families import Dyad
from oxysim.interventions.treatment import Coaching
from oxysim.loop.treatment.dose_map import RescueMap
from oxysim.loop.treatment.rescue import Rescue
from oxysim.population import Population

MINUTES, COURSE = "skin_to_skin.minutes", "skin_to_skin.course"
CONTACT = {"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00 for 5 weeks")}
SPRAY = {"spray": ox.NasalSpray("24 IU", at="10:00", repeat="daily", course="4 weeks")}
COACHING = {"coaching": Coaching(sessions=4)}
DOSES = {MINUTES: ["30 min", "120 min"], COURSE: ["1 weeks", "5 weeks"]}
EPDS = "mother.epds: weekly mean"


def question(dyads: Any = None, doses: Any = None, treatment: Any = None, **options: Any) -> Rescue:
    return Rescue(
        dyads or Dyad.symptomatic("2 weeks"), doses or DOSES, treatment or CONTACT, **options
    )


def made_up(courses: Any, untreated: Any, doses: dict[str, Any]) -> RescueMap:
    """A map of given EPDS courses, shape (doses ..., [dyad], week); treatment ends within the
    second week.
    """
    dyads = Dyad().repeat(np.shape(courses)[-2]) if np.ndim(courses) == len(doses) + 2 else Dyad()
    asked = question(dyads, doses, followed="6 weeks")
    dims = (*doses, *(["dyad"] if np.ndim(courses) == len(doses) + 2 else []), "week")
    coords = {
        name: values for name, values in asked.study.template().coords.items() if name in doses
    }
    treated = xr.Dataset({EPDS: (dims, np.asarray(courses, dtype=float))}, coords=coords)
    alone = xr.Dataset(
        {EPDS: (("dyad", "week"), np.reshape(np.asarray(untreated, dtype=float), (len(dyads), -1)))}
    )
    stops = xr.full_like(asked.stops, 10.0)
    return RescueMap(asked.study, stops, treated, alone, 13.0)


def course(first: float, after: float, last: float) -> list[float]:
    """Weeks 0 and 1 with treatment, weeks 2 to 7 without."""
    return [first, first, after, last, last, last, last, last]


ILL, WELL = course(16, 16, 16), course(16, 9, 6)


COMMUNITY = Population.named("community")

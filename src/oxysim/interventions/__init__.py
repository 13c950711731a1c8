"""Interventions: one file each, or one for a tight family. A new file in this folder is found by itself."""

import importlib
import pkgutil

from oxysim.interventions.breastfeeding import Breastfeed, Breastfeeding, Weaning
from oxysim.interventions.contact import Massage, SkinToSkin
from oxysim.interventions.intravenous import IntravenousBolus
from oxysim.interventions.knockout import ReceptorKnockout
from oxysim.interventions.play_and_talk import AffectionateTalk, PartnerContact, PlaySession, RemoteVoice
from oxysim.interventions.spray import NasalSpray, Placebo
from oxysim.interventions.stressors import AmbientStress, Crying, Separation, StillFace, Stressor
from oxysim.interventions.treatment import Antidepressant, Coaching, PsychologicalTreatment, SocialSupport
from oxysim.schedule.schedule import Intervention


def _found() -> dict[str, type[Intervention]]:
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    leaves = {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Intervention) and value is not Intervention
    }
    return dict(sorted(leaves.items()))


INTERVENTIONS: dict[str, type[Intervention]] = _found()
"""Every intervention by name."""

__all__ = [
    "INTERVENTIONS", "AffectionateTalk", "AmbientStress", "Antidepressant", "Breastfeed", "Breastfeeding", "Coaching",
    "Crying", "IntravenousBolus", "Massage", "NasalSpray", "PartnerContact", "Placebo", "PlaySession",
    "PsychologicalTreatment", "ReceptorKnockout", "RemoteVoice", "Separation", "SkinToSkin", "SocialSupport",
    "StillFace", "Stressor", "Weaning",
]  # fmt: skip

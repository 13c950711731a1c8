from oxysim.interventions.breastfeeding import Breastfeed, Breastfeeding, Weaning
from oxysim.interventions.catalogue import INTERVENTIONS
from oxysim.interventions.contact import Massage, SkinToSkin
from oxysim.interventions.daily_crying import DailyCrying
from oxysim.interventions.daily_life import DailyLife
from oxysim.interventions.intravenous import IntravenousBolus
from oxysim.interventions.knockout import ReceptorKnockout
from oxysim.interventions.life_events import LifeEvents
from oxysim.interventions.play_and_talk import (
    AffectionateTalk,
    PartnerContact,
    PlaySession,
    RemoteVoice,
)
from oxysim.interventions.sentences import parse, parse_all, parse_schedule
from oxysim.interventions.spray import NasalSpray, Placebo
from oxysim.interventions.stressors import AmbientStress, Crying, Separation, StillFace, Stressor
from oxysim.interventions.treatment import (
    Antidepressant,
    Coaching,
    PsychologicalTreatment,
    SocialSupport,
)
from oxysim.interventions.work import Work

__all__ = [
    "INTERVENTIONS",
    "AffectionateTalk",
    "AmbientStress",
    "Antidepressant",
    "Breastfeed",
    "Breastfeeding",
    "Coaching",
    "Crying",
    "DailyCrying",
    "DailyLife",
    "IntravenousBolus",
    "LifeEvents",
    "Massage",
    "NasalSpray",
    "PartnerContact",
    "Placebo",
    "PlaySession",
    "PsychologicalTreatment",
    "ReceptorKnockout",
    "RemoteVoice",
    "Separation",
    "SkinToSkin",
    "SocialSupport",
    "StillFace",
    "Stressor",
    "Weaning",
    "Work",
    "parse",
    "parse_all",
    "parse_schedule",
]

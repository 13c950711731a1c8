from oxysim.schedule.activities import Absence, Activity, Feed, Play, Sleep, Talk, Together, Touch
from oxysim.schedule.bouts import Bout, Bouts, Window
from oxysim.schedule.daily_life_noise import DailyLifeNoise
from oxysim.schedule.realised import Realised
from oxysim.schedule.routine import Routine
from oxysim.schedule.schedule import Intervention, Schedule, as_schedule
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.timing import Timing
from oxysim.schedule.typical import STAGES, stage

__all__ = [
    "STAGES",
    "Absence",
    "Activity",
    "Bout",
    "Bouts",
    "Feed",
    "Intervention",
    "DailyLifeNoise",
    "SchedulePart",
    "Play",
    "Realised",
    "Routine",
    "Schedule",
    "Sleep",
    "Talk",
    "Timing",
    "Together",
    "Touch",
    "Window",
    "as_schedule",
    "stage",
]

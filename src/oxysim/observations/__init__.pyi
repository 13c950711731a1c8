from oxysim.observations.diaries.diary import Diary
from oxysim.observations.diaries.diary_entries import DiaryEntry
from oxysim.observations.diaries.diary_reader import read_diary
from oxysim.observations.event_tables.dose_events import DoseEvent
from oxysim.observations.event_tables.event_format import EventFormat
from oxysim.observations.event_tables.event_reader import read_events
from oxysim.observations.event_tables.event_table import EventTable
from oxysim.observations.event_tables.event_writer import write_events
from oxysim.observations.observations import Observations
from oxysim.observations.questionnaire_forms import read_forms
from oxysim.observations.reading_report import ReadingReport
from oxysim.observations.sample_tables import read_samples
from oxysim.observations.sampled_curve_figures import noncompartmental

__all__ = [
    "Diary",
    "DiaryEntry",
    "DoseEvent",
    "EventFormat",
    "EventTable",
    "Observations",
    "ReadingReport",
    "noncompartmental",
    "read_diary",
    "read_events",
    "read_forms",
    "read_samples",
    "write_events",
]

"""Diaries and tracker exports: from a file's rows to days that a schedule can hold.

In reading order:

- `entry_kinds`: what a diary tells of, the words for it, what each kind becomes.
- `entry_times`: clocks, dates and time zones; `diary_columns`: which column holds what.
- `diary_entries`: entries, doubled ones, those without an end; `entry_overlaps`: which cannot both
  be true.
- `recorded_days`: entries as activities, and the day that stands for all.
- `diary`, `diary_reader`: the diary and its schedules; from a file to a diary.
"""

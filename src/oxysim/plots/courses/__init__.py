"""Figures of courses over time: one result, several arms, and the day that lay behind them.

In reading order:

- ``time_course``: one result in a panel, or in panels below each other.
- ``arms``: several results, over each other or in columns.
- ``day_schedule``: a day's activities as rows over the clock.
- ``measured_points``: a user's samples over the courses.
- ``shading``: what was done, as shaded stretches with their names.
- ``time_axis``: the clock or the infant's age along the bottom.
- ``drawn_course``: what lies between two outputs, computed anew where that is cheap.
"""

"""Event tables as pharmacometrics keeps them (NONMEM, mrgsolve, Monolix): doses and measured values
by TIME, AMT, CMT, EVID and DV, read and written.

In reading order:

- `event_format`: what a table's codes and units mean, which none of these files says by itself.
- `dose_events`: doses, and the interventions that they are.
- `event_rows`: one row as a dose or a value; `event_columns`: which columns there are.
- `event_table`, `event_reader`, `event_writer`: the table, from a file, and back.
"""

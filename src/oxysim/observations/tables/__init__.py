"""What the readers of measured values share: a table's columns by their roles, and what its rows
say of who was measured and when.

- `table_columns`: which column holds what; `subjects`: who was measured.
- `row_times`: when; `ages`: how old the infant was.
- `repeated_rows`: rows that stand twice; `observation_rows`: from rows to the form.
"""

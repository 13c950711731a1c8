"""Inside the reader of samples.

- `sample_layout`: a column for each analyte, or one value a row.
- `sample_values`: units, limits, and what becomes of numbers beyond them.
"""

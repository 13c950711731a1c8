"""What a simulation keeps and returns.

In reading order:

- ``outcomes``: an outcome is a variable, a statistic, and when.
- ``outcome_windows``: outcomes over the window of a run.
- ``panels``: courses as polynomials between the edges of a schedule.
- ``sampling``: looking at a run closely enough, chunk by chunk.
- ``summaries``: every outcome of a prepared run, from areas to times above a level.
- ``run_status``, ``labelled``: what became of a run, and datasets with labels.
- ``result``, ``course_readings``: the result, and what it says of its courses.
- ``assembly``: how it is put together.
- ``reading``: what a result says at any moment and over any window.
- ``result_file``: a result as a NetCDF file with a digest.
- ``provenance``, ``provenance_text``: what a result rests on, as data and in sentences.
"""

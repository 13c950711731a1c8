"""Schedules as sentences: the grammar in which a routine or an intervention can be written.

- ``tokens``: a text cut into words, numbers and clock times.
- ``clauses``: what a clause says, such as "daily" or "at 10:00" (``read_clause``), and how it is
  written.
- ``values``: clock times, days, doses and names inside a clause.
- ``parser``: all clauses of a sentence, and the clock times that "twice a day" stands for.
- ``routine_text``: the sentences of activities and typical days.

Which clauses a thing has stands in ``schedule.wording``. Whole texts are read by
``interventions.sentences``, which knows the nouns.
"""

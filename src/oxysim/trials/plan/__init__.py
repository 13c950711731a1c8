"""The parts of a trial's plan: each says one thing, checks itself, knows no pool and no result.

- ``trial_design``, ``trial_arms``: which arms there are, and what each adds to the day.
- ``allocation``: who is allocated to what.
- ``adherence``: which sessions are missed; ``blinding``: what is believed of the arm.
- ``visits``: when it measures; ``dropout``: the rule by which participants leave.
- ``endpoints``, ``endpoint_list``: what it is judged by.
- ``keyed_draws``: the random draws of participants; ``limits``: how large a trial may be.
"""

"""Which study would tell: what designs are expected to tell of what an ensemble leaves open.

- ``informative``: the question itself, its table and its text.
- ``study_figures``: what a study reports, and by how much one participant strays.
- ``design_runs``, ``answer_store``: every design in every member, kept as it comes.
- ``asked_quantity``: what is asked about, of every member: a quantity, a structure, a function.
- ``figure_spread``: how far figures differ between members, beside what a study strays by.
- ``expected_narrowing``, ``expected_information``: of a number, and of a structure.
"""

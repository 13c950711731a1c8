"""Everyday lives, and whether they rest where anybody would expect them to: face validity.

- ``face_validity``: the question itself, and its tables.
- ``life``: a life as data: who is there, the day, and which of its inputs is a load.
- ``everyday``: the lives that are asked of the model, and the doses of contact.
- ``courses``: the EPDS over 24 weeks of many lives, in one batch for each kind of family.
- ``verdicts``: where a life rests, and what its shift comes from.
- ``after_selection``: mothers who are selected for a high score, and what usual care makes of it.
- ``page``: the tables in words.
"""

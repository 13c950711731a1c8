"""Where a run begins: fast states on their daily cycle, slow ones at their means over a day.

- ``initial_state``: the start of a run, kept from an earlier one or settled.
- ``settling``: repeating the usual day until nothing fast changes.
- ``centring``: from a state's mean over a day to where it is at one hour.
- ``mood_at_birth``: mood and depression of newborn infants' mothers.
"""

"""Where a run begins: fast states on their daily cycle, slow ones at their means over a day.

- ``initial_state``: settling on the usual day.
- ``centring``: from a state's mean over a day to where it is at one hour.
- ``kept_starts``: settled starts that are kept.
"""

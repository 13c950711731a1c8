"""The regimes of one dyad, and what can be asked of them.

- ``regimes``: all steady daily cycles, stable and unstable.
- ``loop_gain``: the gain of the loop over one edge or several.
- ``maintenance``: which edges a symptomatic regime needs (``hold_up``).
- ``regime_verification``: simulations from beside each regime come back, or leave, as it says.
- ``missed_regimes``: long simulations from scattered starts find no other.
"""

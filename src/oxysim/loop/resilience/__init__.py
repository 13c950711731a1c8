"""How firmly a regime holds.

- ``basins``: which start ends in which regime, and the separatrix between them.
- ``pulses``: the smallest stress that tips a dyad, and the way back from a smaller one.
- ``full_model_basins``: both held against the full model.
- ``early_warning``: how depression fluctuates near a fold, by linear theory.
- ``simulated_early_warning``: the same in simulations of the full model.
"""

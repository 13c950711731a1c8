"""The regimes of one dyad: found, checked against the full model, and what maintains them."""

"""The full model at a frozen age: its map over one day, and what that says of averaged regimes."""

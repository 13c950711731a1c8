"""Where the averaged system rests: equilibria, their stability, and what holds them up."""

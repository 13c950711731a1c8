"""How firmly a regime holds: basins of attraction, recovery from pulses, early warning."""

"""The parts of a trial's plan: each says one thing, checks itself, knows no pool and no result."""

"""Real survey forms beside simulated mothers: reading, distance, fit and score."""

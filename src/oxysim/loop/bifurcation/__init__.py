"""How equilibria move with a parameter: continuation, folds, Hopf points, branches, hysteresis."""

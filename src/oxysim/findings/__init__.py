"""Published findings, and the rules by which a simulated answer agrees with one."""

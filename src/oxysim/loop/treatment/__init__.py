"""Which dose and length of an intervention moves a dyad from one regime to the other."""

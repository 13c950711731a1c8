"""How likely readings are, given what the model expects: the instruments' own noise, integrated.

In reading order:

- ``log_integrals``: integrals over one effect, many at once.
- ``reported_values``: what a report (a value, a rounded value, "below 5") leaves open of a reading.
- ``shared_noise``: readings that share the noise of a visit and of a person, on a normal scale.
- ``nested_effects``: readings that are not normal once these effects are: three integrals.
- ``counted_shares``: shares that were counted; ``floored_readings``: noise with a floor near zero.
- ``reading_likelihood``: one instrument's readings of one person.
"""

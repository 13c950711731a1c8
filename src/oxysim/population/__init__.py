"""Populations of dyads, samples of them, and who of them enters a study.

In reading order:

- `traits`, `quantiles`: how a parameter is spread between dyads.
- `copula`: traits that go together.
- `attribute_days`, `plausible_sets`: what attributes add to a day; what is not known, drawn.
- `population`, `population_checks`, `population_file`: a population, its checks, and its file.
- `independent_sample`: dyads with every parameter drawn by itself.
- `criteria`, `selection`: conditions of entry; who lives up to it, is measured and enters.
- `screening`: dyads in the symptomatic regime.
- `members`: the dyads of a study as an order, drawn when they are needed.

>>> from oxysim import population
>>> community = population.Population.named("community")
>>> families, selection = community.select(2, "preterm", at="0 d", seed=1, progress=False)
>>> families.numbers, selection.screened
((30, 44), 45)
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)

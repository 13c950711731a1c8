"""The science by itself: states, parameters, edges and mechanisms as equations of one household.

It imports nothing of schedules, engines or trials. In reading order:

- ``dyad``: the differential equations, a line a state;
- ``mechanisms``: a page for each term of them, with formula, parameters, sources, limits;
- ``signals``, ``infant_signals``: what both transmit to each other, a line an edge;
- ``transmission``: what passes over an edge that is whole, cut or scaled;
- ``household``: any number of caregivers and one infant, as one system;
- ``structure``: the tables of states, outputs, edges and parameters; ``inputs``: what reaches them;
- ``rows``: what a line of these tables says, and how it is checked;
- ``registry``: every row by the name that a user writes, and tables with one value an edge;
- ``slow_states``: what the rows of slow states say, for averaged days, regimes and starts;
- ``value_ranges``: whether a value is legal, and plausible, and what it is in internal units;
- ``clock``: the time of day and the age, for those who run the equations.
"""

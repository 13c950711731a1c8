"""The science by itself: states, parameters, edges and mechanisms as equations of one household.

It imports nothing of schedules, engines or trials. In reading order:

- ``dyad``: the differential equations, a line a state;
- ``mechanisms``: a page for each term of them, with formula, parameters, sources, limits;
- ``signals``: what caregiver and infant transmit to each other, a line an edge;
- ``household``: any number of caregivers and one infant, as one system;
- ``structure``: the tables of states, outputs, edges and parameters; ``inputs``: what reaches them;
- ``rows``: what a line of these tables says, and how it is checked;
- ``registry``: every row by the name that a user writes;
- ``slow_states``: what the rows of slow states say, for averaged days, regimes and starts;
- ``plausible_ranges``: what is legal but implausible;
- ``edge_tables``, ``internal_units``, ``clock``: small tools for those who run the equations.
"""

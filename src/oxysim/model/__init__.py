"""The science by itself: states, parameters, edges and mechanisms as equations of one household.

It imports nothing of schedules, engines or trials. ``household`` holds the equations, ``structure``
the rows beside them, ``mechanisms`` one page each.
"""

"""The peers of the compiled engine: other integrators, made to solve the same equations for the
same dyads.
"""

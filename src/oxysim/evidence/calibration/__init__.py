"""Fitting a population to published findings of use ``fit``, on averaged days."""

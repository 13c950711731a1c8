"""Figures of trials: effects, arms over visits, individual differences, power."""

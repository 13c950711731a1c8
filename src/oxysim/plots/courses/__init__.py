"""Figures of courses over time: one result, several arms, and the day that lay behind them."""

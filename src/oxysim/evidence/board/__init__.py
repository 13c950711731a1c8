"""The scoreboard: protocols are run, and each published finding stands beside the
model's answer.
"""

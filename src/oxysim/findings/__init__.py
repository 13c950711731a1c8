"""Published findings, and the rules by which a simulated answer agrees with one:

published   the findings of ``data/targets.csv``: figure, interval, rule, citation, use
agreement   when an answer agrees: one function a rule, each with its reason in words
answer_rules  the numbers of a row that answers a finding, and the rule that judges them
"""

"""The scoreboard: protocols are run, and each published finding stands beside the
model's answer.

- ``finding_selection``: which findings are shown, and which row of which run answers each.
- ``protocol_runs``, ``edge_runs``, ``run_row``: which protocol answers what.
- ``protocol_sizes``: how large it is run.
- ``run_protocols``, ``shared_cohorts``: the protocols are run; ``check_protocols``,
  ``loop_protocols``: those that only the board needs.
- ``table_rows``, ``answers``, ``answer_rules``: from a row of a protocol's tables to an answer, and
  its verdict.
- ``assumed_share``: how much of an answer rests on assumed parameters.
- ``scoreboard``, ``scoreboard_table``, ``report``: the board, its table, its words.
"""

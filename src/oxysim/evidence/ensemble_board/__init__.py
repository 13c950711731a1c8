"""The scoreboard over an ensemble of populations: some members are asked all findings, and each
finding stands beside their median and interval.

- ``chosen_members``: which members are asked, evenly by weight.
- ``kept_answers``: what members answered, kept in a file so that ended work goes on.
- ``members_over_findings``: from members' answers to a median, an interval and a share that holds.
- ``forecast_scores``: coverage and sharpness of findings that nothing was fitted to.
- ``ensemble_scoreboard``, ``ensemble_page``: the board and its words.
"""

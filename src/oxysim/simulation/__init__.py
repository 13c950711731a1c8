"""From families and schedules to courses and outcomes.

The two verbs and what they do, in reading order:

- ``simulate``, ``simulate_outcomes``: the two verbs, which keep courses or outcomes.
- ``run``: a simulation with every argument checked, ready to run in one go or chunk by chunk.
- ``start/``: where a run begins: fast states on their daily cycle, slow ones at their daily means.
- ``engines``: which engine integrates, SciPy's or the compiled one, and what an integrator is.
- ``scipy_engine``: what to integrate and how precisely; ``solve_ivp`` from edge to edge.
- ``compiled/``: the equations as vector instructions, eight dyads side by side.
- ``equations/``: the equations traced once, and written out as code.
- ``input_pieces``: schedules cut into pieces of constant input.
- ``noise_paths``: daily-life noise, hour by hour since birth.
- ``recorder``: what the engines write into while they run.
- ``results/``: what is kept of a course, and the labelled result.
- ``averaging/``: averaged days, for searches and regimes.
- ``block_runner``: many dyads, some at a time.
- ``plausibility``: what is legal but implausible.
- ``reference_signals``: the usual value of every signal.
- ``plain_rates``: the equations as they are written, to step through.
- ``code_cache``: compiled code on disk.

A *window* is any interval from a moment to a later one; a run, an outcome and a reading have one.
Inside a run's window, an *edge* is a moment at which an input changes, and a *piece* lies between
two neighbouring edges: every input is constant in it, and a solver is started anew for it. A *bout*
is the window of one activity or intervention (``schedule.bouts``); a *chunk* is the part
of a long run that stands in memory together; a *panel* is the part of a piece on which one
polynomial stands for a course; a *period* is the day or week that repeats for ever in an averaged
day.
"""

"""What the exit code of a command means."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; 2 is also what a wrong option gives.

    >>> Exit.BAD_INPUT.value
    2
    """

    FINISHED = 0
    BAD_INPUT = 2
    FAILED_RUNS = 3
    STOPPED = 4
    NO_STORE = 5
    DAMAGED = 6
    INTERRUPTED = 130


_MEANINGS = {
    Exit.FINISHED: "finished",
    Exit.BAD_INPUT: "the input or an option is wrong; nothing was run",
    Exit.FAILED_RUNS: "finished, but some runs failed (their reasons are in the result)",
    Exit.STOPPED: "stopped early; 'oxysim resume' goes on with a sweep that has a store",
    Exit.NO_STORE: "the store is in use by another process, or cannot be written",
    Exit.DAMAGED: "'oxysim verify' found something damaged",
    Exit.INTERRUPTED: "interrupted",
}
# every verb can end in these three ways
_EVERY = (Exit.FINISHED, Exit.BAD_INPUT, Exit.INTERRUPTED)
_SWEEP = (*_EVERY, Exit.FAILED_RUNS, Exit.STOPPED, Exit.NO_STORE)
_OF_VERBS = {
    "describe": _EVERY,
    "simulate": (*_EVERY, Exit.FAILED_RUNS, Exit.NO_STORE),
    "sweep": _SWEEP,
    "resume": _SWEEP,
    "verify": (*_EVERY, Exit.DAMAGED),
    "trial": (*_EVERY, Exit.FAILED_RUNS, Exit.NO_STORE),
    "evidence": (*_EVERY, Exit.FAILED_RUNS, Exit.NO_STORE),
    "read": (*_EVERY, Exit.NO_STORE),
    "new": (*_EVERY, Exit.NO_STORE),
}


def epilogue(verb: str = "") -> str:
    """The exit codes of a verb, or of all of them, for its help: a trial, say, is not resumed.

    >>> print(epilogue("verify").splitlines()[3])
      6    'oxysim verify' found something damaged
    """
    # a verb's help has only the codes that it can end with
    codes = sorted(_OF_VERBS.get(verb, tuple(Exit)))
    # one code may mean less in one verb than over all of them
    words = dict(_MEANINGS)
    if not verb or verb in ("sweep", "resume"):
        words[Exit.INTERRUPTED] += "; 'oxysim resume' goes on with a sweep that has a store"
    if verb in ("simulate", "trial", "evidence", "read", "new"):
        words[Exit.NO_STORE] = "a file cannot be written"
    return "exit codes:\n" + "".join(f"  {code.value:<4} {words[code]}\n" for code in codes)

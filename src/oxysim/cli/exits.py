"""What the exit code of a command means."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; 2 is also what a wrong option gives."""

    FINISHED = 0
    BAD_INPUT = 2
    FAILED_RUNS = 3
    STOPPED = 4
    NO_STORE = 5
    DAMAGED = 6
    INTERRUPTED = 130


EPILOGUE = """\
exit codes:
  0    finished
  2    the input or an option is wrong; nothing was run
  3    finished, but some runs failed (their reasons are in the result)
  4    a sweep stopped before the end; 'oxysim resume' goes on with one that has a store
  5    the store is in use by another process, or cannot be written
  6    'oxysim verify' found something damaged
  130  interrupted; 'oxysim resume' goes on with a sweep that has a store, all else begins anew
"""

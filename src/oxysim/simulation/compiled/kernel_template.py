"""The compiled engine's inner loop: dyads side by side, each from edge to edge of its own schedule.

`runge_kutta` holds the method and `llvm_code` the equations; here each lane is led through its
timeline. Every lane has its own time, step, error and fate: no dyad's answer depends on who stands
beside it.

This file is a template: `compiled_engine` writes a copy of it for each family shape, with `KEY` and
the places of the blocks filled in, because Numba keeps compiled code by the file that it came from.
The loop handles plain arrays, which are described in `kernel_arguments`: a tuple of arrays is slow
to hand over.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from oxysim.simulation.compiled.compiled_system import ROWS
from oxysim.simulation.compiled.kernel_arguments import (
    FRESH_HOUR,
    FRESH_LEVELS,
    FRESH_USUAL,
    HOUR_ROW,
    LAST,
    LEVELS_ROW,
    SAVES,
    USUAL_ROW,
)
from oxysim.simulation.compiled.llvm_code import (
    next_in_queue,
    store_noise_terms,
    store_outputs,
    store_parameter_terms,
    store_piece_terms,
    store_rates,
    store_rates_and_decays,
)
from oxysim.simulation.compiled.runge_kutta import (
    OK,
    choose,
    finish,
    judge,
    powers,
    relaxation,
    trial,
    weigh,
    weighted,
)

# Filled in by `compiled_engine`: the family's shape, how many lanes there are, and where blocks
# begin.
KEY = ""
LANES = 8
K2 = K3 = K4 = K5 = K6 = RAW = PIECE = SHOWN = Y = 0  # where blocks begin in the loop's array `w`

# Numba gives these to every operation, those of `llvm_code` too: sums must keep their order,
# since rounding there is done by adding a large number and taking it away.
OPTIONS: Any = {"error_model": "numpy", "fastmath": {"nsz", "contract", "arcp"}}

# Where the rows of one value a lane begin in `w`.
TIME, UNTIL, WANTED, OPENING = [
    LANES * ROWS.index(name) for name in ("time", "until", "wanted", "opening")
]
ACTIVE, FRESH, ARRIVED, STATUS = [
    LANES * ROWS.index(name) for name in ("active", "fresh", "arrived", "status")
]
CALLS, STEPS, FLAG, FIRST = [
    LANES * ROWS.index(name) for name in ("calls", "steps", "flag", "first_step")
]


@njit(**OPTIONS)
def rates_at(into: int, w: Any) -> None:
    """The rates at a stage, as a function of its own: so large a body should stand in the code
    once.

    >>> rates_at.py_func.__code__.co_names  # nothing else is done
    ('store_rates', 'KEY')
    """
    store_rates(KEY, into, w)


@njit(**OPTIONS)
def step(w: Any) -> None:
    """The state after a step, its error, and what follows from it.

    >>> step.py_func.__code__.co_names[:3]  # what a step does first
    ('store_rates_and_decays', 'KEY', 'relaxation')
    """
    store_rates_and_decays(KEY, w)
    # The decays decide how long a step may be at most, so they come before it.
    relaxation(KEY, w)
    choose(KEY, w)
    powers(KEY, w)
    # Written out, not looped over: a stage is part of an instruction's name, not a number at run
    # time.
    trial(KEY, 2, w)
    rates_at(K2, w)
    weighted(KEY, 2, w)
    trial(KEY, 3, w)
    rates_at(K3, w)
    weighted(KEY, 3, w)
    trial(KEY, 4, w)
    rates_at(K4, w)
    weighted(KEY, 4, w)
    trial(KEY, 5, w)
    rates_at(K5, w)
    weighted(KEY, 5, w)
    trial(KEY, 6, w)
    rates_at(K6, w)
    weighted(KEY, 6, w)
    finish(KEY, w)
    judge(KEY, w)


@njit(inline="always", **OPTIONS)
def load(
    lane: int, d: int, first: Any, raw: Any, states: Any, order: Any, w: Any, dyad: Any, event: Any
) -> None:
    """Put dyad `d` into a lane, at the start of its timeline.

    >>> w, dyad, event = np.zeros(10000), np.full(LANES, -1), np.zeros(LANES, int)
    >>> raw, states = np.zeros((3, 2)), np.ones((3, 4))
    >>> load.py_func(1, 2, np.array([0, 5, 9]), raw, states, np.arange(4), w, dyad, event)
    >>> dyad[1], event[1], w[ACTIVE + 1]  # dyad 2 is in lane 1, before its first event
    (np.int64(2), np.int64(8), np.float64(1.0))
    """
    # One before the first event: arriving there is what brings the lane its inputs.
    dyad[lane], event[lane] = d, first[d] - 1
    w[ACTIVE + lane] = w[ARRIVED + lane] = 1.0
    w[CALLS + lane] = w[STEPS + lane] = w[STATUS + lane] = 0.0
    w[WANTED + lane] = w[OPENING + lane] = w[FIRST + lane]
    for i in range(raw.shape[1]):
        w[RAW + i * LANES + lane] = raw[d, i]
    for i in range(order.size):
        w[Y + i * LANES + lane] = states[d, order[i]]


@njit(inline="always", **OPTIONS)
def release(lane: int, states: Any, order: Any, fate: Any, w: Any, dyad: Any) -> None:
    """Keep what is to be known of a lane's dyad, and free the lane.

    >>> w, dyad = np.zeros(10000), np.arange(LANES)
    >>> fate, states = np.zeros((LANES, 3)), np.ones((LANES, 4))
    >>> release.py_func(1, states, np.arange(4), fate, w, dyad)
    >>> dyad[:3].tolist()  # lane 1 is free
    [0, -1, 2]
    """
    d = dyad[lane]
    fate[d, 0], fate[d, 1], fate[d, 2] = w[STATUS + lane], w[TIME + lane], w[STEPS + lane]
    for i in range(order.size):
        states[d, order[i]] = w[Y + i * LANES + lane]
    dyad[lane] = -1
    w[ACTIVE + lane] = w[ARRIVED + lane] = w[STATUS + lane] = 0.0


@njit(inline="always", **OPTIONS)
def stir(lane: int, e: int, events: Any, levels: Any, noise: Any, noisy: Any, w: Any) -> None:
    """Bring the noise of event `e` into a lane; `noise` (width, n_hours) is that of the lane's
    dyad.

    >>> w, events = np.zeros(1000), np.zeros((1, 8), int)
    >>> stir.py_func(0, 0, events, np.array([[0.5]]), np.array([[0.25]]), np.array([0]), w)
    >>> float(w[PIECE])
    0.75
    """
    for k in range(noisy.size):
        level = levels[events[e, LEVELS_ROW], noisy[k]] + noise[k, events[e, HOUR_ROW]]
        w[PIECE + noisy[k] * LANES + lane] = level


@njit(inline="always", **OPTIONS)
def enter(lane: int, e: int, times: Any, events: Any, levels: Any, usual: Any, w: Any) -> bool:
    """Bring a lane to event `e`: the time, and the inputs of the stretch that begins there; whether
    they are new, but for noise.

    >>> w, events = np.zeros(10000), np.zeros((2, 8), int)
    >>> events[0, FRESH_LEVELS] = 1
    >>> levels, usual = np.array([[0.5, 1.0]]), np.zeros((1, 3))
    >>> enter.py_func(0, 0, np.array([480.0, 540.0]), events, levels, usual, w)
    True
    >>> float(w[PIECE])
    0.5
    """
    w[TIME + lane] = times[e]
    w[FLAG + lane] = 0.0
    if events[e, LAST]:
        return False
    # No step goes beyond the next event.
    w[UNTIL + lane] = times[e + 1]
    if events[e, FRESH_USUAL]:
        row = events[e, USUAL_ROW]
        for i in range(usual.shape[1]):
            w[PIECE + (levels.shape[1] + i) * LANES + lane] = usual[row, i]
    # An output time alone changes nothing: the step before goes on being right.
    if not events[e, FRESH_LEVELS]:
        return False
    row = events[e, LEVELS_ROW]
    for i in range(levels.shape[1]):
        w[PIECE + i * LANES + lane] = levels[row, i]
    w[FLAG + lane], w[FRESH + lane], w[CALLS + lane], w[WANTED + lane] = (
        1.0,
        1.0,
        0.0,
        w[OPENING + lane],
    )
    return True


@njit(inline="always", **OPTIONS)
def note(
    lane: int, at: int, d: int, values: Any, state_outputs: Any, algebraic_outputs: Any, w: Any
) -> None:
    """Record what is wanted of a lane at an output time.

    >>> values, none = np.zeros((1, 2, 1)), np.zeros((0, 2), int)
    >>> note.py_func(0, 1, 0, values, np.array([[0, 0]]), none, np.full(1000, 5.4))
    >>> values[0, :, 0].tolist()  # the second output time
    [0.0, 5.4]
    """
    for k in range(state_outputs.shape[0]):
        values[d, at, state_outputs[k, 1]] = w[Y + state_outputs[k, 0] * LANES + lane]
    for k in range(algebraic_outputs.shape[0]):
        values[d, at, algebraic_outputs[k, 1]] = w[SHOWN + algebraic_outputs[k, 0] * LANES + lane]


@njit(inline="always", **OPTIONS)
def leave(
    lane: int,
    e: int,
    events: Any,
    values: Any,
    state_outputs: Any,
    algebraic_outputs: Any,
    states: Any,
    order: Any,
    fate: Any,
    w: Any,
    dyad: Any,
) -> None:
    """What follows from an arrival at event `e`, or from a step that could not be made: record, and
    free the lane where its dyad is done.

    >>> w, dyad, events = np.zeros(10000), np.arange(LANES), np.zeros((1, 8), int)
    >>> events[0, LAST] = 1
    >>> fate, states, none = np.zeros((LANES, 3)), np.ones((LANES, 4)), np.zeros((0, 2), int)
    >>> leave.py_func(1, 0, events, None, none, none, states, np.arange(4), fate, w, dyad)
    >>> dyad[:3].tolist()  # the timeline of the dyad in lane 1 has ended
    [0, -1, 2]
    """
    arrived = w[ARRIVED + lane] > 0
    w[ARRIVED + lane] = 0.0
    if arrived and events[e, SAVES] >= 0:
        note(lane, events[e, SAVES], dyad[lane], values, state_outputs, algebraic_outputs, w)
    # A lane that has not arrived stands here because its step failed.
    if not arrived or events[e, LAST]:
        release(lane, states, order, fate, w, dyad)


@njit(nogil=True, cache=True, **OPTIONS)
def integrate_lanes(
    chosen: Any,
    queue: Any,
    first: Any,
    times: Any,
    events: Any,
    levels: Any,
    usual: Any,
    noise: Any,
    noisy: Any,
    raw: Any,
    states: Any,
    order: Any,
    values: Any,
    state_outputs: Any,
    algebraic_outputs: Any,
    fate: Any,
    w: Any,
) -> None:
    """Integrate the dyads `chosen` (positions) over their timelines; the arrays are described in
    `kernel_arguments.Job`.

    `queue` holds how many of them have been taken; loops that run at the same time share it.

    >>> nobody, queue = np.zeros(0, np.int64), np.zeros(1, np.int64)
    >>> integrate_lanes.py_func(nobody, queue, *[None] * 14, np.zeros(10000))
    >>> queue.tolist()  # nobody was taken
    [0]
    """
    dyad, event, position = np.full(LANES, -1), np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    happened = True
    while True:
        if happened:
            changed = stirred = noted = False
            for lane in range(LANES):
                w[FLAG + lane] = 0.0
                if w[ARRIVED + lane] > 0:
                    event[lane] += 1
                    e = event[lane]
                    fresh = enter(lane, e, times, events, levels, usual, w)
                    changed = changed or fresh
                    if noisy.size and (fresh or events[e, FRESH_HOUR]):
                        stir(lane, e, events, levels, noise[position[lane]], noisy, w)
                        stirred = True
                    noted = noted or events[e, SAVES] >= 0
            # For all lanes at once; where a lane's inputs are the same, so is what comes of them.
            if changed:
                store_piece_terms(KEY, w)
                weigh(KEY, w)
            if stirred:
                store_noise_terms(KEY, w)
            # Algebraic outputs are as dear as an evaluation, so only where some lane records one
            # now.
            if noted and algebraic_outputs.shape[0]:
                store_outputs(KEY, w)
            loaded = False
            for lane in range(LANES):
                if w[ARRIVED + lane] > 0 or w[STATUS + lane] != OK:
                    leave(
                        lane, event[lane], events, values, state_outputs, algebraic_outputs,
                        states, order, fate, w, dyad,
                    )  # fmt: skip
                if dyad[lane] < 0 and queue[0] < chosen.size:
                    following = next_in_queue(queue)
                    if following < chosen.size:
                        position[lane] = following
                        load(lane, chosen[following], first, raw, states, order, w, dyad, event)
                        loaded = True
            # A dyad that was just loaded has still to arrive at its first event.
            if loaded:
                store_parameter_terms(KEY, w)
                continue
            if dyad.max() < 0:
                return
        # Lanes without a dyad step too, by nothing.
        step(w)
        happened = False
        for lane in range(LANES):
            happened = happened or w[ARRIVED + lane] > 0 or w[STATUS + lane] != OK

"""The compiled engine's inner loop: eight dyads side by side, each from edge to edge of its own schedule.

`vector_step` holds the method and `vector_code` the equations; here each lane is led through its timeline. Every lane
has its own time, step, error and fate: no dyad's answer depends on who stands beside it.

This file is a template: `compiled_engine` writes a copy of it for each family shape, with `KEY` filled in, because
Numba keeps compiled code by the file that it came from.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from oxysim.simulation.vector_code import LANES, ROWS, outputs, prepare, rates, rates_and_decays, settle
from oxysim.simulation.vector_step import accept, finish, powers, relaxation, trial, weigh, weighted

KEY = ""

OK, STEP_LIMIT, NOT_FINITE, TOO_SMALL = 0, 1, 2, 3
SMALLEST_STEP = 1e-9  # min
LARGEST_EXPONENT = 20.0  # of a fast state over one step: beyond it the weights e^(λ h) lose too many digits
# Numba gives these to every operation, those of `vector_code` too: sums must keep their order, since rounding there
# is done by adding a large number and taking it away.
OPTIONS: Any = {"error_model": "numpy", "fastmath": {"nsz", "contract", "arcp"}}

# Where the rows of one value a lane begin: in the array of numbers `w` ...
TIME, UNTIL, WANTED, OPENING, _, SIZE, CHANGE, FASTEST, H, H_SLOW, FLAG, _ = [LANES * i for i in range(len(ROWS))]
# ... and in the array of whole numbers `q`.
DYAD, EVENT, LAST, CALLS, STEPS, FRESH, ARRIVED = [LANES * i for i in range(7)]


@njit(**OPTIONS)
def rates_at(w: Any) -> None:
    """The rates at a stage, as a function of its own: so large a body should stand in the code once."""
    rates(KEY, w)


@njit(**OPTIONS)
def step(w: Any) -> None:
    """The state after a step, and what is to be said of its error."""
    powers(KEY, w)
    trial(KEY, 2, w)
    rates_at(w)
    weighted(KEY, 2, w)
    trial(KEY, 3, w)
    rates_at(w)
    weighted(KEY, 3, w)
    trial(KEY, 4, w)
    rates_at(w)
    weighted(KEY, 4, w)
    trial(KEY, 5, w)
    rates_at(w)
    weighted(KEY, 5, w)
    trial(KEY, 6, w)
    rates_at(w)
    weighted(KEY, 6, w)
    finish(KEY, w)


@njit(**OPTIONS)
def load(lane: int, d: int, raw: Any, states: Any, plan: Any, control: Any, w: Any, q: Any) -> None:
    """Put dyad `d` into a lane, at the start of its timeline."""
    line = plan.line[d]
    q[DYAD + lane], q[ARRIVED + lane], q[CALLS + lane], q[STEPS + lane] = d, 1, 0, 0
    q[EVENT + lane], q[LAST + lane] = plan.first[line], plan.first[line + 1] - 1
    w[WANTED + lane] = w[OPENING + lane] = control.first_step
    for i in range(raw.shape[1]):
        w[control.raw + i * LANES + lane] = raw[d, i]
    for i in range(states.shape[1]):
        w[control.y + i * LANES + lane] = states[d, control.order[i]]


@njit(**OPTIONS)
def release(lane: int, status: int, states: Any, control: Any, fate: Any, w: Any, q: Any) -> None:
    """Keep what is to be known of a lane's dyad, and free the lane."""
    d = q[DYAD + lane]
    fate.status[d], fate.time[d], fate.steps[d] = status, w[TIME + lane], q[STEPS + lane]
    for i in range(states.shape[1]):
        states[d, control.order[i]] = w[control.y + i * LANES + lane]
    q[DYAD + lane], q[ARRIVED + lane] = -1, 0


@njit(**OPTIONS)
def enter(lane: int, plan: Any, control: Any, w: Any, q: Any) -> None:
    """Bring a lane to its event: the time, and the inputs of the stretch that begins there (at the end, none does)."""
    e = q[EVENT + lane]
    w[TIME + lane] = plan.times[e]
    if e == q[LAST + lane]:
        return
    w[UNTIL + lane] = plan.times[e + 1]
    if plan.fresh[e]:
        n_levels, row, stage = plan.levels.shape[1], plan.rows[e], plan.stages[e]
        for i in range(n_levels):
            w[control.piece + i * LANES + lane] = plan.levels[row, i]
        for i in range(plan.usual.shape[1] if plan.fresh[e] > 1 else 0):
            w[control.piece + (n_levels + i) * LANES + lane] = plan.usual[stage, i]
        q[FRESH + lane], q[CALLS + lane], w[WANTED + lane] = 1, 0, w[OPENING + lane]


@njit(**OPTIONS)
def note(lane: int, plan: Any, control: Any, record: Any, w: Any, q: Any) -> None:
    """Record what is wanted of a lane at its event."""
    at, d = plan.saves[q[EVENT + lane]], q[DYAD + lane]
    for k in range(record.states.size):
        record.values[record.into_states[k], d, at] = w[control.y + record.states[k] * LANES + lane]
    for k in range(record.outputs.size):
        record.values[record.into_outputs[k], d, at] = w[control.shown + record.outputs[k] * LANES + lane]


@njit(**OPTIONS)
def arrive(plan: Any, record: Any, states: Any, control: Any, fate: Any, w: Any, q: Any) -> None:
    """Deal with every lane that has come to an event: new inputs, records, the end."""
    noted = False
    for lane in range(LANES):
        w[FLAG + lane] = q[ARRIVED + lane]
        if q[ARRIVED + lane]:
            enter(lane, plan, control, w, q)
            noted = noted or plan.saves[q[EVENT + lane]] >= 0
    settle(KEY, w)
    weigh(KEY, w)
    if noted and record.outputs.size:
        outputs(KEY, w)
    for lane in range(LANES):
        if q[ARRIVED + lane]:
            if plan.saves[q[EVENT + lane]] >= 0:
                note(lane, plan, control, record, w, q)
            q[ARRIVED + lane] = 0
            if q[EVENT + lane] == q[LAST + lane]:
                release(lane, OK, states, control, fate, w, q)


@njit(**OPTIONS)
def choose(lane: int, control: Any, w: Any, q: Any) -> None:
    """The step of a lane: what the error allows, to the next event exactly, and no sliver left before it."""
    h = 0.0
    if q[DYAD + lane] >= 0:
        h = min(w[WANTED + lane], control.max_step, LARGEST_EXPONENT / w[FASTEST + lane])
        remaining = w[UNTIL + lane] - w[TIME + lane]
        if not h < remaining:
            h = remaining
        elif 2.0 * h > remaining and control.adaptive:
            h = 0.5 * remaining
    w[H + lane] = h
    w[H_SLOW + lane] = 0.0 if control.hold else h


@njit(**OPTIONS)
def judge(lane: int, control: Any, w: Any, q: Any) -> int:
    """Accept or refuse the step of a lane, and say how long the next should be; what is wrong where none can be."""
    h, size = w[H + lane], w[SIZE + lane]
    finite = math.isfinite(size)
    q[CALLS + lane] += 6
    q[STEPS + lane] += 1
    change = min(5.0, max(0.2, 0.9 * w[CHANGE + lane])) if finite else 0.2
    if finite and (size <= 1.0 or not control.adaptive):
        w[FLAG + lane] = 1.0
        whole = not w[TIME + lane] + h < w[UNTIL + lane]
        if control.adaptive:
            if q[FRESH + lane]:  # how long a stretch's first step may be is remembered for the next stretch
                longer = max(w[OPENING + lane], h * min(change, 1.5))
                w[OPENING + lane] = longer if whole and change > 1.0 else h * change
            w[WANTED + lane] = max(w[WANTED + lane], h * change) if whole and change > 1.0 else h * change
        w[TIME + lane] += h
        q[FRESH + lane] = 0
        if whole:
            q[EVENT + lane] += 1
            q[ARRIVED + lane] = 1
    else:
        w[WANTED + lane] = h * min(change, 0.9)
    if q[ARRIVED + lane]:
        return OK
    if q[CALLS + lane] > control.limit:
        return STEP_LIMIT
    if not finite and not control.adaptive:
        return NOT_FINITE
    if w[WANTED + lane] < SMALLEST_STEP:
        return TOO_SMALL if finite else NOT_FINITE
    return OK


@njit(**OPTIONS)
def fill(chosen: Any, following: int, raw: Any, states: Any, plan: Any, control: Any, w: Any, q: Any) -> int:
    """Put the dyads that follow into the free lanes; how many have been taken so far."""
    before = following
    for lane in range(LANES):
        if q[DYAD + lane] < 0 and following < chosen.size:
            load(lane, chosen[following], raw, states, plan, control, w, q)
            following += 1
    if following > before:
        prepare(KEY, w)
    return following


@njit(nogil=True, cache=True, **OPTIONS)
def carry(chosen: Any, raw: Any, states: Any, plan: Any, control: Any, record: Any, fate: Any, w: Any) -> None:
    """Carry the dyads `chosen` (positions) over their timelines.

    raw (n, n_raw): the parameters; states (n, n_states): at the start, and after it at the end; the tuples are those of
    `lane_tables`; w: the loop's array (`vector_code.blocks`) with tolerances filled in.
    """
    q = np.zeros(7 * LANES, np.int64)
    q[DYAD : DYAD + LANES] = -1
    following = fill(chosen, 0, raw, states, plan, control, w, q)
    while True:
        while q[ARRIVED : ARRIVED + LANES].any():
            arrive(plan, record, states, control, fate, w, q)
            following = fill(chosen, following, raw, states, plan, control, w, q)
        if q[DYAD : DYAD + LANES].max() < 0:
            return
        rates_and_decays(KEY, w)
        relaxation(KEY, w)
        for lane in range(LANES):
            choose(lane, control, w, q)
        step(w)
        for lane in range(LANES):
            w[FLAG + lane] = 0.0
            if q[DYAD + lane] >= 0:
                status = judge(lane, control, w, q)
                if status != OK:
                    release(lane, status, states, control, fate, w, q)
        accept(KEY, w)
        following = fill(chosen, following, raw, states, plan, control, w, q)

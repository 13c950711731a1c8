"""A thousand replicated trials analysed as one batch, against the same trials one by one.

Run::

    python benchmarks/analysis.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from oxysim.statistics.contrast import Contrast
from oxysim.statistics.crossover import crossover
from oxysim.statistics.factorial import factorial
from oxysim.statistics.two_groups import ancova, paired_t_test, welch_t_test
from oxysim.streams import stream

REPLICATIONS, SIZE, SINGLE = 1000, 200, 50
MISSING = 0.1  # share of readings
FACTORS = [(False, False), (False, True), (True, False), (True, True)]


def drawn(name: str) -> Any:
    """Readings of all trials, some missing, shape (REPLICATIONS, SIZE)."""
    random = stream(2, 0, f"benchmark {name}")
    values = random.standard_normal((REPLICATIONS, SIZE))
    return np.where(random.random(values.shape) < MISSING, np.nan, values)


def took(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the fastest of three calls, and what it returned."""
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - begin)
    return min(seconds), found


def main() -> None:
    """One line an analysis: both times, their ratio, the largest difference of an estimate."""
    order = np.arange(SIZE) % 2
    whole = [drawn(name) for name in ("a", "b", "c", "d")]
    calls: dict[str, Callable[..., Contrast]] = {
        "paired": lambda a, b, c, d: paired_t_test(a, b),
        "unpaired": lambda a, b, c, d: welch_t_test(a, b),
        "ANCOVA": lambda a, b, c, d: ancova(a, b, c, d),
        "crossover": lambda a, b, c, d: crossover(a, b, order).treatment,
        "factorial": lambda a, b, c, d: factorial(dict(zip(FACTORS, (a, b, c, d), strict=True)))[
            0,
        ],
    }
    print(
        f"{REPLICATIONS} trials of {SIZE}, {100 * MISSING:g} % missing; one by one: {SINGLE} "
        "trials, scaled"
    )
    for name, call in calls.items():
        batch, found = took(lambda call=call: call(*whole))  # type: ignore[misc]
        loop, single = took(
            lambda call=call: [call(*(v[i : i + 1] for v in whole)) for i in range(SINGLE)]
        )  # type: ignore[misc]
        apart = max(
            abs(float(one.estimate[0]) - float(found.estimate[i])) for i, one in enumerate(single)
        )
        scaled = loop * REPLICATIONS / SINGLE
        print(
            f"{name:10} batch {batch:6.3f} s, one by one {scaled:6.2f} s, ratio "
            f"{scaled / batch:5.1f}, "
            f"apart {apart:.0e}"
        )


if __name__ == "__main__":
    main()

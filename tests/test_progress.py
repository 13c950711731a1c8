"""Progress of long work: shown where somebody looks, with rate and time left; nothing anywhere
else.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import pytest

import oxysim as ox
from oxysim import progress
from oxysim.cohorts.follow_up import follow
from oxysim.errors import InputError
from oxysim.simulation.engines import compiles
from oxysim.sweeps import grid

EMPTY = ox.Routine.empty()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in place of standard error, with bars from the first moment; not a fixture, since
    pytest's capture takes standard error back between a fixture and its test.
    """
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    return stream


def pool(n: int) -> ox.Family:
    return ox.population.sample(n, seed=1)


def trial(n: int = 6) -> ox.Trial:
    arms = {"placebo": ox.Placebo(at="10:00"), "spray": ox.NasalSpray("24 IU", at="10:00")}
    return ox.Trial(
        pool(n), ox.Parallel(arms), [ox.Endpoint("warmth", "150 min", over="15 min")], day=EMPTY
    )


def study() -> ox.Study:
    design = grid({"caregiver.depression.loop_gain": [1.0, 1.5]})
    return ox.Study(ox.Dyad(), "1 h", design, EMPTY, outcomes=["caregiver.cortisol: final"])


LONG_WORK: dict[str, tuple[Callable[[bool | None], Any], str]] = {
    "simulate": (
        lambda wish: ox.simulate(ox.Dyad(), EMPTY, "2 h", progress=wish),
        "simulate: 100%",
    ),
    "an ensemble": (
        lambda wish: ox.simulate(pool(9), EMPTY, "2 h", progress=wish),
        "simulate: 100%",
    ),
    "outcomes": (
        lambda wish: ox.outcomes(
            ox.Dyad(), EMPTY, "2 h", ["caregiver.cortisol: final"], progress=wish
        ),
        "simulate: 100%",
    ),
    "trial": (lambda wish: trial().run(4, 2, progress=wish), "trial: 100%"),
    "power": (
        lambda wish: ox.power(trial(), n=[4, 6], replications=2, progress=wish),
        "power: 100%",
    ),
    "select": (
        lambda wish: ox.Population.named("community").select(2, at="1 d", seed=1, progress=wish),
        "select: 100%",
    ),
    "cohort": (
        lambda wish: follow(None, 2, until="1 d", schedule=EMPTY, progress=wish),
        "cohort: 100%",
    ),
    "sweep": (lambda wish: ox.sweep(study(), workers=1, progress=wish), "sweep: 100%"),
}


@pytest.mark.parametrize("name", LONG_WORK)
def test_long_work_shows_how_far_it_has_come_where_somebody_looks_and_only_there(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, text = LONG_WORK[name]
    terminal = terminal_of(monkeypatch)
    work(None)
    assert text in terminal.getvalue().replace("\r", "\n")
    terminal.truncate(0)
    work(False)
    assert terminal.getvalue().strip("\0") == ""
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    work(None)
    assert pipe.getvalue() == ""
    work(True)
    assert text in pipe.getvalue()


@pytest.mark.parametrize("name", LONG_WORK)
@pytest.mark.parametrize("wrong", ["no"])
def test_a_wish_in_words_is_refused(name: str, wrong: Any) -> None:
    with pytest.raises(InputError, match="progress: expected True or False"):
        LONG_WORK[name][0](wrong)


@pytest.mark.parametrize(
    "engine",
    ["scipy", pytest.param("compiled", marks=pytest.mark.skipif(not compiles(), reason=""))],
)
def test_the_bar_counts_every_simulated_dyad_day_once(engine: str) -> None:
    with progress.counting(99, "outer", progress.DYAD_DAYS, True) as bar:
        ox.simulate(pool(11), EMPTY, "36 h", engine=engine)
        # the days of settling at the start are not counted
        assert bar._widget.n == pytest.approx(11 * 1.5)


def test_the_bar_tells_the_rate_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with progress.counting(4, "sweep", "run") as bar:
        bar.advance(2)
        bar._widget.refresh()
    assert (
        "2/4" in terminal.getvalue()
        and "<" in terminal.getvalue()
        and " runs/s" in terminal.getvalue()
    )


def test_a_morning_of_one_dyad_is_not_0_of_0(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with progress.simulating(1, 240.0, "simulate") as bar:
        bar.advance_time(120.0)
        bar._widget.refresh()
    assert "0.083/0.17 " in terminal.getvalue() and "0/0 " not in terminal.getvalue()


def test_slow_work_is_counted_in_units_a_second_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with progress.counting(4, "sweep", "run") as bar:
        bar._widget.start_t -= 100.0  # a hundred seconds of work
        bar.advance()
        bar._widget.refresh()
    assert " runs/s" in terminal.getvalue() and "s/ runs" not in terminal.getvalue()


def test_work_inside_other_work_shows_no_bar_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with progress.counting(1, "outer", "run"):
        ox.simulate(ox.Dyad(), EMPTY, "1 h")
        ox.simulate(ox.Dyad(), EMPTY, "1 h", progress=True)
    assert "simulate" not in terminal.getvalue()


def test_a_notebook_is_told_from_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shell:
        config = {"IPKernelApp": {}}

    class IPython:
        get_ipython = staticmethod(Shell)

    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert not progress.watched()
    monkeypatch.setitem(sys.modules, "IPython", IPython)  # type: ignore[arg-type]
    assert progress.watched()


def test_short_work_prints_nothing_on_a_terminal_either(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    # on a busy machine an hour's simulation may itself take longer than anybody waits for a bar
    monkeypatch.setattr(progress, "PATIENCE", 600.0)
    ox.simulate(ox.Dyad(), EMPTY, "1 h")
    assert stream.getvalue() == ""

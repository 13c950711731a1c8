"""How far long work has come, at which rate, and how long it will take: one way of showing it.

A bar stands on standard error where that is a terminal, and in a notebook as a widget; in pipes,
files, tests and worker processes nothing is printed. Work that is over within :data:`PATIENCE`
seconds shows nothing either. One bar stands at a time: work inside other work adds to the bar that
is there, or stays quiet.

>>> with counting(3, "sweep", "run") as bar:
...     for _ in range(3):
...         bar.advance()
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from oxysim.checks import flag

DAY = 1440.0  # minutes, the library's unit of time
PATIENCE = 1.0
"""Seconds of work after which a bar appears where nobody asked for one: a short simulation prints
nothing.
"""

FEW = 10
"""Dyad-days below which a bar shows fractions of them: a morning of one dyad is 0.17, and not 0 of
0.
"""

DYAD_DAYS = "dyad-day"
"""The unit of bars that simulated time advances by itself."""


class Bar:
    """Counted work under way; :meth:`advance` moves it on. A hidden one does nothing.

    >>> Bar("run").visible
    False
    """

    def __init__(self, unit: str, widget: Any = None) -> None:
        self.unit, self._widget = unit, widget

    @property
    def visible(self) -> bool:
        """Whether anybody sees it: what only feeds the bar can be left out where nobody does.

        >>> Bar("run").visible
        False
        """
        return self._widget is not None

    def advance(self, by: float = 1) -> None:
        """So much more is done, in the bar's unit.

        >>> with counting(2, "sweep", "run", progress=False) as bar:
        ...     bar.advance()
        ...     bar.advance()
        """
        if self._widget is not None:
            # sums of fractions may end a rounding error above the whole, at which tqdm warns
            self._widget.update(min(by, self._widget.total - self._widget.n))

    def advance_time(self, minutes: float) -> None:
        """So many minutes of a dyad's life (summed over dyads) were simulated.

        >>> with counting(2, "sweep", DYAD_DAYS, progress=False) as bar:
        ...     bar.advance_time(2 * DAY)
        """
        self.advance(minutes / DAY)

    def note(self, text: str) -> None:
        """What is being done now, in a word.

        >>> with counting(2, "sweep", "run", progress=False) as bar:
        ...     bar.note("block 1")
        """
        if self._widget is not None:
            self._widget.set_postfix_str(text)


_bar: ContextVar[Bar | None] = ContextVar("bar", default=None)
_wish: ContextVar[bool | None] = ContextVar("wish", default=None)


@contextmanager
def asked(progress: bool | None) -> Iterator[None]:
    """Whether the work inside shows progress: True, False, or None for where somebody looks
    (:func:`watched`).

    For functions that take ``progress`` and hand their work on; a wish from outside holds where
    None is given.

    Raises
    ------
    InputError : another value.

    >>> with asked(False), counting(3, "sweep", "run") as bar:
    ...     bar.visible
    False
    """
    if progress is None:
        yield
        return
    token = _wish.set(flag(progress, "progress"))
    try:
        yield
    finally:
        _wish.reset(token)


@contextmanager
def counting(
    total: float, label: str, unit: str, progress: bool | None = None, *, done: float = 0
) -> Iterator[Bar]:
    """Counted work of known total.

    Parameters
    ----------
    total, done : how much there is in all, and how much of it was there before.
    label : the work in a word or two ("sweep").
    unit : what is counted, in the singular ("run", "dyad").
    progress : whether it is shown; None: on a terminal and in a notebook, once it takes more than a
        second.

    Raises
    ------
    InputError : `progress` is neither True, False nor None.

    >>> with counting(2, "sweep", "run", progress=False) as bar:
    ...     bar.advance(2)
    """
    # of two wishes the nearer one holds
    wish = _wish.get() if progress is None else flag(progress, "progress")
    # a bar that stands takes what is done inside: two bars would write over each other
    if _bar.get() is not None or not (watched() if wish is None else wish):
        bar = Bar(unit)
    else:
        bar = Bar(unit, _drawn(total, label, unit, done, PATIENCE if wish is None else 0.0))
    outer = _bar.get()
    token = _bar.set(outer if outer is not None else bar)
    try:
        yield bar
    finally:
        _bar.reset(token)
        if bar._widget is not None:
            bar._widget.close()


@contextmanager
def simulating(
    dyads: int, minutes: float, label: str, progress: bool | None = None
) -> Iterator[Bar]:
    """Work that consists in simulating so many dyads for so long; the engines move it on
    (:func:`standing_bar`).

    >>> with simulating(12, 3 * 1440.0, "trial") as bar:
    ...     bar.advance_time(12 * 1440.0)
    """
    with counting(dyads * minutes / DAY, label, DYAD_DAYS, progress) as bar:
        yield bar


def standing_bar() -> Bar | None:
    """The bar that simulated time moves; None where none stands that anybody sees: nothing needs to
    be counted there.

    >>> with simulating(1, 60.0, "simulate", progress=False):
    ...     print(standing_bar())
    None
    """
    bar = _bar.get()
    return bar if bar is not None and bar.visible and bar.unit == DYAD_DAYS else None


def watched() -> bool:
    """Whether somebody looks: a notebook, or a terminal on standard error; never
    a worker process.

    >>> import io
    >>> from contextlib import redirect_stderr
    >>> with redirect_stderr(io.StringIO()):
    ...     watched()
    False
    """
    # workers share the terminal of their parent, who counts for them
    if multiprocessing.parent_process() is not None:
        return False
    if _in_notebook():
        return True
    try:
        return bool(sys.stderr is not None and sys.stderr.isatty())
    except (AttributeError, ValueError):  # a stream that was replaced or closed
        return False


def _in_notebook() -> bool:
    """Whether this is a notebook's kernel, told without importing IPython."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and "IPKernelApp" in getattr(shell, "config", {})


def _width() -> int:
    """Columns of the terminal on standard error; 0 where it does not say, in which tqdm would draw
    nothing.
    """
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (AttributeError, OSError, ValueError):
        return 0


def _drawn(total: float, label: str, unit: str, done: float, delay: float) -> Any:
    """A bar of tqdm's, which is loaded only where one is shown."""
    with warnings.catch_warnings():
        # a notebook without ipywidgets gets the bar in characters, and no advice
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
    # fractions of dyad-days add up, and are of interest only where there are few of them
    n, whole = (
        ("{n:.0f}", "{total:.0f}")
        if total >= FEW or unit != DYAD_DAYS
        else ("{n:.2g}", "{total:.2g}")
    )
    # always units a second: what tqdm says of slow work ("53 s/ runs") takes the unit's plural for
    # one
    times = "[{elapsed}<{remaining}, {rate_noinv_fmt}{postfix}]"
    form = f"{{desc}}: {{percentage:3.0f}}%|{{bar}}| {n}/{whole} {times}"
    return tqdm(
        total=total,
        initial=done,
        desc=label,
        unit=f" {unit}s",
        delay=delay,
        bar_format=form,
        mininterval=0.2,
        **({"dynamic_ncols": True} if _in_notebook() or _width() else {"ncols": 80, "nrows": 24}),
    )

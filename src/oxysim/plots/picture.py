"""Figures that belong to no session: made without pyplot, shown once in a notebook, saved sharp and
as vectors.
"""

from __future__ import annotations

import base64
import importlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase

from oxysim import checks
from oxysim.plots.style import DPI, NORMAL, drawing

RASTER, VECTOR = (".png", ".jpg", ".tif"), (".pdf", ".svg", ".eps")
"""Endings of the files that :func:`save` writes: dots, and lines that stay sharp at every size."""

# dots an inch of a browser's own unit: a figure of 7 inches is 7 inches wide in a notebook
_CSS_DPI = 96.0
_LONGEST_SIDE = 60.0  # inches: a figure of more cannot be drawn in any memory
# One list for all: IPython has one shell, whose cells run one after the other.
_waiting: list[Picture] = []  # made in the notebook's present cell and not shown yet


class Picture(Figure):
    """A figure that pyplot does not know, so that no setting and no list of open figures changes.

    In a notebook it is drawn once: as the value of a cell's last line, or else below the cell in
    which it was made. ``plt.show()`` does not know it; for a window of its own, draw into
    ``plt.subplots()`` with ``ax=``.

    >>> figure = Picture((6.0, 3.0))
    >>> figure.get_size_inches().tolist(), figure.dpi
    ([6.0, 3.0], 150.0)
    """

    def __init__(self, size: tuple[float, float], **options: Any) -> None:
        super().__init__(figsize=size, dpi=DPI, **options)
        # a canvas of its own: without one the figure could not be drawn or laid out, and pyplot,
        # which would give it one, would keep it open
        FigureCanvasAgg(self)
        _remember(self)

    def savefig(self, fname: Any, **options: Any) -> None:
        """As matplotlib does, in the package's style (letters of a PDF stay letters), at the
        figure's dots an inch.
        """
        with drawing():
            super().savefig(fname, **{"dpi": "figure", **options})

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """The picture for a notebook, at its size in inches."""
        if self in _waiting:
            _waiting.remove(self)
        drawn = io.BytesIO()
        self.savefig(drawn, format="png")
        width, height = (round(side * _CSS_DPI) for side in self.get_size_inches().tolist())
        # without a size beside it a notebook would show the picture 1.6 times as large, as it
        # counts 96 dots an inch where the picture has 150
        data = {
            "image/png": base64.b64encode(drawn.getvalue()).decode("ascii"),
            "text/plain": repr(self),
        }
        return data, {"image/png": {"width": width, "height": height}}


class PictureAxes(Axes):
    """Axes of a :class:`Picture`; as the last line of a notebook's cell they show
    the whole of it.

    >>> type(own_axes(None, (6.0, 3.0))).__name__
    'PictureAxes'
    """

    def _repr_mimebundle_(self, **options: Any) -> Any:
        whole: Any = self.figure
        return whole._repr_mimebundle_(**options)


def own_axes(ax: Any, size: tuple[float, float]) -> Axes:
    """`ax`, or the axes of a new figure of `size` (inches) in which nothing is cut off.

    >>> ax = own_axes(None, (6.0, 3.0))
    >>> own_axes(ax, (6.0, 3.0)) is ax
    True
    """
    if ax is not None:
        return checks.instance(ax, "ax", Axes, "matplotlib axes or None")
    return Picture(size, layout="constrained").add_subplot(axes_class=PictureAxes)


def own_panels(
    fig: Any,
    shape: tuple[int, int],
    size: tuple[float, float],
    *,
    letters: bool = True,
    **shared: Any,
) -> tuple[Figure, Any]:
    """`fig` (or a new figure of `size`) and its panels, an array of axes of the given shape, each
    with its letter.

    >>> figure, axes = own_panels(None, (1, 2), (8.0, 3.0))
    >>> [ax.texts[0].get_text() for ax in axes[0]]
    ['A', 'B']
    """
    options: dict[str, Any] = {}
    if fig is None:
        fig = Picture(size, layout="constrained")
        options["subplot_kw"] = {"axes_class": PictureAxes}
    checks.instance(fig, "fig", FigureBase, "a matplotlib figure or None")
    axes = fig.subplots(*shape, squeeze=False, **options, **shared)
    if letters and axes.size > 1:
        letter(axes.ravel().tolist())
    return fig, axes


def letter(axes: Sequence[Axes]) -> None:
    """A bold letter above the upper left corner of each panel, by which a caption names it.

    >>> figure, axes = own_panels(None, (1, 2), (8.0, 3.0), letters=False)
    >>> letter(axes[0].tolist())
    >>> axes[0, 1].texts[0].get_text()
    'B'
    """
    for number, ax in enumerate(axes):
        # left of the tick labels, above the axes: 30 and 6 points clear both at the texts' sizes
        ax.annotate(
            chr(ord("A") + number),
            (0.0, 1.0),
            (-30, 6),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=NORMAL + 2,
            fontweight="bold",
            ha="left",
            va="bottom",
            annotation_clip=False,
        )


def panels(
    rows: int,
    columns: int = 1,
    size: Sequence[float] | None = None,
    *,
    letters: bool = True,
    sharex: bool = False,
    sharey: bool = False,
    heights: Sequence[float] | None = None,
) -> tuple[Figure, npt.NDArray[Any]]:
    """A figure of several panels in the package's style, to be filled with ``ax=``.

    Parameters
    ----------
    rows, columns : how many panels, at most 26 in all.
    size : (width, height) in inches; default 7 wide (10 for several columns) and 3.4 a row.
    letters : whether each panel has a letter (A, B, C ...) at its upper left.
    sharex, sharey : whether the panels of a column have one horizontal axis, those of a row one
        vertical axis.
    heights : of the rows, as shares; default equal ones.

    Returns
    -------
    The figure, and its axes as an array of shape (rows, columns).

    Raises
    ------
    InputError : not such a number, size or share.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(2)
    >>> axes.shape
    (2, 1)
    """
    # a letter a panel, and 26 letters
    rows = checks.whole_number(rows, "rows", 1, 26)
    columns = checks.whole_number(columns, "columns", 1, 26)
    checks.whole_number(rows * columns, "rows times columns", 1, 26)
    # 7 inches are a page's width of text; 3.4 a row leave room for a label in two lines
    width, height = (7.0 if columns == 1 else 10.0, 3.4 * rows) if size is None else _size(size)
    options = {
        "sharex": "col" if checks.flag(sharex, "sharex") else False,
        "sharey": "row" if checks.flag(sharey, "sharey") else False,
        "height_ratios": (
            None
            if heights is None
            else checks.array(heights, "heights", (rows,), low=1e-3).tolist()
        ),
    }
    with drawing():
        return own_panels(
            None,
            (rows, columns),
            (width, height),
            letters=checks.flag(letters, "letters"),
            **options,
        )


def save(
    picture: Axes | Figure, path: str | Path, *, vector: str | None = ".pdf"
) -> tuple[Path, ...]:
    """Write a figure at 150 dots an inch and, beside it, as vectors; a file that is there is
    written anew.

    Parameters
    ----------
    picture : a figure, or axes of it, as every function of this package returns.
    path : ends in .png, .jpg or .tif; or in .pdf, .svg or .eps for that file alone.
    vector : the ending of the second file, beside the first; None for none.

    Returns
    -------
    The paths of the files.

    Raises
    ------
    InputError : no figure, an ending that is none of these, or a folder that is not there.

    >>> import pathlib, tempfile
    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1, size=(2.0, 1.0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = ox.plots.save(figure, pathlib.Path(folder, "empty.png"), vector=".svg")
    >>> [path.name for path in paths]
    ['empty.png', 'empty.svg']
    """
    figure = checks.instance(picture, "picture", (Axes, Figure), "a figure or axes of one")
    target = checks.writable_file(path, "path")
    if target.suffix.lower() not in RASTER + VECTOR:
        raise checks.refused(
            target.suffix, "path", f"a file that ends in {', '.join(RASTER + VECTOR)}"
        )
    paths = [target]
    # who asks for vectors gets them alone
    if vector is not None and target.suffix.lower() in RASTER:
        paths.append(target.with_suffix(checks.choice(vector, "vector", VECTOR)))
    whole: Any = figure.figure if isinstance(figure, Axes) else figure
    with drawing():
        for file_path in paths:
            whole.savefig(file_path, dpi=DPI)
    return tuple(paths)


def _size(size: Any) -> tuple[float, float]:
    width, height = checks.array(size, "size", (2,), low=0.5, high=_LONGEST_SIDE).tolist()
    return width, height


# ---------------------------------------------------------------- notebooks
def _remember(figure: Picture) -> None:
    """In a notebook, see to it that the figure is shown when its cell ends, as users of matplotlib
    expect.
    """
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    # a script, a test, or a terminal that cannot show pictures
    if getattr(shell, "kernel", None) is None:
        return
    _waiting.append(figure)
    # of several registrations IPython keeps one
    shell.events.register("post_execute", _show_waiting)


def _show_waiting() -> None:
    """Show what the cell made and its last line did not."""
    display = importlib.import_module("IPython.display").display
    while _waiting:
        display(_waiting.pop(0))

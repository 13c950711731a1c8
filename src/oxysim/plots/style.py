"""The look of every figure: colours that all readers can tell apart, line styles, text sizes, words
for axes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from matplotlib import rcParams
from matplotlib.axes import Axes

from oxysim import checks
from oxysim.model import registry

# Okabe and Ito's palette, safe for the common colour-vision deficiencies.
BLUE, ORANGE, GREEN, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#000000"
# grey is dark enough for small text on white (contrast 5:1), light recedes behind curves
GREY, LIGHT = "#6E6E6E", "#C9C9C9"

SMALL, NORMAL = 8.0, 9.0
"""Text sizes in points; nothing is smaller than SMALL."""

DPI = 150.0
"""Dots an inch of a figure, on a screen and in a file; the least that journals take for line work
in a draft.
"""

STYLE: Mapping[str, Any] = MappingProxyType({
    "font.size": NORMAL,
    "axes.labelsize": NORMAL,
    "axes.titlesize": 10.0,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": True,
    "legend.framealpha": 0.9,
    "legend.edgecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "lines.linewidth": 1.6,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "mathtext.default": "regular",
    # letters stay letters in a PDF, as publishers ask; the default draws them as shapes
    "pdf.fonttype": 42,
    "svg.fonttype": "none",  # the same in an SVG
})  # fmt: skip
"""The look of every figure, as matplotlib's settings; ``plt.style.context(dict(plots.STYLE))``
gives it to others.
"""


class Look(NamedTuple):
    """Colour, line style and marker of one curve; each of the three differs, so that colour is
    never needed.

    >>> LOOKS[1].line, LOOKS[1].marker
    ('--', 's')
    """

    colour: str
    line: Any
    marker: str


LOOKS = (
    Look(BLUE, "-", "o"),
    Look(VERMILLION, "--", "s"),
    Look(GREEN, "-.", "^"),
    Look(PURPLE, ":", "D"),
    Look(ORANGE, (0, (6, 1, 1, 1, 1, 1)), "v"),
    Look(BLACK, (0, (1, 2.5)), "P"),
)
REFERENCE_DASHES: Any = (0, (4, 2))
"""Dashes of a line of reference, which is grey and thinner than any curve."""

# One look a member in every figure.
_MEMBERS = {"mother": LOOKS[0], "infant": LOOKS[1], "father": LOOKS[2], "other": LOOKS[3]}
_ACRONYMS = {"epds": "EPDS", "csf": "CSF", "nonattuned": "non-attuned"}
_UNITS = {"EPDS": "points", "STAI": "STAI points", "fraction": "fraction of all"}
# A state that is no instrument and has the scale of one.
_WITH_SCALE = {"depression": "EPDS points"}


@contextlib.contextmanager
def drawing() -> Iterator[None]:
    """The style, in force inside the ``with`` only.

    Its own settings alone are put back at the end: what else changes inside, such as a notebook's
    backend that is set up there, stays.

    >>> from matplotlib import rcParams
    >>> size = rcParams["font.size"]
    >>> with drawing():
    ...     inside = rcParams["font.size"]
    >>> inside, rcParams["font.size"] == size
    (9.0, True)
    """
    # rc_context would put back all settings, those too that a notebook's backend sets meanwhile
    settings: Any = rcParams
    before = {key: settings[key] for key in STYLE}
    try:
        settings.update(STYLE)
        yield
    finally:
        settings.update(before)


def label_text(value: Any, argument: str) -> str:
    """A label for a figure: a text that may go over several lines.

    Raises
    ------
    InputError : no text, or an empty one.

    >>> label_text("EPDS\\n(points)", "ylabel").split()
    ['EPDS', '(points)']
    """
    checks.name(value.replace("\n", " ") if isinstance(value, str) else value, argument)
    return str(value)


def size_ticks(ax: Axes) -> None:
    """Fix the tick labels' size now: matplotlib makes ticks later, when the style is no longer in
    force.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> size_ticks(axes[0, 0])
    >>> axes[0, 0].xaxis.get_major_ticks()[0].label1.get_fontsize()
    8.0
    """
    ax.tick_params(labelsize=SMALL)
    # axes that a user made outside the style have all four
    ax.spines[["top", "right"]].set_visible(False)


def legend_beside(ax: Axes, **options: Any) -> None:
    """The legend to the right of the axes, where it hides no data.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> line = axes[0, 0].plot([0, 1], [0, 1], label="mother")
    >>> legend_beside(axes[0, 0], title="arms")
    >>> axes[0, 0].get_legend().get_title().get_text()
    'arms'
    """
    ax.legend(
        loc="upper left",
        # a hundredth of the width beside the axes: it belongs to them and touches nothing
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0.0,
        title_fontsize=SMALL,
        alignment="left",
        **options,
    )


def add_to_legend(ax: Axes, entries: Sequence[Any]) -> None:
    """The legend beside the axes anew, with more `entries` below those of its curves.

    >>> import oxysim as ox
    >>> from matplotlib.patches import Patch
    >>> figure, axes = ox.plots.panels(1)
    >>> line = axes[0, 0].plot([0, 1], [0, 1], label="mother")
    >>> legend_beside(axes[0, 0])
    >>> add_to_legend(axes[0, 0], [Patch(label="infant sleep")])
    >>> [text.get_text() for text in axes[0, 0].get_legend().get_texts()]
    ['mother', 'infant sleep']
    """
    # the present legend's own handles are copies without their data: the axes' are asked anew
    handles, _ = ax.get_legend_handles_labels()
    legend = ax.get_legend()
    title = legend.get_title().get_text() if legend else None
    legend_beside(ax, handles=[*handles, *entries], title=title or None)


def cut_off_line(
    ax: Axes, value: float, unit: str = "EPDS", *, left: bool = False, note: str = ""
) -> None:
    """The cut-off of a questionnaire: in every figure a fine grey dotted line with its name at the
    right (or `left`) end, a `note` behind it, and no other line looks so.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> cut_off_line(axes[0, 0], 13)
    >>> axes[0, 0].texts[0].get_text()
    'cut-off EPDS 13'
    """
    ax.axhline(value, color=GREY, linewidth=0.9, linestyle=":", label="_cut-off", zorder=1)
    end, inwards, side = (0.0, 2, "left") if left else (1.0, -2, "right")
    ax.annotate(
        f"cut-off {unit} {value:g}{note}", (end, value), (inwards, 2),
        xycoords=ax.get_yaxis_transform(), textcoords="offset points",
        ha=side, va="bottom", fontsize=SMALL, color=GREY, zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )  # fmt: skip


def reference_line(
    ax: Axes, *, x: float | None = None, y: float | None = None, **options: Any
) -> None:
    """A grey dashed line at `x` or `y`: no effect, the study as it is, the power that is wanted.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> reference_line(axes[0, 0], y=0.8)
    >>> axes[0, 0].get_lines()[0].get_ydata()
    [0.8, 0.8]
    """
    look: Any = {"color": GREY, "linewidth": 1.0, "linestyle": REFERENCE_DASHES, "zorder": 1}
    if x is not None:
        ax.axvline(x, **look, **options)
    if y is not None:
        ax.axhline(y, **look, **options)


def look_of(member: str, position: int, members: Sequence[str]) -> Look:
    """The look of a member's curve; by position where members repeat or are unknown.

    >>> look_of("infant", 0, ["mother", "infant"]).colour == VERMILLION
    True
    """
    if len(set(members)) == len(members) and set(members) <= set(_MEMBERS):
        return _MEMBERS[member]
    return LOOKS[position % len(LOOKS)]


def words(name: str) -> str:
    """A variable's name as words, acronyms in capitals.

    >>> words("saliva_oxytocin"), words("epds")
    ('saliva oxytocin', 'EPDS')
    """
    return " ".join(
        _ACRONYMS.get(word, word)
        for word in name.replace("skin_to_skin", "skin-to-skin").split("_")
    )


def sentence(text: str) -> str:
    """The text with a capital first letter.

    >>> sentence("social reward")
    'Social reward'
    """
    return text[:1].upper() + text[1:]


def unit_text(name: str, unit: str) -> str:
    """The unit for an axis; a dimensionless variable shows its scale.

    >>> unit_text("caregiver.cortisol", "nmol/L"), unit_text("caregiver.epds", "EPDS")
    ('nmol/L', 'points')
    """
    member, _, rest = name.partition(".")
    if unit != "1":
        return _WITH_SCALE.get(rest, _UNITS.get(unit, unit))
    row = registry.variables(registry.kind_of(member)).get(rest)
    # up to 10 a dimensionless variable is a scale whose ends mean something; above, a number
    if row is None or row.high > 10:
        return "logit units" if row is not None and "logit" in row.meaning else "dimensionless"
    top = round(row.high) if abs(row.high - round(row.high)) < 0.01 else row.high
    return (
        f"scale {row.low:.0f}\N{EN DASH}{top:g}" if float(top) != 2 else "relative, 0\N{EN DASH}2"
    )

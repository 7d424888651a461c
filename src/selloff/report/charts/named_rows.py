"""Rows with names beside them and a line at zero: what the pictures with one row per item begin with."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from selloff.report.charts.theme import SOFT, Tone, rows

if TYPE_CHECKING:
    import altair as alt

BREAK = "|"
"""Where a name's lines end."""


def named_rows(values: list[dict[str, Any]], field: str, pixels: int | None, size: float = 11) -> alt.Chart:
    """A chart of one row per name, in the order in which the values have them; marks and positions are added to it.

    Parameters
    ----------
    values : data with a name in `field`, from `wrapped` where it may be long. pixels : width of the names, None
        to leave them out. size : of their letters.
    """
    import altair as alt

    axis = None if pixels is None else label_axis(pixels, size)
    y = alt.Y(f"{field}:N", sort=list(dict.fromkeys(v[field] for v in values)), title=None, axis=axis)
    return alt.Chart(rows(values)).encode(y=y)


def zero_line(scale: alt.Scale, tone: Tone = SOFT) -> alt.Chart:
    """An upright line at zero of a chart's horizontal scale."""
    import altair as alt

    line: alt.Chart = alt.Chart(rows([{"zero": 0}])).mark_rule(stroke=tone.light)
    return line.encode(x=alt.X("zero:Q", scale=scale))


def per_cent_axis(values: list[float]) -> alt.Axis:
    """An axis of probabilities or shares, marked at some values and written as in the text: `50 %`."""
    import altair as alt

    return alt.Axis(values=values, labelExpr="format(100 * datum.value, 'd') + ' %'")


def label_axis(pixels: int, size: float = 11) -> alt.Axis:
    """The axis of names, of fixed width; names come from `wrapped`."""
    import altair as alt

    return alt.Axis(
        ticks=False,
        domain=False,
        minExtent=pixels,
        maxExtent=pixels,
        labelLimit=pixels,
        labelFontSize=size,
        labelPadding=4,
        labelExpr=f"split(datum.label, '{BREAK}')",
        labelLineHeight=size + 1.5,
        labelBaseline={
            "condition": {"test": f"indexof(datum.label, '{BREAK}') >= 0", "value": "bottom"},
            "value": "middle",
        },
    )


def wrapped(name: str, letters: int) -> str:
    """A name with marks where its lines end."""
    return BREAK.join(textwrap.wrap(name, letters, break_long_words=False, break_on_hyphens=False))


def step(names: Iterable[str], one_line: int) -> int:
    """Height of a row, in pixels: taller where a name takes two lines, and by a line for each further one."""
    more = max((name.count(BREAK) for name in names), default=0)
    return one_line + (0, 7)[more > 0] + 13 * max(more - 1, 0)

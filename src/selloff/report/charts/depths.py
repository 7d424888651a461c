"""Moves in slow sigmas, by asset class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from selloff.report.charts.named_rows import named_rows, step, wrapped, zero_line
from selloff.report.charts.theme import (
    FALL,
    INK,
    LINE,
    NARROW,
    QUIET,
    RISE,
    SOFT,
    Picture,
    configured,
    layered,
    per_row,
    rows,
)
from selloff.report.numbers import joined, sigma_text

LABELS = 108
NUMBERS = 44


def depths(document: Mapping[str, Any], class_names: Mapping[str, str]) -> Picture:
    """One row per class: its members as dots, its depth as a bar, the depth from which it is down as a tick.

    Everything is signed so that minus is a loss: yields, spreads and the dollar are turned round.

    Parameters
    ----------
    document : `Explanation.to_dict()`. class_names : by class id.
    """
    joint = document["joint"]
    known = sorted((c for c, d in joint["depth"].items() if d is not None), key=lambda c: joint["depth"][c])
    bars, members = _rows(document, known, class_names)
    said = joined([f"{class_names[c]} {sigma_text(joint['depth'][c])}" for c in known])
    down = [class_names[c] for c in known if c in joint["classes_down"]]
    return Picture(
        id="depths",
        title="How deep, by asset class",
        note="Bars: the class, the mean of its members (diamonds). Ticks: the depth from which it is down.",
        alt=f"Depth of each class in slow sigmas, minus a loss: {said}. Down: {joined(down) or 'none'}.",
        spec=configured(_drawn(bars, members)),
        series=tuple(dict.fromkeys(s for c in known for s in joint["members"][c])),
    )


def _rows(
    document: Mapping[str, Any], known: Sequence[str], class_names: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """One row per class, and one per member."""
    joint = document["joint"]
    by_series = {m["series"]: m for m in document["moves"]}
    bars = [
        {
            "class": wrapped(class_names[c], 20),
            "depth": joint["depth"][c],
            "limit": joint["down_threshold"][c],
            "text": sigma_text(joint["depth"][c]),
            "state": "down" if c in joint["classes_down"] else ("lost" if joint["depth"][c] < 0 else "gained"),
        }
        for c in known
    ]
    members = [
        {"class": wrapped(class_names[c], 20), "name": by_series[s]["name"], "depth": loss, "text": sigma_text(loss)}
        for c in known
        for s in joint["members"][c]
        if s in by_series and (loss := by_series[s]["depth"]) is not None
    ]
    return bars, members


def _drawn(bars: list[dict[str, Any]], members: list[dict[str, Any]]) -> Any:
    import altair as alt

    order = [b["class"] for b in bars]
    low = min([*(b["limit"] for b in bars), *(b["depth"] for b in bars), *(m["depth"] for m in members)])
    high = max([0.0, *(b["depth"] for b in bars), *(m["depth"] for m in members)])
    room = 0.06 * (high - low)
    scale = alt.Scale(domain=[low - room, high + room], nice=False)
    x = alt.X("depth:Q", title="slow σ, minus is a loss", scale=scale, axis=alt.Axis(tickCount=5))
    base = named_rows(bars, "class", LABELS).encode(x=x)
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=["down", "lost", "gained"], range=[FALL.light, QUIET.light, RISE.light]),
        legend=None,
    )
    bar = base.mark_bar(size=12, opacity=0.85).encode(
        color=colour, tooltip=[alt.Tooltip("class:N"), alt.Tooltip("text:N", title="depth")]
    )
    numbers = base.mark_text(align="right", fontSize=11, color=INK.light).encode(
        x=alt.value(NARROW - LABELS), text=alt.Text("text:N")
    )
    dots = (
        alt.Chart(rows(members))
        .mark_point(shape="diamond", size=22, filled=False, strokeWidth=1.2, stroke=INK.light)
        .encode(
            y=base.encoding.y,
            x=x,
            tooltip=[alt.Tooltip("name:N"), alt.Tooltip("text:N", title="slow σ, signed as a loss")],
        )
    )
    limit = base.mark_tick(thickness=2, size=20, color=SOFT.light).encode(x=alt.X("limit:Q"))
    return layered(
        zero_line(scale, LINE),
        bar,
        dots,
        limit,
        numbers,
        width=NARROW - LABELS - NUMBERS,
        height=per_row(step(order, 23)),
    )

"""Who broke first: when each asset's fall began, as an interval on New York's clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from selloff.panel.clock import NEW_YORK_ZONE
from selloff.report.charts.named_rows import named_rows, step, wrapped
from selloff.report.charts.theme import (
    CLASH,
    FAITH,
    INK,
    LINE,
    NARROW,
    SOFT,
    Picture,
    configured,
    layered,
    per_row,
    rows,
)
from selloff.report.numbers import joined

LABELS = 100
TEXT = 62
"""Pixels for the assets' names, and for the moment beside each row."""

OPEN, CLOSE = time(9, 30), time(16)
"""Regular hours of New York's stock exchanges; the early closes of holidays are not drawn."""

MOST_DAYS = 4
"""Days named on the axis."""


def wall_clock(instant: str) -> str:
    """An instant as New York's clock shows it, written as if it were UTC: the axis then needs no time zone."""
    return datetime.fromisoformat(instant).astimezone(NEW_YORK_ZONE).replace(tzinfo=None).isoformat() + "Z"


def spoken(instant: str) -> str:
    """`12 Mar 02:00`, New York."""
    moment = datetime.fromisoformat(instant).astimezone(NEW_YORK_ZONE)
    return f"{moment.day} {moment:%b %H:%M}"


def closed_hours(base: date, end: date, sessions: Sequence[date]) -> list[tuple[datetime, datetime]]:
    """Spans on New York's clock from the close of `base` to that of `end` in which its stock market was closed.

    Parameters
    ----------
    sessions : New York sessions, at least those after `base` up to `end`.
    """
    at = datetime.combine(base, CLOSE)
    spans = []
    for day in sorted(d for d in sessions if base < d <= end):
        spans.append((at, datetime.combine(day, OPEN)))
        at = datetime.combine(day, CLOSE)
    return spans


def break_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The assets that broke, the earliest most likely moment first, in the document's numbers."""
    broke = [b for b in document["sequence"]["breaks"] if b["state"] == "broke"]
    first = document["sequence"]["probability_first"]
    return [
        {
            "asset": wrapped(b["name"], 18),
            "name": b["name"],
            "series": b["series"],
            "low": wall_clock(b["low"]),
            "best": wall_clock(b["best"]),
            "high": wall_clock(b["high"]),
            "alarm": wall_clock(b["alarm"]),
            "text": spoken(b["best"]),
            "span": f"{spoken(b['low'])} to {spoken(b['high'])}",
            "open": "from the base close on" if b["from_base"] else "within the window",
            "first": first.get(b["id"], 0.0),
            "sigmas": b["sigmas"],
        }
        for b in sorted(broke, key=lambda b: (b["best"], b["low"], b["id"]))
    ]


def sequence(document: Mapping[str, Any], sessions: Sequence[date]) -> Picture | None:
    """One row per asset that broke: the interval in which its fall began, its most likely moment, when it was seen.

    Parameters
    ----------
    document : `Explanation.to_dict()`. sessions : New York sessions that cover the window.

    Returns
    -------
    None if nothing broke, or nothing is known within the day.
    """
    values = break_rows(document)
    if not values:
        return None
    window = document["window"]
    base, end = date.fromisoformat(window["base"]), date.fromisoformat(window["end"])
    spans = closed_hours(base, end, sessions)
    confidence = f"{100 * document['sequence']['confidence']:.0f} %"
    said = joined([f"{v['name']} {v['text']} ({v['span']})" for v in values])
    return Picture(
        id="sequence",
        title="When each fall began, New York time",
        note=(
            f"Dots: most likely start of the fall; lines: {confidence} interval; ticks: when it had passed the "
            "threshold. Hollow: the fall may have begun before the window. Shaded: New York's stock market closed."
        ),
        alt=f"Start of each fall with {confidence} intervals: {said}.",
        spec=configured(_rows(values, spans, base, end)),
        series=tuple(dict.fromkeys(v["series"] for v in values)),
    )


def _instant(moment: datetime) -> str:
    return moment.isoformat() + "Z"


def _rows(values: list[dict[str, Any]], spans: list[tuple[datetime, datetime]], base: date, end: date) -> Any:
    import altair as alt

    first, last = datetime.combine(base, CLOSE), datetime.combine(end, CLOSE)
    late = max([_instant(last), *(v["alarm"] for v in values)])
    scale = alt.Scale(type="utc", domain=[_instant(first - timedelta(minutes=1)), late], nice=False)
    every = max((end - base).days // MOST_DAYS, 1)
    axis = alt.Axis(format="%-d %b", tickCount={"interval": "day", "step": every}, grid=False, labelFlush=True)
    shut = [{"from": _instant(a), "to": _instant(b)} for a, b in spans]
    night = (
        alt.Chart(rows(shut))
        .mark_rect(color=LINE.light, opacity=0.55)
        .encode(x=alt.X("from:T", scale=scale, axis=axis, title=None), x2=alt.X2("to:T"))
    )
    base_rows = named_rows(values, "asset", LABELS)
    line = base_rows.mark_rule(strokeWidth=3, color=FAITH.light, opacity=0.8).encode(
        x=alt.X("low:T", scale=scale), x2=alt.X2("high:T")
    )
    tips = [
        alt.Tooltip("name:N", title="asset"),
        alt.Tooltip("text:N", title="began"),
        alt.Tooltip("span:N", title="interval"),
        alt.Tooltip("first:Q", title="probability of being first", format=".0%"),
    ]
    best = base_rows.encode(x=alt.X("best:T", scale=scale), tooltip=tips)
    within = best.transform_filter("datum.open == 'within the window'").mark_point(
        filled=True, size=70, color=FAITH.light, opacity=1
    )
    before = best.transform_filter("datum.open != 'within the window'").mark_point(
        filled=False, size=70, strokeWidth=2, color=FAITH.light
    )
    seen = base_rows.mark_tick(thickness=2, size=14, color=CLASH.light).encode(x=alt.X("alarm:T", scale=scale))
    width = NARROW - LABELS - TEXT
    text = base_rows.mark_text(align="left", fontSize=10, color=INK.light).encode(
        x=alt.value(width + 6), text=alt.Text("text:N")
    )
    edge = (
        alt.Chart(rows([{"at": _instant(first)}]))
        .mark_rule(stroke=SOFT.light, strokeDash=[3, 3])
        .encode(x=alt.X("at:T", scale=scale))
    )
    height = per_row(step((v["asset"] for v in values), 22))
    return layered(night, edge, line, seen, within, before, text, width=width, height=height)

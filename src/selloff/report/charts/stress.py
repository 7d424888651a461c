"""Stress through history, with every sell-off marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from selloff.report.charts.theme import (
    CLASH,
    FAITH,
    FALL,
    NARROW,
    QUIET,
    Picture,
    configured,
    layered,
    rows,
    stacked,
)
from selloff.report.numbers import joined

HEIGHT = 92
YEARS = 10
"""Years in one strip: longer ones leave a single sell-off less than a pixel."""
WIDTHS = {YEARS: 640, YEARS // 2: NARROW - 44}
"""Pixels of a strip by its years: the shorter ones are for telephones."""

COLOURS = {"joint": FALL.light, "partial": CLASH.light, "isolated": QUIET.light}
LANES = {"joint": 0, "partial": 1, "isolated": 2}


def strips(first: date, last: date, years: int = YEARS) -> list[tuple[int, int]]:
    """First and last year of each strip, whole decades (or shorter spans of even years) as far as possible."""
    start = first.year - first.year % years
    return [(max(y, first.year), min(y + years - 1, last.year)) for y in range(start, last.year + 1, years)]


def stress(scan: Mapping[str, Any], names: Mapping[str, str]) -> Picture | None:
    """Composite stress, as known on each day, in strips of ten years; above them every sell-off by its verdict.

    Parameters
    ----------
    scan : `Scan.to_dict()`. names : by id of the catalogue's episodes.

    Returns
    -------
    None if there is neither stress nor a sell-off to show.
    """
    points = [
        {"date": d, "stress": v}
        for d, v in zip(scan["stress"]["dates"], scan["stress"]["values"], strict=True)
        if v is not None
    ]
    episodes = scan["episodes"]
    if not points and not episodes:
        return None
    first, last = date.fromisoformat(scan["first"]), date.fromisoformat(scan["last"])
    wide, narrow = (
        [_strip(points, episodes, names, y, span, top=i == 0) for i, (y, _) in enumerate(strips(first, last, span))]
        for span in WIDTHS
    )
    counts = {v: sum(e["verdict"] == v for e in episodes) for v in LANES}
    said = joined([f"{n} {v}" for v, n in counts.items() if n])
    known = "" if points else " Stress is not known: it needs two classes with a year of history."
    top = max(points, key=lambda p: p["stress"], default=None)
    peak = "" if top is None else f" Stress was highest on {top['date']} ({top['stress']:.2f})."
    return Picture(
        id="stress",
        title="Stress, and every sell-off",
        note=(
            "Line: composite stress of the asset classes, highest of each week, 0 to 1, ranked among the closes up "
            f"to then. Marks: sell-offs from first to last session; triangles: deepest day of the joint ones.{known}"
        ),
        alt=f"{len(episodes)} sell-offs from {scan['first']} to {scan['last']}: {said or 'none'}.{peak}",
        spec=configured(stacked(*wide, spacing=4)),
        narrow=(configured(stacked(*narrow, spacing=4)),),
    )


def _marked(
    episodes: Sequence[Mapping[str, Any]], names: Mapping[str, str], start: str, stop: str
) -> list[dict[str, Any]]:
    """The sell-offs between two days, each at the height of its verdict."""
    return [
        {
            "from": e["start"],
            "to": e["end"],
            "peak": e["peak"]["end"],
            "verdict": e["verdict"],
            "height": 1.3 - 0.1 * LANES[e["verdict"]],
            "name": joined([names.get(i, i) for i in e["episodes"]]) or f"{e['start']} to {e['end']}",
        }
        for e in episodes
        if start <= e["end"] and e["start"] < stop
    ]


def _marks(marked: list[dict[str, Any]], scale: Any, *, legend: bool) -> list[Any]:
    """Layers: the deepest day of each joint sell-off, every sell-off from first to last session, and its peak."""
    import altair as alt

    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
        legend=alt.Legend(title=None, orient="top", symbolType="square", symbolOpacity=1) if legend else None,
    )
    base = alt.Chart(rows(marked)).encode(y=alt.Y("height:Q"), color=colour)
    joint = base.transform_filter("datum.verdict == 'joint'")
    peak = alt.X("peak:T", scale=scale)
    tips = [alt.Tooltip("name:N"), alt.Tooltip("from:N"), alt.Tooltip("to:N"), alt.Tooltip("verdict:N")]
    days = joint.mark_rule(strokeWidth=1, opacity=0.45).encode(x=peak, y=alt.value(HEIGHT * 0.12), y2=alt.value(HEIGHT))
    spans = base.mark_rule(strokeWidth=4, strokeCap="square", clip=True).encode(
        x=alt.X("from:T", scale=scale), x2=alt.X2("to:T"), tooltip=tips
    )
    peaks = joint.mark_point(shape="triangle-down", size=40, filled=True, opacity=1, yOffset=9)
    return [days, spans, peaks.encode(x=peak, tooltip=tips)]


def _strip(
    points: Sequence[Mapping[str, Any]],
    episodes: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    year: int,
    span: int,
    *,
    top: bool,
) -> Any:
    import altair as alt

    start, stop = f"{year - year % span}-01-01", f"{year - year % span + span}-01-01"
    scale = alt.Scale(type="utc", domain=[start, stop], nice=False)
    axis = alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1}, grid=True, labelAlign="left")
    x = alt.X("date:T", title=None, scale=scale, axis=axis)
    y = alt.Y("stress:Q", title=None, scale=alt.Scale(domain=[0, 1.35]), axis=alt.Axis(values=[0, 0.5, 1], grid=False))
    line = (
        alt.Chart(rows([dict(p) for p in points if start <= p["date"] < stop]))
        .mark_line(color=FAITH.light, strokeWidth=1.1)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("date:T"), alt.Tooltip("stress:Q", format=".2f")])
    )
    marks = _marks(_marked(episodes, names, start, stop), scale, legend=top)
    years = f"{start[:4]}s" if span == YEARS else f"{start[:4]} to {int(stop[:4]) - 1}"
    title = f"{years}, composite stress"
    return layered(line, *marks, width=WIDTHS[span], height=HEIGHT, title=title)

"""The funding panel: SOFR over IORB, reserves, ON RRP, TGA and Fed assets, with the window marked."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from selloff.report.charts.theme import FAITH, FALL, INK, NARROW, Picture, configured, layered, rows, stacked
from selloff.report.numbers import signed

LONGEST_GAP = 10
"""Days between two figures of a weekly series, holidays allowed for."""

SCALES = {
    "percent": (100.0, "bp"),
    "usd_million": (1e-6, "USD trillion"),
    "usd_billion": (1e-3, "USD trillion"),
}
"""Factor and unit in which a series is drawn."""


def funding(document: Mapping[str, Any]) -> Picture | None:
    """One small chart per series over the year before the window, on one time axis.

    Parameters
    ----------
    document : `Explanation.to_dict()`.

    Returns
    -------
    None if no funding series was known.
    """
    import altair as alt

    traces = document["funding"]
    if not traces:
        return None
    window = document["window"]
    days = [d for t in traces for d in t["dates"]]
    span = alt.Scale(type="utc", domain=[min([*days, window["start"]]), max([*days, window["end"]])], nice=False)
    parts, said = [], []
    for trace in traces:
        factor, unit = SCALES.get(trace["unit"], (1.0, trace["unit"].replace("_", " ")))
        values = [
            {"date": d, "value": v * factor, "text": f"{v * factor:,.2f} {unit}"}
            for d, v in zip(trace["dates"], trace["values"], strict=True)
        ]
        change = values[-1]["value"] - values[0]["value"]
        digits = 0 if unit == "bp" else 2
        said.append(
            f"{trace['name']} {values[-1]['value']:,.{digits}f} {unit} on {values[-1]['date']}, "
            f"{signed(change, digits)} since {values[0]['date']}."
        )
        parts.append(_line(values, f"{trace['name']}, {unit}", window, span, digits))
    return Picture(
        id="funding",
        title="Funding: the year before, and the window",
        note="Each value as known then; the band is the window. Weekly figures are dated by their week's end.",
        alt=" ".join(said).replace("−0 ", "0 "),
        spec=configured(stacked(*parts, spacing=6)),
        series=tuple(t["series"] for t in traces),
    )


def _with_gaps(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The values, with a hole where a figure that comes at least weekly did not come: the line must not cross it."""
    out: list[dict[str, Any]] = []
    for value in values:
        if out and (date.fromisoformat(value["date"]) - date.fromisoformat(out[-1]["date"])).days > LONGEST_GAP:
            hole = date.fromisoformat(out[-1]["date"]) + timedelta(days=7)
            out.append({"date": hole.isoformat(), "value": None, "text": "not known"})
        out.append(value)
    return out


def _line(values: list[dict[str, Any]], title: str, window: Mapping[str, Any], span: Any, digits: int) -> Any:
    import altair as alt

    x = alt.X("date:T", title=None, scale=span, axis=alt.Axis(format="%b %y", tickCount=5, grid=False))
    marked = alt.Chart(rows([{"from": window["base"], "to": window["end"]}]))
    band = marked.mark_rect(color=FALL.light, opacity=0.25).encode(x=alt.X("from:T", scale=span), x2=alt.X2("to:T"))
    edge = marked.mark_rule(color=FALL.light, strokeWidth=1.5).encode(x=alt.X("to:T", scale=span))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=3))
    line = (
        alt.Chart(rows(_with_gaps(values)))
        .mark_line(color=FAITH.light, strokeWidth=1.6, interpolate="step-after")
        .encode(x=x, y=y, tooltip=[alt.Tooltip("date:T"), alt.Tooltip("text:N", title=title)])
    )
    last = {**values[-1], "label": f"{values[-1]['value']:,.{digits}f}"}
    at = alt.Chart(rows([last])).encode(x=alt.X("date:T", scale=span), y=alt.Y("value:Q"))
    dot = at.mark_point(filled=True, size=28, color=INK.light, opacity=1)
    label = at.mark_text(align="left", dx=5, fontSize=10, color=INK.light).encode(text=alt.Text("label:N"))
    return layered(band, edge, line, dot, label, width=NARROW - 76, height=64, title=textwrap.wrap(title, 52))

"""Calibration: the share that was stated against the share that was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from selloff.report.charts.named_rows import per_cent_axis
from selloff.report.charts.theme import FAITH, NARROW, QUIET, SOFT, Picture, configured, layered, rows
from selloff.report.numbers import joined, percent

SIDE = NARROW - 70
SHAPES = ("circle", "square", "triangle-up")


def calibration_rows(tables: Mapping[str, Sequence[Mapping[str, float]]]) -> list[dict[str, Any]]:
    """One entry per method and bin that has a case."""
    return [
        {"method": name, "stated": b["stated"], "right": b["right"], "n": b["n"]}
        for name, bins in tables.items()
        for b in bins
        if b["n"] > 0
    ]


def calibration(tables: Mapping[str, Sequence[Mapping[str, float]]]) -> Picture | None:
    """A mark per bin and method, its area in proportion to the cases; on the dashed line what was stated came true.

    Parameters
    ----------
    tables : bins by method name, the program first: `stated` and `right` (shares), `n` (cases).

    Returns
    -------
    None if no bin has a case.
    """
    values = calibration_rows(tables)
    if not values:
        return None
    names = [n for n in tables if any(v["method"] == n for v in values)]
    said = [
        f"{name}: "
        + joined([f"stated {percent(v['stated'])}, right {percent(v['right'])}" for v in values if v["method"] == name])
        for name in names
    ]
    most = max(v["n"] for v in values)
    return Picture(
        id="calibration",
        title="Calibration: what was stated, and how often it was right",
        note=(
            f"A mark per bin, its area the number of cases (at most {most:.0f}). On the dashed "
            "line what was stated came true as often."
        ),
        alt=f"Calibration by bin. {'. '.join(said)}.",
        spec=configured(_marks(values, names)),
    )


def _marks(values: list[dict[str, Any]], names: list[str]) -> Any:
    import altair as alt

    for v in values:
        v["text"] = f"stated {percent(v['stated'])}, right {percent(v['right'])}, {v['n']:.0f} cases"
        v["kind"] = "filled" if v["method"] == names[0] else "hollow"
    scale = alt.Scale(domain=[0, 1])
    axis = per_cent_axis([0, 0.25, 0.5, 0.75, 1])
    x = alt.X("stated:Q", title="stated share", scale=scale, axis=axis)
    y = alt.Y("right:Q", title="share that was right", scale=scale, axis=axis)
    colours = [FAITH.light, *[QUIET.light] * (len(names) - 1)]
    base = alt.Chart(rows(values)).encode(
        x=x,
        y=y,
        size=alt.Size("n:Q", scale=alt.Scale(range=[15, 260]), legend=None),
        color=alt.Color(
            "method:N",
            scale=alt.Scale(domain=names, range=colours),
            legend=alt.Legend(title=None, orient="top", direction="horizontal"),
        ),
        shape=alt.Shape("method:N", scale=alt.Scale(domain=names, range=list(SHAPES[: len(names)]))),
        tooltip=[alt.Tooltip("method:N"), alt.Tooltip("text:N")],
    )
    filled = base.transform_filter("datum.kind == 'filled'").mark_point(filled=True, opacity=0.9)
    hollow = base.transform_filter("datum.kind == 'hollow'").mark_point(filled=False, strokeWidth=1.8, opacity=1)
    line = (
        alt.Chart(rows([{"stated": 0, "right": 0}, {"stated": 1, "right": 1}]))
        .mark_line(color=SOFT.light, strokeDash=[4, 3], strokeWidth=1.2)
        .encode(x=alt.X("stated:Q"), y=alt.Y("right:Q"))
    )
    return layered(line, hollow, filled, width=SIDE, height=SIDE)

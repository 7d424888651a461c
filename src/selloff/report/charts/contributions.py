"""Contributions: what each cause moved each asset by, adding up to the move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from selloff.report.charts.named_rows import named_rows, step, wrapped, zero_line
from selloff.report.charts.theme import (
    FALL,
    INK,
    NARROW,
    QUIET,
    RISE,
    Picture,
    bound_series,
    configured,
    layered,
    per_row,
    stacked,
)
from selloff.report.numbers import joined, signed

LABELS = 128
LETTERS = 22
MOST_ASSETS = 6
MOST_CAUSES = 4
SMALL = 0.05
"""Contributions below this share of the largest step are added up as "other causes"."""


def waterfall_steps(document: Mapping[str, Any], asset: str) -> list[dict[str, Any]]:
    """Steps from zero to the log move of one asset: its largest contributions, the others together, the unexplained.

    Returns
    -------
    Entries with `step`, `value`, `start` and `end`, in log per cent or basis points, and `kind`: `loss` or `gain` of
    value (a yield, a spread or the VIX that rises is a loss), `unexplained`, or `whole`, the last one.
    """
    move = next(m for m in document["moves"] if m["asset"] == asset)
    found = [(c["name"], c["contributions"][asset]) for c in document["causes"] if asset in c["contributions"]]
    ordered = sorted(found, key=lambda item: -abs(item[1]))
    largest = max([abs(v) for _, v in ordered] + [abs(move["log_move"])])
    kept = [(n, v) for n, v in ordered[:MOST_CAUSES] if abs(v) >= SMALL * largest]
    rest = sum(v for _, v in ordered) - sum(v for _, v in kept)
    parts = [*kept, ("Other causes", rest), ("Unexplained", move["unexplained"])]
    steps, at = [], 0.0
    side = -1 if (move["depth"] or 0.0) * (move["sigmas_slow"] or 0.0) < 0 else 1
    for name, value in parts:
        kind = "unexplained" if name == "Unexplained" else ("loss" if side * value < 0 else "gain")
        steps.append({"step": name, "value": value, "start": at, "end": at + value, "kind": kind})
        at += value
    name = "Move" if move["unit"] == "bp" else "Log move"
    steps.append({"step": name, "value": move["log_move"], "start": 0.0, "end": move["log_move"], "kind": "whole"})
    return steps


def largest_moves(document: Mapping[str, Any]) -> list[str]:
    """The assets with the largest moves in slow sigmas, in the order of their size."""
    moved = [m for m in document["moves"] if m["asset"] and m["unexplained"] is not None and m["sigmas_slow"]]
    return [m["asset"] for m in sorted(moved, key=lambda m: -abs(m["sigmas_slow"]))[:MOST_ASSETS]]


def contributions(
    document: Mapping[str, Any], names: Mapping[str, str], assets: Sequence[str] | None = None
) -> Picture:
    """A waterfall for each of the assets that moved most.

    Parameters
    ----------
    document : `Explanation.to_dict()`. names : asset names by id. assets : which, in order; default the six largest.
    """

    panels, said = [], []
    shown = assets if assets is not None else largest_moves(document)
    for asset in shown:
        move = next(m for m in document["moves"] if m["asset"] == asset)
        unit = "bp" if move["unit"] == "bp" else "log %"
        steps = waterfall_steps(document, asset)
        for one in steps:
            one["text"] = signed(one["value"])
            one["edge"] = max(one["start"], one["end"], 0.0)
            one["name"] = wrapped(one["step"], LETTERS)
        said.append(
            f"{names[asset]} {signed(move['log_move'])} {unit}: "
            + joined([f"{s['step']} {s['text']}" for s in steps[:-1]])
        )
        panels.append(_panel(steps, f"{names[asset]}, {unit}"))
    columns = 2
    grid = stacked(
        *[stacked(*panels[i : i + columns], spacing=24, beside=True) for i in range(0, len(panels), columns)],
        spacing=16,
    )
    return Picture(
        id="contributions",
        title="What each cause accounts for, on average",
        note=(
            "Steps from zero to the log move (in basis points the move): posterior means, which add up. Red: loses "
            "value, green: gains (a yield, a spread, the dollar or the VIX that rises is a loss). Grey: what no cause "
            "accounts for."
        ),
        alt=f"Contributions by asset. {'. '.join(said)}.",
        spec=configured(grid),
        parts=tuple(configured(panel) for panel in panels),
        series=bound_series(document, shown),
    )


def _panel(steps: list[dict[str, Any]], title: str) -> Any:
    import altair as alt

    ends = [v for s in steps for v in (s["start"], s["end"], 0.0)]
    low, high = min(ends), max(ends)
    room = 0.18 * (high - low or 1.0)
    scale = alt.Scale(domain=[low - 0.02 * (high - low), high + room], nice=False)
    base = named_rows(steps, "name", LABELS)
    bars = base.mark_bar(size=12).encode(
        x=alt.X("start:Q", title=None, scale=scale, axis=alt.Axis(tickCount=4)),
        x2=alt.X2("end:Q"),
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(
                domain=["loss", "gain", "unexplained", "whole"],
                range=[FALL.light, RISE.light, QUIET.light, INK.light],
            ),
            legend=None,
        ),
        tooltip=[alt.Tooltip("step:N"), alt.Tooltip("text:N", title=title)],
    )
    text = base.mark_text(align="left", dx=4, fontSize=10, color=INK.light).encode(
        x=alt.X("edge:Q", scale=scale), text=alt.Text("text:N")
    )
    return layered(
        zero_line(scale),
        bars,
        text,
        width=NARROW - LABELS,
        height=per_row(step((s["name"] for s in steps), 20)),
        title=title,
    )

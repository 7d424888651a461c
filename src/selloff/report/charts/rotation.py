"""Who had led and who broke: run-up before the window against the move in it, basket by basket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from selloff.report.charts.named_rows import named_rows, step, wrapped, zero_line
from selloff.report.charts.theme import FALL, INK, NARROW, RISE, Picture, configured, layered, per_row, stacked
from selloff.report.numbers import joined, p_text, sigma_text, signed
from selloff.report.rotation_text import VERDICTS

LABELS = 112
WIDTH = (NARROW - LABELS - 14) // 2
"""Pixels of each panel."""

HORIZON = 60
"""Sessions of the run-up by which baskets are ordered, as in the table."""

ROOM = 30
"""Pixels beside zero for a number on the side where its bar is not."""

LEAST = 0.5
"""Sigmas that an axis reaches at least: smaller moves should look small."""

UNTOLD = "too little data to say whether leaders broke"


def turn_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Baskets with both a run-up and a move in sigmas, the largest run-up first."""
    found = []
    for basket in document["rotation"]["baskets"]:
        run_up = next(r for r in basket["run_ups"] if r["sessions"] == HORIZON)
        if run_up["sigmas"] is not None and basket["sigmas"] is not None:
            found.append(
                {
                    "id": basket["id"],
                    "basket": basket["name"],
                    "before": run_up["sigmas"],
                    "window": basket["sigmas"],
                }
            )
    return sorted(found, key=lambda r: (-r["before"], r["basket"]))


def rotation(document: Mapping[str, Any]) -> Picture | None:
    """Two bars per basket: sigmas run up over 60 sessions, and sigmas moved in the window.

    Parameters
    ----------
    document : `Explanation.to_dict()`.

    Returns
    -------
    None with fewer than two baskets.
    """
    values = turn_rows(document)
    if len(values) < 2:
        return None
    result = document["rotation"]
    told = VERDICTS.get(result["verdict"], UNTOLD)
    told = told[0].lower() + told[1:]
    if result["mean_correlation"] is not None and result["p_value"] is not None:
        told += f"; rank correlation {signed(result['mean_correlation'], 2)}, {p_text(result['p_value'])}"
    said = joined([f"{v['basket']} {sigma_text(v['before'])} then {sigma_text(v['window'])}" for v in values])
    return Picture(
        id="rotation",
        title="Run-up before, move in the window, by basket",
        note=(
            f"Left: run-up over the {HORIZON} sessions before; right: the move in the window; both in sigmas known "
            f"before them, on the same scale. Verdict: {told}."
        ),
        alt=f"Run-up, then move in the window, by basket: {said}. Verdict: {told}.",
        spec=configured(
            stacked(
                _bars(values, "before", f"{HORIZON} sessions before, σ", named=True),
                _bars(values, "window", "window, σ", named=False),
                spacing=8,
                beside=True,
            )
        ),
        series=tuple(f"basket:{v['id']}" for v in values),
    )


def _domain(values: list[dict[str, Any]]) -> list[float]:
    """Sigmas from left to right of both panels, with room beside zero for numbers where bars go the other way."""
    ends = [v[key] for v in values for key in ("before", "window")]
    low, high = min(-LEAST, *ends), max(LEAST, *ends)
    unit = (high - low) / (WIDTH - ROOM)
    left = min(low, -ROOM * unit) if max(ends) >= 0 else low
    right = max(high, ROOM * unit) if min(ends) < 0 else high
    return [left, right]


def _bars(values: list[dict[str, Any]], key: str, title: str, *, named: bool) -> Any:
    import altair as alt

    data = [
        {
            "basket": wrapped(v["basket"], 20),
            "value": v[key],
            "text": signed(v[key]),
            "state": "falls" if v[key] < 0 else "rises",
        }
        for v in values
    ]
    scale = alt.Scale(domain=_domain(values), nice=False)
    base = named_rows(data, "basket", LABELS if named else None, 10.5)
    colour = alt.Color(
        "state:N", scale=alt.Scale(domain=["falls", "rises"], range=[FALL.light, RISE.light]), legend=None
    )
    bars = base.mark_bar(size=11).encode(
        x=alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(tickCount=3, titleFontSize=10)),
        color=colour,
        tooltip=[alt.Tooltip("basket:N"), alt.Tooltip("text:N", title=title)],
    )
    at = alt.X("zero:Q", scale=scale)
    numbers = base.transform_calculate(zero="0").encode(x=at, text=alt.Text("text:N"))
    after = numbers.transform_filter("datum.value < 0").mark_text(align="left", dx=3, fontSize=9.5, color=INK.light)
    before = numbers.transform_filter("datum.value >= 0").mark_text(align="right", dx=-3, fontSize=9.5, color=INK.light)
    return layered(
        bars, zero_line(scale), after, before, width=WIDTH, height=per_row(step((d["basket"] for d in data), 18))
    )

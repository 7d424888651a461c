"""The four shocks of shares and Treasuries: what each moved the S&P 500 by, with bands and prior-free bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from selloff.report.charts.named_rows import named_rows, step, wrapped, zero_line
from selloff.report.charts.theme import (
    FALL,
    INK,
    LINE,
    NARROW,
    RISE,
    Picture,
    bound_series,
    configured,
    layered,
    per_row,
)
from selloff.report.numbers import signed
from selloff.report.structural_text import SHOCK_NAMES

LABELS = 136
LETTERS = 24
ASSET = "spx"
NOT_ROBUST = ", which allow that it moved nothing"


def shock_rows(document: Mapping[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One entry per shock, the largest contribution to the S&P 500 first.

    Parameters
    ----------
    names : cause names by id.

    Returns
    -------
    Entries with `shock`, `cause`, `mean`, `low`, `high` (90 % band), `least`, `most` (bounds) in log per cent, and
    `excludes_zero`.
    """
    found = []
    for shock, one in document["structural"]["system"]["shocks"].items():
        cause = one["causes"][0]
        found.append(
            {
                "shock": SHOCK_NAMES[shock],
                "cause": names.get(cause, cause),
                "mean": one["contributions"][ASSET],
                "low": one["bands"]["90"][ASSET][0],
                "high": one["bands"]["90"][ASSET][1],
                "least": one["bounds"][ASSET][0],
                "most": one["bounds"][ASSET][1],
                "excludes_zero": one["excludes_zero"],
            }
        )
    return sorted(found, key=lambda r: -abs(r["mean"]))


def structural(document: Mapping[str, Any], names: Mapping[str, str]) -> Picture | None:
    """Contributions to the S&P 500 as bars, 90 % bands as lines, bounds as the wide wash; None without an estimate.

    Parameters
    ----------
    document : `Explanation.to_dict()`. names : cause names by id.
    """
    answer = document.get("structural")
    if answer is None or answer["system"]["status"] != "estimated":
        return None
    shown = shock_rows(document, names)
    move = answer["system"]["log_moves"][ASSET]
    for row in shown:
        row["label"] = wrapped(f"{row['cause']} ({row['shock']})", LETTERS)
        row["kind"] = "falls" if row["mean"] < 0 else "rises"
        row["text"] = signed(row["mean"]) + ("" if row["excludes_zero"] else " ?")
        row["edge"] = max(row["most"], 0.0)
    said = "; ".join(
        f"{r['cause']} ({r['shock']}) {signed(r['mean'])} [{signed(r['low'])} to {signed(r['high'])}], bounds "
        f"{signed(r['least'])} to {signed(r['most'])}{'' if r['excludes_zero'] else NOT_ROBUST}"
        for r in shown
    )
    return Picture(
        id="structural",
        title=f"What moved the S&P 500 by {signed(move)} log %, from prices alone",
        note=(
            "Bars: posterior means, which add up. Lines: 90 % bands. Wash: all that published restrictions allow, "
            "without a prior. A question mark: they allow that the shock moved shares and yields not at all."
        ),
        alt=f"Shocks of shares and Treasuries in the S&P 500, log %: {said}.",
        spec=configured(_layers(shown)),
        series=bound_series(document, answer["system"]["log_moves"]),
    )


def _layers(shown: list[dict[str, Any]]) -> Any:
    import altair as alt

    ends = [v for r in shown for v in (r["least"], r["most"], 0.0)]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    scale = alt.Scale(domain=[low - 0.02 * span, high + 0.2 * span], nice=False)
    base = named_rows(shown, "label", LABELS)

    def x(name: str) -> Any:
        return alt.X(f"{name}:Q", title=None, scale=scale, axis=alt.Axis(tickCount=4, labelOverlap=True))

    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=["falls", "rises"], range=[FALL.light, RISE.light]), legend=None
    )
    wash = base.mark_bar(size=20, color=LINE.light).encode(x=x("least"), x2=alt.X2("most:Q"))
    tooltip = [alt.Tooltip("shock:N"), alt.Tooltip("cause:N"), alt.Tooltip("text:N", title="log %")]
    bars = base.mark_bar(size=9).encode(x=x("mean"), x2=alt.datum(0), color=colour, tooltip=tooltip)
    bands = base.mark_rule(strokeWidth=1.5, color=INK.light).encode(x=x("low"), x2=alt.X2("high:Q"))
    text = base.mark_text(align="left", dx=4, fontSize=10, color=INK.light).encode(x=x("edge"), text=alt.Text("text:N"))
    return layered(
        wash,
        bars,
        bands,
        zero_line(scale),
        text,
        width=NARROW - LABELS,
        height=per_row(step((r["label"] for r in shown), 26)),
    )

"""Probabilities of one role's causes, with intervals and priors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from selloff.report.charts.fingerprint import ROLE_TITLES, ordered_causes
from selloff.report.charts.named_rows import named_rows, per_cent_axis
from selloff.report.charts.theme import (
    CLASH,
    FAITH,
    INK,
    NARROW,
    QUIET,
    SOFT,
    Picture,
    configured,
    layered,
    per_row,
    stacked,
)
from selloff.report.numbers import interval, joined, percent

LABELS = 128
NUMBERS = 96
MARGIN = 0.04
"""Room beside 0 and 1 for half a dot."""

STATES = ("raised", "ruled down", "can't be told")
STATE_OF = {"leading": STATES[0], "contributing": STATES[0], "ruled_down": STATES[1], "undetermined": STATES[2]}


def probabilities(document: Mapping[str, Any]) -> Picture:
    """Every cause by role: its probability, the 90 % interval, its prior; and the unexplained share.

    Parameters
    ----------
    document : `Explanation.to_dict()`.
    """

    parts, said = [], []
    for role, title in ROLE_TITLES.items():
        tested = [c for c in ordered_causes(document) if c["role"] == role and c["probability"] is not None]
        if not tested:
            continue
        values = [
            {
                "name": c["name"],
                "p": c["probability"],
                "low": c["low"],
                "high": c["high"],
                "prior": c["prior"],
                "state": STATE_OF[c["status"]],
                "text": f"{percent(c['probability'])} [{interval(c['low'], c['high'])}]",
                "base": percent(c["prior"]),
            }
            for c in tested
        ]
        spoken = joined([" ".join([str(v["name"]), str(v["text"])]) for v in values])
        said.append(f"{title}: {spoken}.")
        parts.append(_rows(values, title, "probability"))
    low, mid, high = (document["unexplained"][k] for k in ("low", "mean", "high"))
    text = f"{percent(mid)} [{interval(low, high)}]"
    left = {"name": "Unexplained", "p": mid, "low": low, "high": high, "prior": None, "state": STATES[2], "text": text}
    parts.append(_rows([{**left, "base": "–"}], "Share of the sigma-weighted move", "share"))
    return Picture(
        id="probabilities",
        title="Which causes, by role",
        note=(
            "Dots: probability that the cause was active; lines: 90 % interval; ticks: prior, our judgement. Roles "
            "don't compete, and causes come together, so nothing adds up to one. Filled: raised above the prior. Grey: "
            "can't be told. Crosses: ruled down."
        ),
        alt=f"Probabilities with 90 % intervals. {' '.join(said)} Unexplained {text}.",
        spec=configured(stacked(*parts, spacing=8)),
    )


def _rows(values: list[dict[str, Any]], title: str, what: str) -> Any:
    import altair as alt

    scale = alt.Scale(domain=[-MARGIN, 1 + MARGIN], nice=False)
    base = named_rows(values, "name", LABELS)
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=STATES, range=[FAITH.light, CLASH.light, QUIET.light]),
        legend=None,
    )
    line = base.mark_rule(strokeWidth=2, opacity=0.75).encode(
        x=alt.X("low:Q", scale=scale, title=what, axis=per_cent_axis([0, 0.5, 1])),
        x2=alt.X2("high:Q"),
        color=colour,
    )
    tick = base.transform_filter("datum.prior !== null").mark_tick(thickness=2, size=13, color=SOFT.light)
    dot = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=alt.X("p:Q", scale=scale),
        color=colour,
        shape=alt.Shape("state:N", scale=alt.Scale(domain=STATES, range=["circle", "cross", "square"]), legend=None),
        tooltip=[
            alt.Tooltip("name:N"),
            alt.Tooltip("text:N", title=f"{what} [90 %]"),
            alt.Tooltip("base:N", title="prior"),
        ],
    )
    label = base.mark_text(align="left", fontSize=10, color=INK.light, dx=0).encode(
        x=alt.value(NARROW - LABELS - NUMBERS + 8), text=alt.Text("text:N")
    )
    return layered(
        tick.encode(x=alt.X("prior:Q", scale=scale)),
        line,
        dot,
        label,
        width=NARROW - LABELS - NUMBERS,
        height=per_row(20),
        title=title,
    )

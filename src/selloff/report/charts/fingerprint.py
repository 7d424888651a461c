"""The fingerprint: what every cause predicts for every asset, against what happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selloff.attribution.evidence import NOTEWORTHY
from selloff.report.charts.named_rows import BREAK, named_rows, wrapped
from selloff.report.charts.theme import (
    CLASH,
    FAITH,
    INK,
    PAPER,
    QUIET,
    SOFT,
    WASH,
    Picture,
    bound_series,
    configured,
    layered,
    per_row,
    rows,
    stacked,
)
from selloff.report.names import plain_name
from selloff.report.numbers import joined, percent, sigma_text, signed


@dataclass(frozen=True)
class Layout:
    """Pixels of the matrix: a column, a row, the causes' names, letters per line of them, the marks' areas and lines.

    flat : half the height of a predicted standstill, as a share of half its width. upright : numbers and asset names
    stand upright, as columns are too narrow for them.
    """

    cell: float
    row: int
    names: int
    letters: int
    marks: tuple[int, int]
    line: float
    flat: float
    upright: bool


ROOMY = Layout(cell=30, row=23, names=170, letters=60, marks=(40, 200), line=2, flat=0.25, upright=False)
TELEPHONE = Layout(cell=12.5, row=27, names=112, letters=22, marks=(22, 78), line=1.3, flat=0.45, upright=True)

LINE_HEIGHT = 12
NO_BREAK = "\u00a0"

ROLE_TITLES = {"trigger": "Triggers", "premium": "Premia", "amplifier": "Amplifiers"}
COLOURS = {
    "match": FAITH.light,
    "clash": CLASH.light,
    "says nothing": QUIET.light,
    "not tested": SOFT.light,
    "no prediction": PAPER.light,
}


def _predicted(cell: Mapping[str, Any]) -> str:
    if cell["basis"] == "open":
        return "open"
    falls, stays, rises = cell["p"]
    return "flat" if stays >= max(falls, rises) else ("down" if falls > rises else "up")


def _verdict(predicted: str, ratio: float | None) -> str:
    if predicted == "open":
        return "no prediction"
    if ratio is None:
        return "not tested"
    if ratio >= NOTEWORTHY:
        return "match"
    return "clash" if ratio <= 1.0 / NOTEWORTHY else "says nothing"


def fingerprint_cells(document: Mapping[str, Any], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """One entry per cause and asset, in the document's numbers.

    Parameters
    ----------
    document : `Explanation.to_dict()`. labels : short name by asset id, in display order.

    Returns
    -------
    Entries with cause, asset, `predicted` (down, flat, up, open), `strength` (the probability of what is predicted),
    `basis`, `observed` (slow sigmas or None), `ratio` (likelihood ratio or None) and `verdict`.
    """
    observed = {m["asset"]: m["sigmas_slow"] for m in document["moves"] if m["asset"]}
    cells = []
    for cause in ordered_causes(document):
        evidence = {
            e["asset"]: e["likelihood_ratio"]
            for e in [*cause["evidence_for"], *cause["evidence_against"]]
            if e["kind"] in ("sign", "no_move")
        }
        tested = cause["probability"] is not None
        for asset, label in labels.items():
            cell = cause["signature"].get(asset)
            if cell is None:
                continue
            predicted = _predicted(cell)
            seen = observed.get(asset)
            ratio = evidence.get(asset, 1.0 if tested and seen is not None else None)
            cells.append(
                {
                    "cause": cause["name"],
                    "asset": label,
                    "predicted": predicted,
                    "strength": max(cell["p"]),
                    "basis": cell["basis"],
                    "observed": seen,
                    "ratio": ratio,
                    "verdict": _verdict(predicted, ratio),
                }
            )
    return cells


def ordered_causes(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Causes by role, the most probable first, those not tested last."""
    causes: list[dict[str, Any]] = []
    for role in ROLE_TITLES:
        of_role = [c for c in document["causes"] if c["role"] == role]
        causes += sorted(of_role, key=lambda c: (c["probability"] is None, -(c["probability"] or 0.0)))
    return causes


def _alt_text(document: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> str:
    parts = []
    for role in ROLE_TITLES:
        best = next((c for c in ordered_causes(document) if c["role"] == role and c["probability"] is not None), None)
        if best is None:
            continue
        own = [c for c in cells if c["cause"] == best["name"]]
        for verdict in ("match", "clash"):
            names = [f"{c['asset']} {sigma_text(c['observed'])}" for c in own if c["verdict"] == verdict]
            if names:
                word = "matches" if verdict == "match" else "clashes with"
                parts.append(f"{best['name']} ({percent(best['probability'])}) {word} {joined(names)}.")
    return "What each cause predicts for each asset, against what happened. " + " ".join(parts)


def _probability(cause: Mapping[str, Any]) -> str:
    return "–" if cause["probability"] is None else percent(cause["probability"])


def _columns(labels: Mapping[str, str]) -> Any:
    """One column per asset in every strip, whether or not it has data there."""
    import altair as alt

    return alt.Scale(domain=list(labels.values()))


def _observed_strip(document: Mapping[str, Any], labels: Mapping[str, str], layout: Layout) -> Any:
    import altair as alt

    found = {m["asset"]: m["sigmas_slow"] for m in document["moves"] if m["asset"]}
    seen = [
        {"asset": label, "sigmas": found.get(a), "text": "–" if found.get(a) is None else signed(found[a])}
        for a, label in labels.items()
    ]
    angle = -90 if layout.upright else -40
    axis = alt.Axis(labelAngle=angle, orient="top", ticks=False, domain=False, labelPadding=4)
    base = alt.Chart(rows(seen)).encode(x=alt.X("asset:N", scale=_columns(labels), title=None, axis=axis))
    heights = alt.Axis(tickCount=4, minExtent=layout.names, maxExtent=layout.names, titleX=-34)
    bars = base.mark_bar(size=layout.cell * 0.53).encode(
        y=alt.Y("sigmas:Q", title="slow σ", axis=heights),
        color=alt.condition("datum.sigmas < 0", alt.value(SOFT.light), alt.value(QUIET.light)),
        tooltip=[alt.Tooltip("asset:N", title="asset"), alt.Tooltip("text:N", title="slow σ")],
    )
    numbers = base.encode(y=alt.value(100 if layout.upright else 106), text=alt.Text("text:N"))
    turn, end = (270, "right") if layout.upright else (0, "center")
    numbers = numbers.mark_text(fontSize=10, color=INK.light, angle=turn, align=end)  # type: ignore[arg-type]
    return layered(bars, numbers, width=per_row(layout.cell), height=96)


def _marks(cells: list[dict[str, Any]], labels: Mapping[str, str], title: str, layout: Layout) -> Any:
    """Tiles and marks of one role's causes."""
    import altair as alt

    x = alt.X("asset:N", scale=_columns(labels), title=None, axis=None)
    base = named_rows(cells, "row", layout.names, 10 if layout.upright else 11).encode(x=x)
    tooltip = [
        alt.Tooltip("cause:N"),
        alt.Tooltip("asset:N"),
        alt.Tooltip("predicted:N"),
        alt.Tooltip("strength:Q", title="probability of it", format=".2f"),
        alt.Tooltip("basis:N"),
        alt.Tooltip("observed_text:N", title="observed"),
        alt.Tooltip("ratio_text:N", title="likelihood ratio"),
        alt.Tooltip("verdict:N"),
    ]
    tiles = base.mark_rect(stroke=PAPER.light, strokeWidth=1 if layout.upright else 2, fill=WASH.light).encode(
        tooltip=tooltip
    )
    published = base.transform_filter("datum.basis == 'published'")
    shapes = {"down": "triangle-down", "flat": f"M-1,-{layout.flat}H1V{layout.flat}H-1Z", "up": "triangle-up"}
    said = base.transform_filter("datum.predicted != 'open'").encode(
        shape=alt.Shape("predicted:N", scale=alt.Scale(domain=list(shapes), range=list(shapes.values())), legend=None),
        size=alt.Size(
            "strength:Q", scale=alt.Scale(domain=[0.4, 0.9], range=list(layout.marks), clamp=True), legend=None
        ),
        color=alt.Color("verdict:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), legend=None),
    )
    filled = said.transform_filter("datum.verdict == 'match' || datum.verdict == 'says nothing'")
    filled = filled.mark_point(filled=True, opacity=1)
    hollow = said.transform_filter("datum.verdict == 'clash'").mark_point(
        filled=False, opacity=1, strokeWidth=layout.line
    )
    untested = said.transform_filter("datum.verdict == 'not tested'").mark_point(
        filled=False, opacity=1, strokeWidth=1.3
    )
    frames = published.mark_rect(fill=None, stroke=SOFT.light, strokeWidth=1.5)
    lines = max(cell["row"].count(BREAK) for cell in cells) + 1
    height = max(layout.row, LINE_HEIGHT * lines + 3)
    return layered(
        tiles, frames, filled, hollow, untested, width=per_row(layout.cell), height=per_row(height), title=title
    )


def _relief_note(document: Mapping[str, Any], turned: Collection[str]) -> str:
    """Whose signs are those of a relief."""
    names = [plain_name(c["name"]) for c in document["causes"] if c["id"] in turned]
    return f" Read as a relief, with its signs turned round: {joined(names)}." if names else ""


def fingerprint(document: Mapping[str, Any], labels: Mapping[str, str], turned: Collection[str] = ()) -> Picture:
    """Causes × assets: the predicted sign and strength, and whether what happened matches it.

    A triangle is the predicted direction, a bar a predicted standstill, its size the prediction's probability. Filled
    blue marks match what happened, hollow orange ones clash with it, grey ones say nothing, hollow grey
    ones were not tested. A framed tile is a published restriction, every other one our hypothesis.

    Parameters
    ----------
    document : `Explanation.to_dict()`. labels : short name by asset id. turned : ids of causes that a relief turns
        round.
    """

    cells = fingerprint_cells(document, labels)
    return Picture(
        id="fingerprint",
        title="Fingerprint: what each cause predicts, against what happened",
        note=(
            "Triangles: predicted direction; bars: predicted standstill; larger is surer. Filled: what happened "
            "matches it. Hollow orange: it clashes. Grey: says nothing. Hollow grey: not tested. Framed: published "
            "restriction; the others are our hypotheses. Beside each cause its probability."
        )
        + _relief_note(document, turned),
        alt=f"{_alt_text(document, cells)}{_relief_note(document, turned)}",
        spec=_matrix(document, cells, labels, ROOMY),
        narrow=(_matrix(document, cells, labels, TELEPHONE),),
        series=bound_series(document),
    )


def _matrix(
    document: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], labels: Mapping[str, str], layout: Layout
) -> dict[str, Any]:
    """The moves above, then the causes role by role."""
    parts = [_observed_strip(document, labels, layout)]
    for role, title in ROLE_TITLES.items():
        causes = [c for c in ordered_causes(document) if c["role"] == role]
        row = {
            c["name"]: wrapped(f"{c['name']}  {_probability(c).replace(' ', NO_BREAK)}", layout.letters) for c in causes
        }
        own = [
            {
                **cell,
                "row": row[cell["cause"]],
                "ratio_text": "–" if cell["ratio"] is None else f"×{cell['ratio']:.1f}",
                "observed_text": sigma_text(cell["observed"]),
            }
            for cell in cells
            if cell["cause"] in row
        ]
        if own:
            parts.append(_marks(own, labels, title, layout))
    shared = {"scale": {"x": "independent", "color": "shared", "shape": "shared", "size": "shared"}}
    return configured(stacked(*parts), resolve=shared)

"""A chain, link by link: what should have moved next, and whether it did."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from selloff.report.chain_words import link_name, names_other_side
from selloff.report.charts.named_rows import named_rows, step, wrapped, zero_line
from selloff.report.charts.theme import (
    CLASH,
    FAITH,
    INK,
    LINE,
    NARROW,
    QUIET,
    Picture,
    configured,
    layered,
    per_row,
    stacked,
)
from selloff.report.numbers import joined, percent, sigma_text

LABELS = 132
NUMBERS = 48
MOST_CHAINS = 3
OUTCOMES = {"held": FAITH.light, "late": FAITH.light, "broken": CLASH.light, "no_data": QUIET.light}
SHAPES = {"held": "circle", "late": "diamond"}
WORDS = {"held": "held", "late": "held, out of order", "broken": "broken", "no_data": "no data"}
OTHER_SIDE = (
    " Signs are those of the series: the dollar in yen rises when the yen falls, volatility when its sellers lose."
)


def shown_chains(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Causes whose chain is worth a picture: the most probable ones with a chain that can be tested."""
    tested = [
        c
        for c in document["causes"]
        if c["probability"] is not None and c["chain"] is not None and c["chain"]["verdict"] != "no_data"
    ]
    return sorted(tested, key=lambda c: -c["probability"])[:MOST_CHAINS]


def outcome_of(link: Mapping[str, Any]) -> str:
    """`held`, `late` (held, but moved before the link that should have caused it), `broken` or `no_data`."""
    return "late" if link["order"] == "before" else str(link["outcome"])


def _chain_outcome(links: Sequence[Mapping[str, Any]]) -> str:
    """What the links that can be tested come to: a chain of links that all held is broken by their order alone."""
    found = {outcome_of(link) for link in links}
    return next(o for o in ("broken", "late", "held", "no_data") if o in found)


def chains(document: Mapping[str, Any], turned: Collection[str] = ()) -> Picture | None:
    """Links of the most probable causes, in order: predicted sign, move in slow sigmas, held or broken.

    Parameters
    ----------
    document : `Explanation.to_dict()`. turned : ids of causes that a relief turns round, whose links are named by what
        they then claim.

    Returns
    -------
    None if no chain can be tested.
    """

    causes = shown_chains(document)
    if not causes:
        return None
    parts, said, other_side = [], [], False
    for cause in causes:
        turn = cause["id"] in turned
        links = [{**link, "name": link_name(link["name"], turned=turn)} for link in cause["chain"]["links"]]
        other_side |= any(names_other_side(link["name"], link["predicted"]) for link in links)
        usual = cause["chain"]["usual"]
        anyway = "" if usual is None else f"; anyway {percent(usual)}"
        name = f"{cause['name']}{', turned round' if turn else ''}"
        parts.append(_links(links, f"{name}: {WORDS[_chain_outcome(links)]}{anyway}"))
        told = joined([f"{link['name']} ({WORDS[outcome_of(link)]})" for link in links])
        said.append(f"{name}: {told}.")
    return Picture(
        id="chains",
        title="Chains, link by link",
        note=(
            "Dots: the link's move in slow sigmas; the shaded side is the predicted one, beyond half a sigma. Filled: "
            "held; a filled diamond: held, but before the link that should have caused it. Hollow: broken. “Anyway” is "
            "the share of earlier windows of this length in which the links held together. Only links beyond the "
            "assets enter the probabilities, by what the assets don't explain."
        )
        + (OTHER_SIDE if other_side else ""),
        alt=f"Chains of the most probable causes. {' '.join(said)}",
        spec=configured(stacked(*parts)),
        series=tuple(dict.fromkeys(x["series"] for c in causes for x in c["chain"]["links"] if x["series"])),
    )


def _links(links: Sequence[Mapping[str, Any]], title: str) -> Any:
    import altair as alt

    seen = [abs(link["sigmas"]) for link in links if link["sigmas"] is not None]
    reach = 1.15 * max([1.0, *seen])
    values = [
        {
            "link": wrapped(f"{i}. {link['name']}{', out of order' if outcome_of(link) == 'late' else ''}", 24),
            "sigmas": link["sigmas"] if link["sigmas"] is not None else 0.0,
            "text": "no data" if link["sigmas"] is None else sigma_text(link["sigmas"]),
            "outcome": outcome_of(link),
            "state": "filled" if link["outcome"] == "held" else "hollow",
            "from": 0.5 if link["predicted"] == "+" else -0.5,
            "to": reach if link["predicted"] == "+" else -reach,
            "order": (link["order"] or "–").replace("_", " "),
        }
        for i, link in enumerate(links, 1)
    ]
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    base = named_rows(values, "link", LABELS, 10.5)
    side = base.mark_bar(size=16, color=LINE.light, opacity=0.55).encode(
        x=alt.X("from:Q", scale=scale, title="slow σ", axis=alt.Axis(tickCount=5)), x2=alt.X2("to:Q")
    )
    colour = alt.Color("outcome:N", scale=alt.Scale(domain=list(OUTCOMES), range=list(OUTCOMES.values())), legend=None)
    known = base.transform_filter("datum.outcome !== 'no_data'").encode(x=alt.X("sigmas:Q", scale=scale), color=colour)
    tips = [alt.Tooltip("link:N"), alt.Tooltip("text:N", title="moved"), alt.Tooltip("order:N", title="order")]
    shape = alt.Shape("outcome:N", scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES.values())), legend=None)
    held = known.transform_filter("datum.state == 'filled'").mark_point(filled=True, size=70, opacity=1)
    broken = known.transform_filter("datum.state == 'hollow'").mark_point(filled=False, size=70, strokeWidth=2)
    text = base.mark_text(align="right", fontSize=10, color=INK.light).encode(
        x=alt.value(NARROW - LABELS), text=alt.Text("text:N")
    )
    return layered(
        side,
        zero_line(scale),
        held.encode(tooltip=tips, shape=shape),
        broken.encode(tooltip=tips),
        text,
        width=NARROW - LABELS - NUMBERS,
        height=per_row(step((v["link"] for v in values), 20)),
        title=title,
    )

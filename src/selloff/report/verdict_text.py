"""The joint verdict in words: what is down, by which limit, and what came closest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.report.numbers import depth_digits, joined, sigma_text

if TYPE_CHECKING:
    from selloff.explanation import Explanation


def verdict_words(e: Explanation) -> str:
    """The joint verdict in a sentence."""
    names = {c.id: c.name.lower() for c in e.catalogue.classes.values()}
    down = [names[c] for c in e.joint.classes_down]
    present = sum(d.depth is not None for d in e.joint.depths)
    spx = e.move_of("spx")
    regions = next((d.depth for d in e.joint.depths if d.asset_class.id == "equity_regions"), None)
    alone = ""
    if spx is not None and regions is not None and "equity_regions" not in e.joint.classes_down:
        limit = e.joint.limits["equity_regions"]
        if (spx.depth or 0.0) <= -limit:
            digits = depth_digits(regions, limit)
            short = f"{sigma_text(regions, digits)}; limit {sigma_text(-limit, digits)}"
            alone = (
                f" US shares fell, but the world's equity regions together stayed short of their limit ({short}); "
                "Asia closes before New York opens."
            )
    looked = f"{present} classes looked at"
    match e.joint.verdict:
        case "none":
            return (
                f"No asset class fell further than chance alone often brings: not a sell-off by our rule ({looked};"
                f" {_nearest_class(e)}).{alone}"
            )
        case "isolated":
            return f"Not everything fell: only {joined(down)} ({looked}).{alone}"
        case "partial":
            return f"Part of the market fell: {joined(down)} ({looked}).{alone}"
        case _:
            limit = e.joint.thresholds.joint
            digits = max((depth_digits(d.depth, limit) for d in e.joint.depths), default=1)
            by = f"{sigma_text(-limit, digits)[1:]} or more"
            return f"A joint fall: {joined(down)}, {len(down)} of {present} classes, fell by {by}."


def _nearest_class(e: Explanation) -> str:
    """The class that came closest to being down, and how often it is that deep."""
    rate = e.joint.base_rate
    nearest = next((d for d in e.joint.depths if d.asset_class.id == rate.nearest), None)
    if nearest is None or nearest.depth is None or nearest.depth >= 0:
        return "none of them fell"
    limit = e.joint.limits[nearest.asset_class.id]
    digits = depth_digits(nearest.depth, limit)
    text = f"closest: {nearest.asset_class.name.lower()} at {sigma_text(nearest.depth, digits)}"
    text += f", its limit is {sigma_text(-limit, digits)}"
    if not rate.nearest_of:
        return text
    return f"{text} and it was as deep in {rate.nearest_as_deep:,} of {rate.nearest_of:,} earlier windows"

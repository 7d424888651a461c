"""How rare and how joint a fall was, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.detection import JointFall, ReturnPeriod
from selloff.detection.rarity import FURTHEST
from selloff.detection.verdict import JOINTNESS_LEVEL
from selloff.report.numbers import joined, p_text, share_text, sigma_text, years_text

if TYPE_CHECKING:
    from selloff.explanation import Explanation

BEYOND = 5.0
"""Return periods of so many times the history are not dated, only called beyond it."""


def _depth_words(period: ReturnPeriod, n_classes: int, depth: float | None) -> str:
    """How often half of the classes with long histories are that deep."""
    if depth is None or period.low is None or period.mid is None or period.high is None:
        return "No class has a history long enough to say how rare the depth is."
    if depth >= 0:
        return f"Fewer than half of the {n_classes} classes with long histories fell at all."
    what = f"Half of the {n_classes} classes with long histories at {sigma_text(depth)} or worse"
    if period.mid >= BEYOND * period.history_years:
        history = years_text(period.history_years)
        return f"{what} is beyond what the {history} of history known then can date: rarer than once in {history}."
    if period.mid < 0.5:
        return f"{what} is usual: it comes more than twice a year."
    low, high = years_text(period.low), years_text(period.high)
    between = "" if low == high else f" (90 % interval {low} to {high})"
    return f"{what} comes about once in {years_text(period.mid)}{between}."


def period_text(period: ReturnPeriod | None) -> str:
    """`once in 8 years [4 to 40 years]`; empty if it is not known."""
    if period is None or period.low is None or period.mid is None or period.high is None:
        return ""
    if period.mid >= BEYOND * period.history_years:
        return f"rarer than once in {years_text(period.history_years)}"
    if period.mid < 0.5:
        return "more than twice a year"
    low, high = years_text(period.low), years_text(period.high)
    more = " or more" if period.high >= FURTHEST * period.history_years else ""
    first = low.split()[0] if low.split()[1] == high.split()[1] else low
    return f"once in {years_text(period.mid)}{'' if low == high else f' [{first} to {high}{more}]'}"


def class_period_words(e: Explanation) -> str:
    """How often each class that is down falls as deep, taken alone, the rarest first."""
    names, periods = {c.id: c.name.lower() for c in e.catalogue.classes.values()}, e.joint.class_periods
    texts = {c: text for c in e.joint.classes_down if (text := period_text(periods.get(c)))}
    ranked = sorted(texts, key=lambda c: (-(periods[c].mid or 0.0), c))
    parts = []
    if len(ranked) == 1:
        verb = "is" if texts[ranked[0]].startswith("rarer") else "comes"
        parts.append(f"A fall as deep in {names[ranked[0]]} {verb} {texts[ranked[0]]}.")
    elif ranked:
        told = "; ".join(f"{names[c]} {texts[c]}" for c in ranked)
        parts.append(f"A fall as deep, each class taken alone: {told}.")
    untold = [names[c] for c in e.joint.classes_down if c not in texts]
    if untold:
        parts.append(f"How rare it is for {joined(untold)} can't be said: the history known then is too short.")
    return " ".join(parts)


def rarity_words(e: Explanation) -> str:
    """How rare the depth is by class and for half of them, and how joint the fall where at least half fell."""
    by_class = class_period_words(e)
    parts = [by_class]
    if e.joint.rarity_depth is not None or not by_class:
        parts.append(_depth_words(e.joint.return_period, len(e.joint.rarity_classes), e.joint.rarity_depth))
    joint = e.joint.jointness
    searched = ""
    if joint.p_value_searched is not None and joint.p_value_independent_searched is not None:
        searched = (
            f"; corrected for the search over window lengths {p_text(joint.p_value_searched)} and "
            f"{p_text(joint.p_value_independent_searched)}"
        )
    depths = [d.depth for d in e.joint.depths if d.depth is not None]
    half_fell = 2 * sum(depth < 0 for depth in depths) >= len(depths)
    if joint.p_value is not None and joint.p_value_independent is not None and half_fell:
        p_value = joint.p_value if joint.p_value_searched is None else joint.p_value_searched
        more = "more jointly than usual" if p_value < JOINTNESS_LEVEL else "no more jointly than usual"
        parts.append(
            f"The classes fell {more} ({p_text(joint.p_value)} given their correlation before; "
            f"{p_text(joint.p_value_independent)} if they were independent{searched})."
        )
    parts.append(frequency_words(e.joint))
    return " ".join(p for p in parts if p)


def _counted(n: int) -> str:
    return f"{n:,}" if n else "none"


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def frequency_words(joint: JointFall) -> str:
    """The historical frequency of the verdict and, if it is a loss, of the depth, called that."""
    rate = joint.base_rate
    if rate.since is None:
        return ""
    fell = joint.verdict != "none"
    count = rate.verdicts[joint.verdict] if fell else rate.n_windows - rate.verdicts["none"]
    which = f"had the verdict {joint.verdict}" if fell else f"{_were(count)} a sell-off by this rule"
    share = f" ({share_text(count, rate.n_windows)})" if count else ""
    windows = f"{rate.n_windows:,} windows of this length since {rate.since}"
    text = f"Historical frequency: of {windows}, {_counted(count)} {which}{share}"
    if joint.rarity_depth is not None and joint.rarity_depth < 0 and rate.of:
        text += f"; of {rate.of:,} since {rate.deep_since}, {_counted(rate.as_deep)} {_were(rate.as_deep)} as deep"
    return f"{text}."

"""How to read a page: its words, scales, flags and short names, in plain words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from selloff.report.names import plain_name

if TYPE_CHECKING:
    from selloff.explanation.result import Explanation

TERMS = (
    (
        "Verdict",
        "joint: at least three groups of markets, and half of those with data, fell so deep that chance would bring it "
        "about once in ten years. partial: two groups fell far. isolated: one did. none: no class fell by as much as "
        "chance alone seldom brings.",
    ),
    (
        "σ (sigma)",
        "a move divided by its usual size. Slow σ: the usual size over the 250 sessions before; the verdict uses it. "
        "Fast σ: the usual size of those very days, so it asks whether the move was unusual for them.",
    ),
    (
        "Probability [interval], prior",
        "how likely a cause is to have been at work; the brackets say how far the answer moves when our hypotheses are "
        "shaken. The prior is how likely that was before any data of the window, by our judgement and not counted: "
        "at it the data say nothing. Triggers, premia and amplifiers come together, so probabilities need not add up.",
    ),
    (
        "contributing",
        "even the low end of the interval is above the prior, and the moves themselves speak for the cause.",
    ),
    (
        "leading",
        "contributing, at least a quarter of the move of shares and Treasuries, and bounds that need no prior rule out "
        "that it moved nothing.",
    ),
    ("ruled down", "even the high end of the interval is below half of the prior."),
    ("can't be told", "neither contributing nor ruled down."),
    ("not testable", "data that the cause requires are absent."),
    (
        "×",
        "a likelihood ratio: how many times as likely what was observed is if the cause was at work. Above one speaks "
        "for it, below one against it. With * it rests on our hypothesis or judgement, with † on a weight learnt from "
        "labelled days, else on a published restriction. Assets move together, so the ratios of single signs don't "
        "multiply: what they come to stands behind 'all moves together'.",
    ),
    (
        "as a relief, turned round",
        "the cause's good counterpart: a growth scare is then better news of growth. A cause is read so if that is at "
        "least twice as likely for it; the window may be read as bad news all the same.",
    ),
)

FLAGS = {
    "early": "fixed before most of the New York session",
    "late": "closes hours after New York",
    "published_late": "a market price dated at its market's close, though its file comes days later",
    "estimate": "an estimate, not a price",
    "misaligned": "known to be placed on a wrong day at times",
    "stand_in": "what is named in brackets stands for what was not known yet or is not there: good for the direction "
    "and for σ; its per cent are not the size of the yield, spread or index",
    "partial_basket": "some members of the basket are missing",
    "short_history": "its usual size comes from fewer than 250 sessions",
    "difference_rule": "a price was zero or below, so the move is the difference over the usual level",
    "base_": "its market was closed on the base session; its level is from the day given",
    "last_": "its market was closed on the last session; its level is from the day given",
    "starts_in_window": "its data begin inside the window",
    "closed_in_window": "its market was closed through the window",
    "stopped_": "its data stop on the day given",
    "no_data": "no data",
}
"""What each flag says; those that end in `_` are followed by a date."""


def flag_words(flag: str) -> tuple[str, str]:
    """A flag as it is explained: its name, with DATE for a date, and what it says."""
    name = re.sub(r"_\d{4}-\d\d-\d\d$", "_", flag)
    return (f"{name}DATE" if name.endswith("_") else name), FLAGS[name]


def reading_guide(e: Explanation) -> list[tuple[str, str]]:
    """Each term of the page and what it means; of flags those that this page has, and of assets the short names."""
    moves = [*e.moves, *e.asia_answer]
    flags = dict(flag_words(f) for m in moves for f in m.flags)
    flags |= dict(flag_words(f) for b in e.rotation.baskets if b.move is not None for f in b.flags)
    guide = [*TERMS]
    if flags:
        guide.append(("Flags", "; ".join(f"{name}: {words}" for name, words in sorted(flags.items())) + "."))
    short = [(a.label, plain_name(a.name)) for a in e.catalogue.assets.values() if a.label.lower() != a.name.lower()]
    guide.append(("Short names", "; ".join(f"{label}: {name}" for label, name in short) + "."))
    return guide

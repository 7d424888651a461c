"""News outside the menu in words: how likely it made the moves, beside how likely that was beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.attribution.main_trigger import OTHER_WEIGHT, UNKNOWN_WEIGHT
from selloff.report.numbers import percent

if TYPE_CHECKING:
    from selloff.explanation import Explanation

LEAST = 1 / 3
"""Told from this probability on, or where it is above its prior: the moves may say nothing of the listed causes."""


def unlisted_prior(e: Explanation) -> float:
    """Prior of news that no testable trigger stands for, as in docs/method.md: 0.27 if every trigger can be tested."""
    triggers = [r for r in e.attribution.causes if r.cause.role == "trigger"]
    outside = OTHER_WEIGHT + UNKNOWN_WEIGHT
    everything = outside + sum(r.cause.prior for r in triggers)
    return (outside + sum(r.cause.prior for r in triggers if r.probability is None)) / everything


def unlisted_words(e: Explanation) -> str:
    """How likely it is that no testable trigger made the moves; empty if that is neither raised nor likely enough."""
    triggers = [r for r in e.attribution.causes if r.cause.role == "trigger"]
    found, prior = e.attribution.unlisted, unlisted_prior(e)
    if found <= min(prior, LEAST):
        return ""
    untested = any(r.probability is None for r in triggers)
    news = "news outside the list or of triggers that can't be tested" if untested else "news outside the list"
    chance = f"{percent(found)} ({percent(prior)} beforehand)"
    return f"With {chance} {news} made the moves; then they say nothing of the listed causes."

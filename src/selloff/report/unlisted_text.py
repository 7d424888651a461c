"""News outside the menu in words: how likely it made the moves, beside how likely that was beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.report.numbers import percent

if TYPE_CHECKING:
    from selloff.explanation import Explanation

LEAST = 1 / 3
"""Told from this probability on, or where it is above its prior: the moves may say nothing of the listed causes."""


def unlisted_words(e: Explanation) -> str:
    """How likely it is that no testable trigger made the moves; empty if that is neither raised nor likely enough."""
    triggers = [r for r in e.attribution.causes if r.cause.role == "trigger"]
    found, prior = e.attribution.unlisted, e.attribution.unlisted_prior
    if found <= min(prior, LEAST):
        return ""
    untested = any(r.probability is None for r in triggers)
    news = "news outside the list or of triggers that can't be tested" if untested else "news outside the list"
    chance = f"{percent(found)} ({percent(prior)} beforehand)"
    return f"With {chance} {news} made the moves; then they say nothing of the listed causes."

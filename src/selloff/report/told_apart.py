"""Which causes can't be told apart, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.attribution import CauseResult
from selloff.report.names import plain_name
from selloff.report.numbers import joined
from selloff.report.role_words import MOST_NAMED

if TYPE_CHECKING:
    from selloff.explanation import Explanation


def told_apart_words(e: Explanation, result: CauseResult) -> str:
    """What a cause can't be told apart from, and of which of those the data say nothing; empty if it can."""
    if not result.indistinguishable_from:
        return ""
    by_id = {r.cause.id: r for r in e.attribution.causes}
    others = [by_id[c] for c in result.indistinguishable_from]
    others.sort(key=lambda r: (-(r.probability or 0.0), r.cause.id))
    names = [plain_name(r.cause.name) for r in others[:MOST_NAMED]]
    if len(others) > MOST_NAMED:
        names.append(f"{len(others) - MOST_NAMED} more")
    text = f"{result.cause.name} can't be told apart from {joined(names, 'or')}."
    mute = silent_words(e, result)
    return f"{text} {mute}" if mute else text


def silent_words(e: Explanation, result: CauseResult) -> str:
    """What the data say of causes that it can't be told apart from and that they don't move; empty without any.

    Of a cause with items for and against it they say nothing only taken together.
    """
    found = set(result.indistinguishable_from)
    mute = [r for r in e.attribution.causes if r.cause.id in found and r.silent]
    mute.sort(key=lambda r: (-(r.probability or 0.0), r.cause.id))
    balanced = joined([plain_name(r.cause.name) for r in mute if _has_items(r)], "or")
    without = joined([plain_name(r.cause.name) for r in mute if not _has_items(r)], "or")
    parts = [
        f"Taken together the data neither raise nor lower {balanced} much." if balanced else "",
        f"The data say nothing for or against {without}." if without else "",
    ]
    return " ".join(p for p in parts if p)


def _has_items(result: CauseResult) -> bool:
    return bool(result.evidence_for or result.evidence_against or result.direct or result.chain_evidence)

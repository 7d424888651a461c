"""The main reason in words: by the groups of triggers that people's words can tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.attribution.main_reasons import MainReason
from selloff.catalog.labelmap import OTHER, UNKNOWN
from selloff.report.names import plain_name
from selloff.report.numbers import joined, percent

if TYPE_CHECKING:
    from selloff.explanation.result import Explanation

NAMED = 2
"""Reasons named in the paragraph; *unknown* is told beside them."""


def main_reason_words(e: Explanation) -> str:
    """What people would most likely give as the reason."""
    reasons = e.main_reasons
    told = joined([f"{r.name} ({percent(r.share)})" for r in reasons if r.id != UNKNOWN][:NAMED], "or")
    unknown = next(r.share for r in reasons if r.id == UNKNOWN)
    text = f"Asked for the main reason, people would most likely name {told}; {percent(unknown)} stays unknown."
    if e.attribution.fitted_at is None:
        text += " Nothing learnt from labelled days enters these shares: those are days on which US shares jumped."
    return text


def reason_parts(e: Explanation, reason: MainReason) -> list[tuple[str, float]]:
    """Name and share of what a reason is made of: its triggers, and of *other* what is no listed trigger."""
    parts = [(plain_name(e.catalogue.causes[t].name), share) for t, share in reason.triggers.items()]
    if reason.id == OTHER:
        parts.append(("no listed trigger", max(reason.share - sum(reason.triggers.values()), 0.0)))
    return sorted(parts, key=lambda part: -part[1])


def main_reason_line(e: Explanation) -> str:
    """Every reason with its share, in brackets what it is made of."""

    def one(reason: MainReason) -> str:
        parts = ", ".join(f"{name} {percent(share)}" for name, share in reason_parts(e, reason))
        return f"{reason.name} {percent(reason.share)}{f' ({parts})' if parts else ''}"

    return f"Main reason, shares adding up to one: {' · '.join(one(r) for r in e.main_reasons)}"

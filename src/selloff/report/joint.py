"""Gold's line and the search's line, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.report.numbers import joined, p_text, percent, sigma_text, signed

if TYPE_CHECKING:
    from selloff.detection.safe_haven import HavenRate, SafeHaven
    from selloff.detection.search import Search
    from selloff.explanation import Explanation

BARE_MENTION = 3.0
"""Below it a ratio is not worth more than a bare mention (Kass and Raftery 1995, JASA 90(430), section 3.2)."""

STATUS_TEXT = {
    "held": "the safe haven held",
    "failed": "the safe haven failed",
    "unrelated": "unrelated",
}


def _rate(rate: HavenRate) -> str:
    share = "not known" if rate.share is None else percent(rate.share)
    return f"{share} of {rate.n:,}"


def _ratio_words(gold: SafeHaven) -> str:
    did = "fell" if gold.status == "failed" else "rose" if gold.status == "held" else "stood still"
    if gold.likelihood_ratio is None or gold.low is None or gold.high is None:
        return f"Too few such windows to say how much it tells that gold {did}."
    value = f"Likelihood ratio {gold.likelihood_ratio:.1f} ({gold.low:.1f} to {gold.high:.1f})"
    if gold.low <= 1.0 <= gold.high:
        return f"{value}: no different from 1, so that gold {did} says next to nothing about the fall."
    if 1.0 / BARE_MENTION < gold.likelihood_ratio < BARE_MENTION:
        return f"{value}: close to 1, so that gold {did} says little about the fall."
    more = "more" if gold.likelihood_ratio > 1 else "less"
    return f"{value}: gold does that {more} often when equities are down."


def gold_words(e: Explanation) -> str:
    """Gold as a safe haven: what it did, how much that tells, and how often it does so."""
    gold = e.gold
    if gold is None:
        return ""
    cut_off = f"{signed(gold.equities_cut_off)} σ or worse"
    rates = f"With equities at {cut_off} gold fell too in {_rate(gold.whole)} earlier windows of this length"
    rates += f", in the last five years in {_rate(gold.recent)}."
    head = f"Gold ({sigma_text(gold.gold_sigmas)}): {STATUS_TEXT[gold.status]}"
    if not gold.equities_down:
        return f"{head}: US equities at {sigma_text(gold.equities_sigmas)} were not down by {cut_off}. {rates}"
    still = ", it hardly moved" if gold.status == "unrelated" else ""
    return f"{head}{still}. {_ratio_words(gold)} {rates}"


def search_words(search: Search | None) -> str:
    """How the window was chosen, and what that does to its p-value."""
    if search is None:
        return ""
    lengths = joined([str(n) for n in search.lengths], "or")
    text = f"The window was searched for: of {lengths} sessions to this one, {search.chosen} "
    if search.p_value is None or search.p_corrected is None:
        return f"{text}is the deepest; there is too little history to say how rare."
    return (
        f"{text}makes the depth rarest ({p_text(search.p_value)} as if nothing else had been looked at, "
        f"{p_text(search.p_corrected)} corrected for the search)."
    )

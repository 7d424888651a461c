"""Plain words, made from the result by rules. They never say more than the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.attribution import CauseResult, Evidence
from selloff.attribution.signature import UNCHANGED
from selloff.catalog import ROLES, Role
from selloff.explanation.known_later import later_names, later_words
from selloff.panel import Move
from selloff.panel.clock import NEW_YORK_ZONE
from selloff.report.main_reason_words import main_reason_words
from selloff.report.names import asset_name, plain_name, sentence, with_article
from selloff.report.numbers import interval, joined, move_text, percent, sigma_text
from selloff.report.rarity_text import rarity_words
from selloff.report.relief_words import relief_words
from selloff.report.role_words import BIG_MOVE, role_words
from selloff.report.structural_text import leading_words
from selloff.report.unlisted_text import unlisted_words
from selloff.report.verdict_text import verdict_words

if TYPE_CHECKING:
    from selloff.explanation.result import Explanation

ROLE_HEADINGS: dict[Role, str] = {
    "trigger": "Triggers: the news",
    "premium": "Premia: the price of risk that repriced",
    "amplifier": "Amplifiers: the mechanism that spread it",
}
STATUS_WORDS = {
    "leading": "leading",
    "contributing": "contributing",
    "undetermined": "can't be told",
    "ruled_down": "ruled down",
    "not_testable": "not testable",
}
MOVES_SHOWN = 8
"""Assets whose moves are spelt out."""

LOWERED = 0.25
"""A cause at this part of its prior or less is named among those lowered most."""

RULED_SHOWN = 3


def heading(e: Explanation) -> str:
    """Which window, as known when."""
    w = e.window
    day = f"{w.end:%A} {w.end.day} {w.end:%B %Y}"
    span = f"{day}, New York session" if w.n_sessions == 1 else f"{w.n_sessions} sessions to {day}, New York"
    known_at = None if e.as_of is None else e.as_of.astimezone(NEW_YORK_ZONE)
    known = (
        "with hindsight: all that was ever stored"
        if known_at is None
        else f"as known on {known_at.day} {known_at:%b %Y %H:%M} New York"
    )
    moves = f"moves from the close of {w.base.day} {w.base:%B %Y}"
    return f"{f'{e.title} · ' if e.title else ''}{span} · {known} · {moves}"


def move_phrase(e: Explanation, asset: str, move: Move) -> str:
    """`S&P 500 −9.5 % (−9.4 σ)`."""
    name = asset_name(e, asset)
    assert move.move is not None
    text = f"{name} {move_text(move.move, move.series.move_unit)}"
    return f"{text} ({sigma_text(move.sigmas_slow)})"


def what_moved(e: Explanation) -> str:
    """The largest moves, in slow sigmas, then what hardly moved."""
    pairs = [(a, m) for a in e.assets if (m := e.move_of(a)) is not None and m.sigmas_slow is not None]
    ordered = sorted(pairs, key=lambda p: -abs(p[1].sigmas_slow or 0.0))
    big = [p for p in ordered if abs(p[1].sigmas_slow or 0.0) >= BIG_MOVE]
    small = [asset_name(e, a) for a, m in ordered if abs(m.sigmas_slow or 0.0) < BIG_MOVE]
    if not big:
        return f"Nothing moved by as much as one of its own standard deviations: {joined(small)} were all within it."
    text = sentence(f"{joined([move_phrase(e, a, m) for a, m in big[:MOVES_SHOWN]])}.")
    rest = [asset_name(e, a) for a, _ in big[MOVES_SHOWN:]]
    if rest:
        text += f" Beyond one standard deviation too: {joined(rest)}."
    if small:
        text += f" Within one standard deviation: {joined(small)}."
    return text


def clash_phrase(e: Explanation, clash: Evidence) -> str:
    """`a fall of the S&P 500 (it moved +1.2 σ)`, of a sign that clashed."""
    way = {"-": "a fall", "+": "a rise"}[clash.sign]
    return f"{way} of {with_article(e, clash.asset)} (it moved {sigma_text(clash.observed)})"


def why_not_words(e: Explanation) -> str:
    """The likeliest causes beforehand that the data rule down, each with its clearest clash."""
    ruled = sorted((r for r in e.attribution.causes if r.status == "ruled_down"), key=lambda r: -r.cause.prior)
    if not ruled:
        return _lowered_words([r for r in e.attribution.causes if r.probability is not None])
    parts = []
    for result in ruled[:RULED_SHOWN]:
        told = f"{plain_name(result.cause.name)} ({percent(result.probability or 0.0)})"
        clash = next((i for i in result.evidence_against if i.kind == "sign"), None)
        if clash is not None:
            told += f", which predicts {clash_phrase(e, clash)}"
        parts.append(told)
    more = len(ruled) - len(parts)
    rest = f" {more} more {'is' if more == 1 else 'are'} ruled down." if more else ""
    return f"Ruled down: {'; '.join(parts)}.{rest}"


def _lowered_words(tested: list[CauseResult]) -> str:
    """Where no cause is ruled down: by which rule, and which were lowered most."""
    if not tested:
        return ""
    text = "No cause is ruled down: for each that could be tested the high end of its interval still reaches half of "
    text += "its prior."
    ratio = {r.cause.id: (r.probability or 0.0) / r.cause.prior for r in tested}
    low = sorted((r for r in tested if ratio[r.cause.id] <= LOWERED), key=lambda r: ratio[r.cause.id])[:RULED_SHOWN]
    parts = [
        f"{plain_name(r.cause.name)} ({percent(r.cause.prior)[:-2]} to {percent(r.probability or 0.0)})" for r in low
    ]
    return f"{text} Lowered most: {joined(parts)}." if parts else text


def certainty_words(e: Explanation) -> str:
    """How much stays unexplained, whether news outside the list made the moves, and what leads."""
    left = e.attribution.unexplained
    told = (
        f"The listed causes together leave {percent(left.mean)} of the sigma-weighted move unexplained "
        f"({interval(left.low, left.high)})."
    )
    return " ".join(part for part in (told, unlisted_words(e), leading_words(e)) if part)


def unknown_words(e: Explanation) -> str:
    """What could not be tested or is not in the data."""
    untested = [plain_name(r.cause.name) for r in e.attribution.causes if r.status == "not_testable"]
    tested = f"Not testable on this data: {joined(untested)}." if untested else "Every listed cause could be tested."
    parts = [tested]
    unbound = [a for a in e.catalogue.assets if a not in e.assets]
    dues = later_names(e.catalogue, e.known_later, unbound)
    if absent := [asset_name(e, a) for a in unbound if a not in dues]:
        parts.append(f"Not in the data for this window: {joined(absent)}.")
    if dues:
        parts.append(later_words(joined([asset_name(e, a) for a in dues]), dues.values(), e.window.end))
    empty = [d.asset_class.name.lower() for d in e.joint.depths if d.depth is None]
    if empty:
        parts.append(f"Classes without data: {joined(empty)}.")
    return " ".join(parts)


def policy_shock_words(e: Explanation) -> str:
    """What each central bank announcement of the window moved, as far as its session's moves tell."""
    parts = []
    for shock in e.policy_shocks:
        day = f"{shock.session:%-d %B}" if e.window.n_sessions > 1 else "the day"
        way = "tighter than" if shock.size > 0 else "easier than"
        way = way if abs(shock.size) >= UNCHANGED else "about as"
        parts.append(
            f"The FOMC announcement of {day} reads as {way} expected: {sigma_text(shock.size)} of such shocks, "
            f"{move_text(shock.moves['us2y'], 'bp')} in the 2-year yield."
        )
    return " ".join(parts)


def sections(e: Explanation) -> list[tuple[str, str]]:
    """The whole answer in plain words: what fell, how rare, why, why not the others, how sure, what was not known."""
    quiet = e.joint.verdict == "none"
    why = (
        "With no class down there is no fall to explain; the causes are weighed against the moves as they are."
        if quiet
        else " ".join([role_words(e, "trigger"), main_reason_words(e), *(role_words(e, r) for r in ROLES[1:])])
    )
    why = f"{relief_words(e)} {why} {policy_shock_words(e)}".strip()
    parts = [
        ("What fell", f"{verdict_words(e)} {what_moved(e)}"),
        ("How rare", rarity_words(e)),
        ("Why", why),
        ("Why not the others", "" if quiet else why_not_words(e)),
        ("How sure", certainty_words(e)),
        ("What was not known", unknown_words(e)),
    ]
    return [(title, text) for title, text in parts if text]


def paragraph(e: Explanation) -> str:
    """The whole answer in one paragraph."""
    return " ".join(text for _, text in sections(e))

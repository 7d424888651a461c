"""Plain words, made from the result by rules. They never say more than the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.attribution import CauseResult, Evidence
from selloff.attribution.signature import UNCHANGED
from selloff.catalog import ROLES, Role
from selloff.catalog.labelmap import UNKNOWN
from selloff.explanation.known_later import later_names, later_words
from selloff.panel import Move
from selloff.panel.clock import NEW_YORK_ZONE
from selloff.report.hedges import LIKELY_AS_NOT, hedge
from selloff.report.numbers import (
    digits_apart,
    interval,
    joined,
    move_text,
    part_range,
    part_text,
    percent,
    sigma_text,
)
from selloff.report.rarity_text import rarity_words
from selloff.report.relief_words import relief_words
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
BIG_MOVE = 1.0
"""Moves below one slow sigma are called small."""

MOVES_SHOWN = 8
"""Assets whose moves are spelt out."""

GOOD_PART = 0.2
"""Shares of a move below this are not worth a mention in words."""

WIDEST_BAND = 1.0
"""A part of a move that is known no better than within all of it is not told."""

LOWERED = 0.25
"""A cause at this part of its base rate or less is named among those lowered most."""

PARTS_SHOWN = 3
RULED_SHOWN = 3

MOST_NAMED = 4

PROPER = {"China", "Bitcoin", "Nikkei"}
BARE = {"gold", "silver", "copper", "oil", "btc", "m7", "breakeven"}
"""Assets whose names take no article."""

NOUNS: dict[Role, tuple[str, str]] = {
    "trigger": ("trigger", "triggers"),
    "premium": ("premium", "premia"),
    "amplifier": ("amplifier", "amplifiers"),
}


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


def sentence(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def asset_title(e: Explanation, asset: str) -> str:
    """An asset's name; with what stands in for it, where something does."""
    move = e.move_of(asset)
    return move.series.name if move is not None and move.series.is_stand_in else e.catalogue.assets[asset].name


def asset_name(e: Explanation, asset: str) -> str:
    """An asset's name inside a sentence."""
    return plain_name(asset_title(e, asset))


def with_article(e: Explanation, asset: str) -> str:
    """An asset's name as the object of a sentence."""
    name = asset_name(e, asset)
    return name if asset in BARE else f"the {name}"


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


def plain_name(name: str) -> str:
    """A name inside a sentence: proper nouns and abbreviations keep their capitals."""
    first = name.split(maxsplit=1)[0]
    return name if first in PROPER or not first[1:].islower() else name[0].lower() + name[1:]


def _risen(result: CauseResult) -> str:
    """`dash for cash (44 % [9–74], base rate 8 %)`."""
    return f"{plain_name(result.cause.name)} ({said(result)}, base rate {percent(result.cause.prior)})"


def said(result: CauseResult) -> str:
    """`44 % [9–74]`."""
    return f"{percent(result.probability or 0.0)} {_bracket(result)}"


def _bracket(result: CauseResult) -> str:
    """`[9–74]`."""
    assert result.low is not None and result.high is not None
    return f"[{interval(result.low, result.high, result.cause.prior)}]"


def hedged(result: CauseResult) -> str:
    """How likely the cause is to have been at work, and how likely at the other end of its interval."""
    assert result.probability is not None and result.low is not None and result.high is not None
    word, other = hedge(result.probability), hedge(result.low if result.raised else result.high)
    end = "" if word == other else f" (at the {'low' if result.raised else 'high'} end of its interval {other})"
    return f"is {word} to have been at work{end}"


def parts_if_active(e: Explanation, result: CauseResult) -> list[tuple[str, str]]:
    """Assets and parts of their moves for which a cause accounts if it was at work, the surest good parts first.

    Told of raised causes alone, and only of moves of a sigma or more. A part is told if it is a fifth to all of the
    move, if its band excludes zero, and if the band is at most 100 points wide: the others say next to nothing.
    """
    if not result.raised:
        return []
    parts = []
    for asset, amount in result.if_active.items():
        move = e.move_of(asset)
        if move is None or not move.log_move or abs(move.sigmas_slow or 0.0) < BIG_MOVE:
            continue
        share = amount.mean / move.log_move
        low, high = sorted((amount.low / move.log_move, amount.high / move.log_move))
        if GOOD_PART <= share <= 1.0 and low > 0.0 and high - low <= WIDEST_BAND:
            part = f"{part_text(share)} [{part_range(low, high)}]"
            parts.append((low, asset, f"{part} of the move in {with_article(e, asset)}"))
    return [(asset, text) for _, asset, text in sorted(parts, reverse=True)[:PARTS_SHOWN]]


def if_active_words(e: Explanation, result: CauseResult) -> str:
    """`60 % [20 to 95] of the move in gold and …`."""
    return joined([text for _, text in parts_if_active(e, result)])


def role_words(e: Explanation, role: Role) -> str:
    """What one role's causes come to, in one to five sentences."""
    noun, plural = NOUNS[role]
    results = [r for r in e.attribution.causes if r.cause.role == role]
    tested = sorted((r for r in results if r.probability is not None), key=lambda r: -(r.probability or 0.0))
    if not tested:
        return f"No {noun} can be tested on this data."
    raised = [r for r in tested if r.raised]
    if not raised:
        return f"No {noun} stands out: {_nearest_cause(tested)}."
    top = raised[0]
    name = plain_name(top.cause.name)
    if (top.probability or 0.0) < LIKELY_AS_NOT:
        return f"{_raised_yet_unlikely(noun, raised, tested[0])}{_about(e, top, name)}"
    group = f"Among the {plural}" if len(tested) > 1 else f"Of the {plural} only one can be tested, and it stands out"
    verb = "" if len(tested) == 1 else " stands out" if len(raised) == 1 else " stand out"
    text = f"{group}{':' if len(tested) == 1 else ','} {joined([_risen(r) for r in raised])}{verb}"
    who = name if len(raised) > 1 else "it"
    text += f"; {who} {hedged(top)}."
    return f"{text}{_about(e, top, who)}"


def _nearest_cause(tested: list[CauseResult]) -> str:
    """Where none of a role is raised: the cause that comes nearest, or the most probable if all are lowered."""
    above = [r for r in tested if (r.probability or 0.0) > r.cause.prior]
    if above:
        nearest = max(above, key=lambda r: _odds(r.probability or 0.0) / _odds(r.cause.prior))
        text = "the data raise none clearly above its base rate. The closest to standing out is "
        return f"{text}{_risen(nearest)}, which {hedged(nearest)}"
    top = tested[0]
    rate = percent(top.cause.prior)
    where = "at" if rate == percent(top.probability or 0.0) else "below"
    text = f"the data raise none. The most probable is {plain_name(top.cause.name)} ({said(top)})"
    return f"{text}, {where} its base rate of {rate}; it {hedged(top)}"


def _odds(probability: float) -> float:
    return probability / max(1.0 - probability, 1e-12)


def _raised_yet_unlikely(noun: str, raised: list[CauseResult], likeliest: CauseResult) -> str:
    """`The data raise fiscal scare from 4 to 18 % [4.2–37], which is still unlikely.`"""
    told = joined([f"{plain_name(r.cause.name)} from {_from_prior(r)} {_bracket(r)}" for r in raised])
    which = "which is" if len(raised) == 1 else "the likeliest of which is"
    text = f"The data raise {told}, {which} still {hedge(raised[0].probability or 0.0)}"
    if likeliest.raised:
        return f"{text}."
    chance = percent(likeliest.probability or 0.0)
    other = f"the most probable {noun} is {plain_name(likeliest.cause.name)} ({chance})"
    return f"{text}; {other}, which they don't raise clearly."


def _from_prior(result: CauseResult) -> str:
    """`4 to 18 %`: from a base rate to a probability, with digits enough to tell them apart."""
    prior, found = 100 * result.cause.prior, 100 * (result.probability or 0.0)
    digits = digits_apart(found, prior, 0)
    return f"{percent(result.cause.prior)[:-2]} to {percent(found / 100) if not digits else f'{found:.{digits}f} %'}"


def _about(e: Explanation, top: CauseResult, who: str) -> str:
    """What a raised cause would account for, and what it can't be told from. who : it, or its name."""
    if parts := if_active_words(e, top):
        text = f" If it was at work, {plain_name(top.cause.name)} accounts for {parts}."
    else:
        text = f" How much {who} moved can't be told."
    if top.indistinguishable_from:
        others = [plain_name(e.catalogue.causes[c].name) for c in top.indistinguishable_from]
        few = others if len(others) <= MOST_NAMED else [f"{len(others)} other {NOUNS[top.cause.role][1]}"]
        text += f" It can't be told apart from {joined(few, 'or')}."
    if top.untested_lookalikes:
        others = [plain_name(e.catalogue.causes[c].name) for c in top.untested_lookalikes]
        text += f" Prices alone could not tell {plain_name(top.cause.name)} from {joined(others, 'or')}, "
        text += "which this data can't test."
    return text


def outcome_shares(e: Explanation) -> dict[str, float]:
    """Share of each group of triggers that people's words can tell apart, by outcome id."""
    label_map = e.catalogue.label_map
    return dict(zip(label_map.outcomes, label_map.outcome_shares(e.attribution.trigger_shares).tolist(), strict=True))


def main_trigger_words(e: Explanation) -> str:
    """What people would most likely give as the reason."""
    shares, names = outcome_shares(e), {o.id: o.name for o in e.catalogue.label_map.outcome}
    ranked = sorted((o for o in shares if o != UNKNOWN), key=lambda o: (-shares[o], o))[:2]
    told = joined([f"{names[o]} ({percent(shares[o])})" for o in ranked], "or")
    text = f"Asked for the main reason, people would most likely name {told}; {percent(shares[UNKNOWN])} stays unknown."
    if e.attribution.fitted_at is None:
        text += " Nothing learnt from labelled days enters these shares: those are days on which US shares jumped."
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
    text += "its base rate."
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
        else " ".join([role_words(e, "trigger"), main_trigger_words(e), *(role_words(e, r) for r in ROLES[1:])])
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

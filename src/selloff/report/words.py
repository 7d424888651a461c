"""Plain words, made from the result by rules. They never say more than the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.attribution import CauseResult, Evidence
from selloff.attribution.signature import UNCHANGED
from selloff.catalog import ROLES, Role
from selloff.catalog.labelmap import UNKNOWN
from selloff.panel import Move
from selloff.panel.clock import NEW_YORK_ZONE
from selloff.report.hedges import hedge
from selloff.report.numbers import interval, joined, move_text, part_range, part_text, percent, sigma_text
from selloff.report.rarity_text import rarity_words
from selloff.report.relief_words import relief_words
from selloff.report.structural_text import leading_words

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
    known = (
        "with hindsight: all that was ever stored"
        if e.as_of is None
        else f"as known on {e.as_of.astimezone(NEW_YORK_ZONE):%d %b %Y %H:%M} New York"
    )
    moves = f"moves from the close of {w.base.day} {w.base:%B %Y}"
    return f"{f'{e.title} · ' if e.title else ''}{span} · {known} · {moves}"


def sentence(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def asset_name(e: Explanation, asset: str) -> str:
    """An asset's name inside a sentence."""
    return plain_name(e.catalogue.assets[asset].name)


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


def verdict_words(e: Explanation) -> str:
    """The joint verdict in a sentence."""
    names = {c.id: c.name.lower() for c in e.catalogue.classes.values()}
    down = [names[c] for c in e.joint.classes_down]
    present = sum(d.depth is not None for d in e.joint.depths)
    spx = e.move_of("spx")
    limit = e.joint.limits.get("equity_regions")
    alone = ""
    if (
        spx is not None
        and limit is not None
        and (spx.depth or 0.0) <= -limit
        and "equity_regions" not in e.joint.classes_down
    ):
        alone = " US shares fell, but the world's equity regions together did not; Asia closes before New York opens."
    looked = f"{present} classes looked at"
    match e.joint.verdict:
        case "none":
            return (
                f"No asset class fell by as much as chance alone seldom brings: not a sell-off by our rule ({looked};"
                f" {_nearest_class(e)}).{alone}"
            )
        case "isolated":
            return f"Not everything fell: only {joined(down)} ({looked}).{alone}"
        case "partial":
            return f"Part of the market fell: {joined(down)} ({looked}).{alone}"
        case _:
            by = f"{sigma_text(-e.joint.thresholds.joint)[1:]} or more"
            return f"A joint fall: {joined(down)}, {len(down)} of {present} classes, fell by {by}."


def _nearest_class(e: Explanation) -> str:
    """The class that came closest to being down, and how often it is that deep."""
    rate = e.joint.base_rate
    nearest = next((d for d in e.joint.depths if d.asset_class.id == rate.nearest), None)
    if nearest is None or nearest.depth is None or nearest.depth >= 0:
        return "none of them fell"
    text = f"closest: {nearest.asset_class.name.lower()} at {sigma_text(nearest.depth)}"
    text += f", its limit is {sigma_text(-e.joint.limits[nearest.asset_class.id])}"
    if not rate.nearest_of:
        return text
    return f"{text} and it was as deep in {rate.nearest_as_deep:,} of {rate.nearest_of:,} earlier windows"


def plain_name(name: str) -> str:
    """A name inside a sentence: proper nouns and abbreviations keep their capitals."""
    first = name.split(maxsplit=1)[0]
    return name if first in PROPER or not first[1:].islower() else name[0].lower() + name[1:]


def _risen(result: CauseResult) -> str:
    """`dash for cash (44 % [9–74], base rate 8 %)`."""
    assert result.probability is not None and result.low is not None and result.high is not None
    said = f"{percent(result.probability)} [{interval(result.low, result.high)}]"
    return f"{plain_name(result.cause.name)} ({said}, base rate {percent(result.cause.prior)})"


def hedged(result: CauseResult) -> str:
    """How likely the cause is to have been at work, and how likely at the other end of its interval."""
    assert result.probability is not None and result.low is not None and result.high is not None
    word, other = hedge(result.probability), hedge(result.low if result.raised else result.high)
    end = "" if word == other else f" (at the {'low' if result.raised else 'high'} end of its interval {other})"
    return f"is {word} to have been at work{end}"


def parts_if_active(e: Explanation, result: CauseResult) -> list[tuple[str, str]]:
    """Assets and parts of their moves for which a cause accounts if it was at work, the surest good parts first.

    Of a cause that nothing raised only parts whose band excludes nothing at all: the others say nothing.
    """
    parts = []
    for asset, amount in result.if_active.items():
        move = e.move_of(asset)
        if move is None or not move.log_move or abs(move.sigmas_slow or 0.0) < BIG_MOVE:
            continue
        share = amount.mean / move.log_move
        low, high = sorted((amount.low / move.log_move, amount.high / move.log_move))
        if share >= GOOD_PART and (result.raised or low > 0.0):
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
    top = (raised or tested)[0]
    assert top.probability is not None
    if not raised:
        return (
            f"No {noun} stands out: the data raise none clearly above its base rate. The closest is {_risen(top)}, "
            f"which {hedged(top)}."
        )
    group = f"Among the {plural}" if len(tested) > 1 else f"Of the {plural} only one can be tested, and it stands out"
    verb = "" if len(tested) == 1 else " stands out" if len(raised) == 1 else " stand out"
    text = f"{group}{':' if len(tested) == 1 else ','} {joined([_risen(r) for r in raised])}{verb}"
    who = plain_name(top.cause.name) if len(raised) > 1 else "it"
    text += f"; {who} {hedged(top)}."
    return f"{text}{_about(e, top)}"


def _about(e: Explanation, top: CauseResult) -> str:
    """What a raised cause would account for, and what it can't be told from."""
    name = sentence(plain_name(top.cause.name))
    text = ""
    if parts := if_active_words(e, top):
        text += f" If it was at work, {plain_name(top.cause.name)} accounts for {parts}."
    if top.indistinguishable_from:
        others = [plain_name(e.catalogue.causes[c].name) for c in top.indistinguishable_from]
        few = others if len(others) <= MOST_NAMED else [f"{len(others)} other {NOUNS[top.cause.role][1]}"]
        text += f" {'It' if text else name} can't be told apart from {joined(few, 'or')}."
    if top.untested_lookalikes:
        others = [plain_name(e.catalogue.causes[c].name) for c in top.untested_lookalikes]
        text += f" Prices alone could not tell {plain_name(top.cause.name)} from {joined(others, 'or')}, "
        text += "which this data can't test."
    return text


def main_trigger_words(e: Explanation) -> str:
    """What people would most likely give as the reason, by the groups of triggers that their words can tell apart."""
    label_map = e.catalogue.label_map
    shares = dict(zip(label_map.outcomes, label_map.outcome_shares(e.attribution.trigger_shares).tolist(), strict=True))
    names = {o.id: o.name for o in label_map.outcome}
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
        return "No cause is ruled down: what was observed is compatible with each that could be tested."
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


def certainty_words(e: Explanation) -> str:
    """How much stays unexplained."""
    left = e.attribution.unexplained
    return (
        f"The listed causes together leave {percent(left.mean)} of the sigma-weighted move unexplained "
        f"({interval(left.low, left.high)}). {leading_words(e)}"
    )


def unknown_words(e: Explanation) -> str:
    """What could not be tested or is not in the data."""
    untested = [plain_name(r.cause.name) for r in e.attribution.causes if r.status == "not_testable"]
    tested = f"Not testable on this data: {joined(untested)}." if untested else "Every listed cause could be tested."
    parts = [tested]
    absent = [asset_name(e, a) for a in e.catalogue.assets if a not in e.assets]
    if absent:
        parts.append(f"Not in the data for this window: {joined(absent)}.")
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

"""What the causes of one role come to, in plain words."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from selloff.attribution import CauseResult
from selloff.catalog import Role
from selloff.report.hedges import LIKELY_AS_NOT, hedge
from selloff.report.names import plain_name, with_article
from selloff.report.numbers import digits_apart, interval, joined, part_range, part_text, percent

if TYPE_CHECKING:
    from selloff.explanation.result import Explanation

NOUNS: dict[Role, tuple[str, str]] = {
    "trigger": ("trigger", "triggers"),
    "premium": ("premium", "premia"),
    "amplifier": ("amplifier", "amplifiers"),
}

BIG_MOVE = 1.0
"""Moves below one slow sigma are called small."""

GOOD_PART = 0.2
"""Shares of a move below this are not worth a mention in words."""

WIDEST_BAND = 1.0
"""A part of a move that is known no better than within all of it is not told."""

PARTS_SHOWN = 3

MOST_NAMED = 4


def _risen(result: CauseResult) -> str:
    """`dash for cash (44 % [9–74], prior 8 %)`."""
    return f"{plain_name(result.cause.name)} ({said(result)}, prior {percent(result.cause.prior)})"


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


def is_good_part(share: float, low: float, high: float) -> bool:
    """A fifth to all of a move, with a band that excludes zero and is at most 100 points wide."""
    return GOOD_PART <= share <= 1.0 and low > 0.0 and high - low <= WIDEST_BAND


def parts_if_active(e: Explanation, result: CauseResult) -> list[tuple[str, str]]:
    """Assets and parts of their moves for which a cause accounts if it was at work, the surest good parts first.

    Told of raised causes alone, and only of moves of a sigma or more; parts that are not good say next to nothing.
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
        if is_good_part(share, low, high):
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
    likely = [r for r in raised if (r.probability or 0.0) >= LIKELY_AS_NOT]
    unlikely = [r for r in raised if (r.probability or 0.0) < LIKELY_AS_NOT]
    if not likely:
        return f"{_none_likely(noun, unlikely, tested[0])}{_about(e, top, name)}"
    group = f"Among the {plural}" if len(tested) > 1 else f"Of the {plural} only one can be tested, and it stands out"
    verb = "" if len(tested) == 1 else " stands out" if len(likely) == 1 else " stand out"
    text = f"{group}{':' if len(tested) == 1 else ','} {joined([_risen(r) for r in likely])}{verb}"
    who = name if len(likely) > 1 else "it"
    text += f"; {who} {hedged(top)}."
    more = f" The data also raise {_raised_yet_unlikely(unlikely)}." if unlikely else ""
    return f"{text}{_about(e, top, who)}{more}"


def _nearest_cause(tested: list[CauseResult]) -> str:
    """Where none of a role is raised: the cause that comes nearest, or the most probable if all are lowered."""
    above = [r for r in tested if (r.probability or 0.0) > r.cause.prior]
    if above:
        nearest = max(above, key=lambda r: _odds(r.probability or 0.0) / _odds(r.cause.prior))
        text = "the data raise none clearly above its prior. The closest to standing out is "
        return f"{text}{_risen(nearest)}, which {hedged(nearest)}"
    top = tested[0]
    rate = percent(top.cause.prior)
    where = "at" if rate == percent(top.probability or 0.0) else "below"
    text = f"the data raise none. The most probable is {plain_name(top.cause.name)} ({said(top)})"
    return f"{text}, {where} its prior of {rate}; it {hedged(top)}"


def _odds(probability: float) -> float:
    return probability / max(1.0 - probability, 1e-12)


def _none_likely(noun: str, unlikely: list[CauseResult], likeliest: CauseResult) -> str:
    """What the data raise where all of it stays unlikely, and what is more probable though they don't raise it."""
    text = f"The data raise {_raised_yet_unlikely(unlikely)}"
    if likeliest.raised:
        return f"{text}."
    chance = percent(likeliest.probability or 0.0)
    other = f"the most probable {noun} is {plain_name(likeliest.cause.name)} ({chance})"
    return f"{text}; {other}, which they don't raise clearly."


def _raised_yet_unlikely(unlikely: list[CauseResult]) -> str:
    """`fiscal scare from 4 to 18 % [4.2–37], which is still unlikely`; each cause is called by its own word.

    Parameters
    ----------
    unlikely : the most probable first.
    """
    parts = []
    for word, group in groupby(unlikely, key=lambda r: hedge(r.probability or 0.0)):
        told = [f"{plain_name(r.cause.name)} from {_from_prior(r)} {_bracket(r)}" for r in group]
        parts.append(f"{joined(told)}, which {'is' if len(told) == 1 else 'are'} still {word}")
    return "; ".join(parts)


def _from_prior(result: CauseResult) -> str:
    """`4 to 18 %`: from a prior to a probability, with digits enough to tell them apart."""
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

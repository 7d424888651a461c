"""Structural shocks in words and in a terminal: what leads, why nothing does, and how the move splits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from selloff.attribution import Candidate, Structural
from selloff.attribution.leading import FALLEN
from selloff.attribution.structural import CommonShocks, Infeasible, Unavailable, WindowDecomposition
from selloff.report.numbers import joined, part_text, percent, signed

if TYPE_CHECKING:
    from selloff.explanation import Explanation

HEADING = "Structural shocks, from prices alone"
SHOCK_NAMES = {
    "growth": "growth",
    "monetary": "monetary",
    "hedging_premium": "hedging premium",
    "common_premium": "common premium",
}
SMALL_SYSTEM = "the S&P 500 and the 2- and 10-year yields"
MARKS_SHOWN = 3
SHOCKS_SHOWN = 3
GOOD_PART = 0.05
"""Panel shocks with a smaller share are not worth a mention."""


def _name(e: Explanation, cause: str) -> str:
    name = e.catalogue.causes[cause].name
    return name if name.startswith("China") else name[0].lower() + name[1:]


def _system_of(found: Structural) -> CommonShocks | None:
    return found.system if isinstance(found.system, CommonShocks) else None


def _one_leader(e: Explanation, system: CommonShocks, candidate: Candidate) -> str:
    j = system.parts.shocks.index(candidate.shock)
    low = part_text(system.parts.share_low[j])
    bound = "more than nothing" if low == part_text(0.0) else f"at least {low}"
    return f"{_name(e, candidate.cause)} ({part_text(candidate.share)}, {bound} by bounds that need no prior)"


def same_marks_words(e: Explanation, candidate: Candidate) -> str:
    """Which causes outside the system would leave the same marks, those that the data raise first."""
    raised = {r.cause.id for r in e.attribution.causes if r.status == "contributing"}
    shown = [c for c in candidate.same_marks if c in raised][:MARKS_SHOWN]
    if not shown:
        n = len(candidate.same_marks)
        causes = "cause" if n == 1 else "causes"
        return f"{n} other tested {causes} would leave the same marks on these three." if n else ""
    return f"On these three assets {joined([_name(e, c) for c in shown], 'or')} would leave the same marks."


def _short_words(e: Explanation, candidate: Candidate, *, first: bool) -> str:
    name = _name(e, candidate.cause)
    share = f"{part_text(candidate.share)} of the sigma-weighted move of {SMALL_SYSTEM}" if first else ""
    share = share or part_text(candidate.share)
    match candidate.short:
        case "not_tested":
            return f"{name} can't be tested here"
        case "mirrored":
            return f"{name}: its shock went the other way ({share})"
        case "small":
            return f"{name} has {share}, below a quarter"
        case "not_robust":
            return f"{name} has {share}, but published restrictions alone allow that it moved nothing"
        case _:
            return f"{name} has {share}, but all assets together do not clearly raise it"


def leading_words(e: Explanation) -> str:
    """What leads, or by which rule nothing does."""
    found = e.attribution.structural
    if found is None:
        return "Nothing is called leading: no structural model was estimated."
    if isinstance(found.system, Unavailable):
        return f"Nothing can be called leading, for want of a model of shares and Treasuries. {found.system.reason}"
    if isinstance(found.system, Infeasible):
        return (
            "Nothing can be called leading: before this window the published restrictions can't all hold "
            f"({joined(list(found.system.conflicting))})."
        )
    leaders = [c for c in found.candidates if c.short == "leads"]
    if leaders:
        named = joined([_one_leader(e, found.system, c) for c in leaders])
        marks = same_marks_words(e, leaders[0])
        return f"Leading the move of {SMALL_SYSTEM}: {named}.{f' {marks}' if marks else ''}"
    if found.candidates[0].short == "no_fall":
        names = [c.name.lower() for c in e.catalogue.classes.values() if c.id in FALLEN]
        return f"Nothing is called leading: neither {' nor '.join(names)} count as down as a class."
    reasons = [_short_words(e, c, first=i == 0) for i, c in enumerate(found.candidates[:2])]
    return f"Nothing is called leading: {'; '.join(reasons)}."


def _system_line(found: CommonShocks) -> str:
    parts = found.parts
    spx = parts.assets.index("spx")
    low, high = parts.band("90")
    order = sorted(range(len(parts.shocks)), key=lambda j: -abs(parts.contributions[j, spx]))
    split = "; ".join(
        f"{SHOCK_NAMES[parts.shocks[j]]} {signed(parts.contributions[j, spx])} "
        f"[{signed(low[j, spx])} to {signed(high[j, spx])}]"
        for j in order
    )
    shares = ", ".join(f"{SHOCK_NAMES[parts.shocks[j]]} {part_text(parts.share[j])}" for j in order)
    robust = parts.exclude_zero()
    fixed = joined([SHOCK_NAMES[parts.shocks[j]] for j in order if robust[j]]) or "none"
    bounds = f"Published restrictions alone exclude zero for {fixed}."
    return (
        f"S&P 500 {signed(parts.log_moves[spx])} log %: {split} (means add up, 90 % bands). "
        f"Of {SMALL_SYSTEM}, sigma-weighted: {shares}. {bounds} "
        f"Estimated on {found.n_sessions:,} sessions to {found.sample_last}; by construction it leaves nothing "
        "unexplained."
    )


def _panel_line(e: Explanation, found: WindowDecomposition) -> str:
    d = found.decomposition
    order = sorted(range(len(d.shocks)), key=lambda j: -d.share[j])[:SHOCKS_SHOWN]

    def names(shock: str) -> str:
        causes = [_name(e, c) for c in found.causes_of[shock]]
        return causes[0] if len(causes) == 1 else f"one shock for {joined(causes, 'or')}"

    shown = [f"{names(d.shocks[j])} {part_text(d.share[j])}" for j in order if d.share[j] >= GOOD_PART]
    largest = f"largest shares: {'; '.join(shown)}" if shown else "no shock has as much as 5 %"
    return (
        f"All {len(d.assets)} assets: {largest}; unexplained {percent(d.unexplained_share)}. A weak hint at the order, "
        "none at sizes: it shrinks an unusually large shock."
    )


def _answer(what: str, found: Infeasible | Unavailable) -> str:
    if isinstance(found, Unavailable):
        return f"{what}: {found.reason}"
    return f"{what}: published restrictions that can't hold together: {joined(list(found.conflicting))}."


def structural_section(e: Explanation) -> Iterator[RenderableType]:
    """A few lines; nothing if no model was asked for."""
    found = e.attribution.structural
    if found is None:
        return
    yield Text(f"\n{HEADING}", style="bold underline")
    system = _system_of(found)
    if system is not None:
        yield Text(_system_line(system))
    elif not isinstance(found.system, CommonShocks):
        yield Text(_answer("Shares and Treasuries", found.system))
    if isinstance(found.panel, WindowDecomposition):
        yield Text(_panel_line(e, found.panel), style="dim")
    else:
        yield Text(_answer("All assets", found.panel), style="dim")

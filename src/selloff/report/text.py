"""The explanation in a terminal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from selloff.attribution import CauseResult, Evidence
from selloff.attribution.chains import chain_log_ratio
from selloff.attribution.direct import DirectReading
from selloff.attribution.weighing import DirectEvidence
from selloff.catalog import ROLES, Role
from selloff.report.background import USUAL_YEARS, background_section, percentile_text
from selloff.report.chain_words import beyond_words, result_name
from selloff.report.getting_text import getting_commands, later_line, needs_text
from selloff.report.joint import gold_words, search_words
from selloff.report.main_reason_words import main_reason_line
from selloff.report.numbers import interval, joined, move_text, percent, sigma_text
from selloff.report.role_words import if_active_words, said
from selloff.report.rotation_text import rotation_section
from selloff.report.sequence_text import depth_text, sequence_section
from selloff.report.structural_text import structural_section
from selloff.report.tables import classes_table, moves_table
from selloff.report.told_apart import told_apart_words
from selloff.report.words import ROLE_HEADINGS, STATUS_WORDS, heading, sections

if TYPE_CHECKING:
    from selloff.explanation import Explanation

EVIDENCE_SHOWN = 3
DETAILED = 2
"""Causes of a role that are shown with their evidence though nothing raised them."""
LOOK_CLOSER = "Every number: --json (its `lineage` names series, period, vintage, source and bytes). Page: --html FILE."
BASIS_MARKS = {"published": "", "hypothesis": "*", "judgement": "*", "fitted": "†"}
BASIS_NOTE = (
    "After a ratio: * our hypothesis or judgement, † a weight learnt from labelled days; without either a published "
    "restriction."
)
MARKS_NOTE = (
    "Prior: how likely a cause was beforehand, by our judgement. "
    f"▼ ▲: beyond 2 slow σ; in the table of classes ▼: down by the verdict. ×: likelihood ratio. {BASIS_NOTE} "
    "✓ ✗: a link of a chain held or broke."
)
NOT_ADVICE = "This is not investment advice."


def evidence_text(e: Explanation, item: Evidence) -> str:
    """`S&P 500 −8.4 σ, predicted − (×2.5)`, with the mark of what the ratio rests on."""
    name = e.catalogue.assets[item.asset].label
    mark = BASIS_MARKS[item.basis]
    if item.kind == "ranking":
        other = e.catalogue.assets[item.other or ""].label
        held = "held" if item.likelihood_ratio > 1 else "did not hold"
        return f"|{name}| > |{other}| {held} (×{item.likelihood_ratio:.1f}{mark})"
    sign = {"-": "−", "0": "no move", "+": "+"}[item.sign]
    return f"{name} {sigma_text(item.observed)}, predicted {sign} (×{item.likelihood_ratio:.1f}{mark})"


def contrary(result: CauseResult) -> list[Evidence]:
    """Evidence against the cause itself, without the moves it says nothing about."""
    return [i for i in result.evidence_against if i.kind != "no_move"]


def not_alone_text(e: Explanation, result: CauseResult) -> str:
    """Which moves the cause does not predict, so that it was not alone."""
    labels = [e.catalogue.assets[i.asset].label for i in result.evidence_against if i.kind == "no_move"]
    return f"not alone: it predicts no move in {joined(labels, 'or')}" if labels else ""


AS_RELIEF = ", as a relief"
"""Beside the status of a cause whose signs are read the other way round."""

DIRECT_SHOWN = 4


LEAST_RATIO, MOST_RATIO = 0.1, 100
"""Likelihood ratios beyond these are not told more exactly: our hypotheses are not that good."""

SHARES_ONLY = "in the main reason's shares only"


AMONG_MOVES = "among the moves"


def split_direct(result: CauseResult) -> dict[str, list[DirectEvidence]]:
    """Direct evidence by how it counts: beside the moves, among them, and in the main reason's shares alone."""
    entering = [d for d in result.direct if d.in_probability]
    return {
        AMONG_MOVES: [d for d in entering if d.reading.item.is_move],
        "beside prices": [d for d in entering if not d.reading.item.is_move],
        SHARES_ONLY: [d for d in result.direct if not d.in_probability],
    }


def together_text(result: CauseResult) -> str:
    """`×0.7`: the likelihood ratio of all moves together, which move together, so that single ones don't multiply."""
    ratio = result.moves_ratio or 0.0
    if not LEAST_RATIO <= ratio <= MOST_RATIO:
        return f"below ×{LEAST_RATIO}" if ratio < LEAST_RATIO else f"over ×{MOST_RATIO}"
    return f"×{ratio:.0f}" if ratio >= 10 else f"×{ratio:.1f}"


def direct_text(e: Explanation, result: CauseResult) -> list[str]:
    """Evidence beside the signature, the strongest first: what it is, what it read, its likelihood ratio.

    What reads the window's own moves has a line of its own, since it does not enter the probability.
    """
    lines = []
    for label, items in split_direct(result).items():
        more = f"; {len(items) - DIRECT_SHOWN} more" if len(items) > DIRECT_SHOWN else ""
        if items:
            lines.append(f"{label}: {'; '.join(direct_item_text(d, e) for d in items[:DIRECT_SHOWN])}{more}")
    return lines


def direct_item_text(item: DirectEvidence, e: Explanation) -> str:
    """`Fed assets: higher than 62 % of its past (×1.3*)`; a past other than the usual one is named."""
    indicator = e.background.state.reading(item.reading.source or "")
    years = USUAL_YEARS if indicator is None else indicator.indicator.look_back_years
    return f"{reading_text(item.reading, years)} (×{item.likelihood_ratio:.1f}{BASIS_MARKS[item.basis]})"


def reading_text(reading: DirectReading, years: int | None = USUAL_YEARS) -> str:
    """`SOFR minus IORB, level: higher than 92 % of its past`, `Payrolls or CPI release`, `VIX, surprise +2.1 σ`.

    Parameters
    ----------
    years : the past that a percentile ranks in, None all of it.
    """
    name, value = reading.item.name, reading.value
    kind = reading.item.reading
    if kind == "direction" and value is not None:
        return f"the S&P 500 {'rose' if value > 0 else 'fell'}"
    if kind in ("scheduled", "season"):
        return name if reading.status == "present" else f"no {name[0].lower()}{name[1:]}"
    if value is None:
        return name
    if kind in ("percentile", "held"):
        return f"{name}: {percentile_text(value, years)}{' of its past' if years == USUAL_YEARS else ''}"
    if kind == "aligned":
        return _aligned_text(reading, value)
    if kind == "absolute":
        return f"{name} {depth_text(value)}"
    return f"{name} {sigma_text(value)}" if kind != "size" else name


def _aligned_text(reading: DirectReading, value: float) -> str:
    """`2-year yield moved against the S&P 500 by 6.3 σ`: plus is the way in which the S&P 500 moved.

    Such items are named `A with the S&P 500`, and `A beyond the S&P 500` where the latter's own move is taken off.
    """
    first, size = re.split(r" (?:with|beyond) ", reading.item.name)[0], depth_text(abs(value))
    if reading.item.minus is not None:
        return f"{first} moved {size} {'further' if value > 0 else 'less'} than the S&P 500"
    return f"{first} moved {'with' if value > 0 else 'against'} the S&P 500 by {size}"


MARKS = {"held": "✓", "broken": "✗", "no_data": "–"}


def chain_text(result: CauseResult) -> str:
    """The links in order, each with its mark: held, broken, no data; and how often they hold together anyway.

    Links of a cause that a relief turns round are named by what they then claim.
    """
    chain = result.chain
    if chain is None or chain.verdict == "no_data":
        return ""
    links = " → ".join(f"{result_name(r)} {MARKS[r.outcome]}" for r in chain.links)
    late = [result_name(r) for r in chain.links if r.order == "before"]
    order = f"; out of order: {joined(late)}" if late else ""
    usual = "" if chain.usual is None else f"; earlier windows in which all tested links hold: {percent(chain.usual)}"
    return f"chain: {links}{order}{usual}{_beyond_text(result)}"


def _beyond_text(result: CauseResult) -> str:
    """What the links outside the signature did beyond what its assets explain, and how much that says."""
    if not result.chain_evidence:
        return ""
    told = joined([beyond_words(i) for i in result.chain_evidence])
    return f"; beyond what the assets explain: {told}, {chain_ratio_text(result)}"


def chain_ratio_text(result: CauseResult) -> str:
    """The likelihood ratio of a chain's links outside the signature together, marked as our hypothesis."""
    return f"×{math.exp(chain_log_ratio(result.chain_evidence)):.1f}*"


def _cause_line(e: Explanation, result: CauseResult) -> tuple[Text, Text]:
    assert result.probability is not None and result.low is not None and result.high is not None
    head = Text()
    head.append(result.cause.name, style="bold" if result.raised else "")
    head.append(f"\n{STATUS_WORDS[result.status]}{AS_RELIEF if result.is_turned else ''}", style="dim")
    facts = Text()
    facts.append(f"{percent(result.probability)} ", style="bold")
    facts.append(f"[{interval(result.low, result.high, result.cause.prior)}], prior {percent(result.cause.prior)}")
    for label, items in (("for", result.evidence_for), ("against", contrary(result))):
        if items:
            shown = "; ".join(evidence_text(e, i) for i in items[:EVIDENCE_SHOWN])
            more = len(items) - EVIDENCE_SHOWN
            facts.append(f"\n{label}: {shown}{f'; {more} more' if more > 0 else ''}", style="dim")
    facts.append(f"\nall moves together: {together_text(result)}", style="dim")
    for line in direct_text(e, result):
        facts.append(f"\n{line}", style="dim")
    if links := chain_text(result):
        facts.append(f"\n{links}", style="dim")
    if parts := if_active_words(e, result):
        facts.append(f"\nif it was at work: {parts}", style="dim")
    if company := not_alone_text(e, result):
        facts.append(f"\n{company}", style="dim")
    return head, facts


def _short(result: CauseResult) -> str:
    return f"{result.cause.name} {said(result)} ({STATUS_WORDS[result.status]})"


def _role_block(e: Explanation, role: Role) -> Iterator[RenderableType]:
    tested = sorted(
        (r for r in e.attribution.causes if r.cause.role == role and r.probability is not None),
        key=lambda r: -(r.probability or 0.0),
    )
    yield Text(f"\n{ROLE_HEADINGS[role]}", style="bold underline")
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(min_width=24, max_width=30)
    table.add_column()
    shown = [r for i, r in enumerate(tested) if i < DETAILED or r.raised]
    for result in shown:
        table.add_row(*_cause_line(e, result))
    yield table
    if rest := [r for r in tested if r not in shown]:
        yield Text(f"In short: {'; '.join(_short(r) for r in rest)}.", style="dim")
    if tested and (words := told_apart_words(e, tested[0])):
        yield Text(words, style="italic")


def _not_testable(e: Explanation) -> Iterator[RenderableType]:
    untested = [r for r in e.attribution.causes if r.status == "not_testable"]
    if not untested:
        return
    yield Text("\nNot testable on this data", style="bold underline")
    for r in untested:
        yield Text(f"{r.cause.name} ({r.cause.role}): needs {needs_text(e, r)}")
    if line := later_line(e, untested):
        yield Text(line, style="dim")
    for command in getting_commands(e, untested):
        yield Text(f"Get them with: {command}", style="dim")


def _words(e: Explanation) -> Iterator[RenderableType]:
    for title, text in sections(e):
        yield Text.assemble((f"{title}. ", "bold"), text)


def render(e: Explanation) -> Group:
    """Everything a terminal shows of an explanation."""
    parts: list[RenderableType] = [
        Text(heading(e), style="bold"),
        Text(f"verdict: {e.joint.verdict}", style="bold"),
        Padding(Group(*_words(e)), (1, 0)),
        Text("What moved", style="bold underline"),
        moves_table(e),
        Text("\nBy class", style="bold underline"),
        classes_table(e),
    ]
    parts += [Text(line) for line in (gold_words(e), search_words(e.search)) if line]
    if e.asia_answer:
        answers = ", ".join(f"{m.series.name} {move_text(m.move or 0.0, m.series.move_unit)}" for m in e.asia_answer)
        parts.append(Text(f"Asia's answer, next session: {answers}"))
    parts += [*sequence_section(e), *rotation_section(e)]
    for role in ROLES:
        parts += list(_role_block(e, role))
    parts.append(Text(f"\n{main_reason_line(e)}"))
    left = e.attribution.unexplained
    parts.append(
        Text(f"Unexplained: {percent(left.mean)} [{interval(left.low, left.high)}] of the sigma-weighted move")
    )
    parts += list(structural_section(e))
    parts += list(background_section(e))
    parts += list(_not_testable(e))
    if e.caveats:
        parts.append(Text("\nCaveats", style="bold underline"))
        parts += [Text(f"· {c}") for c in e.caveats]
    parts.append(Text(MARKS_NOTE, style="dim"))
    parts.append(Text(f"\n{LOOK_CLOSER} {NOT_ADVICE}", style="dim"))
    return Group(*parts)

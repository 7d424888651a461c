"""The scorecard in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from selloff.report.scorecard_words import (
    HOW_TO_READ,
    SCORE_NAMES,
    methods_of,
    misses_text,
    number,
    row_cells,
    skipped_text,
    with_interval,
)
from selloff.scorecard import Scorecard, TierResult

STYLES = {"failed": "bold red", "open": "", "passed": "green"}


def _rows_table(tier: TierResult) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("", "what", "value", "aim", ""):
        table.add_column(name, overflow="fold", style="dim" if name == "" and table.columns else None)
    for row in tier.failures_first:
        verdict, *cells = row_cells(row)
        table.add_row(Text(verdict, style=STYLES[row.verdict]), *cells)
    return table


def _methods_table(tier: TierResult) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("", overflow="fold")
    for key, name in SCORE_NAMES.items():
        table.add_column(name, justify="right", overflow="fold", min_width=len("gain") if key != "ece" else None)
    for name, _, scores in methods_of(tier):
        cells = [number(scores[key]["mid"]) for key in list(SCORE_NAMES)[:-1]]
        table.add_row(name, *cells, with_interval(scores["gain_over_base"]))
    return table


def _tier(tier: TierResult) -> Iterator[RenderableType]:
    yield Text(tier.name, style="bold")
    yield Text(tier.summary)
    skipped = skipped_text(tier)
    if skipped:
        yield Text(skipped)
    yield Padding(_rows_table(tier), (1, 0, 0, 0))
    if methods_of(tier):
        yield Padding(_methods_table(tier), (1, 0, 0, 0))
        yield Padding(Text(HOW_TO_READ, style="dim"), (1, 0, 0, 0))
    if tier.seed is not None:
        yield Text(f"Seed {tier.seed}: `--seed {tier.seed}` gives the same numbers.")
    for note in tier.notes:
        yield Text(f"· {note}", style="dim")


def render_scorecard(scorecard: Scorecard) -> RenderableType:
    """Every tier, failures first."""
    parts: list[RenderableType] = [Text(misses_text(scorecard), style="bold")]
    for tier in scorecard.tiers:
        parts += [Text(""), *_tier(tier)]
    parts.append(Padding(Text("Every number: --json. Page: --html FILE.", style="dim"), (1, 0, 0, 0)))
    return Group(*parts)

"""Moves in a terminal: the assets as wide as there is room, and the classes with those members that moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

from selloff.report.names import asset_title
from selloff.report.numbers import depth_digits, move_text, sigma_text, signed
from selloff.report.sparkline import sparkline

if TYPE_CHECKING:
    from selloff.explanation import Explanation
    from selloff.panel import Move

DEEP = 2.0
"""Slow sigmas lost or gained from which a number is marked."""

MOVED = 1.0
"""Members that moved by less are counted, not listed; their numbers are in the JSON and on the page."""

MEMBERS_SHOWN = 12
SPARK_WIDTH = 20
WIDE = 104
"""Columns from which the last sessions are drawn."""

NARROW = 72
"""Columns below which levels, fast sigmas and flags are left to the JSON."""


@dataclass(frozen=True)
class WidthAware:
    """Something that is made for the width it gets."""

    make: Callable[[int], RenderableType]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        yield self.make(options.max_width)


def mark(move: Move) -> Text:
    """Slow sigmas; a large move has an arrow, which stays where colours don't. Red is a loss of value."""
    text = sigma_text(move.sigmas_slow)
    if move.sigmas_slow is None or move.depth is None or abs(move.depth) < DEEP:
        return Text(text)
    arrow = "▼" if move.sigmas_slow < 0 else "▲"
    return Text(f"{arrow} {text}", style="bold red" if move.depth < 0 else "bold green")


def moves_table(e: Explanation) -> WidthAware:
    """The assets: move, sigmas, and as far as there is room levels, flags and the last sessions."""

    def make(width: int) -> Table:
        wide, narrow = width >= WIDE, width < NARROW
        n = len(e.recent.sessions)
        names: list[tuple[str, bool]] = [("", False), ("move", True), ("slow σ", True)]
        names += [] if narrow else [("fast σ", True), ("level", True)]
        names += [(f"{n} sessions to then", False)] if wide else []
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for name, right in names:
            table.add_column(name, justify="right" if right else "left", no_wrap=name != "", overflow="fold")
        if not narrow:
            table.add_column("note", style="dim", overflow="fold")
        for asset in e.assets:
            m = e.move_of(asset)
            if m is None:
                continue
            row: list[str | Text] = [asset_title(e, asset), _move(m), mark(m)]
            row += [] if narrow else [sigma_text(m.sigmas_fast), "" if m.level is None else f"{m.level:,.2f}"]
            row += [sparkline(e.recent.values.get(asset, ()), SPARK_WIDTH)] if wide else []
            table.add_row(*row, *([] if narrow else [", ".join(m.flags)]))
        return table

    return WidthAware(make)


def _move(m: Move) -> str:
    return "–" if m.move is None else move_text(m.move, m.series.move_unit)


def _members(moves: list[Move]) -> str:
    """Those that moved, the furthest first; the others counted."""
    far = [m for m in moves if m.sigmas_slow is not None and abs(m.sigmas_slow) >= MOVED]
    far.sort(key=lambda m: -abs(m.sigmas_slow or 0.0))
    near = sum(m.sigmas_slow is not None and abs(m.sigmas_slow) < MOVED for m in moves)
    bare = sum(m.sigmas_slow is None for m in moves)
    parts = [f"{m.series.name} {_move(m)} ({sigma_text(m.sigmas_slow)})" for m in far[:MEMBERS_SHOWN]]
    counts = [
        (len(far) - MEMBERS_SHOWN, f"more beyond {MOVED:.0f} σ"),
        (near, f"within {MOVED:.0f} σ"),
        (bare, "not known"),
    ]
    return "; ".join([*parts, *(f"{n} {words}" for n, words in counts if n > 0)])


def classes_table(e: Explanation) -> Table:
    """Each class: its depth, and its members and other series that moved beyond one sigma."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("class", overflow="fold", min_width=12, max_width=18)
    table.add_column("depth, slow σ", justify="right", overflow="fold", min_width=7)
    table.add_column("beside the assets above", style="dim", overflow="fold")
    bound = set(e.assets.values())
    known = sorted(e.joint.depths, key=lambda d: (d.depth is None, d.depth or 0.0))
    for d in known:
        others = [m for m in e.moves if m.series.asset_class == d.asset_class.id and m.series.id not in bound]
        down = d.asset_class.id in e.joint.classes_down
        digits = depth_digits(d.depth, e.joint.limits.get(d.asset_class.id))
        depth = "no data" if d.depth is None else f"{'▼ ' if down else ''}{signed(d.depth, digits)}"
        table.add_row(d.asset_class.name, Text(depth, style="bold red" if down else ""), _members(others))
    return table

"""Who broke first, in words and in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from selloff.detection.sequence import Break, BreakOrder
from selloff.panel.clock import NEW_YORK_ZONE
from selloff.report.numbers import joined, move_text, percent

if TYPE_CHECKING:
    from selloff.explanation import Explanation

HEADING = "Who broke first, New York time"
HOUR = 3_600_000_000
NOTES = {
    "†": "the interval reaches over hours in which the market was closed",
    "‡": "the interval reaches back to the base close: the fall may have begun before the window",
}
NO_BARS = {
    "no_bars": "No intraday data",
    "short_history": "Under ten sessions of bars before",
    "starts_in_window": "Bars start inside the window",
    "stops_in_window": "Bars stop before the last session",
}


def moment_text(instant: int) -> str:
    """`29 Jan 09:45`, New York."""
    moment = datetime.fromtimestamp(instant / 1e6, UTC).astimezone(NEW_YORK_ZONE)
    return f"{moment.day} {moment:%b %H:%M}"


def lead_text(earlier: Break, later: Break) -> str:
    """`by 22 h (0.5 to 42)`: between the most likely moments, and between the ends of the intervals."""
    assert earlier.best is not None and earlier.low is not None and earlier.high is not None
    assert later.best is not None and later.low is not None and later.high is not None
    best, least, most = later.best - earlier.best, later.low - earlier.high, later.high - earlier.low
    return f"by {best / HOUR:.1f} h ({max(least, 0) / HOUR:.1f} to {most / HOUR:.1f})"


def depth_text(sigmas: float | None) -> str:
    """`7.9 σ`: a depth has no sign."""
    return "–" if sigmas is None else f"{sigmas:.1f} σ"


def marks(item: Break) -> str:
    """Marks of the notes that hold for an asset, after a space."""
    found = ("†" if item.over_closed else "") + ("‡" if item.from_base else "")
    return f" {found}" if found else ""


def _rest(e: Explanation, order: BreakOrder) -> Iterator[str]:
    """A line per reason for the assets that did not break or could not be looked at."""
    whole = [b for b in order.breaks if b.state == "did_not_break"]
    if whole:
        yield f"Did not break: {', '.join(f'{b.asset.name} ({depth_text(b.sigmas)})' for b in whole)}"
    for state, label in NO_BARS.items():
        names = [b.asset.name for b in order.breaks if b.state == state]
        if state == "no_bars":
            names += [e.catalogue.assets[a].name for a in order.unseen]
        if names:
            yield f"{label}: {', '.join(names)}"


def _later(top: Break, order: BreakOrder) -> str:
    """Whose likeliest moment is earlier than that of the asset that most likely broke first; empty if nobody's is."""
    earliest = min(order.broke, key=lambda b: b.best or 0)
    if (earliest.best or 0) >= (top.best or 0):
        return ""
    return f", though its single likeliest moment is later than that of {earliest.asset.name}"


def sequence_words(order: BreakOrder) -> str:
    """The order in sentences: who was first, before whom that can be told, before whom not."""
    if order.threshold is None:
        return "The window is longer than 20 sessions: the order of breaks is not looked for."
    seen = [b for b in order.breaks if b.state in ("broke", "did_not_break")]
    limit = f"{order.threshold:.1f} times what is usual"
    if not seen:
        return "No bars within the day are known for this window: the order of breaks can't be told."
    if len(seen) == 1:
        fell = "fell" if order.broke else "did not fall"
        return f"{seen[0].asset.name}, the only asset with bars within the day, {fell} by {limit}."
    if not order.broke:
        return f"None of the {len(seen)} assets with bars within the day fell by {limit}."
    if len(order.broke) == 1:
        return f"Of {len(seen)} assets with bars within the day only {order.broke[0].asset.name} fell by {limit}."
    names = {b.asset.id: b for b in order.broke}
    top = names[max(order.probability_first, key=lambda a: order.probability_first[a])]
    pairs = {b.asset.id: order.pair(top.asset.id, b.asset.id) for b in order.broke if b is not top}
    told = [i for i, p in pairs.items() if p is not None and p.told and p.earlier == top.asset.id]
    open_ = [names[i].asset.name for i, p in pairs.items() if p is not None and not p.told]
    chance = percent(order.probability_first[top.asset.id])
    text = f"{top.asset.name} most likely broke first of {len(order.broke)} ({chance}){_later(top, order)}."
    if told:
        text += f" It broke before {joined([f'{names[i].asset.name} {lead_text(top, names[i])}' for i in told])}."
    if open_:
        text += f" Whether before {joined(open_, 'or')} can't be told."
    return text


def sequence_lines(e: Explanation) -> list[str]:
    """What stands below the table."""
    bare = all(b.state == "no_bars" for b in e.sequence.breaks)
    return [] if bare else list(_rest(e, e.sequence))


def sequence_section(e: Explanation) -> Iterator[RenderableType]:
    """The section of the terminal."""
    order = e.sequence
    yield Text(f"\n{HEADING}", style="bold underline")
    yield Text(sequence_words(order))
    if order.broke:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for name in ("", "began", "90 % from", "to", "seen by"):
            table.add_column(name, overflow="fold")
        table.add_column("fall", justify="right", no_wrap=True)
        table.add_column("deepest", justify="right", no_wrap=True)
        for b in order.broke:
            assert b.low is not None and b.best is not None and b.high is not None
            assert b.alarm is not None and b.move is not None
            table.add_row(
                b.asset.name + marks(b),
                *(moment_text(i) for i in (b.best, b.low, b.high, b.alarm)),
                move_text(b.move, "%"),
                depth_text(b.sigmas),
            )
        yield table
        for mark, words in NOTES.items():
            if any(mark in marks(b) for b in order.broke):
                yield Text(f"{mark} {words}", style="dim")
    for line in sequence_lines(e):
        yield Text(line, style="dim")

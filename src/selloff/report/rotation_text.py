"""Who led and who broke, in words and in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from selloff.detection.rotation import HORIZONS, BasketTurn, Rotation
from selloff.report.numbers import move_text, p_text, sigma_text, signed

if TYPE_CHECKING:
    from selloff.explanation import Explanation

HEADING = "Who had led, who broke"
VERDICTS = {
    "leaders_broke": "The leaders broke: what had risen most fell most",
    "laggards_broke": "The laggards broke: what had risen least fell most",
    "no_pattern": "Leaders and laggards fell no more in order than usual",
}
WITHOUT_FALL = {
    "leaders_broke": "The leaders fell behind: what had risen most rose least",
    "laggards_broke": "The laggards fell further behind: what had risen least rose least",
    "no_pattern": "Leaders and laggards moved no more in order than usual",
}
"""Where half of the baskets or more did not fall."""
TEST = 1
"""Position of the horizon by which rows are sorted: 60 sessions."""


def rotation_words(rotation: Rotation) -> str:
    """Did the leaders break, in a sentence; its p-value is of the tail that the verdict is about."""
    used = len(rotation.baskets_used)
    if rotation.p_value is None or rotation.mean_correlation is None:
        return f"Too few baskets ({used}) or earlier windows ({rotation.windows}) to say whether leaders broke."
    moves = [b.move for b in rotation.baskets if b.basket.id in rotation.baskets_used and b.move is not None]
    verdicts = WITHOUT_FALL if median(moves) >= 0 else VERDICTS
    tail = "low"
    p_value = rotation.p_value
    if rotation.verdict == "laggards_broke":
        tail, p_value = "high", 1.0 - p_value + 1.0 / (1 + rotation.windows)
    return (
        f"{verdicts[rotation.verdict]} (rank correlation of run-up and window {signed(rotation.mean_correlation, 2)} "
        f"over {used} baskets; {p_text(p_value)} for one as {tail} among {rotation.windows:,} earlier windows)."
    )


def rotation_rows(rotation: Rotation) -> list[BasketTurn]:
    """Baskets with data, the leader of 60 sessions first."""
    known = [b for b in rotation.baskets if b.move is not None]
    return sorted(known, key=lambda b: b.run_ups[TEST].rank or len(known) + 1)


def rotation_absent(rotation: Rotation) -> str:
    """Which baskets have no data, or nothing."""
    names = [b.basket.name for b in rotation.baskets if b.move is None]
    return f"No data, or under half of the members: {', '.join(names)}" if names else ""


def run_up_text(item: BasketTurn, horizon: int) -> str:
    """`+6.5 σ`."""
    return sigma_text(item.run_ups[horizon].sigmas)


def rotation_section(e: Explanation) -> Iterator[RenderableType]:
    """The section of the terminal."""
    rows = rotation_rows(e.rotation)
    yield Text(f"\n{HEADING}", style="bold underline")
    yield Text(rotation_words(e.rotation))
    if rows:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
        table.add_column("run-up over sessions:", overflow="fold")
        for horizon in HORIZONS:
            table.add_column(str(horizon), justify="right", no_wrap=True)
        table.add_column("window", justify="right", no_wrap=True)
        table.add_column("", justify="right", no_wrap=True)
        table.add_column("less beta", justify="right", overflow="fold")
        for b in rows:
            table.add_row(
                b.basket.name + (" *" if b.flags else ""),
                *(run_up_text(b, i) for i in range(len(HORIZONS))),
                move_text(b.move or 0.0, "%"),
                sigma_text(b.sigmas),
                sigma_text(b.adjusted_sigmas),
            )
        yield table
        if any(b.flags for b in rows):
            yield Text("* some members are missing; those present weigh the same.", style="dim")
    if absent := rotation_absent(e.rotation):
        yield Text(absent, style="dim")

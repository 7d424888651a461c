"""A line of blocks: the shape of a series in the room of a word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = " "


def sparkline(values: Sequence[float | None], width: int) -> str:
    """Blocks between the lowest and the highest value shown.

    Parameters
    ----------
    values : in order of time, None where missing. width : blocks; each shows the last known value of its stretch, and a
        stretch without any is a blank.

    Returns
    -------
    Text of at most `width` characters; empty with fewer than two values.
    """
    if sum(v is not None for v in values) < 2:
        return ""
    n = min(width, len(values))
    edges = [len(values) * i // n for i in range(n + 1)]
    last = [next((v for v in reversed(values[a:b]) if v is not None), None) for a, b in pairwise(edges)]
    known = [v for v in last if v is not None]
    low, high = min(known), max(known)
    span = high - low
    return "".join(
        GAP if v is None else BLOCKS[0 if span == 0 else min(int((v - low) / span * len(BLOCKS)), len(BLOCKS) - 1)]
        for v in last
    )

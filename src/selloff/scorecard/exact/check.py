"""One published number against ours: pass, fail or not run."""

from __future__ import annotations

import math

from selloff.scorecard.tier import Interval, Row

NOT_RUN = "not run"
"""Every row that was not run starts its note so: an absent file or part never passes."""


def checked(id: str, name: str, error: float, tolerance: float, n: int, note: str) -> Row:
    """A row whose value is the largest absolute difference from the published numbers."""
    passed = math.isfinite(error) and error <= tolerance
    value = Interval(error, error, error)
    return Row(id, name, value, "passed" if passed else "failed", f"≤ {tolerance:g}", n, note)


def not_run(id: str, name: str, tolerance: float | None, why: str) -> Row:
    """A row without a number."""
    aim = "" if tolerance is None else f"≤ {tolerance:g}"
    return Row(id, name, Interval(math.nan, math.nan, math.nan), "open", aim, 0, f"{NOT_RUN}: {why}")

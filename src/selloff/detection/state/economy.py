"""The economy is strong and assets fall: a row of its own, since a fall without bad news asks for another cause.

Strength is the mean of the growth indicators' percentiles, turned so that 100 is strongest. An indicator counts if it
is evidence for the window and has a percentile; several on one series count once, as their mean. No price is among
them, so the fall itself can't move it. Above two thirds is strong, below one third weak: terciles, fixed, not fitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from selloff.detection.state.state import State, StateReading
from selloff.detection.verdict import Verdict

STRONG, WEAK = 200.0 / 3.0, 100.0 / 3.0
FELL: tuple[Verdict, ...] = ("joint", "partial")

Strength = Literal["strong", "middling", "weak", "not_known"]


@dataclass(frozen=True)
class Economy:
    """The row.

    strength : 0 to 100, None without a growth indicator. word : its tercile.
    indicators : ids of those that counted.
    strong_and_falling : strong, and assets fell together (verdict joint or partial); None if not known.
    """

    strength: float | None
    word: Strength
    indicators: tuple[str, ...]
    strong_and_falling: bool | None


def economy_of(state: State, verdict: Verdict) -> Economy:
    """The row for a window's background and its joint-fall verdict."""
    counted = [
        r for r in state.readings if r.indicator.group == "growth" and r.evidence and r.stress_percentile is not None
    ]
    if not counted:
        return Economy(None, "not_known", (), None)
    by_series: dict[str, list[float]] = {}
    for r in counted:
        by_series.setdefault(r.indicator.formula.series[0], []).append(_strength(r))
    means = [sum(v) / len(v) for v in by_series.values()]
    strength = sum(means) / len(means)
    word: Strength = "strong" if strength > STRONG else "weak" if strength < WEAK else "middling"
    return Economy(strength, word, tuple(r.indicator.id for r in counted), word == "strong" and verdict in FELL)


def _strength(reading: StateReading) -> float:
    assert reading.stress_percentile is not None
    return 100.0 - reading.stress_percentile

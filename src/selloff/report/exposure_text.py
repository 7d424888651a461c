"""Computed exposures in a terminal: what rules held before the window, and what they ask for after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from selloff.detection.exposure.trend import MEMORY
from selloff.report.numbers import day_text, joined, signed

if TYPE_CHECKING:
    from selloff.detection.state import StateReading
    from selloff.explanation import Explanation

HOW_TO_READ = (
    "Per cent of the money behind each, below zero short; in brackets: per cent of five years that were lower. After "
    "the arrow what the rules ask for at the window's last close: that follows from the moves, so it is no evidence."
)


def exposure_lines(e: Explanation) -> Iterator[Text]:
    """The exposures by rule, how to read them, and what could not be computed."""
    readings = [r for r in e.background.state.readings if r.indicator.formula.is_exposure]
    known = [r for r in readings if r.held is not None]
    base = e.window.base
    if known:
        day = day_text(base, e.window.end.year, "%B")
        text = Text(f"Exposure by rule, computed at the close of {day}: ", style="bold")
        rules = dict.fromkeys(_rule(r) for r in known)
        shown = (f"{rule} {', '.join(_held(r) for r in known if _rule(r) == rule)}" for rule in rules)
        yield text.append(f"{'; '.join(shown)}.", style="")
        yield Text(HOW_TO_READ, style="dim")
    for rule in dict.fromkeys(_rule(r) for r in readings):
        missing = [_what(r) for r in readings if r.held is None and _rule(r) == rule]
        if missing:
            want = f"for want of {MEMORY + 1} closes up to then"
            yield Text(f"Without exposure by {rule}, {want}: {joined(missing)}.", style="dim")


def _rule(reading: StateReading) -> str:
    name = reading.indicator.name.split(": ")[0]
    return name[0].lower() + name[1:]


def _what(reading: StateReading) -> str:
    return reading.indicator.name.split(": ")[-1]


def _held(reading: StateReading) -> str:
    """`S&P 500 +62 % (4) → +45 %`, without what is not known."""
    assert reading.held is not None
    rank = "" if reading.held_percentile is None else f" ({reading.held_percentile:.0f})"
    after = f" → {_percent(reading.value)}" if reading.window_change is not None and reading.value is not None else ""
    return f"{_what(reading)} {_percent(reading.held)}{rank}{after}"


def _percent(value: float) -> str:
    return f"{signed(100.0 * value, 0)} %"

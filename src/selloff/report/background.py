"""The background in a terminal: what stood out, what was on the calendar, and how fragile markets were."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.text import Text

from selloff.catalog import Indicator, Unit
from selloff.report.exposure_text import exposure_lines
from selloff.report.numbers import joined, signed

if TYPE_CHECKING:
    from selloff.detection.fragility.fragility import Level
    from selloff.detection.state import Economy, ScheduledReading, StateReading
    from selloff.explanation import Explanation

STANDS_OUT = 90.0
"""A percentile at or beyond this (or as far from the other end) is shown; every other is in the JSON."""

SURPRISES = 2.0
NAMES_SHOWN = 6
READINGS_SHOWN = 3
USUAL_YEARS = 5
GROUPS = {
    "funding": "Funding",
    "rates": "Rates and the dollar",
    "credit": "Credit and stress",
    "volatility": "Volatility",
    "valuation": "Valuation",
    "earnings": "Earnings and capex",
    "positioning": "Positioning",
    "news": "News and posts",
    "crypto": "Crypto",
    "growth": "Growth",
}
BASIS_POINTS = 100.0
SMALL_FRACTION = 0.001


def background_section(e: Explanation) -> Iterator[Text]:
    """State, calendar, economy and fragility, in a few lines each."""
    state = e.background.state
    yield Text("\nBackground, as known then", style="bold underline")
    for group, name in GROUPS.items():
        here = [r for r in state.readings if r.indicator.group == group and not r.indicator.formula.is_exposure]
        known = [r for r in here if r.evidence]
        found = sorted((r for r in known if stands_out(r)), key=lambda r: -extremity(r)) or known[:1]
        if found:
            more = f"; {len(found) - READINGS_SHOWN} more" if len(found) > READINGS_SHOWN else ""
            line = Text(f"{name}: ", style="bold")
            line.append("; ".join(reading_text(r) for r in found[:READINGS_SHOWN]) + more, style="")
            yield line
    yield Text(_not_used(state.readings), style="dim")
    missing = [w.name for w in e.catalogue.indicators.without_source.values()]
    yield Text(f"No keyless source is known for: {joined([_lower(m) for m in missing])}.", style="dim")
    yield Text(economy_text(e.background.economy, e.joint.verdict))
    yield from _calendar(state.scheduled)
    yield from exposure_lines(e)
    yield from _fragility(e)


def stands_out(reading: StateReading) -> bool:
    """Whether a reading is far out in its own past, or surprised."""
    return extremity(reading) >= 1.0


def extremity(reading: StateReading) -> float:
    """1 at the nearer of the two thresholds: percentile and surprise. Zero for what is no evidence.

    What is read by its surprise is not ranked by its level: counts of news drift.
    """
    if not reading.evidence:
        return 0.0
    sizes = [0.0]
    if reading.surprise is not None:
        sizes.append(abs(reading.surprise) / SURPRISES)
    if reading.percentile is not None and reading.indicator.transform == "level":
        sizes.append(abs(reading.percentile - 50.0) / (STANDS_OUT - 50.0))
    return max(sizes)


def reading_text(reading: StateReading) -> str:
    """`SOFR minus IORB 0 bp, 29 Jan, higher than 93 %`."""
    spec = reading.indicator
    assert reading.day is not None and reading.value is not None
    said = [f"{value_text(reading.value, spec)}, {reading.day.day} {reading.day:%b}"]
    if reading.percentile is not None and spec.persists:
        said.append(percentile_text(reading.percentile, spec.look_back_years))
    if reading.surprise is not None and abs(reading.surprise) >= SURPRISES:
        n = spec.change_periods
        kind = "against its usual" if spec.surprise == "deviation" else "change" if n == 1 else f"over {n} periods"
        said.append(f"{kind} {signed(reading.surprise)} σ")
    return f"{spec.name} {', '.join(said)}"


def percentile_text(percentile: float, years: int | None) -> str:
    """`higher than 93 %`, or `lower than`; never 0 or 100. Another past than the usual is named."""
    past = "" if years == USUAL_YEARS else " of its whole past" if years is None else f" of {years} years"
    share = max(percentile, 100.0 - percentile)
    word = "higher" if percentile >= 50.0 else "lower"
    return f"{word} than {'nearly all' if share > 99.5 else f'{share:.0f} %'}{past}"


def value_text(value: float, spec: Indicator) -> str:
    """A value in its unit; a difference of two rates in basis points, a ratio to an earlier value in per cent."""
    unit = spec.unit
    if unit is Unit.PERCENT:
        is_spread = spec.formula.kind == "difference"
        return f"{signed(BASIS_POINTS * value, 0)} bp" if is_spread else f"{_minus(value, 2)} %"
    if any(t.lag for t in spec.formula.terms):
        return f"{signed(100.0 * (value - 1.0), 0)} %"
    if unit is Unit.FRACTION:
        return f"{signed(100.0 * value, 1 if abs(value) >= SMALL_FRACTION else 3)} %"
    if unit is Unit.USD_MILLION:
        return f"${_minus(value / 1e6, 2)} trillion" if abs(value) >= 1e6 else f"${_minus(value / 1e3, 1)} billion"
    if unit is Unit.USD_BILLION:
        return f"${_minus(value, 1)} billion"
    digits = 0 if abs(value) >= 1000 else 2 if abs(value) < 10 else 1
    return _minus(value, digits)


def _minus(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}".replace("-", "−")


def _lower(name: str) -> str:
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def _not_used(readings: Sequence[StateReading]) -> str:
    """How many indicators were read, and which were not used and why."""
    known = sum(r.evidence for r in readings)
    stale = [f"{_lower(r.indicator.name)} ({r.age_days:.0f} days)" for r in readings if r.status == "stale"]
    other = [_lower(r.indicator.name) for r in readings if r.status == "known" and not r.evidence]
    absent = sum(r.status == "absent" for r in readings)
    text = (
        f"{known} of {len(readings)} indicators are known, {absent} are not in the data. Shown is what stands out, by "
        f"its rank among the {USUAL_YEARS} years before or its change in its own past σ, else one of each group."
    )
    if stale:
        text += f" Too old to use: {_some(stale)}."
    if other:
        text += f" Of earlier days, so no evidence for these: {_some(other)}."
    return text


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMES_SHOWN
    return f"{', '.join(names[:NAMES_SHOWN])} and {more} more" if more > 0 else joined(list(names))


def economy_text(economy: Economy, verdict: str) -> str:
    """The row on growth and the fall."""
    if economy.strength is None:
        return "Economy: not known, there is no growth indicator in the data."
    text = f"Economy: {economy.word}, {economy.strength:.0f} of 100 (100: strongest growth indicators of their past)."
    if economy.strong_and_falling:
        return f"{text} The economy is strong and assets fall."
    return f"{text} Assets fell together: {'yes' if verdict in ('joint', 'partial') else 'no'}."


def _calendar(scheduled: Sequence[ScheduledReading]) -> Iterator[Text]:
    by_answer = {a: [r for r in scheduled if r.answer == a] for a in ("present", "absent", "no_table")}
    parts = [f"{_lower(r.indicator.name)} ({_events(r)})" for r in by_answer["present"]]
    text = Text("Calendar: ", style="bold")
    text.append("; ".join(parts) if parts else "none of the dated events known", style="")
    for answer, word in (("absent", "Not in the window"), ("no_table", "No table for these days")):
        if by_answer[answer]:
            text.append(f". {word}: {joined([_lower(r.indicator.name) for r in by_answer[answer]])}", style="dim")
    yield text.append(".")


def _events(reading: ScheduledReading) -> str:
    days = sorted({e.date for e in reading.events})
    names = list(dict.fromkeys(str(e.details[k]) for e in reading.events for k in ("ticker",) if k in e.details))
    told = f"{joined(names)}, {_days(days)}" if names else _days(days)
    if reading.indicator.sessions_before:
        told += f"; {len(reading.events)} within {reading.indicator.sessions_before} sessions before or in it"
    return told


def _days(days: Sequence[date]) -> str:
    return joined([f"{d.day} {d:%b}" for d in days]) if len(days) <= 3 else f"{_days(days[:1])} to {_days(days[-1:])}"


def _fragility(e: Explanation) -> Iterator[Text]:
    f = e.background.fragility
    session = e.window.base
    measures: list[tuple[str, Level, int]] = [
        ("turbulence", f.turbulence, 1),
        ("absorption ratio", f.absorption, 2),
        ("its shift", f.absorption_shift, 1),
        ("correlation of classes", f.correlation, 2),
        ("on the downside", f.downside_correlation, 2),
        ("tail dependence", f.tail_dependence, 2),
        ("connectedness", f.connectedness, 0),
        ("composite stress", f.composite, 2),
    ]
    known = [(n, level, d) for n, level, d in measures if level.value is not None]
    text = Text(f"Fragility at the close of {session.day} {session:%B}: ", style="bold")
    if not known:
        yield text.append("not known, the data are too short.", style="")
        return
    parts = []
    for name, level, digits in known:
        assert level.value is not None
        rank = "" if level.percentile is None else f" ({level.percentile:.0f})"
        shown = f"{level.value:.0f} %" if name == "connectedness" else _minus(level.value, digits)
        parts.append(f"{name} {shown}{rank}")
    text.append(f"{', '.join(parts)}. In brackets: per cent of the year before that was not higher.", style="")
    yield text
    net = [(c, float(x)) for c, x in zip(f.classes, f.table.net.tolist(), strict=True) if not math.isnan(x)]
    if net:
        named = {c.id: _lower(c.name) for c in e.catalogue.classes.values()}
        order = sorted(net, key=lambda pair: -pair[1])
        listed = ", ".join(f"{named[c]} {signed(x, 0)}" for c, x in order)
        yield Text(f"Net of what each class gives to the others: {listed}.", style="dim")
    if beside := _published(e):
        yield Text(f"Published stress indices: {beside}.", style="dim")


def _published(e: Explanation) -> str:
    from selloff.explanation.background import STRESS_INDICES

    said = []
    for name in STRESS_INDICES:
        r = e.background.state.reading(name)
        if r is None or r.value is None or r.day is None:
            continue
        rank = "too old" if r.percentile is None else percentile_text(r.percentile, r.indicator.look_back_years)
        said.append(f"{r.indicator.name} {_minus(r.value, 2)}, {r.day.day} {r.day:%b} ({rank})")
    return "; ".join(said)

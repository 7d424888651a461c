"""The background in a terminal: what stood out, what was on the calendar, and how fragile markets were."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.text import Text

from selloff.catalog import Indicator, Unit
from selloff.report.exposure_text import exposure_lines
from selloff.report.numbers import day_text, joined, listed, signed

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
WHOLE = (Unit.COUNT, Unit.CONTRACTS, Unit.PERSONS, Unit.SCORE)
"""Whole values of these units are counts or grades, and print as such."""

BASIS_POINTS = 100.0
SMALL_FRACTION = 0.001


def background_section(e: Explanation) -> Iterator[Text]:
    """State, calendar, economy and fragility, in a few lines each."""
    state, year = e.background.state, e.window.end.year
    shown = []
    yield Text("\nBackground, as known then", style="bold underline")
    for group, name in GROUPS.items():
        here = [r for r in state.readings if r.indicator.group == group and not r.indicator.formula.is_exposure]
        known = [r for r in here if r.evidence]
        found = sorted((r for r in known if stands_out(r)), key=lambda r: -extremity(r)) or known[:1]
        if found:
            more = f"; {len(found) - READINGS_SHOWN} more" if len(found) > READINGS_SHOWN else ""
            line = Text(f"{name}: ", style="bold")
            line.append("; ".join(reading_text(r, year) for r in found[:READINGS_SHOWN]) + more, style="")
            yield line
            shown += found[:READINGS_SHOWN]
    read = {r.source for r in e.attribution.readings if r.status == "present" and r.source is not None}
    yield Text(_not_used(state.readings, read), style="dim")
    missing = [w.name for w in e.catalogue.indicators.without_source.values()]
    yield Text(f"No keyless source is known for: {listed([_lower(m) for m in missing])}.", style="dim")
    yield Text(economy_text(e.background.economy, e.joint.verdict))
    yield from _calendar(state.scheduled, year)
    yield from exposure_lines(e)
    yield from _fragility(e)
    stress = published(e)
    if stress:
        yield Text(f"Published stress indices: {'; '.join(_ranked_text(r, year) for r in stress)}.", style="dim")
    if later := later_estimates(e, [*shown, *stress]):
        text = "Estimates, in the data only as they stood later, which may not be what was known then: "
        yield Text(f"{text}{listed(later)}.", style="dim")


def later_estimates(e: Explanation, readings: Sequence[StateReading]) -> list[str]:
    """Names of the indicators that are estimates by the catalogue, and whose value is no vintage of its day."""
    names = []
    for reading in readings:
        lineage = e.lineage.get(f"indicator:{reading.indicator.id}")
        rows = () if lineage is None else lineage.observations
        estimates = {s for s in reading.indicator.formula.series if "estimate" in e.catalogue.series[s].flags}
        if any(row["vintage"] == "lagged" and row["series"] in estimates for row in rows):
            names.append(reading.indicator.name)
    return list(dict.fromkeys(names))


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


def reading_text(reading: StateReading, year: int | None = None) -> str:
    """`SOFR minus IORB 0 bp, 29 Jan, higher than 93 %`; a day of another year than the one named has its year."""
    spec = reading.indicator
    assert reading.day is not None and reading.value is not None
    said = [f"{value_text(reading.value, spec)}, {day_text(reading.day, year)}"]
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
    whole = unit in WHOLE and float(value).is_integer()
    digits = 0 if whole or abs(value) >= 1000 else 2 if abs(value) < 10 else 1
    return _minus(value, digits)


def _minus(value: float, digits: int) -> str:
    """Without a plus; zero has no sign."""
    return signed(value, digits).removeprefix("+")


def _lower(name: str) -> str:
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def _not_used(readings: Sequence[StateReading], read: Collection[str]) -> str:
    """How many indicators were read, and which were not used and why.

    Parameters
    ----------
    read : ids of the indicators that an item of direct evidence reads, of whatever day.
    """
    known = sum(r.evidence for r in readings)
    stale = [f"{r.indicator.name} ({r.age_days:.0f} days)" for r in readings if r.status == "stale"]
    earlier = [r.indicator for r in readings if r.status == "known" and not r.evidence]
    before = [i.name for i in earlier if i.id in read]
    other = [i.name for i in earlier if i.id not in read]
    absent = sum(r.status == "absent" for r in readings)
    text = (
        f"{known} of {len(readings)} indicators are known, {absent} are not in the data. Shown is what stands out, by "
        f"its rank among the {USUAL_YEARS} years before or its change in its own past σ, else one of each group."
    )
    if stale:
        text += f" Too old to use: {_some(stale)}."
    if before:
        text += f" Of the days before, counted as what was in the news by then: {_some(before)}."
    if other:
        text += f" Of earlier days, so no evidence for these: {_some(other)}."
    return text


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMES_SHOWN
    return listed([*names[:NAMES_SHOWN], f"{more} more"] if more > 0 else names)


def economy_text(economy: Economy, verdict: str) -> str:
    """The row on growth and the fall."""
    if economy.strength is None:
        return "Economy: not known, there is no growth indicator in the data."
    text = f"Economy: {economy.word}, {economy.strength:.0f} of 100 (100: strongest growth indicators of their past)."
    if economy.strong_and_falling:
        return f"{text} The economy is strong and assets fall."
    return f"{text} Assets fell together: {'yes' if verdict in ('joint', 'partial') else 'no'}."


def _calendar(scheduled: Sequence[ScheduledReading], year: int) -> Iterator[Text]:
    by_answer = {a: [r for r in scheduled if r.answer == a] for a in ("present", "absent", "no_table")}
    parts = [f"{_lower(r.indicator.name)} ({_events(r, year)})" for r in by_answer["present"]]
    text = Text("Calendar: ", style="bold")
    text.append("; ".join(parts) if parts else "none of the dated events known", style="")
    for answer, word in (("absent", "Not in the window"), ("no_table", "No table for these days")):
        if by_answer[answer]:
            text.append(f". {word}: {listed([_lower(r.indicator.name) for r in by_answer[answer]])}", style="dim")
    yield text.append(".")


def _events(reading: ScheduledReading, year: int) -> str:
    days = sorted({e.date for e in reading.events})
    names = list(dict.fromkeys(str(e.details[k]) for e in reading.events for k in ("ticker",) if k in e.details))
    told = f"{joined(names)}, {_days(days, year)}" if names else _days(days, year)
    if reading.indicator.sessions_before:
        told += f"; {len(reading.events)} within {reading.indicator.sessions_before} sessions before or in it"
    return told


def _days(days: Sequence[date], year: int) -> str:
    told = [day_text(d, year) for d in days]
    return joined(told) if len(days) <= 3 else f"{told[0]} to {told[-1]}"


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
    text = Text(f"Fragility at the close of {day_text(session, e.window.end.year, '%B')}: ", style="bold")
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
        nets = ", ".join(f"{named[c]} {signed(x, 0)}" for c, x in order)
        yield Text(f"Net of what each class gives to the others, in percentage points: {nets}.", style="dim")


def published(e: Explanation) -> list[StateReading]:
    """Readings of the published stress indices that are in the data, however old."""
    from selloff.explanation.background import STRESS_INDICES

    found = [e.background.state.reading(name) for name in STRESS_INDICES]
    return [r for r in found if r is not None and r.value is not None and r.day is not None]


def _ranked_text(reading: StateReading, year: int) -> str:
    """`OFR financial stress −1.51, 1 Aug (higher than 56 % of 10 years)`."""
    assert reading.value is not None and reading.day is not None
    past = reading.indicator.look_back_years
    rank = "too old" if reading.percentile is None else percentile_text(reading.percentile, past)
    return f"{reading.indicator.name} {_minus(reading.value, 2)}, {day_text(reading.day, year)} ({rank})"

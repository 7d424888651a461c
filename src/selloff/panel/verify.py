"""Checks of a store: schema, bytes, gaps, values that can't be, days without a session, filler, and alignment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue, Series, Vintage
from selloff.catalog.expected import Exchange, expected_days
from selloff.catalog.sessions import Sessions
from selloff.errors import StoreError
from selloff.panel.alignment import Alignment, audit_alignment
from selloff.panel.straight import straight_spans
from selloff.store import Store

LONG_GAP = 5
"""Expected days missing in a row from which a gap is reported."""

SHOWN_DAYS = 3
"""Days without a session that a finding names."""

LONGEST_PERIOD = {"weekly": 10, "monthly": 40, "quarterly": 110}
"""Calendar days between two values of a slow series from which one is missing."""

Severity = Literal["error", "note"]
Check = Literal["schema", "bytes", "gap", "range", "alignment", "closed", "interpolated"]


@dataclass(frozen=True)
class Finding:
    """One thing a check found. A `note` is known or explained; an `error` wants attention."""

    check: Check
    severity: Severity
    series: str | None
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Verification:
    """Everything the checks found, and how much they looked at."""

    findings: tuple[Finding, ...]
    alignments: tuple[Alignment, ...]
    n_rows: int
    n_payloads: int

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What wants attention."""
        return tuple(f for f in self.findings if f.severity == "error")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "findings": [f.to_dict() for f in self.findings],
            "alignment": [asdict(a) for a in self.alignments],
            "rows": self.n_rows,
            "payloads": self.n_payloads,
        }


def _schema(store: Store, catalogue: Catalogue) -> Iterator[Finding]:
    scan = store.scan()
    schema = dict(scan.collect_schema())
    if schema != OBSERVATION_SCHEMA:
        yield Finding("schema", "error", None, f"the table's columns are {schema}")
        return
    counts = store.collect(
        scan.group_by("series", "source")
        .agg(
            (~pl.col("value").is_finite()).sum().alias("not a number"),
            (pl.col("known_at") < pl.col("period_end")).sum().alias("known before the period ended"),
            (~pl.col("vintage").is_in([v.value for v in Vintage])).sum().alias("of an unknown vintage"),
        )
        .sort("series", "source")
    )
    for row in counts.rows(named=True):
        series, source = row.pop("series"), row.pop("source")
        if series not in catalogue.series:
            yield Finding("schema", "error", series, f"stored from {source}, but not in the catalogue: never read")
        elif source not in catalogue.series[series].sources:
            yield Finding("schema", "error", series, f"{source} is no source of it in the catalogue: never read")
        for what, n in row.items():
            if n:
                yield Finding("schema", "error", series, f"{n} row{'s' if n > 1 else ''} from {source} {what}")


def _bytes(store: Store) -> Iterator[Finding]:
    index = store.payload_index()
    for row in index.rows(named=True):
        try:
            store.payload_of(row["source"], row["fetched_at"])
        except StoreError as error:
            yield Finding("bytes", "error", None, f"{row['source']} {row['name']}: {error.message}")
    keys = ["source", "fetched_at"]
    orphans = store.collect(store.scan().select(*keys, "series").unique()).join(index, on=keys, how="anti")
    for (series,), part in orphans.group_by("series", maintain_order=True):
        yield Finding("bytes", "error", str(series), f"{part.height} batches of rows lead to no payload")


def _losses(store: Store) -> Iterator[Finding]:
    for text in store.losses():
        yield Finding("bytes", "error", None, text)
    if store.payload_index().is_empty() or not store.collect(store.scan().head(1)).is_empty():
        return
    if not any(store.place.entries("quarantine/_delta_log")):
        text = "payloads are stored and no observation: a write was cut short, or the rows are lost; pull again"
        yield Finding("bytes", "error", None, text)


def _gap_text(missing: np.ndarray, expected: np.ndarray) -> str | None:
    """The longest run of expected days without a value, if it is long."""
    runs = np.split(missing, np.flatnonzero(np.diff(missing) != 1) + 1)
    longest = max(runs, key=len)
    if len(longest) < LONG_GAP:
        return None
    first, last = expected[longest[0]], expected[longest[-1]]
    text = f"no value on {len(longest)} expected days in a row, {first} to {last}"
    return f"{text}; {len(missing)} of {len(expected)} missing in all" if len(missing) > len(longest) else text


def _gaps(spec: Series, days: np.ndarray, exchange: Exchange) -> str | None:
    """What is missing between the first and the last value of a series, in words."""
    if len(days) < 2:
        return None
    if spec.frequency in LONGEST_PERIOD:
        steps = np.diff(days).astype(int)
        worst, n_gaps = int(np.argmax(steps)), int((steps > LONGEST_PERIOD[spec.frequency]).sum())
        if n_gaps == 0:
            return None
        text = f"no value between {days[worst]} and {days[worst + 1]}"
        return text if n_gaps == 1 else f"{text}, the longest of {n_gaps} gaps"
    if spec.days is None or spec.frequency == "irregular":
        return None
    first, last = days[0].item(), days[-1].item()
    expected = expected_days(spec.days, first, last, exchange)
    missing = np.flatnonzero(~np.isin(expected, days))
    return _gap_text(missing, expected) if len(missing) else None


def _closed(spec: Series, days: np.ndarray, exchange: Exchange) -> str | None:
    """Values at weekends and on other days without a session of the series' exchange, in words.

    Of `us_bond` and `us_federal` only weekends count: they hold days off on which rates are published all the same.
    """
    if spec.days is None or spec.frequency != "daily":
        return None
    calendar = "weekdays" if spec.days in ("us_bond", "us_federal") else spec.days
    expected = expected_days(calendar, days[0].item(), days[-1].item(), exchange)
    if not len(expected):
        return None
    # The calendar may not reach as far as the series.
    stray = days[~np.isin(days, expected) & (days >= expected[0]) & (days <= expected[-1])]
    if not len(stray):
        return None
    weekend, other = int((~np.is_busday(stray)).sum()), int(np.is_busday(stray).sum())
    parts = [f"{weekend} at a weekend"] if weekend else []
    parts += [f"{other} on a weekday without a session of {calendar}"] if other else []
    shown = ", ".join(str(day) for day in stray[-SHOWN_DAYS:])
    last = "the last " if len(stray) > SHOWN_DAYS else ""
    return f"has values on days without a session, {' and '.join(parts)}: {last}{shown}"


def _straight(spec: Series, days: np.ndarray, values: np.ndarray) -> Iterator[str]:
    """Spans that straight lines fill, in words."""
    if spec.frequency != "daily":
        return
    for span in straight_spans(days, values):
        yield (
            f"{span.n_values} values, {days[span.start]} to {days[span.end]}, lie on {span.n_runs} straight "
            f"line{'s' if span.n_runs > 1 else ''}: filled between points further apart, not closes"
        )


def _day_findings(store: Store, catalogue: Catalogue, exchange: Exchange, now: datetime) -> Iterator[Finding]:
    """Gaps, days without a session, and lines in place of values."""
    stored = [s for s in catalogue.series.values() if s.formula is None]
    rows = store.read(stored, now)
    for (series,), part in rows.group_by("series", maintain_order=True):
        spec = catalogue.series[str(series)]
        ends = part["period_end"].dt.offset_by("-1us")
        zone = spec.close.zone if spec.close is not None else "UTC" if spec.days == "every_day" else "America/New_York"
        dates = ends.dt.convert_time_zone(zone).dt.date().to_numpy().astype("datetime64[D]")
        days, first = np.unique(dates, return_index=True)
        text = _gaps(spec, days, exchange)
        if text is not None:
            yield Finding("gap", "note", spec.id, text)
        text = _closed(spec, days, exchange)
        if text is not None:
            yield Finding("closed", "note", spec.id, text)
        for text in _straight(spec, days, part["value"].to_numpy()[first]):
            yield Finding("interpolated", "error", spec.id, text)


def _ranges(store: Store, catalogue: Catalogue) -> Iterator[Finding]:
    limits = pl.DataFrame(
        [(s.id, s.unit.info.low, s.unit.info.high, s.unit.value) for s in catalogue.series.values()],
        schema=["series", "low", "high", "unit"],
        orient="row",
    )
    outside = store.collect(
        store.scan()
        .join(limits.lazy(), on="series")
        .filter((pl.col("value") < pl.col("low")) | (pl.col("value") > pl.col("high")))
        .group_by("series", "unit")
        .agg(pl.len().alias("n"), pl.col("value").first(), pl.col("period_end").first())
        .sort("series")
    )
    for row in outside.rows(named=True):
        text = f"{row['n']} values can't be {row['unit']}, such as {row['value']:g} on {row['period_end']:%Y-%m-%d}"
        yield Finding("range", "error", row["series"], text)


def _alignment_findings(alignments: tuple[Alignment, ...]) -> Iterator[Finding]:
    for a in alignments:
        if a.verdict not in ("misaligned", "expected"):
            continue
        before, same, after = a.correlations
        shown = f"{before:.2f} at lag −1, {same:.2f} at 0, {after:.2f} at +1".replace("-", "−")
        text = f"{a.reason} (correlation with {a.proxy}: {shown})"
        severity: Severity = "error" if a.verdict == "misaligned" and not a.known else "note"
        known = "known: " if a.verdict == "misaligned" and a.known else ""
        yield Finding("alignment", severity, a.series, known + text)


def verify_store(
    store: Store, catalogue: Catalogue, sessions: Sessions, exchange: Exchange, now: datetime
) -> Verification:
    """Run every check.

    Parameters
    ----------
    exchange : sessions by exchange-calendars name, for gaps.
    """
    alignments = audit_alignment(store, catalogue, sessions, now)
    findings = [
        *_schema(store, catalogue),
        *_losses(store),
        *_bytes(store),
        *_ranges(store, catalogue),
        *_day_findings(store, catalogue, exchange, now),
        *_alignment_findings(alignments),
    ]
    n_rows = int(store.collect(store.scan().select(pl.len())).item())
    return Verification(tuple(findings), alignments, n_rows, store.payload_index().height)

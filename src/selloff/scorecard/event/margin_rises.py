"""Sessions from an exchange's rise of metal margins against as many without: is a crowded trade likelier then?

The rule is that of the item `margin_notice`: it speaks on the session in which prices answer to a notice and on the ten
after it, and its reason is that a rise of margins forces the crowd. So a span is those eleven sessions from a rise on.
What is compared is its mean log odds: sessions of one span have one reason and are not eleven cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from selloff.catalog import ScheduledIndicator
from selloff.catalog.sessions import Sessions
from selloff.panel.transforms import Floats
from selloff.scorecard.event.matched import CLEAR, MATCHED, REACH, auc_rows, log_odds_lift
from selloff.scorecard.tier import Row, ScoreContext
from selloff.scorecard.uncertainty import seed_of
from selloff.scorecard.weighed_days import WeighedDay

CAUSE = "crowded_metals"
ITEM = "margin_notice"
"""The item of direct evidence that reads the table of notices: evidence and label at once, so it is left out."""

NAMES = {
    "complete": "rises of margins, 2009 to 2011",
    "well_known": "well-known rises of margins since",
}
NOTES = {
    "complete": "without the item of margin notices; the table, collected later, is complete for these years",
    "well_known": "without the item of margin notices; chosen with hindsight, matched days may have had a notice too, "
    "and the signature was written with January 2026 in mind",
}


@dataclass(frozen=True)
class Span:
    """The sessions from a rise on, and the spans of as many sessions that they are compared with."""

    days: tuple[date, ...]
    matched: tuple[tuple[date, ...], ...]


def first_rows(rows: Sequence[int], length: int) -> list[int]:
    """Where spans begin: a rise within the sessions of an earlier span belongs to that one."""
    found: list[int] = []
    for row in sorted(set(rows)):
        if not found or row >= found[-1] + length:
            found.append(row)
    return found


def spans(context: ScoreContext, item_id: str = ITEM) -> dict[str, tuple[Span, ...]]:
    """Spans of the rises known by now, by whether the table is complete for them.

    Matched spans come from the half year on either side, no later than the last notice of the table, away from every
    session on which the item would find any notice; where the table is complete, from sessions on which it is known
    that there was none.

    Returns
    -------
    By `complete` and `well_known`; both empty if the catalogue has no such item.
    """
    item = next((i for i in context.catalogue.evidence if i.id == item_id), None)
    if item is None:
        return dict.fromkeys(NAMES, ())
    indicator, sessions = context.catalogue.indicators.scheduled[item.of[0]], context.sessions
    length = indicator.sessions_before + 1
    end = int(np.searchsorted(sessions.dates, np.datetime64(context.now.date()), side="right"))
    notices, rises = _rows(context, indicator, context.now)
    free = np.arange(end) <= max(notices, default=0)
    for row in notices:
        free[max(row - CLEAR, 0) : row + length + CLEAR] = False
    complete = _complete(indicator, sessions)[:end]
    found: dict[str, list[Span]] = {kind: [] for kind in NAMES}
    for row in first_rows([r for r in rises if r < end], length):
        kind = "complete" if complete[row] else "well_known"
        starts = _starts(free & complete if kind == "complete" else free, row, length)
        chosen = _draw(starts, length, np.random.default_rng([seed_of(item_id) % 2**32, row]))
        made = [tuple(d.item() for d in sessions.dates[s : min(s + length, end)]) for s in (row, *chosen)]
        found[kind].append(Span(made[0], tuple(made[1:])))
    return {kind: tuple(each) for kind, each in found.items()}


def _rows(context: ScoreContext, indicator: ScheduledIndicator, as_of: datetime) -> tuple[list[int], list[int]]:
    """Rows of the sessions in which prices answer to a notice of any kind, and to a rise, which the item asks for."""
    notices, rises = [], []
    for event in context.catalogue.events.events_known(as_of, [indicator.table]):
        day = event.reacts_on(context.sessions)
        row = None if day is None else context.sessions.position(day)
        if row is not None:
            notices.append(row)
            if indicator.counts(event):
                rises.append(row)
    return notices, rises


def _complete(indicator: ScheduledIndicator, sessions: Sessions) -> npt.NDArray[np.bool_]:
    """(n_sessions,), whether no row of the table would mean that there was no notice, there and in the days before."""
    before = np.maximum(np.arange(len(sessions.dates)) - indicator.sessions_before, 0)
    inside = np.zeros(len(sessions.dates), dtype=bool)
    for whole in indicator.complete:
        first, last = np.datetime64(whole.first), np.datetime64(whole.last)
        inside |= (sessions.dates[before] >= first) & (sessions.dates <= last)
    return inside


def _starts(free: npt.NDArray[np.bool_], row: int, length: int) -> list[int]:
    """First rows, at most half a year from `row`, of spans that are free as a whole."""
    rows = range(max(1, row - REACH), min(len(free) - length, row + REACH) + 1)
    return [r for r in rows if free[r : r + length].all()]


def _draw(starts: Sequence[int], length: int, random: np.random.Generator) -> list[int]:
    """Up to three of them, in order, none overlapping another."""
    chosen: list[int] = []
    for start in random.permutation(starts).tolist():
        if len(chosen) < MATCHED and all(abs(start - c) >= length for c in chosen):
            chosen.append(int(start))
    return sorted(chosen)


def days_of(found: Mapping[str, Sequence[Span]]) -> list[date]:
    """Every session that has to be weighed."""
    return [day for each in found.values() for span in each for part in (span.days, *span.matched) for day in part]


def span_lifts(found: Sequence[Span], weighed: Mapping[date, WeighedDay]) -> list[Floats]:
    """Mean log odds lift of each span, first, and of its matched ones; spans that can't be scored are left out."""
    out = []
    for span in found:
        values = [_mean_lift(days, weighed) for days in (span.days, *span.matched)]
        known = [v for v in values if v is not None]
        if values[0] is not None and len(known) > 1:
            out.append(np.array(known))
    return out


def _mean_lift(days: Sequence[date], weighed: Mapping[date, WeighedDay]) -> float | None:
    """Over the sessions on which the cause is testable; None if those are fewer than half."""
    lifts = [lift for d in days if d in weighed and (lift := log_odds_lift(weighed[d], CAUSE)) is not None]
    return float(np.mean(lifts)) if 2 * len(lifts) >= len(days) else None


def rows(found: Mapping[str, Sequence[Span]], weighed: Mapping[date, WeighedDay], skipped: dict[str, int]) -> list[Row]:
    """Rows of both kinds; only rises of the years for which the table is complete are held to an aim."""
    out: list[Row] = []
    for kind, each in found.items():
        values = span_lifts(each, weighed)
        if len(each) > len(values):
            what = f"{NAMES[kind]}, on which {CAUSE} is not testable or that have no matched days"
            skipped[what] = len(each) - len(values)
        new = auc_rows(values, f"margins_{kind}", f"{CAUSE} ({NAMES[kind]})", "in matched sessions")
        new = [replace(r, note="; ".join(filter(None, [r.note, NOTES[kind]]))) for r in new]
        out += new if kind == "complete" else [replace(r, verdict="open", aim="") for r in new]
    return out

"""An indicator's values, period by period, from the records of its series."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from selloff.catalog import Indicator
from selloff.catalog.indicators import Term
from selloff.catalog.sessions import Sessions
from selloff.detection.state.exposures import exposure_records
from selloff.detection.state.records import Ints, Records

ALIVE_DAYS = 7
"""Posts and filings come in without a row for none. A session without one counts zero only if one came in the seven
days before its close; else the archive may have ended, and the session is missing."""

DAY = 86_400_000_000


def indicator_values(
    indicator: Indicator, records: Mapping[str, Records], sessions: Sessions, session_known: Ints
) -> Records | None:
    """Values of an indicator; None if a term has no records.

    A ratio needs a positive denominator and an inverse a value that is not zero; elsewhere the period is missing.

    Parameters
    ----------
    records : by series, as known at one moment.
    session_known : (n_sessions,), when each session's sum is known, on the scale of `Records.known`.
    """
    terms = [term_records(t, records) for t in indicator.formula.terms]
    known = [t for t in terms if t is not None]
    if len(known) < len(terms):
        return None
    if indicator.formula.per_session:
        return session_sums(known[0], sessions, session_known)
    if indicator.formula.is_exposure:
        return exposure_records(indicator.formula.kind, known[0])
    joined = known[0]
    for other in known[1:]:
        joined = _join(joined, other, indicator.formula.kind, indicator.formula.gap_days)
    return joined


def term_records(term: Term, records: Mapping[str, Records]) -> Records | None:
    """Records of one operand: its first series with a value on each day, lagged, averaged, turned over and scaled."""
    present = [records[s] for s in term.series if s in records and len(records[s])]
    if not present:
        return None
    found = present[0]
    if len(present) > 1:
        day, first = np.unique(np.concatenate([r.day for r in present]), return_index=True)
        end, known = (np.concatenate([getattr(r, name) for r in present])[first] for name in ("end", "known"))
        found = Records(day, end, known, np.concatenate([r.value for r in present])[first])
    if term.lag:
        known = np.maximum(found.known[term.lag :], found.known[: -term.lag])
        found = Records(found.day[term.lag :], found.end[term.lag :], known, found.value[: -term.lag])
    if term.mean > 1:
        found = _means(found, term.mean)
    value = found.value
    if term.inverse:
        found = found.where(value != 0)
        value = 1.0 / found.value
    return Records(found.day, found.end, found.known, value * term.scale)


def _means(records: Records, n: int) -> Records:
    """The mean of each period and the n - 1 before it; known once all of them are."""
    if len(records) < n:
        return records.where(np.zeros(len(records), dtype=bool))
    known = sliding_window_view(records.known, n).max(axis=1)
    value = sliding_window_view(records.value, n).mean(axis=1)
    return Records(records.day[n - 1 :], records.end[n - 1 :], known, value)


def _join(a: Records, b: Records, kind: str, gap_days: int) -> Records:
    """The periods of `a` with the last value of `b` that is at most `gap_days` older."""
    if len(b) == 0:
        return a.where(np.zeros(len(a), dtype=bool))
    place = np.searchsorted(b.day, a.day, side="right") - 1
    there = (place >= 0) & (a.day - b.day[np.maximum(place, 0)] <= gap_days)
    if kind == "ratio":
        there &= b.value[np.maximum(place, 0)] > 0
    a, place = a.where(there), place[there]
    x, y = a.value, b.value[place]
    value = {"difference": np.subtract, "ratio": np.divide, "sum": np.add, "product": np.multiply}[kind](x, y)
    return Records(a.day, a.end, np.maximum(a.known, b.known[place]), value)


def newest_rows(indicator: Indicator, records: Mapping[str, Records], day: int) -> tuple[tuple[str, int], ...]:
    """The stored rows behind the value of a day: series and period end, the newest of each term.

    None for sums by session, which may have hundreds.
    """
    if indicator.formula.per_session:
        return ()
    found = []
    for term in indicator.formula.terms:
        for series in term.series:
            own = records.get(series)
            place = -1 if own is None else int(np.searchsorted(own.day, day, side="right")) - 1
            if own is None or place < term.lag or day - int(own.day[place]) > indicator.formula.gap_days:
                continue
            found.append((series, int(own.end[place - term.lag])))
            break
    return tuple(found)


def session_sums(records: Records, sessions: Sessions, session_known: Ints) -> Records:
    """Sum of what came from each New York close to the next, by session.

    Parameters
    ----------
    session_known : (n,), for the first n sessions; later ones are left out.
    """
    closes = sessions.closes[: len(session_known)]
    row = np.searchsorted(closes, records.end, side="left")
    inside = row < len(closes)
    total = np.zeros(len(closes))
    np.add.at(total, row[inside], records.value[inside])
    known = session_known.copy()
    np.maximum.at(known, row[inside], records.known[inside])
    last = np.searchsorted(records.end, closes, side="right") - 1
    alive = (last >= 0) & (closes - records.end[np.maximum(last, 0)] <= ALIVE_DAYS * DAY)
    days = sessions.dates[: len(closes)].astype(np.int64)
    return Records(days, closes, known, total).where(alive)

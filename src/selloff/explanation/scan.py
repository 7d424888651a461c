"""Find every sell-off in the stored history."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from selloff.catalog import Catalogue, default_catalogue
from selloff.catalog.sessions import Sessions, load_sessions
from selloff.detection import Verdict
from selloff.detection.fragility import stress_history
from selloff.detection.rarity import SESSIONS_PER_YEAR
from selloff.detection.scan import WINDOWS, SellOff, WindowScan, find_episodes, scan_windows, verdict_counts
from selloff.detection.verdict import VERDICTS, shipped_thresholds
from selloff.errors import NoDataError, WindowError
from selloff.explanation.arguments import StoreOrPlace, opened, with_zone
from selloff.explanation.last_session import complete_sessions, last_session, session_series
from selloff.explanation.scan_result import Scan, ScanEpisode, Stress
from selloff.panel import Panel, Window, build_panel, find_as_of
from selloff.panel.clock import LONGEST_WINDOW, NEW_YORK_ZONE, closing_moment, find_window
from selloff.panel.knowledge import delays
from selloff.panel.transforms import LONGEST_GAP
from selloff.settings import load_settings
from selloff.store import Store

MONDAY = 4
"""Days from 1 January 1970, a Thursday, to the first Monday."""

_LENGTH = re.compile(r"^(\d{1,3})d?$")


def window_lengths(words: str | int | None) -> tuple[int, ...]:
    """Window lengths that a user's words mean: None is all of 1, 3, 5, 10 and 20 sessions.

    Raises
    ------
    WindowError : not a number of sessions.
    """
    if words is None:
        return WINDOWS
    match = _LENGTH.match(str(words))
    if match is None or not 0 < int(match[1]) <= LONGEST_WINDOW:
        raise WindowError(
            f"The window {words!r} can't be read.", f"Write a number of sessions such as 5, at most {LONGEST_WINDOW}."
        )
    return (int(match[1]),)


def check_verdict(words: str) -> Verdict:
    """A verdict that a sell-off can have.

    Raises
    ------
    WindowError : not one of them.
    """
    found = next((v for v in VERDICTS[1:] if v == words), None)
    if found is None:
        raise WindowError(f"{words!r} is no verdict of a sell-off.", f"Use one of {', '.join(VERDICTS[1:])}.")
    return found


def _session(words: str | date, catalogue: Catalogue, sessions: Sessions, now: datetime) -> Window:
    """A session as a window.

    Raises
    ------
    WindowError : not a session, or in the future.
    """
    text = str(words)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise WindowError(f"{text!r} is not a date.", "Write it as YYYY-MM-DD.")
    return find_window(text, None, catalogue, sessions, now.astimezone(NEW_YORK_ZONE).date())


def _last_row(panel: Panel, catalogue: Catalogue) -> int:
    """Row of the last session with data: the last complete one, or a later one no further from it than a gap may reach.

    So a bond holiday, or yields not known yet, ends nothing, and a series that goes on for weeks prolongs nothing.
    """
    there = np.flatnonzero(~np.isnan(panel.levels).all(axis=1))
    complete = np.flatnonzero(complete_sessions(panel, catalogue))
    ended = len(complete) and complete[-1] + LONGEST_GAP < len(panel.sessions) - 1
    return int(complete[-1] if ended else there[-1])


def _first_judged(scans: Sequence[WindowScan], last: date) -> int:
    """Row of the first session of the first window in which any class has a depth.

    Raises
    ------
    NoDataError : no window can be judged.
    """
    judged = [(np.flatnonzero(~np.isnan(s.depths).all(axis=1)), s.n_sessions) for s in scans]
    firsts = [int(rows[0]) - n + 1 for rows, n in judged if len(rows)]
    if not firsts:
        raise NoDataError(
            f"No window up to {last} can be judged: a series needs 40 sessions before it.",
            "Import or pull more data, or name a later day.",
        )
    return min(firsts)


def _moment(as_of: str | date | None, last: Window, store: Store, sessions: Sessions, now: datetime) -> datetime:
    """The as-of moment; before the morning note the one at which the last stored value became known.

    Taken instead of `now`, it gives the same numbers, and the same bytes until there are new data.
    """
    moment = find_as_of(as_of, last, sessions, now)
    if as_of is not None or moment < now:
        return moment
    known = store.collect(
        store.scan().filter(pl.col("known_at") <= now.astimezone(UTC)).select(pl.col("known_at").max())
    )
    latest = known.item()
    close = closing_moment(sessions, last.end_row)
    return close if latest is None else max(close, latest)


def _episode(found: SellOff, panel: Panel, catalogue: Catalogue) -> ScanEpisode:
    day = [d.item() for d in (panel.sessions[found.start_row], panel.sessions[found.end_row])]
    base, row = found.peak_base, found.peak_row
    peak = Window(panel.sessions[base].item(), panel.sessions[base + 1].item(), panel.sessions[row].item(), base, row)
    last = panel.sessions[-1].item()
    over = (e for e in catalogue.episodes.values() if e.end <= last)
    ordered = sorted(over, key=lambda e: (e.base, e.end, e.id))
    depths = [None if np.isnan(d) else d for d in found.depths]
    return ScanEpisode(
        start=day[0],
        end=day[1],
        n_windows=found.n_windows,
        verdict=found.verdict,
        peak=peak,
        classes_down=found.classes_down,
        depth=dict(zip(catalogue.classes, depths, strict=True)),
        rarity_depth=found.rarity_depth,
        return_period=found.return_period,
        episodes=tuple(e.id for e in ordered if e.base < day[1] and e.end >= day[0]),
    )


def _stress(panel: Panel, catalogue: Catalogue, first_row: int) -> Stress:
    """Composite stress from `first_row` on: of each week the session on which it was highest."""
    classes = [[[panel.column[s] for s in m] for m in c.members] for c in catalogue.classes.values()]
    values = stress_history(panel.daily_moves * panel.fall_signs, classes)
    rows = np.flatnonzero(~np.isnan(values))
    rows = rows[rows >= first_row]
    weeks = (panel.sessions[rows].astype(np.int64) - MONDAY) // 7
    order = np.lexsort((rows, -values[rows], weeks))
    _, firsts = np.unique(weeks[order], return_index=True)
    kept = rows[order][firsts]
    return Stress(tuple(d.item() for d in panel.sessions[kept]), tuple(float(v) for v in values[kept]))


def scan(
    start: str | date | None = None,
    end: str | date | None = None,
    *,
    window: str | int | None = None,
    min_verdict: str = "isolated",
    as_of: str | date | None = None,
    store: StoreOrPlace = None,
    catalogue: Catalogue | None = None,
    sessions: Sessions | None = None,
    now: datetime | None = None,
) -> Scan:
    """Find every sell-off between two sessions.

    Each window is judged with what was known at the morning note after its end; values are those known at `as_of`.

    Parameters
    ----------
    start, end : first and last session, as YYYY-MM-DD. None for the first that a window can be judged from, and the
        last with US equities, rates and three other classes. What lies beyond the data is not looked at.
    window : a number of sessions (`5` or `5d`); None for 1, 3, 5, 10 and 20.
    min_verdict : `isolated`, `partial` or `joint`: the weakest verdict that counts.
    as_of : None for the morning note after the last session (before it, the moment at which the last stored value
        became known), `close`, or a timestamp, as text or as `datetime`.
    store, catalogue, sessions : default to the user's store, the shipped catalogue and New York; the store may be
        given by its place.
    now : the present moment; nothing later is ever used.

    Raises
    ------
    WindowError : the words can't be turned into sessions, lengths or a verdict.
    NoDataError : the store holds no member of any class by then, or no window that can be judged.
    """
    now = with_zone(now)
    settings = load_settings()
    store = opened(store, settings)
    catalogue = catalogue or default_catalogue(settings.causes_path)
    sessions = sessions or load_sessions(settings.cache_path, last_year=now.year + 1)
    lengths, weakest = window_lengths(window), check_verdict(min_verdict)
    first = None if start is None else _session(start, catalogue, sessions, now)
    asked = None if end is None else _session(end, catalogue, sessions, now)
    if first is not None and asked is not None and first.end_row > asked.end_row:
        raise WindowError(f"The scan runs backwards: {start} is after {asked.end}.", "Give the earlier day first.")
    if store.is_empty():
        raise NoDataError(f"There is no data in {store.place}.", "Run `selloff data pull starter` first.")
    last = asked or _session(last_session(store, catalogue, sessions, now), catalogue, sessions, now)
    moment = _moment(as_of, last, store, sessions, now)
    return _scan_until(
        last, 1 if first is None else first.end_row, moment, lengths, weakest, store, catalogue, sessions
    )


def _panel_until(
    last: Window, first_row: int, moment: datetime, store: Store, catalogue: Catalogue, sessions: Sessions
) -> Panel:
    """What was known at a moment, up to a session or to where the data end before it.

    Raises
    ------
    NoDataError : nothing of any class, or nothing from the first session on.
    """
    ids = session_series(catalogue)
    panel = build_panel(store, catalogue, ids, sessions, n_rows=last.end_row + 1, as_of=moment)
    if len(panel.filled) == 0:
        raise NoDataError(f"No member of any class was known by {moment:%Y-%m-%d}.", "Import or pull more data.")
    row = _last_row(panel, catalogue)
    if row < first_row:
        raise NoDataError(
            f"The data end on {panel.sessions[row]}, before {sessions.dates[first_row]}.", "Import or pull more data."
        )
    if row == last.end_row:
        return panel
    return build_panel(store, catalogue, ids, sessions, n_rows=row + 1, as_of=moment)


def _scan_until(
    last: Window,
    first_row: int,
    moment: datetime,
    lengths: tuple[int, ...],
    weakest: Verdict,
    store: Store,
    catalogue: Catalogue,
    sessions: Sessions,
) -> Scan:
    """Read what was known at a moment, and find the sell-offs between two sessions in it."""
    classes = list(catalogue.classes.values())
    panel = _panel_until(last, first_row, moment, store, catalogue, sessions)
    last_row, last_day = len(panel.sessions) - 1, panel.sessions[-1].item()
    table = shipped_thresholds()
    scans = scan_windows(panel, classes, table, lengths, delays(panel, catalogue, sessions))
    first_row = max(first_row, _first_judged(scans, last_day))
    found = find_episodes(panel, classes, table, scans, first_row, weakest)
    return Scan(
        first=panel.sessions[first_row].item(),
        last=last_day,
        as_of=moment,
        lengths=lengths,
        min_verdict=weakest,
        years=(last_row - first_row + 1) / SESSIONS_PER_YEAR,
        counts={s.n_sessions: verdict_counts(s, first_row) for s in scans},
        episodes=tuple(_episode(f, panel, catalogue) for f in found),
        stress=_stress(panel, catalogue, first_row),
        catalogue=catalogue,
    )

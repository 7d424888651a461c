"""Values of a window that nobody has at the as-of moment, by the release rules, but that come out after it.

Only what is known at the moment decides: the last period that a series has, and its calendar and release rule. So a
value that is late against its rule, or a series that stopped, is missing; and one whose first values are still to come
counts as missing too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import polars as pl

from selloff.catalog import Catalogue, Series
from selloff.catalog.expected import expected_days, period_date
from selloff.catalog.periods import known_ats, period_ends
from selloff.catalog.sessions import NEW_YORK, Sessions
from selloff.panel import Panel, Window
from selloff.panel.clock import NEW_YORK_ZONE, morning_note

OWN_CALENDARS = ("every_day", "us_federal", "us_bond")
"""Calendars that are at hand beside New York's, whose sessions stand for any other: few work when it is closed."""


def known_later(
    panel: Panel, window: Window, catalogue: Catalogue, sessions: Sessions, moment: datetime | None
) -> dict[str, datetime]:
    """When the window's last value of each series becomes known that has none at the moment and is not overdue.

    Parameters
    ----------
    panel : as known at `moment`; None is hindsight, in which nothing comes later.

    Returns
    -------
    By id of the panel's daily series; a derived one is there if a member is and the others have their value.
    """
    if moment is None:
        return {}
    ends = panel.observations.group_by("series").agg(pl.col("period_end").max())
    last = dict(zip(ends["series"].to_list(), ends["period_end"].to_list(), strict=True))
    found: dict[str, datetime] = {}
    for spec in panel.series:
        dues = [_due(s, last.get(s.id), window, sessions, moment) for s in catalogue.with_members([spec.id])]
        come = [due for due in dues if isinstance(due, datetime)]
        if come and "missing" not in dues:
            found[spec.id] = max(come)
    return found


def later_names(catalogue: Catalogue, known: Mapping[str, datetime], names: Iterable[str]) -> dict[str, datetime]:
    """Those of the names (of assets and series) that are known later, and from when on."""
    found = {}
    for name in names:
        ids = catalogue.assets[name].series if name in catalogue.assets else [name]
        dues = [known[s] for s in ids if s in known]
        if dues:
            found[name] = min(dues)
    return found


def later_words(names: str, dues: Iterable[datetime], end: date) -> str:
    """`Known later than this moment: VIX; ask for the morning note.`, or from when on, if that has not all of them."""
    last = max(dues)
    if last <= morning_note(end):
        return f"Known later than this moment: {names}; ask for the morning note."
    when = last.astimezone(NEW_YORK_ZONE)
    return f"Known later than this moment: {names}; all of it from {when.day} {when:%B %Y %H:%M} New York on."


def _due(
    spec: Series, last_end: datetime | None, window: Window, sessions: Sessions, moment: datetime
) -> datetime | str:
    """`there`, `missing`, or when the last value of the window is due."""
    if last_end is None or spec.frequency != "daily" or spec.close is None or spec.release is None:
        return "missing"
    last = period_date(spec, last_end)
    if last >= window.end:
        return "there"
    days = _days(spec, last, window.end, sessions)
    if not days or days[-1] < window.start:
        return "missing"
    dates = pl.Series(days, dtype=pl.Date)
    dues = known_ats(dates, period_ends(dates, spec.close, sessions), spec.release).to_list()
    return dues[-1] if dues[0] > moment else "missing"


def _days(spec: Series, last: date, end: date, sessions: Sessions) -> list[date]:
    """Days of a series' calendar after its last value, up to the window's end."""
    calendar = spec.days if spec.days in OWN_CALENDARS else NEW_YORK
    found: list[date] = expected_days(calendar, last + timedelta(days=1), end, lambda _name: sessions).tolist()
    return found

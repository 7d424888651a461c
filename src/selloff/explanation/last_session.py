"""Where the data end: the sessions that have enough to be explained."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from selloff.catalog import Catalogue
from selloff.catalog.sessions import Sessions
from selloff.errors import NoDataError
from selloff.panel import Panel, build_panel
from selloff.panel.clock import NEW_YORK_ZONE
from selloff.store import Store

FEWEST_OTHER_CLASSES = 3


def complete_sessions(panel: Panel, catalogue: Catalogue) -> npt.NDArray[np.bool_]:
    """(n_sessions,): whether US equities, rates and at least three other classes are present.

    Parameters
    ----------
    panel : with the members of every class, and the series of the S&P 500.
    """

    def has(names: Sequence[str]) -> npt.NDArray[np.bool_]:
        known = ~np.isnan(panel.levels[:, [panel.column[n] for n in names]])
        return np.asarray(known.any(axis=1))

    members = {c.id: [s for m in c.members for s in m] for c in catalogue.classes.values()}
    others = sum(has(m).astype(int) for c, m in members.items() if c not in ("equity_regions", "government_bonds"))
    both = has(catalogue.assets["spx"].series) & has(members["government_bonds"])
    return np.asarray(both & (others >= FEWEST_OTHER_CLASSES))


def session_series(catalogue: Catalogue) -> list[str]:
    """What `complete_sessions` looks at."""
    members = [s for c in catalogue.classes.values() for m in c.members for s in m]
    return list(dict.fromkeys([*catalogue.assets["spx"].series, *members]))


def last_session(store: Store, catalogue: Catalogue, sessions: Sessions, now: datetime) -> date:
    """The last session with US equities, rates and at least three other classes present.

    Raises
    ------
    NoDataError : no session qualifies.
    """
    today = now.astimezone(NEW_YORK_ZONE).date()
    n_rows = int(np.searchsorted(sessions.dates, np.datetime64(today), side="right"))
    panel = build_panel(store, catalogue, session_series(catalogue), sessions, n_rows=n_rows, as_of=now)
    good = complete_sessions(panel, catalogue)
    if not good.any():
        raise NoDataError(
            "No session has US equities, rates and three other classes.", "Import or pull more data, or name a date."
        )
    found: date = panel.sessions[np.flatnonzero(good)[-1]].item()
    return found

"""What each asset did over the last sessions up to the window's end, for small pictures beside the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from selloff.panel import Panel, Window

SESSIONS_SHOWN = 60


@dataclass(frozen=True)
class Recent:
    """Levels of the assets over the last sessions, as known then.

    Attributes
    ----------
    sessions : up to the window's end, the earliest first.
    values : by asset, one per session, None where there was no close. Prices are 100 at their first close here, since
        levels of adjusted prices and baskets mean nothing; rates, spreads and what is not positive are in their own
        unit. Never filled.
    rebased : the assets whose values are on the scale of 100.
    """

    sessions: tuple[date, ...]
    values: Mapping[str, tuple[float | None, ...]]
    rebased: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "sessions": [d.isoformat() for d in self.sessions],
            "values": {a: list(v) for a, v in self.values.items()},
            "rebased": list(self.rebased),
        }


def recent_levels(panel: Panel, window: Window, bound: Mapping[str, str]) -> Recent:
    """The last 60 sessions of each asset, or all of the window's if it is longer.

    Parameters
    ----------
    bound : series by asset. Later rows of the panel than the window's end are not looked at.
    """
    first = max(0, min(window.end_row + 1 - SESSIONS_SHOWN, window.base_row))
    days = tuple(d.item() for d in panel.sessions[first : window.end_row + 1])
    values, rebased = {}, []
    for asset, series in bound.items():
        column = panel.column[series]
        levels = panel.levels[first : window.end_row + 1, column]
        known = levels[~np.isnan(levels)]
        if len(known) and (known > 0).all() and not panel.is_difference[column]:
            levels = 100.0 * levels / known[0]
            rebased.append(asset)
        values[asset] = tuple(None if np.isnan(v) else float(v) for v in levels)
    return Recent(days, values, tuple(rebased))

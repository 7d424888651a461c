"""A market of planted paths: bars of assets that trade always and of funds that trade in New York hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from selloff.catalog import Catalogue, default_catalogue
from selloff.catalog.sessions import Sessions
from selloff.detection.sequence import BreakOrder, find_sequence
from selloff.detection.sequence.sequence import opening_instants
from selloff.panel import Window

HOUR = 3_600_000_000
BASE = 7000
"""Row of the base session, in the autumn of a year without meaning; 24 sessions before it have bars."""


@dataclass(frozen=True)
class Market:
    """Quiet bars with falls planted into them."""

    sessions: Sessions
    catalogue: Catalogue

    def window(self, n_sessions: int) -> Window:
        days = self.sessions.dates
        end = BASE + n_sessions
        return Window(days[BASE].item(), days[BASE + 1].item(), days[end].item(), BASE, end)

    def close(self, row: int) -> int:
        return int(self.sessions.closes[row])

    def open(self, row: int) -> int:
        return int(opening_instants(self.sessions.dates[row : row + 1])[0])

    def bars(self, series: str, falls: dict[int, float], *, step: int = HOUR, last: int = BASE + 5) -> pl.DataFrame:
        """Bars of a series around the base; `falls` are log per cent, by the instant after which they come."""
        first = BASE - 24
        if series.startswith(("btc", "eth")):
            ends = np.arange(self.close(first), self.close(last) + 1, step)
        else:
            ends = np.concatenate(
                [np.arange(self.open(r) + step, self.close(r) + 1, step) for r in range(first, last + 1)]
            )
            ends = np.unique(np.concatenate([ends, self.sessions.closes[first : last + 1]]))
        random = np.random.default_rng(sum(series.encode()))
        logs = np.cumsum(random.uniform(-1, 1, len(ends)) * 0.3 * np.sqrt(step / HOUR))
        for instant, size in falls.items():
            logs -= np.where(ends > instant, size, 0.0)
        moments = pl.Series(ends).cast(pl.Datetime("us", "UTC"))
        return pl.DataFrame(
            {"series": [series] * len(ends), "period_end": moments, "value": 100.0 * np.exp(logs / 100.0)}
        )

    def order(self, *bars: pl.DataFrame, n_sessions: int = 3, bound: dict[str, str] | None = None) -> BreakOrder:
        rows = pl.concat(bars).sort("series", "period_end")
        return find_sequence(rows, self.window(n_sessions), self.sessions, self.catalogue, bound or {})


@pytest.fixture(scope="module")
def market(sessions) -> Market:
    return Market(sessions, default_catalogue())


def at(instant: int) -> datetime:
    return datetime.fromtimestamp(instant / 1e6, UTC)

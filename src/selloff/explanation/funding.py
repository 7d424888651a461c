"""The funding background of a window: what the Fed's balance sheet and the money market showed before and in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from selloff.catalog import Series
from selloff.panel import Panel, Window

FUNDING = (("sofr_minus_iorb", "effr_minus_ioer"), ("reserves",), ("on_rrp",), ("tga",), ("fed_assets",))
"""Each row shows the first series with data; the effective rate over IOER stands in before SOFR and IORB."""

SESSIONS_SHOWN = 250


@dataclass(frozen=True)
class Trace:
    """Values of one series over the year before a window and in it, as known then.

    `dates` are the sessions on which a value stands, `values` in the series' own unit; never filled. `ends` are the
    instants (UTC microseconds) at which the periods of the first and the last value ended.
    """

    series: Series
    dates: tuple[date, ...]
    values: tuple[float, ...]
    ends: tuple[int, int]

    def to_dict(self) -> dict[str, Any]:
        """The trace as plain types."""
        return {
            "series": self.series.id,
            "name": self.series.name,
            "unit": self.series.unit.value,
            "dates": [d.isoformat() for d in self.dates],
            "values": list(self.values),
        }


def funding_series() -> list[str]:
    """Ids of every series that the funding background may show."""
    return [name for names in FUNDING for name in names]


def funding_background(panel: Panel, window: Window) -> tuple[Trace, ...]:
    """The year up to the window's end of each funding series; one without data is left out."""
    first = max(0, window.base_row - SESSIONS_SHOWN)
    rows = slice(first, window.end_row + 1)
    traces = []
    for names in FUNDING:
        for name in names:
            values = panel.levels[rows, panel.column[name]]
            present = np.flatnonzero(~np.isnan(values))
            if len(present) >= 2:
                days = tuple(panel.sessions[first + i].item() for i in present)
                spec = panel.series[panel.column[name]]
                first_end, last_end = panel.ends[first + present[[0, -1]], panel.column[name]].tolist()
                traces.append(Trace(spec, days, tuple(float(v) for v in values[present]), (first_end, last_end)))
                break
    return tuple(traces)

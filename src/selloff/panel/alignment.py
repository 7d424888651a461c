"""The alignment audit: does a series move with New York on the day it says?

Each daily series with moves is correlated with a liquid New York proxy at lags -1, 0 and +1. At lag -1 the series
follows: its day t goes with the proxy's day t - 1. A series that closes before New York does may peak there; any
other that peaks off zero carries wrong dates. Years are looked at one by one too, since files are mended and broken
along the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from selloff.catalog import Catalogue, Series
from selloff.catalog.sessions import Sessions
from selloff.panel.panel import Panel, build_panel
from selloff.panel.transforms import Floats
from selloff.store import Store

LAGS = (-1, 0, 1)
FEWEST_DAYS = 120
WEAKEST = 0.15
"""Below this no lag says anything: of 250 independent pairs one in 60 correlates as much (standard error 0.063)."""

CLEARLY = 2.0
"""Standard errors of a correlation (n to the power -1/2) by which a peak off zero must exceed lag zero."""

Verdict = Literal["aligned", "expected", "misaligned", "weak"]

_SUMMER_DAY = date(2024, 7, 1)
_NEW_YORK = ZoneInfo("America/New_York")
_CLOSE_MINUTES = 16 * 60
_EARLY_BY = 60


@dataclass(frozen=True)
class Alignment:
    """One series against its proxy.

    `correlations` at lags -1, 0 and +1; `lag` is the one with the largest absolute value. `years` are (year, lag) of
    each year with 120 common days or more and a clear peak. `known`: the catalogue flags the series `misaligned`.
    """

    series: str
    proxy: str
    correlations: tuple[float, float, float]
    n_days: int
    lag: int
    verdict: Verdict
    years: tuple[tuple[int, int], ...]
    reason: str
    known: bool


def closes_early(spec: Series) -> bool:
    """Whether a series closes more than an hour before New York does."""
    if spec.close is None:
        return False
    if "early" in spec.flags:
        return True
    hours, minutes = divmod(min(spec.close.minutes, 24 * 60 - 1), 60)
    there = datetime.combine(_SUMMER_DAY, time(hours, minutes), ZoneInfo(spec.close.zone))
    here = there.astimezone(_NEW_YORK)
    if here.date() != _SUMMER_DAY:
        return here.date() < _SUMMER_DAY
    return 60 * here.hour + here.minute < _CLOSE_MINUTES - _EARLY_BY


def lagged_correlations(moves: Floats, proxy: Floats) -> tuple[tuple[float, float, float], int]:
    """Correlations at lags -1, 0 and +1 over the rows on which both moved, and how many there are.

    Parameters
    ----------
    moves, proxy : (n_sessions,) daily moves, NaN where missing.
    """
    both = ~np.isnan(moves) & ~np.isnan(proxy)
    x, p = moves[both], proxy[both]
    if len(x) < FEWEST_DAYS or x.std() == 0 or p.std() == 0:
        return (np.nan, np.nan, np.nan), len(x)
    pairs = ((x[1:], p[:-1]), (x, p), (x[:-1], p[1:]))
    found = tuple(float(np.corrcoef(a, b)[0, 1]) for a, b in pairs)
    return (found[0], found[1], found[2]), len(x)


def peak(correlations: tuple[float, float, float], n_days: int) -> int | None:
    """The lag that clearly has the largest absolute correlation; 0 in doubt, None if none is above the weakest."""
    sizes = np.abs(correlations)
    if not np.isfinite(sizes).all() or sizes.max() < WEAKEST:
        return None
    best = int(np.argmax(sizes))
    return LAGS[best] if sizes[best] - sizes[1] > CLEARLY / np.sqrt(n_days) else 0


def _by_year(panel: Panel, moves: Floats, proxy: Floats) -> tuple[tuple[int, int], ...]:
    years = panel.sessions.astype("datetime64[Y]").astype(int) + 1970
    found = []
    for year in np.unique(years):
        rows = years == year
        correlations, n_days = lagged_correlations(moves[rows], proxy[rows])
        lag = peak(correlations, n_days)
        if lag is not None:
            found.append((int(year), lag))
    return tuple(found)


def _judge(spec: Series, lag: int | None, years: tuple[tuple[int, int], ...]) -> tuple[Verdict, str]:
    off = [year for year, at in years if at != 0]
    if lag is None:
        return "weak", "no lag correlates enough to tell"
    if lag == 0 and len(off) * 2 <= len(years):
        return "aligned", ""
    if lag <= 0 and closes_early(spec):
        assert spec.close is not None
        return "expected", f"closes at {spec.close.time} {spec.close.zone}, before New York: it answers a day later"
    when = f"in {len(off)} of {len(years)} years ({min(off)} to {max(off)})" if off else "over the whole history"
    side = "the session before" if lag <= 0 else "the session after"
    return "misaligned", f"its day t goes with New York's {side} {when}: its dates are off"


def audit_alignment(store: Store, catalogue: Catalogue, sessions: Sessions, now: datetime) -> tuple[Alignment, ...]:
    """Audit every stored daily series that has moves and a proxy."""
    candidates = [
        s
        for s in catalogue.series.values()
        if s.formula is None and s.frequency == "daily" and not s.is_level and catalogue.proxy_of(s) not in (None, s.id)
    ]
    proxies = {s.id: str(catalogue.proxy_of(s)) for s in candidates}
    n_rows = int(np.searchsorted(sessions.closes, int(now.timestamp() * 1e6), side="right"))
    ids = [*proxies, *proxies.values()]
    panel = build_panel(store, catalogue, ids, sessions, n_rows=n_rows, as_of=now)
    moves = panel.daily_moves * panel.fall_signs
    found = []
    for spec in candidates:
        own, proxy = moves[:, panel.column[spec.id]], moves[:, panel.column[proxies[spec.id]]]
        correlations, n_days = lagged_correlations(own, proxy)
        if n_days < FEWEST_DAYS:
            continue
        years = _by_year(panel, own, proxy)
        lag = peak(correlations, n_days)
        verdict, reason = _judge(spec, lag, years)
        found.append(
            Alignment(
                series=spec.id,
                proxy=proxies[spec.id],
                correlations=correlations,
                n_days=n_days,
                lag=lag or 0,
                verdict=verdict,
                years=years,
                reason=reason,
                known="misaligned" in spec.flags,
            )
        )
    return tuple(found)

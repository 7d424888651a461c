"""Trading sessions of an exchange, from exchange-calendars, kept in a small cache file."""

from __future__ import annotations

import contextlib
import os
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

NEW_YORK = "XNYS"
FIRST_YEAR = 1985

_DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error)
"""What reading a cache file that is empty, cut or of another sort raises."""


@dataclass(frozen=True)
class Sessions:
    """Sessions of one exchange.

    Attributes
    ----------
    exchange : exchange-calendars name, such as `XNYS`.
    dates : (n_sessions,) datetime64[D], local trading days, increasing.
    closes : (n_sessions,) int64, closing instants in UTC microseconds, early closes included.
    """

    exchange: str
    dates: npt.NDArray[np.datetime64]
    closes: npt.NDArray[np.int64]

    def position(self, day: date) -> int | None:
        """Index of a trading day, or None if the exchange was closed on it."""
        index = int(np.searchsorted(self.dates, np.datetime64(day)))
        return index if index < len(self.dates) and self.dates[index] == np.datetime64(day) else None

    def neighbours(self, day: date) -> tuple[date | None, date | None]:
        """The sessions before and after a day."""
        index = int(np.searchsorted(self.dates, np.datetime64(day)))
        before = self.dates[index - 1].item() if index > 0 else None
        later = index + (self.position(day) is not None)
        return before, self.dates[later].item() if later < len(self.dates) else None


def _compute(exchange: str, last_year: int) -> Sessions:
    import exchange_calendars

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # exchange-calendars calls what newer pandas deprecates
        probe = exchange_calendars.get_calendar(exchange)
        earliest, latest = probe.bound_min(), probe.bound_max()
        start = max(f"{FIRST_YEAR}-01-01", earliest.date().isoformat() if earliest is not None else "")
        end = min(f"{last_year}-12-31", latest.date().isoformat() if latest is not None else "9999")
        closes = exchange_calendars.get_calendar(exchange, start=start, end=end).closes
    return Sessions(
        exchange,
        closes.index.to_numpy().astype("datetime64[D]"),
        closes.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64),
    )


def load_sessions(cache: Path | None, *, last_year: int, exchange: str = NEW_YORK) -> Sessions:
    """Sessions from 1985 (or the calendar's own start) to the end of `last_year` (or the calendar's own end).

    Reading the cache file takes a millisecond instead of half a second. It carries the version of
    exchange-calendars in its name, so a new release is never answered from an old file.

    Parameters
    ----------
    cache : folder for the cache file; None, or a folder that can't be written, computes without keeping.
    """
    from importlib.metadata import version

    name = f"sessions-{exchange}-{version('exchange-calendars')}-{last_year}.npz"
    if cache is not None:
        with contextlib.suppress(*_DAMAGED), (cache / name).open("rb") as file, np.load(file) as kept:
            dates, closes = kept["dates"], kept["closes"]
            sound = dates.dtype == "datetime64[D]" and closes.dtype == np.int64 and dates.ndim == 1
            if sound and dates.shape == closes.shape and len(dates):
                return Sessions(exchange, dates, closes)
    sessions = _compute(exchange, last_year)
    if cache is not None:
        with contextlib.suppress(OSError):
            cache.mkdir(parents=True, exist_ok=True)
            partial = cache / f".{name}.{os.getpid()}"
            try:
                with partial.open("wb") as written:
                    np.savez(written, dates=sessions.dates, closes=sessions.closes)
                partial.replace(cache / name)
            finally:
                partial.unlink(missing_ok=True)
    return sessions

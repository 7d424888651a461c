"""What callers from Python may give in more than one form."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from selloff.errors import WindowError
from selloff.settings import Settings
from selloff.store import Store

StoreOrPlace = Store | Path | str | None
"""A store, its place, or None for the user's own."""


def with_zone(now: datetime | None) -> datetime:
    """The present moment.

    Raises
    ------
    WindowError : it is no moment, or has no time zone.
    """
    if now is not None and (not isinstance(now, datetime) or now.tzinfo is None):
        raise WindowError(f"`now` is {now}, a moment without a time zone.", "Give it one, as datetime.now(UTC) has.")
    return now or datetime.now(UTC)


def opened(store: StoreOrPlace, settings: Settings) -> Store:
    """The store, opened if it is given by its place."""
    return store if isinstance(store, Store) else Store(store or settings.store_place)

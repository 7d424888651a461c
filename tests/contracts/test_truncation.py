"""Point in time: every analysis, at 100 random moments, gives the same bytes when all that was known later is deleted.

A later part joins with one line in `ANALYSES`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from conftest import NOW
from selloff.detection.search import search_length
from selloff.detection.state.history import NAMES, state_history
from selloff.explanation import explain, scan
from selloff.explanation.explain import last_session
from selloff.panel import build_panel
from selloff.store import Store
from truncation import truncated_copy
from worlds import World

MOMENTS = 100
FIRST, LAST = datetime(2019, 9, 1, tzinfo=UTC), datetime(2021, 12, 20, tzinfo=UTC)
"""Each month costs two structural models; earlier years are in `tests/explanation/test_truncation.py`."""


def _explain(store: Store, world: World, moment: datetime) -> bytes:
    """The last session that had closed, explained as of the moment."""
    closed = int(np.searchsorted(world.sessions.closes, int(moment.timestamp() * 1e6), side="right")) - 1
    day = str(world.sessions.dates[closed])
    settings = {"catalogue": world.catalogue, "sessions": world.sessions, "now": NOW}
    return explain(day, as_of=moment.isoformat(), store=store, **settings).to_json().encode()


def _last_session(store: Store, world: World, moment: datetime) -> bytes:
    return str(last_session(store, world.catalogue, world.sessions, moment)).encode()


def _state_history(store: Store, world: World, moment: datetime) -> bytes:
    """The background of the year's sessions whose morning note had been written."""
    day = np.datetime64((moment - timedelta(hours=39)).date())
    n_rows = int(np.searchsorted(world.sessions.dates, day, side="right"))
    rows = store.scan().collect()
    found = state_history(rows, world.catalogue, world.sessions, first_row=n_rows - 250, n_rows=n_rows)
    return b"".join(getattr(found, name).tobytes() for name in NAMES)


def _closed(world: World, moment: datetime) -> str:
    row = int(np.searchsorted(world.sessions.closes, int(moment.timestamp() * 1e6), side="right")) - 1
    return str(world.sessions.dates[row])


def _scan_and_search(store: Store, world: World, moment: datetime) -> bytes:
    """Falls of five sessions up to the last one that had closed, and the search over window lengths there."""
    day = _closed(world, moment)
    settings = {"catalogue": world.catalogue, "sessions": world.sessions, "now": NOW, "store": store}
    found = scan(end=day, window=5, as_of=moment.isoformat(), **settings).to_json()
    classes = list(world.catalogue.classes.values())
    ids = [s for c in classes for m in c.members for s in m]
    n_rows = int(np.searchsorted(world.sessions.dates, np.datetime64(day))) + 1
    panel = build_panel(store, world.catalogue, ids, world.sessions, n_rows=n_rows, as_of=moment)
    return f"{found}{search_length(panel, classes, n_rows - 1)}".encode()


ANALYSES: dict[str, Callable[[Store, World, datetime], bytes]] = {
    "explain": _explain,
    "last_session": _last_session,
    "state_history": _state_history,
    "scan_and_search": _scan_and_search,
}


def test_nothing_known_later_matters(
    world: World, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All analyses read the same truncated store: writing one costs as much as an explanation."""
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
    monkeypatch.setattr("selloff.detection.jointness.DRAWS", 300)
    random = np.random.default_rng(100)
    seen: dict[str, set[bytes]] = {name: set() for name in ANALYSES}
    for _ in range(MOMENTS):
        moment = FIRST + timedelta(seconds=int(random.integers(0, int((LAST - FIRST).total_seconds()))))
        with truncated_copy(store, moment, tmp_path / "cut") as cut:
            for name, analysis in ANALYSES.items():
                whole = analysis(store, world, moment)
                assert analysis(cut, world, moment) == whole, f"{name} as of {moment}: later rows change it"
                seen[name].add(whole)
    assert min(len(found) for found in seen.values()) > 1

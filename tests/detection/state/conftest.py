"""The invented background in a store, and windows by their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest

from background_rows import Row, frame, invented_rows
from selloff.catalog import Catalogue, load
from selloff.catalog.sessions import Sessions
from selloff.panel import find_window
from selloff.store import Store


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load()


@pytest.fixture(scope="session")
def background_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("background") / "store")
    store.append(frame(invented_rows()))
    return store


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[[Iterable[Row]], Store]:
    def make(rows: Iterable[Row]) -> Store:
        store = Store(tmp_path / "store")
        store.append(frame(rows))
        return store

    return make


@pytest.fixture
def window_of(catalogue: Catalogue, sessions: Sessions) -> Callable:
    return lambda words, length=None: find_window(words, length, catalogue, sessions, date(2026, 3, 1))

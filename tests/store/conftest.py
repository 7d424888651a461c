"""Both sorts of place that a store may lie in: a folder, and a bucket."""

from __future__ import annotations

import pytest

from selloff.store import Place, Store
from selloff.store.place import open_place


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path) -> Place:
    """An empty place of each sort."""
    if request.param == "folder":
        return open_place(tmp_path / "store")
    return open_place(request.getfixturevalue("new_bucket")())


@pytest.fixture
def store(place: Place) -> Store:
    return Store(place)

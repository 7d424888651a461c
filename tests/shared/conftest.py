"""The shared data folder, imported once. SELLOFF_SHARED names it (default: ../shared beside the repository)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from full_data import MAPPING, NOW, ROOT, FullData
from selloff.catalog import default_catalogue
from selloff.catalog.sessions import load_sessions
from selloff.pull.importing import ImportReport, import_folder
from selloff.pull.mapping import read_mapping
from selloff.store import Store


def absent(what: str) -> None:
    """Skip with a reason, or fail where the data are required."""
    if os.environ.get("SELLOFF_REQUIRE_SHARED") == "1":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    folder = Path(os.environ.get("SELLOFF_SHARED", str(ROOT.parent / "shared"))) / "data"
    if not (folder / "SOURCES.md").is_file():
        absent(f"no shared data in {folder} (set SELLOFF_SHARED)")
    return folder


@pytest.fixture(scope="session")
def full(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> FullData:
    catalogue = default_catalogue()
    sessions = load_sessions(None, last_year=2027)
    store = Store(tmp_path_factory.mktemp("full") / "store")
    mapping = read_mapping(MAPPING, catalogue)

    def run() -> ImportReport:
        return import_folder(shared_folder, mapping, store=store, catalogue=catalogue, sessions=sessions, now=NOW)

    return FullData(store, catalogue, sessions, run(), run)


@pytest.fixture(scope="session")
def starter_store() -> Store:
    home = os.environ.get("SELLOFF_STARTER_HOME")
    store = Store(Path(home) / "store") if home else None
    if store is None or not store.exists():
        absent("no home with the starter history (set SELLOFF_STARTER_HOME)")
    assert store is not None
    return store

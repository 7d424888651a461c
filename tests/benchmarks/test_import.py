"""Import of the shared data folder (34 MB, 1.36 million values); the bound is 15 s on 2 cores."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from selloff.catalog import default_catalogue
from selloff.catalog.sessions import load_sessions
from selloff.pull.importing import import_folder
from selloff.pull.mapping import read_mapping
from selloff.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def test_import_of_the_shared_data(benchmark, tmp_path: Path):
    folder = Path(os.environ.get("SELLOFF_SHARED", ROOT.parent / "shared")) / "data"
    if not benchmark.enabled:
        pytest.skip("only measured with --benchmark-enable; tests/shared imports the same folder")
    if not folder.is_dir():
        pytest.skip(f"no shared data in {folder} (set SELLOFF_SHARED)")
    catalogue, sessions = default_catalogue(), load_sessions(None, last_year=2027)
    mapping = read_mapping(ROOT / "validation" / "shared_data.toml", catalogue)
    numbers = iter(range(10))

    def run() -> None:
        store = Store(tmp_path / str(next(numbers)))
        report = import_folder(folder, mapping, store=store, catalogue=catalogue, sessions=sessions, now=NOW)
        assert not report.failed

    benchmark.pedantic(run, rounds=3)

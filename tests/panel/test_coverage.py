from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue
from selloff.catalog.periods import stamp
from selloff.catalog.sessions import Sessions
from selloff.errors import StoreError
from selloff.panel.coverage import store_status
from selloff.store import Store

FETCHED = datetime(2020, 3, 20, tzinfo=UTC)


def test_status_counts_and_says_since_when_a_value_is_due(
    tmp_path: Path, catalogue: Catalogue, sessions: Sessions
) -> None:
    store = Store(tmp_path / "store")
    days = pl.Series([date(2020, 3, 11), date(2020, 3, 18)], dtype=pl.Date)
    frames = [stamp(catalogue.find_series(s), days, pl.Series([1.0, 2.0]), sessions) for s in ("fed_assets", "sp500")]
    rows = pl.concat(frames).with_columns(source=pl.lit("import"), fetched_at=pl.lit(FETCHED))
    store.append(rows.select(list(OBSERVATION_SCHEMA)))
    before = datetime(2020, 3, 26, 20, 0, tzinfo=UTC)
    after = datetime(2020, 3, 26, 21, 0, tzinfo=UTC)
    weekly = {
        m: next(s for s in store_status(store, catalogue, sessions, m).series if s.series == "fed_assets")
        for m in (before, after)
    }
    assert weekly[before].due_since is None
    assert weekly[after].due_since == datetime(2020, 3, 26, 20, 30, tzinfo=UTC)
    assert (weekly[after].rows, weekly[after].first, weekly[after].last) == (2, "2020-03-11", "2020-03-18")
    assert weekly[after].vintages == {"lagged": 2}
    status = store_status(store, catalogue, sessions, after)
    daily = next(s for s in status.series if s.series == "sp500")
    assert daily.due_since == datetime(2020, 3, 19, 20, 0, tzinfo=UTC)
    assert "ust_10y" in status.empty
    assert status.disk["observations"] > 0
    assert status.to_dict()["series"][0]["series"] in {"fed_assets", "sp500"}


def test_a_parser_that_saw_no_real_body_is_named(tmp_path: Path, catalogue: Catalogue, sessions: Sessions) -> None:
    store = Store(tmp_path / "store")
    for source, series in [("alfred", "fed_assets"), ("fredgraph", "sp500"), ("nyfed", "sofr"), ("nyfed", "on_rrp")]:
        frame = stamp(catalogue.find_series(series), pl.Series([date(2020, 3, 18)]), pl.Series([1.0]), sessions)
        rows = frame.with_columns(source=pl.lit(source), fetched_at=pl.lit(FETCHED))
        store.append(rows.select(list(OBSERVATION_SCHEMA)))
    found = store_status(store, catalogue, sessions, FETCHED).to_dict()["series"]
    assert {s["series"]: s["verified"] for s in found} == {
        "fed_assets": False, "sp500": True, "sofr": True, "on_rrp": False,
    }  # fmt: skip


def test_a_damaged_file_is_one_clear_error(tmp_path: Path, catalogue: Catalogue, sessions: Sessions) -> None:
    store = Store(tmp_path / "store")
    frame = stamp(catalogue.find_series("sp500"), pl.Series([date(2020, 3, 18)]), pl.Series([1.0]), sessions)
    rows = frame.with_columns(source=pl.lit("import"), fetched_at=pl.lit(FETCHED))
    store.append(rows.select(list(OBSERVATION_SCHEMA)))
    file = next((tmp_path / "store" / "observations").glob("*.parquet"))
    file.write_bytes(bytes(file.stat().st_size))
    with pytest.raises(StoreError, match="can't be used"):
        store_status(store, catalogue, sessions, FETCHED)


def test_an_empty_store_has_an_empty_status(tmp_path: Path, catalogue: Catalogue, sessions: Sessions) -> None:
    status = store_status(Store(tmp_path / "none"), catalogue, sessions, FETCHED)
    assert status.series == ()
    assert "sp500" in status.empty

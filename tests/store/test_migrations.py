"""Stores of other formats: older ones are read as they are and migrated by the first write, newer ones
refused."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import replace

import polars as pl
import pytest
from deltalake import write_deltalake

from selloff.catalog import OBSERVATION_SCHEMA
from selloff.errors import StoreVersionError
from selloff.store import PAYLOAD_SCHEMA, Payload, Store, migrations
from selloff.store.migrations import Migration
from selloff.store.payloads import keep_payload
from selloff.store.place import Folder
from tests.store.oracle import Row, frame, rows_of
from tests.store.strategies import SERIES, day

ROW = Row("plain", "first", day(0), day(0), 1.5, "exact", day(1))
PAYLOAD = Payload("first", "old.csv", b"old", day(1))


@pytest.fixture
def old_store(tmp_path, monkeypatch):
    """A store of an invented format 0: values in hundredths, `known` for `known_at`, an index without
    sizes."""
    path = tmp_path / "store"
    old = frame([ROW]).with_columns(value=pl.col("value") * 100).rename({"known_at": "known"})
    write_deltalake(str(path / "observations"), old)
    write_deltalake(str(path / "payloads"), pl.DataFrame([PAYLOAD.index_row()], schema=PAYLOAD_SCHEMA).drop("bytes"))
    keep_payload(Folder(path), PAYLOAD)
    (path / "FORMAT").write_text(json.dumps({"format": 0}))
    step = Migration(
        "values in full",
        lambda rows: rows.rename({"known": "known_at"}).with_columns(value=pl.col("value") / 100),
        lambda index: index.with_columns(bytes=pl.lit(0, pl.Int64)),
    )
    monkeypatch.setitem(migrations.MIGRATIONS, 0, step)
    return Store(path)


def test_an_older_store_is_read_without_being_touched(old_store):
    before = sorted((p, p.stat().st_mtime_ns) for p in old_store.place.path.rglob("*"))
    assert rows_of(old_store.read(SERIES, day(0))) == [ROW]
    assert old_store.read(SERIES, day(-1)).is_empty()
    assert old_store.payload_of("first", day(1))[1] == b"old"
    assert old_store.verify_payloads() == ()
    assert sorted((p, p.stat().st_mtime_ns) for p in old_store.place.path.rglob("*")) == before


def test_the_first_write_migrates_and_says_so(old_store, caplog):
    with caplog.at_level(logging.WARNING, "selloff.store"):
        old_store.append(frame([replace(ROW, value=2.0, fetched_at=day(5))]))
    [message] = caplog.messages
    assert "from format 0 to 1 (values in full)" in message
    assert old_store.scan().collect_schema() == pl.Schema(OBSERVATION_SCHEMA)
    assert old_store.read(SERIES, day(4))["value"].to_list() == [1.5]
    assert old_store.read(SERIES, day(5))["value"].to_list() == [2.0]
    assert old_store.payload_of("first", day(1))[1] == b"old"
    caplog.clear()
    old_store.append(frame([replace(ROW, value=3.0, fetched_at=day(6))]))
    assert caplog.messages == []


def test_a_migration_that_dies_leaves_the_old_store(old_store, monkeypatch):
    def die(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "write", die)
        with pytest.raises(KeyboardInterrupt):
            old_store.append(frame([replace(ROW, value=2.0, fetched_at=day(5))]))
    assert (old_store.place.path / "format-1").is_dir()
    assert rows_of(old_store.read(SERIES, None)) == [ROW]
    old_store.append(frame([replace(ROW, value=2.0, fetched_at=day(5))]))
    assert old_store.scan().collect().height == 2


def test_cleaning_removes_the_tables_of_the_old_format_and_nothing_else(old_store):
    old_store.append(frame([replace(ROW, value=2.0, fetched_at=day(5))]))
    old_store.compact()
    assert (old_store.place.path / "observations").exists()
    expected = old_store.read(SERIES, None)
    for path in old_store.place.path.rglob("*"):
        os.utime(path, (0, 0))
    old_store.compact()
    assert not (old_store.place.path / "observations").exists()
    assert old_store.read(SERIES, None).equals(expected)
    assert old_store.payload_of("first", day(1))[1] == b"old"


def test_a_newer_store_is_refused(tmp_path):
    store = Store(tmp_path)
    (tmp_path / "FORMAT").write_text(json.dumps({"format": 99}))
    for use in (lambda: store.read(SERIES, None), lambda: store.append(frame([ROW])), store.compact):
        with pytest.raises(StoreVersionError, match="Update selloff"):
            use()


def test_a_store_too_old_to_migrate_is_refused(tmp_path):
    (tmp_path / "FORMAT").write_text(json.dumps({"format": 0}))
    with pytest.raises(StoreVersionError, match="no longer reads"):
        Store(tmp_path).append(frame([ROW]))

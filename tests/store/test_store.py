"""The store in a folder and in a bucket: histories against the oracle, rejected batches, lineage, upkeep."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selloff.catalog import OBSERVATION_SCHEMA
from selloff.errors import PayloadError, SettingsError, StoreError
from selloff.store import PAYLOAD_SCHEMA, Appended, Payload, Store, table
from selloff.store.payloads import payload_name
from tests.store import strategies as world
from tests.store.oracle import Oracle, Row, frame, rows_of
from tests.store.strategies import SERIES, day


def is_untouched(store):
    """Nothing was written, and no folder made."""
    return not list(store.place.entries()) and not Path(str(store.place)).exists()


ROW = Row("plain", "first", day(0), day(0), 1.0, "exact", day(1))


histories = st.lists(st.one_of(world.batches(), st.just("compact"), st.just("reopen")), min_size=1, max_size=5)


def check_history(where, history):
    """Appends, compaction with everything cleaned away, and reopening, in any order."""
    oracle, store = Oracle(), Store(where)
    for step in history:
        if step == "compact":
            before = {d: store.read(SERIES, d) for d in (None, day(1), day(4.5))}
            store.compact(keep_hours=0)
            assert all(store.read(SERIES, d).equals(rows) for d, rows in before.items())
        elif step == "reopen":
            store = Store(where)
        else:
            added = oracle.append(step)
            done = store.append(frame(step))
            assert done.new + done.revised == len(added)
    assert sorted(rows_of(store.scan().collect())) == sorted(oracle.rows)
    for as_of in (None, *(day(d / 2) for d in range(0, 30, 5))):
        expected = oracle.read(SERIES, as_of)
        assert rows_of(store.read(SERIES, as_of)) == expected
        dated = store.read(SERIES, as_of, first_known=True)
        assert rows_of(dated.drop("first_known")) == expected
        assert dated["first_known"].to_list() == [oracle.first_known(row, as_of) for row in expected]


@settings(max_examples=max(8, settings().max_examples // 3))
@given(histories)
def test_any_history_on_disk_reads_as_the_oracle_says(history):
    with tempfile.TemporaryDirectory() as folder:
        check_history(Path(folder) / "store", history)


@settings(max_examples=max(4, settings().max_examples // 20), suppress_health_check=list(HealthCheck))
@given(history=histories)
def test_any_history_in_a_bucket_reads_as_the_oracle_says(new_bucket, history):
    check_history(new_bucket(), history)


def test_a_b_a_is_three_rows(store):
    for number, value in enumerate([1.0, 2.0, 1.0], start=1):
        store.append(frame([replace(ROW, value=value, fetched_at=day(number))]))
    assert [(r.value, r.known_at, r.vintage) for r in rows_of(store.scan().collect().sort("known_at"))] == [
        (1.0, day(0), "exact"),
        (2.0, day(2), "first_seen"),
        (1.0, day(3), "first_seen"),
    ]
    seen = [store.read(SERIES, day(d))["value"].to_list() for d in (-1, 1, 2, 2.9, 3)]
    assert seen == [[], [1.0], [2.0], [2.0], [1.0]]


def test_append_counts_what_it_did(store):
    other = replace(ROW, period_end=day(1), known_at=day(1))
    assert store.append(frame([ROW])) == Appended(1, 0, 0)
    assert store.append(frame([replace(ROW, fetched_at=day(2)), other])) == Appended(1, 0, 1)
    assert store.append(frame([replace(ROW, value=5.0, fetched_at=day(3)), other])) == Appended(0, 1, 1)
    assert store.append(frame([])) == Appended(0, 0, 0)


def test_an_earlier_listed_source_beats_a_splice_of_later_ones(store):
    spliced = SERIES[1]
    early = Row("spliced", "second", day(0), day(0), 2.0, "exact", day(1))
    late = Row("spliced", "third", day(3), day(3), 3.0, "exact", day(4))
    store.append(frame([early, replace(early, source="third", value=9.0), late]))
    assert store.read([spliced], None)["value"].to_list() == [2.0, 3.0]
    store.append(frame([replace(early, source="first", value=1.0, known_at=day(2))]))
    assert store.read([spliced], day(1.5))["source"].to_list() == ["second"]
    assert store.read([spliced], None)["value"].to_list() == [1.0]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"value": float("nan")}, "nan"),
        ({"value": float("inf")}, "inf"),
        ({"value": None}, "value is None"),
        ({"known_at": None}, "known_at is None"),
        ({"vintage": "guess"}, "guess"),
    ],
)
def test_one_broken_row_stores_nothing_of_the_batch(store, broken, says):
    with pytest.raises(PayloadError, match=says):
        store.append(frame([ROW, replace(ROW, period_end=day(1), **broken)]), [Payload("first", "x", b"x", day(1))])
    assert not store.exists()
    assert is_untouched(store)


def test_a_row_that_comes_twice_stores_nothing(store):
    with pytest.raises(PayloadError, match="twice"):
        store.append(frame([ROW, replace(ROW, value=2.0)]))
    assert not store.exists()


def test_an_empty_store_reads_as_empty_and_is_not_made_by_reading(store):
    assert store.read(SERIES, None).schema == pl.Schema(OBSERVATION_SCHEMA)
    assert store.payload_index().is_empty()
    assert store.verify_payloads() == ()
    assert store.compact().files_after == 0
    assert store.vintages("plain", day(0), day(1)).is_empty()
    assert store.disk_use() == {}
    assert is_untouched(store)


# -- lineage
# ---------------------------------------------------------------------------------------------------


def test_every_row_opens_to_its_bytes(store):
    store.append(frame([ROW]), [Payload("first", "file.csv", b"date,close\n", day(1))])
    row, content = store.payload_of("first", day(1))
    assert (row["name"], content) == ("file.csv", b"date,close\n")
    shown = store.vintages("plain", day(0), day(1)).row(0, named=True)
    assert (shown["payload"], shown["sha256"]) == ("file.csv", row["sha256"])
    assert store.payload_of("first", day(2)) is None
    assert store.verify_payloads() == ()


def test_a_payload_that_comes_again_is_indexed_once_and_never_replaced(store):
    payload = Payload("first", "file.csv", b"one", day(1))
    store.append(frame([ROW]), [payload])
    store.append(frame([ROW]), [payload, payload])
    assert store.payload_index().height == 1
    with pytest.raises(PayloadError, match="two different payloads"):
        store.append(frame([ROW]), [Payload("first", "file.csv", b"two", day(1))])
    with pytest.raises(PayloadError, match="two different payloads"):
        store.append(frame([ROW]), [Payload("first", "a", b"a", day(2)), Payload("first", "b", b"b", day(2))])
    assert store.payload_of("first", day(1))[1] == b"one"


@pytest.mark.parametrize(
    ("damage", "problem", "says"),
    [
        (lambda place, name: place.remove(name), "missing", "is gone"),
        (lambda place, name: place.write(name, b"not gzip"), "unreadable", "can't be read"),
        (lambda place, name: place.write(name, place.read(name)[:-9]), "unreadable", "can't be read"),
        (lambda place, name: place.write(name, gzip.compress(b"other")), "altered", "was altered"),
    ],
)
def test_damaged_payloads_are_found_and_mended_by_fetching_again(store, damage, problem, says):
    payload = Payload("first", "file.csv", b"content" * 100, day(1))
    store.append(frame([ROW]), [payload])
    damage(store.place, payload_name(payload.sha256))
    [finding] = store.verify_payloads()
    assert (finding.problem, finding.name, finding.sha256) == (problem, "file.csv", payload.sha256)
    with pytest.raises(StoreError, match=says):
        store.payload_of("first", day(1))
    store.append(frame([ROW]), [payload])
    assert store.verify_payloads() == ()


def test_observations_without_a_payload_are_found(store):
    store.append(frame([ROW, replace(ROW, period_end=day(1), known_at=day(1))]))
    [finding] = store.verify_payloads()
    assert (finding.problem, finding.source, finding.fetched_at, finding.n_rows) == (
        "unlinked",
        "first",
        day(1),
        2,
    )


# -- upkeep
# ----------------------------------------------------------------------------------------------------


def data_files(place):
    return [e.name for e in place.entries("observations") if e.name.endswith(".parquet") and "_delta_log" not in e.name]


def many_appends(store, n=5):
    for number in range(n):
        fetch = replace(ROW, value=float(number % 3), fetched_at=day(number))
        rows = [replace(fetch, period_end=day(-p), known_at=day(-p)) for p in range(5)]
        store.append(frame(rows), [Payload("first", str(number), str(number).encode(), day(number))])


def test_compaction_leaves_one_file_and_the_same_reads(store):
    many_appends(store)
    before = {d: store.read(SERIES, day(d)) for d in range(14)}
    result = store.compact(keep_hours=0)
    assert result.files_after < result.files_before
    opened = DeltaTable(store.place.address("observations"), storage_options=store.place.options)
    assert len(opened.file_uris()) == 1
    assert len(data_files(store.place)) == 1
    assert all(store.read(SERIES, day(d)).equals(rows) for d, rows in before.items())
    assert store.verify_payloads() == ()


def test_compaction_keeps_the_files_of_reads_that_have_begun(store):
    many_appends(store)
    begun = store.scan()
    expected = begun.collect().sort("fetched_at", "period_end")
    store.compact()
    assert begun.collect().sort("fetched_at", "period_end").equals(expected)
    many_appends(store, 2)


def test_what_nothing_refers_to_goes_and_nothing_else(store):
    many_appends(store, 2)
    orphans = ["observations/part-orphan.snappy.parquet", f"raw/ab/{'ab' * 32}.gz", "raw/ab/.half.gz.123", ".FORMAT.1"]
    for orphan in orphans:
        store.place.write(orphan, b"x")
    store.compact()
    assert set(orphans) <= {e.name for e in store.place.entries()}
    store.compact(keep_hours=0)
    assert not set(orphans) & {e.name for e in store.place.entries()}
    assert store.verify_payloads() == ()
    assert store.read(SERIES, None).height == 5


def test_files_that_nothing_refers_to_go_when_they_are_old(tmp_path):
    store = Store(tmp_path / "store")
    many_appends(store, 2)
    orphans = [
        tmp_path / "store" / "observations" / "part-orphan.snappy.parquet",
        tmp_path / "store" / "raw" / "ab" / f"{'ab' * 32}.gz",
        tmp_path / "store" / "raw" / "ab" / ".half.gz.123",
        tmp_path / "store" / ".FORMAT.123",
    ]
    for orphan in orphans:
        orphan.parent.mkdir(exist_ok=True)
        orphan.write_bytes(b"x")
    store.compact()
    assert all(o.exists() for o in orphans)
    for orphan in orphans:
        os.utime(orphan, (time.time() - 90_000,) * 2)
    store.compact()
    assert not any(o.exists() for o in orphans)
    assert store.verify_payloads() == ()


def test_a_copy_of_the_folder_is_a_backup(tmp_path):
    many_appends(Store(tmp_path / "store"), 3)
    shutil.copytree(tmp_path / "store", tmp_path / "backup")
    shutil.rmtree(tmp_path / "store")
    shutil.copytree(tmp_path / "backup", tmp_path / "elsewhere")
    restored = Store(tmp_path / "elsewhere")
    assert restored.read(SERIES, None).height == 5
    assert restored.verify_payloads() == ()
    restored.append(frame([replace(ROW, value=77.0, fetched_at=day(90))]))


def test_a_store_moves_between_folder_and_bucket_by_copying_its_names(store, tmp_path, new_bucket):
    many_appends(store, 3)
    moved = Store(new_bucket() if Path(str(store.place)).exists() else tmp_path / "elsewhere")
    for entry in store.place.entries():
        moved.place.write(entry.name, store.place.read(entry.name))
    assert moved.read(SERIES, None).equals(store.read(SERIES, None))
    assert moved.verify_payloads() == ()
    assert moved.append(frame([replace(ROW, value=77.0, fetched_at=day(90))])).revised == 1


def test_disk_use_counts_every_byte_by_part(store):
    many_appends(store, 2)
    use = store.disk_use()
    assert list(use) == ["observations", "payloads", "raw"]
    beside = sum(e.size for e in store.place.entries() if "/" not in e.name)
    assert sum(use.values()) + beside == sum(e.size for e in store.place.entries())
    assert use["raw"] == sum(len(store.place.read(e.name)) for e in store.place.entries("raw")) > 0


RIVALS = {
    "the same value, fetched earlier": {"value": 2.0, "fetched_at": day(2)},
    "the same row": {"value": 2.0, "fetched_at": day(3)},
    "another value, fetched later": {"value": 3.0, "fetched_at": day(9)},
    "a vintage of its own": {"value": 3.0, "known_at": day(2), "fetched_at": day(2)},
    "another series": {"series": "spliced", "value": 2.0, "fetched_at": day(2)},
    "another period": {"period_end": day(-30), "known_at": day(-30), "fetched_at": day(2)},
}


@pytest.mark.parametrize("rival", RIVALS.values(), ids=RIVALS)
@pytest.mark.parametrize("compacted", [False, True])
def test_a_commit_between_decision_and_insert_is_noticed(store, monkeypatch, rival, compacted):
    """The decision is made again on what the rival left, so that nothing is doubled or out of date."""
    store.append(frame([ROW]))
    other, real, calls = Store(store.place), table._insert, []

    def interrupted(target, rows, key, bounded):
        calls.append(1)
        if len(calls) == 1:
            other.append(frame([replace(ROW, **rival)]))
            if compacted:
                other.compact()
        real(target, rows, key, bounded)

    monkeypatch.setattr(table, "_insert", interrupted)
    mine = replace(ROW, value=2.0, fetched_at=day(3))
    store.append(frame([mine]))
    oracle = Oracle()
    for row in (ROW, replace(ROW, **rival), mine):
        oracle.append([row])
    assert sorted(rows_of(store.scan().collect())) == sorted(oracle.rows)


# -- damage
# ----------------------------------------------------------------------------------------------------


def damage_format(place):
    place.write("FORMAT", b"{")


def lose_format(place):
    place.remove("FORMAT")


def odd_format(place):
    place.write("FORMAT", json.dumps(["1"]).encode())


def lose_log(place):
    place.remove_folder("observations/_delta_log")


def empty_log(place):
    for entry in list(place.entries("observations/_delta_log")):
        place.remove(entry.name)


def damage_log(place):
    for entry in place.entries("observations/_delta_log"):
        place.write(entry.name, b"{not json")


def lose_table(place):
    place.remove_folder("observations")


def lose_data(place):
    for name in data_files(place):
        place.remove(name)


def damage_data(place):
    for name in data_files(place):
        place.write(name, b"PAR1")


@pytest.mark.parametrize(
    "damage",
    [
        damage_format,
        lose_format,
        odd_format,
        lose_log,
        empty_log,
        damage_log,
        lose_table,
        lose_data,
        damage_data,
    ],
)
def test_a_damaged_store_is_one_clear_error(store, damage):
    store.append(frame([ROW]))
    damage(store.place)
    with pytest.raises(StoreError) as reading:
        store.read(SERIES, None)
    with pytest.raises(StoreError):
        store.append(frame([replace(ROW, value=2.0, fetched_at=day(2))]))
    assert str(store.place) in reading.value.message
    assert "backup" in reading.value.hint
    assert "\n" not in str(reading.value)


def test_damaged_data_is_one_clear_error_however_it_is_asked_for(store):
    store.append(frame([ROW]))
    query = store.scan().select(pl.len())
    name = data_files(store.place)[0]
    store.place.write(name, bytes(len(store.place.read(name))))
    with pytest.raises(StoreError, match="can't be used"):
        store.collect(store.scan().filter(value=1.0))
    with pytest.raises(StoreError, match="can't be used"):
        store.collect(query.filter(pl.len() > 0))


def lose_last_entry(place):
    place.remove(max(e.name for e in place.entries("observations/_delta_log")))


def empty_last_entry(place):
    place.write(max(e.name for e in place.entries("observations/_delta_log")), b"")


@pytest.mark.parametrize("damage", [lose_last_entry, empty_last_entry])
def test_a_lost_log_entry_is_not_taken_for_an_empty_store(store, damage):
    store.append(frame([ROW]), [Payload("first", "a", b"a", day(1))])
    damage(store.place)
    assert store.losses()
    with pytest.raises(StoreError, match="damaged"):
        store.is_empty()


def test_an_empty_log_entry_is_found_while_other_rows_are_there(store):
    store.append(frame([ROW]))
    store.append(frame([replace(ROW, value=2.0, fetched_at=day(2))]))
    assert store.losses() == ()
    empty_last_entry(store.place)
    assert "is empty" in store.losses()[0]


def test_a_first_write_that_was_cut_short_is_no_loss(store):
    store.append(frame([]), [Payload("first", "a", b"a", day(1))])
    assert store.losses() == ()
    assert store.is_empty()


@pytest.mark.parametrize("name", ["a b/ü#", "100%", "My Data?"])
def test_a_folder_of_any_name_is_written_and_read(tmp_path, name):
    store = Store(tmp_path / name)
    store.append(frame([ROW]), [Payload("first", "a", b"a", day(1))])
    store.append(frame([replace(ROW, value=2.0, fetched_at=day(2))]))
    assert store.read(SERIES, None)["value"].to_list() == [2.0]
    assert store.payload_of("first", day(1))[1] == b"a"
    assert not store.is_empty()
    store.compact(keep_hours=0)
    assert Store(tmp_path / name).scan().collect().height == 2


@pytest.mark.parametrize("name", ["a%20b", "a[b]", "a|b", "a\\b", "a^b", "a\tb"])
def test_a_folder_that_delta_can_not_name_is_refused_at_once(tmp_path, name):
    with pytest.raises(SettingsError, match="Rename the folder"):
        Store(tmp_path / name / "store")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        Store(tmp_path / "file" / "store").append(frame([ROW]))


def test_a_store_half_made_is_empty_and_can_be_finished(store):
    store.place.write("FORMAT", b'{"format": 1, "creating": true}')
    write_deltalake(
        store.place.address("payloads"), pl.DataFrame(schema=PAYLOAD_SCHEMA), storage_options=store.place.options
    )
    store.place.write("observations/part-0.snappy.parquet", b"x")
    assert store.read(SERIES, None).is_empty()
    store.append(frame([ROW]))
    assert store.read(SERIES, None).height == 1


def test_a_store_is_empty_until_its_first_row(tmp_path: Path):
    store = Store(tmp_path / "store")
    assert store.is_empty()
    store.append(frame([]))
    assert store.is_empty()
    store.append(frame([ROW]))
    assert not store.is_empty() and not store.is_empty()
    assert not Store(tmp_path / "store").is_empty()
    shutil.rmtree(tmp_path / "store")
    assert store.is_empty()

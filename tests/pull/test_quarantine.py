"""Values set aside, in a folder and in a bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from selloff.catalog import OBSERVATION_SCHEMA
from selloff.errors import StoreError
from selloff.pull.quarantine import ACCEPTED, REJECTED, Quarantine
from selloff.store import Store

NOW = datetime(2026, 2, 10, 15, tzinfo=UTC)


def rows(*values: float, reason: str = "spike") -> pl.DataFrame:
    """One value a day, each set aside for a reason."""
    ends = [NOW - timedelta(days=9 - n) for n in range(len(values))]
    frame = pl.DataFrame(
        {"series": "gold_spot", "source": "import", "period_end": ends, "known_at": ends, "value": values}
    ).with_columns(vintage=pl.lit("exact"), fetched_at=pl.lit(NOW))
    return frame.select(pl.col(name).cast(dtype) for name, dtype in OBSERVATION_SCHEMA.items()).with_columns(
        reason=pl.lit(reason)
    )


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path) -> Store:
    return Store(tmp_path / "store" if request.param == "folder" else request.getfixturevalue("new_bucket")())


def test_a_value_is_set_aside_once_and_decided_once(store):
    quarantine = Quarantine(store.place)
    assert quarantine.listed().is_empty()
    assert quarantine.events().is_empty()
    quarantine.set_aside(rows(1.0, 2.0), NOW)
    quarantine.set_aside(rows(1.0, 2.0, 3.0), NOW + timedelta(hours=1))
    first, second, third = quarantine.listed()["id"]
    assert quarantine.accept([first], store, NOW + timedelta(hours=2)).new == 1
    assert quarantine.reject([second], NOW + timedelta(hours=2)) == 1
    assert quarantine.listed()["id"].to_list() == [third]
    assert quarantine.listed(None)["event"].to_list() == [ACCEPTED, REJECTED, "set_aside"]
    assert store.scan().collect()["value"].to_list() == [1.0]
    assert "quarantine" in store.disk_use()


def test_a_folder_of_any_name_keeps_them(tmp_path):
    store = Store(tmp_path / "a b" / "ü#")
    Quarantine(store.place).set_aside(rows(1.0), NOW)
    assert Quarantine(store.place).listed().height == 1


def test_several_that_set_values_aside_at_once_lose_none(store):
    def set_aside(number: int) -> None:
        Quarantine(store.place).set_aside(rows(float(number)), NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(set_aside, range(8)))
    assert sorted(Quarantine(store.place).listed()["value"]) == [float(n) for n in range(8)]


def test_a_quarantine_that_cannot_be_read_is_one_clear_error(store):
    quarantine = Quarantine(store.place)
    quarantine.set_aside(rows(1.0), NOW)
    for entry in list(store.place.entries("quarantine/_delta_log")):
        store.place.write(entry.name, b"{not json")
    with pytest.raises(StoreError) as raised:
        quarantine.listed()
    assert str(store.place) in raised.value.message

"""What was not known then has no influence: on 20 dates and at several moments, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from deltalake import write_deltalake

import worlds
from conftest import NOW
from selloff.errors import NoDataError
from selloff.explanation import explain
from selloff.store import Store
from truncation import assert_truncation_proof, truncated


def _dates() -> list[str]:
    """20 sessions spread over the world, the planted ones among them."""
    from selloff.catalog.sessions import load_sessions

    days = load_sessions(None, last_year=2027).dates
    inside = days[(days > np.datetime64("2015-06-01")) & (days < np.datetime64("2021-12-20"))]
    picked = [str(d) for d in inside[5 :: len(inside) // 17][:17]]
    return [*picked, str(worlds.CRASH), str(worlds.CRYPTO_DAY), str(worlds.OIL_NEGATIVE)]


DATES = _dates()


def _moment(day: str, number: int) -> str | None:
    """Close, morning note, or some time in the three days after, in turn."""
    if number % 3 == 0:
        return None
    if number % 3 == 1:
        return "close"
    minutes = int(np.random.default_rng(number).integers(5, 3 * 24 * 60))
    after = datetime.fromisoformat(f"{day}T16:00") + timedelta(minutes=minutes)
    return after.isoformat(timespec="minutes")


@pytest.mark.parametrize(("number", "day"), list(enumerate(DATES)), ids=DATES)
def test_explain(world, store: Store, tmp_path: Path, number, day):
    as_of = _moment(day, number)
    settings = {"catalogue": world.catalogue, "sessions": world.sessions, "now": NOW, "as_of": as_of}
    length = ("1d", "5d", "2d")[number // 3 % 3]

    def analysis(which: Store) -> bytes:
        result = explain(day, window=length, store=which, **settings)
        moments.append(result.as_of)
        return result.to_json().encode()

    moments: list[datetime | None] = []
    whole = explain(day, window=length, store=store, **settings)
    assert whole.as_of is not None
    assert_truncation_proof(analysis, store, whole.as_of, tmp_path / "cut")
    assert set(moments) == {whole.as_of}


def test_twenty_dates():
    assert len(set(DATES)) == 20


def test_the_last_session_then(world, store: Store, tmp_path: Path):
    """Without a date, with the clock put back: the same bytes, and a session that was over."""
    now = datetime(2019, 8, 15, 15, tzinfo=UTC)
    settings = {"catalogue": world.catalogue, "sessions": world.sessions, "now": now}
    whole = explain(store=store, **settings)
    assert whole.window.end == worlds.CRASH
    assert_truncation_proof(lambda s: explain(store=s, **settings).to_json().encode(), store, now, tmp_path / "cut")


def test_the_helper_can_fail(world, store: Store, tmp_path: Path):
    """Hindsight does change: the helper sees it."""
    settings = {"catalogue": world.catalogue, "sessions": world.sessions, "now": NOW, "hindsight": True}
    moment = datetime(2019, 8, 14, 20, 1, tzinfo=UTC)
    with pytest.raises(AssertionError, match="changes when later rows"):
        assert_truncation_proof(
            lambda s: explain(str(worlds.CRASH), store=s, **settings).to_json().encode(),
            store,
            moment,
            tmp_path / "cut",
        )


def test_before_the_data_there_is_nothing_to_explain(world, store: Store, tmp_path: Path):
    cut = truncated(store, datetime(2015, 1, 20, tzinfo=UTC), tmp_path / "cut")
    with pytest.raises(NoDataError):
        explain("2015-01-16", store=cut, catalogue=world.catalogue, sessions=world.sessions, now=NOW)


def test_a_later_revision_changes_hindsight_only(world, own_home: Path):
    store = Store(own_home / "store")
    close = pl.col("period_end").dt.date() == worlds.CRASH
    row = store.scan().filter((pl.col("series") == "ust_10y") & close).collect()
    assert row.height == 1
    later = datetime(2020, 1, 6, tzinfo=UTC)
    revised = row.with_columns(value=pl.col("value") + 0.5, known_at=pl.lit(later, pl.Datetime("us", "UTC")))
    write_deltalake(str(own_home / "store" / "observations"), revised, mode="append")
    settings = {"store": store, "catalogue": world.catalogue, "sessions": world.sessions, "now": NOW}
    then = explain(str(worlds.CRASH), **settings).move_of("us10y")
    now = explain(str(worlds.CRASH), hindsight=True, **settings).move_of("us10y")
    assert then.level == row["value"].item()
    assert now.level == pytest.approx(then.level + 0.5)

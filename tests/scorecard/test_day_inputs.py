"""What a scored day is weighed by: known in its morning note, and a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import write_deltalake

import worlds
from conftest import NOW
from selloff.panel.clock import morning_note
from selloff.scorecard import ScoreContext
from selloff.scorecard.weighing import day_inputs
from selloff.store import Store


@pytest.fixture
def context(store, world) -> ScoreContext:
    return ScoreContext(store=store, catalogue=world.catalogue, sessions=world.sessions, now=NOW)


def test_a_later_revision_of_a_close_changes_nothing_that_is_weighed(context, own_home: Path) -> None:
    store = Store(own_home / "store")
    context = replace(context, store=store)
    before = day_inputs(context, worlds.CRASH)
    close = pl.col("period_end").dt.date() == worlds.CRASH
    row = store.scan().filter((pl.col("series") == "ust_10y") & close).collect()
    assert row.height == 1 and before is not None
    later = pl.lit(datetime(2020, 1, 6, tzinfo=UTC), pl.Datetime("us", "UTC"))
    revised = row.with_columns(value=pl.col("value") + 0.5, known_at=later)
    write_deltalake(str(own_home / "store" / "observations"), revised, mode="append")
    after = day_inputs(context, worlds.CRASH)
    assert after is not None
    assert after.bound == before.bound and after.readings == before.readings and after.available == before.available


def test_a_day_counts_from_its_morning_note_on_and_only_if_it_was_a_session(context) -> None:
    moment = morning_note(worlds.CRASH)
    assert day_inputs(replace(context, now=moment - timedelta(seconds=1)), worlds.CRASH) is None
    assert day_inputs(replace(context, now=moment), worlds.CRASH) is not None
    assert day_inputs(context, date(2019, 8, 17)) is None

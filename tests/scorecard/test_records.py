"""What the baselines get to see of a day: by loops from the store's closes, and nothing that was known later."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from deltalake import write_deltalake

import worlds
from selloff.panel import build_panel
from selloff.panel.clock import morning_note
from selloff.scorecard import ScoreContext
from selloff.scorecard.human.records import make_record
from selloff.store import Store
from truncation import assert_truncation_proof


def test_a_record_holds_nothing_that_was_known_later(score_context: Callable[..., ScoreContext], tmp_path: Path):
    """Levels, drawdown and shocks of the baselines as well as the program's own shares."""
    context = score_context()
    day = worlds.CRASH

    def said(store) -> bytes:
        return repr(make_record(replace(context, store=store), day)).encode()

    assert b"vix" in said(context.store)
    assert_truncation_proof(said, context.store, morning_note(day), tmp_path / "cut")


def test_a_later_revision_of_a_close_changes_no_record(score_context: Callable[..., ScoreContext], own_home: Path):
    """The drawdown and the shocks of the baselines come from closes as they were known the morning after."""
    store = Store(own_home / "store")
    context = replace(score_context(), store=store)
    before = make_record(context, worlds.CRASH)
    close = pl.col("period_end").dt.date() == worlds.CRASH
    rows = store.scan().filter(pl.col("series").is_in(["sp500", "ust_2y"]) & close).collect()
    later = pl.lit(datetime(2020, 1, 6, tzinfo=UTC), pl.Datetime("us", "UTC"))
    write_deltalake(
        str(own_home / "store" / "observations"),
        rows.with_columns(value=pl.col("value") * 0.5, known_at=later),
        mode="append",
    )
    assert rows.height >= 2 and repr(make_record(context, worlds.CRASH)) == repr(before)


def test_drawdown_is_from_the_highest_of_250_sessions_up_to_the_day(score_context: Callable[..., ScoreContext]):
    context = score_context()
    row = context.sessions.position(worlds.CRASH)
    panel = build_panel(
        context.store, context.catalogue, ["sp500"], context.sessions, n_rows=row + 1, as_of=morning_note(worlds.CRASH)
    )
    closes = [x for x in panel.levels[row - 249 : row + 1, 0].tolist() if not math.isnan(x)]
    found = make_record(context, worlds.CRASH)
    assert found is not None
    assert found.drawdown == pytest.approx(100 * math.log(closes[-1] / max(closes))) and found.drawdown < 0


@pytest.mark.parametrize(
    ("day", "friday", "fomc"),
    [(date(2019, 8, 2), 1.0, 0.0), (date(2019, 8, 9), 0.0, 0.0), (date(2019, 9, 18), 0.0, 1.0)],
)
def test_first_fridays_and_announcements_by_the_calendar(score_context, monkeypatch, day, friday, fomc):
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
    found = make_record(score_context(), day)
    assert found is not None
    assert (found.first_friday, found.fomc) == (friday, fomc)
    assert np.isfinite(list(found.levels.values())).all()

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue
from selloff.catalog.periods import stamp
from selloff.catalog.sessions import Sessions
from selloff.errors import CatalogError
from selloff.panel import Window, build_panel, window_moves
from selloff.panel.levels import levels_as_of
from selloff.store import Store

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def fill(store: Store, catalogue: Catalogue, sessions: Sessions, values: dict[str, list[tuple[str, float]]]) -> None:
    frames = []
    for series, pairs in values.items():
        days = pl.Series([date.fromisoformat(d) for d, _ in pairs], dtype=pl.Date)
        frames.append(stamp(catalogue.find_series(series), days, pl.Series([v for _, v in pairs]), sessions))
    rows = pl.concat(frames).with_columns(source=pl.lit("import"), fetched_at=pl.lit(NOW))
    store.append(rows.select(list(OBSERVATION_SCHEMA)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_a_weekly_level_is_the_last_one_published(store: Store, catalogue: Catalogue, sessions: Sessions) -> None:
    fill(store, catalogue, sessions, {"fed_assets": [("2020-03-11", 4311.9e3), ("2020-03-18", 4668.2e3)]})

    def at(moment: str) -> float:
        as_of = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        return levels_as_of(store, catalogue, ["fed_assets"], as_of)["fed_assets"].value

    assert at("2020-03-19T20:29") == 4311.9e3  # 16:29 in New York
    assert at("2020-03-19T20:31") == 4668.2e3
    early = datetime(2020, 3, 1, tzinfo=UTC)
    assert levels_as_of(store, catalogue, ["fed_assets"], early) == {}


def test_a_derived_series_has_no_stored_level(store: Store, catalogue: Catalogue) -> None:
    with pytest.raises(CatalogError, match="computed"):
        levels_as_of(store, catalogue, ["sofr_minus_iorb"], None)


def test_a_weekly_series_has_no_move(store: Store, catalogue: Catalogue, sessions: Sessions) -> None:
    fill(store, catalogue, sessions, {"nfci": [("2024-01-05", -0.5), ("2024-01-12", -0.6)]})
    row = sessions.position(date(2024, 1, 12))
    assert row is not None
    panel = build_panel(store, catalogue, ["nfci"], sessions, n_rows=row + 2, as_of=None)
    window = Window(date(2024, 1, 5), date(2024, 1, 8), date(2024, 1, 12), row - 5, row)
    move = window_moves(panel, window)[0]
    assert (move.log_move, move.sigmas_slow) == (None, None)


def test_a_stand_in_moves_like_its_fund_turned_round(store: Store, catalogue: Catalogue, sessions: Sessions) -> None:
    fill(store, catalogue, sessions, {"fxy_adj": [("2024-08-01", 62.0), ("2024-08-02", 63.24)]})
    row = sessions.position(date(2024, 8, 2))
    assert row is not None
    panel = build_panel(store, catalogue, ["usdjpy_ny", "fxy_adj"], sessions, n_rows=row + 1, as_of=None)
    window = Window(date(2024, 8, 1), date(2024, 8, 2), date(2024, 8, 2), row - 1, row)
    dollar, fund = window_moves(panel, window)
    assert dollar.log_move == pytest.approx(-float(fund.log_move or 0))
    assert dollar.move == pytest.approx(100 * (62.0 / 63.24 - 1))
    assert (dollar.level, fund.level) == (None, None)  # a fund's price is no exchange rate


def test_a_spread_from_two_funds_is_their_log_moves_added_up(
    store: Store, catalogue: Catalogue, sessions: Sessions
) -> None:
    days = ["2024-08-01", "2024-08-02", "2024-08-05"]
    prices = {"hyg_adj": [77.0, 76.2, 75.9], "ief_adj": [95.0, 96.4, 96.1], "tip_adj": [108.0, 108.4, np.nan]}
    there = {s: [(d, p) for d, p in zip(days, ps, strict=True) if not np.isnan(p)] for s, ps in prices.items()}
    fill(store, catalogue, sessions, there)
    row = sessions.position(date(2024, 8, 5))
    assert row is not None
    panel = build_panel(store, catalogue, ["hy_hyg", "breakeven_tip"], sessions, n_rows=row + 1, as_of=None)
    logs = {s: 100 * np.diff(np.log(p)) for s, p in prices.items()}
    spread, breakeven = panel.daily_moves[row - 1 :].T
    assert spread == pytest.approx(0.3 * logs["ief_adj"] - logs["hyg_adj"])
    assert breakeven[0] == pytest.approx(logs["tip_adj"][0] - 0.9 * logs["ief_adj"][0])
    assert np.isnan(breakeven[1])  # one fund alone says nothing of a spread
    ends = {catalogue.find_series(s).id: panel.ends[row, i] for i, s in enumerate(("hy_hyg", "breakeven_tip"))}
    assert (ends["hy_hyg"] > 0, ends["breakeven_tip"]) == (True, 0)


def test_seven_megacaps_need_all_seven(store: Store, catalogue: Catalogue, sessions: Sessions) -> None:
    seven = [f"{t}_adj" for t in ("aapl", "msft", "googl", "amzn", "meta", "nvda", "tsla")]
    days = ["2024-01-02", "2024-01-03", "2024-01-04"]
    prices = {s: [(d, 100.0 * 1.01 ** (i * (k + 1))) for k, d in enumerate(days)] for i, s in enumerate(seven)}
    prices["meta_adj"] = [p for p in prices["meta_adj"] if p[0] != "2024-01-03"]
    prices["sp500"] = [(d, 4700.0) for d in days]
    fill(store, catalogue, sessions, prices)
    row = sessions.position(date(2024, 1, 4))
    assert row is not None
    panel = build_panel(store, catalogue, ["mega_caps_7_vs_sp500"], sessions, n_rows=row + 1, as_of=None)
    levels = panel.levels[row - 2 :, 0]
    growth = np.mean([1.01 ** (2 * i) for i in range(7)])
    assert np.isnan(levels[1])
    assert levels[2] / levels[0] == pytest.approx(growth)


def test_ioer_comes_from_the_calendar_and_only_up_to_the_moment(
    store: Store, catalogue: Catalogue, sessions: Sessions
) -> None:
    row = sessions.position(date(2019, 9, 20))
    assert row is not None
    as_of = datetime(2019, 9, 19, 12, tzinfo=UTC)
    panel = build_panel(store, catalogue, ["ioer"], sessions, n_rows=row + 1, as_of=as_of)
    assert np.array_equal(panel.levels[row - 2 :, 0], [2.1, np.nan, np.nan], equal_nan=True)
    whole = build_panel(store, catalogue, ["ioer"], sessions, n_rows=row + 1, as_of=None)
    assert whole.levels[row - 2 :, 0].tolist() == [2.1, 1.8, 1.8]


def test_oil_below_zero_moves_by_the_difference_rule(store: Store, catalogue: Catalogue, sessions: Sessions) -> None:
    row = sessions.position(date(2020, 4, 21))
    assert row is not None
    before = [(str(sessions.dates[i]), 50.0) for i in range(row - 100, row - 2)]
    oil = [*before, ("2020-04-17", 18.27), ("2020-04-20", -37.63), ("2020-04-21", 10.01)]
    fill(store, catalogue, sessions, {"wti_futures": oil})
    panel = build_panel(store, catalogue, ["wti_futures"], sessions, n_rows=row + 1, as_of=None)
    down = Window(date(2020, 4, 17), date(2020, 4, 20), date(2020, 4, 20), row - 2, row - 1)
    back = Window(date(2020, 4, 20), date(2020, 4, 21), date(2020, 4, 21), row - 1, row)
    fall, rise = window_moves(panel, down)[0], window_moves(panel, back)[0]
    assert fall.move == pytest.approx(100 * (-37.63 - 18.27) / 50)  # over the median positive price of 250 sessions
    assert rise.move == pytest.approx(100 * (10.01 + 37.63) / 50)
    assert "difference_rule" in fall.flags
    assert "difference_rule" in rise.flags


def test_nothing_after_the_moment_changes_a_panel(store: Store, catalogue: Catalogue, sessions: Sessions) -> None:
    random = np.random.default_rng(3)
    row = sessions.position(date(2024, 3, 15))
    assert row is not None
    days = [str(d) for d in sessions.dates[row - 30 : row + 1]]
    values = {
        s: [(d, float(v)) for d, v in zip(days, random.uniform(3, 5, len(days)), strict=True)]
        for s in ("sofr", "ust_10y", "gpr_daily", "hy_oas")
    }
    fill(store, catalogue, sessions, values)
    for _ in range(20):
        as_of = datetime(2024, 2, 5, tzinfo=UTC) + timedelta(minutes=int(random.integers(0, 50_000)))
        then = build_panel(store, catalogue, list(values), sessions, n_rows=row + 1, as_of=as_of)
        assert (then.observations["known_at"] <= as_of).all()
        assert (then.ends <= int(as_of.timestamp() * 1e6)).all()

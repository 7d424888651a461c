"""The order of breaks, on paths whose order is known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from selloff.detection.sequence import find_sequence, sequence_series, threshold_of
from selloff.detection.sequence.sequence import shipped_thresholds

from .conftest import BASE, HOUR


def _by_id(order):
    return {b.asset.id: b for b in order.breaks}


def test_a_known_order_is_told(market):
    noon = market.open(BASE + 1) + 2 * HOUR
    next_noon = market.open(BASE + 2) + 3 * HOUR
    order = market.order(
        market.bars("btc_hourly", {noon: 12.0}), market.bars("spy_hourly", {next_noon: 12.0}), n_sessions=3
    )
    assert [b.asset.id for b in order.broke] == ["btc", "spx"]
    btc, spx = order.broke
    assert btc.low <= noon + HOUR and btc.high >= noon
    assert spx.low <= next_noon <= spx.high
    pair = order.pair("spx", "btc")
    assert (pair.earlier, pair.later, pair.told) == ("btc", "spx", True)
    assert pair.probability > 0.95
    assert order.probability_first["btc"] > 0.95
    assert btc.move == pytest.approx(-100 * -np.expm1(-0.12), abs=2.0)


def test_at_the_same_hour_it_cannot_be_told(market):
    noon = market.open(BASE + 1) + 2 * HOUR
    order = market.order(market.bars("btc_hourly", {noon: 12.0}), market.bars("eth_hourly", {noon: 12.0}))
    (pair,) = order.pairs
    assert not pair.told
    assert 0.3 < pair.probability < 0.8
    assert order.probability_first["btc"] + order.probability_first["eth"] == pytest.approx(1.0)


@pytest.mark.parametrize("hours", [0, 1, 3, 6, 12, 24, 40])
@pytest.mark.parametrize("size", [7.0, 12.0])
def test_told_means_apart_and_likely(market, hours, size):
    noon = market.open(BASE + 1) + 2 * HOUR
    order = market.order(
        market.bars("btc_hourly", {noon: size}), market.bars("eth_hourly", {noon + hours * HOUR: size})
    )
    by_id = _by_id(order)
    for pair in order.pairs:
        apart = by_id[pair.earlier].high <= by_id[pair.later].low
        assert pair.told == (apart and pair.probability >= 0.9)
        assert not (pair.told and hours == 0)
        assert pair.earlier == "btc" or hours < 2
    assert len(order.pairs) == 1
    assert order.pairs[0].told or hours < 3


def test_a_closed_market_has_not_broken(market):
    """Bitcoin falls at night; the fund opens lower. Its interval reaches over the night, and nobody can tell."""
    night = market.close(BASE + 1) + 8 * HOUR
    order = market.order(market.bars("btc_hourly", {night: 12.0}), market.bars("gld_hourly", {night: 12.0}))
    gold = _by_id(order)["gold"]
    assert gold.over_closed
    assert gold.best == market.open(BASE + 2)
    assert gold.low == market.close(BASE + 1)
    assert gold.high == market.open(BASE + 2) + HOUR
    assert not order.pair("btc", "gold").told
    assert not _by_id(order)["btc"].over_closed


def test_the_fund_that_fell_before_the_close_is_told_from_the_coin_that_fell_at_night(market):
    before, night = market.close(BASE + 1) - 3 * HOUR, market.close(BASE + 1) + 8 * HOUR
    order = market.order(market.bars("btc_hourly", {night: 12.0}), market.bars("gld_hourly", {before: 12.0}))
    assert order.pair("btc", "gold").told
    assert [b.asset.id for b in order.broke] == ["gold", "btc"]
    assert not _by_id(order)["gold"].over_closed


def test_bars_outside_regular_hours_are_not_read(market):
    night = market.close(BASE + 1) + 8 * HOUR
    regular = market.bars("gld_hourly", {night: 12.0})
    moments = pl.Series([night + 2 * HOUR]).cast(pl.Datetime("us", "UTC"))
    early = pl.DataFrame({"series": ["gld_hourly"], "period_end": moments, "value": [60.0]})
    assert market.order(regular, early) == market.order(regular)


def test_the_first_step_may_have_begun_before_the_window(market):
    order = market.order(market.bars("btc_hourly", {market.close(BASE): 12.0}))
    (btc,) = order.broke
    assert btc.from_base
    assert btc.low == market.close(BASE)


def test_a_rise_of_what_rises_in_a_rout_is_a_break(market):
    noon = market.open(BASE + 1) + 2 * HOUR
    order = market.order(market.bars("vix_hourly", {noon: -40.0}), market.bars("spy_hourly", {noon: -40.0}))
    states = {b.asset.id: b.state for b in order.breaks}
    assert states["vix"] == "broke"
    assert states["spx"] == "did_not_break"
    assert _by_id(order)["vix"].move > 40


def test_a_small_fall_did_not_break(market):
    noon = market.open(BASE + 1) + 2 * HOUR
    order = market.order(market.bars("btc_hourly", {noon: 1.0}))
    btc = _by_id(order)["btc"]
    assert btc.state == "did_not_break"
    assert 0 < btc.sigmas < order.threshold
    assert (order.pairs, order.probability_first, btc.low) == ((), {}, None)


def test_what_has_only_daily_closes_is_named(market):
    order = market.order(market.bars("btc_hourly", {}), bound={"btc": "btc_hourly", "nky": "nikkei_225"})
    assert order.unseen == ("nky",)
    assert _by_id(order)["spx"].state == "no_bars"


def test_five_minute_bars_narrow_it(market):
    noon = market.open(BASE + 1) + 2 * HOUR
    hourly = market.bars("btc_hourly", {noon: 12.0})
    fine = market.bars("btc_5min", {noon: 12.0}, step=HOUR // 12)
    wide = market.order(hourly, n_sessions=1).broke[0]
    narrow = market.order(hourly, fine, n_sessions=1).broke[0]
    assert (wide.series, narrow.series) == ("btc_hourly", "btc_5min")
    assert narrow.high - narrow.low < wide.high - wide.low
    assert narrow.low <= noon <= narrow.high


def test_a_long_window_is_not_read(market):
    order = market.order(market.bars("btc_hourly", {}), n_sessions=21)
    assert order.threshold is None
    assert order.breaks == ()


def test_what_is_after_the_window_does_not_count(market):
    later = market.close(BASE + 2) + HOUR
    whole = market.bars("btc_hourly", {market.open(BASE + 1): 8.0, later: 40.0})
    cut = whole.filter(pl.col("period_end").to_physical() <= market.close(BASE + 2))
    assert market.order(whole, n_sessions=2) == market.order(cut, n_sessions=2)
    assert whole.height > cut.height


def test_noise_breaks_no_more_often_than_nominal(market):
    """Steady noise is calmer than the histories behind the threshold: at most 5 % of windows."""
    random = np.random.default_rng(9)
    ends = np.arange(market.close(BASE - 24), market.close(BASE + 3) + 1, HOUR)
    moments = pl.Series(ends).cast(pl.Datetime("us", "UTC"))
    alarms = 0
    for _ in range(150):
        logs = np.cumsum(random.standard_normal(len(ends)))
        rows = pl.DataFrame({"series": "btc_hourly", "period_end": moments, "value": 100 * np.exp(logs / 100)})
        alarms += bool(market.order(rows).broke)
    assert alarms <= 0.05 * 150


def test_thresholds_rise_with_the_length_and_are_kept_between(market):
    lengths, sigmas = shipped_thresholds()
    assert list(lengths) == sorted(lengths) and list(sigmas) == sorted(sigmas)
    for length, value in zip(lengths, sigmas, strict=True):
        assert threshold_of(length) == pytest.approx(value)
    assert sigmas[3] < threshold_of(7) < sigmas[4]


def test_every_series_of_the_sequence_holds_bars(market):
    assert all(market.catalogue.series[s].is_intraday for s in sequence_series(market.catalogue))


def test_no_bars_at_all(market):
    empty = market.bars("btc_hourly", {}).clear()
    order = find_sequence(empty, market.window(1), market.sessions, market.catalogue, {})
    assert {b.state for b in order.breaks} == {"no_bars"}

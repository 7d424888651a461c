"""Total return against a holding simulated share by share, published figures and the panel as of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue, Series
from selloff.catalog.sessions import Sessions
from selloff.errors import UnitError
from selloff.panel import build_panel
from selloff.panel.total_return import total_return
from selloff.store import Store

NAN = float("nan")


def naive_returns(prices, dividends, splits):
    """Gross return at each priced row: buy one share at the last price, live through the rows, add it all
    up."""
    returns, start = {}, None
    for row, price in enumerate(prices):
        if start is not None:
            shares, cash = 1.0, 0.0
            for day in range(start + 1, row + 1):
                if not np.isnan(dividends[day]):
                    cash += shares * dividends[day]
                if not np.isnan(splits[day]):
                    shares *= splits[day]
            if price > 0:
                returns[row] = (shares * price + cash) / prices[start]
        if price > 0:
            start = row
    return returns


rows = st.tuples(
    st.one_of(st.just(NAN), st.floats(1, 500)),
    st.one_of(st.just(NAN), st.just(NAN), st.floats(0, 5)),
    st.one_of(st.just(NAN), st.just(NAN), st.sampled_from([2.0, 0.1, 4.0, 1.5])),
)


@given(st.lists(rows, min_size=1, max_size=30))
def test_returns_are_those_of_a_holding(history):
    prices, dividends, splits = (np.array(column) for column in zip(*history, strict=True))
    index = total_return(prices, dividends, splits)
    assert (np.isnan(index) == np.isnan(prices)).all()
    priced = np.flatnonzero(~np.isnan(prices))
    if len(priced):
        assert index[priced[-1]] == pytest.approx(prices[priced[-1]])
    expected = naive_returns(prices, dividends, splits)
    for before, row in pairwise(priced):
        assert index[row] / index[before] == pytest.approx(expected[row], rel=1e-9)


def test_without_events_it_is_the_price():
    prices = np.array([NAN, 10.0, NAN, 11.0, 9.0])
    none = np.full(5, NAN)
    np.testing.assert_allclose(total_return(prices, none, none), prices)


def test_a_split_alone_moves_nothing():
    """Apple split 4 for 1 on 31 August 2020: 499.23 to 129.04 is +3.39 %, as published."""
    index = total_return(np.array([499.23, 129.04]), np.array([NAN, NAN]), np.array([NAN, 4.0]))
    assert index[1] / index[0] - 1 == pytest.approx(0.0339, abs=5e-5)


def test_a_dividend_on_the_day_of_a_split_is_for_the_old_shares():
    index = total_return(np.array([100.0, 49.0]), np.array([NAN, 2.0]), np.array([NAN, 2.0]))
    assert index[1] / index[0] == pytest.approx(1.0)


@pytest.mark.parametrize("ratio", [0.0, -2.0])
def test_an_impossible_split_is_an_error(ratio):
    with pytest.raises(UnitError, match="not possible"):
        total_return(np.array([1.0]), np.array([NAN]), np.array([ratio]))


def test_no_prices_at_all():
    assert np.isnan(total_return(np.full(3, NAN), np.full(3, NAN), np.full(3, NAN))).all()
    assert total_return(np.empty(0), np.empty(0), np.empty(0)).shape == (0,)


# -- in the panel, as of
# -----------------------------------------------------------------------------------------


def stored(name: str, unit: str) -> Series:
    return Series.model_validate({
        "id": name, "name": name, "unit": unit, "transform": "log", "sources": ["vendor"],
        "close": {"time": "16:00", "zone": "America/New_York"}, "release": {"kind": "at_close"},
    })  # fmt: skip


TOTAL = Series.model_validate({
    "id": "total", "name": "total", "unit": "usd", "transform": "log",
    "formula": {"kind": "total_return", "price": "price", "dividends": "dividends", "splits": "splits"},
})  # fmt: skip
CATALOGUE = Catalogue(
    {s.id: s for s in (stored("price", "usd"), stored("dividends", "usd"), stored("splits", "ratio"), TOTAL)},
    {}, {}, {}, {}, {},
)  # fmt: skip
MONDAY = date(2020, 3, 2)


def close(number: int) -> datetime:
    return datetime(2020, 3, 2 + number, 21, tzinfo=UTC)


def observation(name, number, value, known_at):
    return {
        "series": name, "source": "vendor", "period_end": close(number), "known_at": known_at, "value": value,
        "vintage": "exact", "fetched_at": close(4) + timedelta(days=30),
    }  # fmt: skip


def test_the_panel_knows_only_the_events_known_by_then(tmp_path):
    """A split announced late: as of before, the price seems to halve; as of later, nothing happened."""
    late = close(4) + timedelta(days=3)
    rows = [observation("price", n, p, close(n)) for n, p in enumerate([100.0, 100.0, 49.0, 49.0, 50.0])]
    rows += [observation("dividends", 2, 2.0, close(1)), observation("splits", 2, 2.0, late)]
    store = Store(tmp_path)
    store.append(pl.DataFrame(rows, schema=OBSERVATION_SCHEMA))
    days = np.array([MONDAY + timedelta(days=n) for n in range(5)], dtype="datetime64[D]")
    closes = np.array([int(close(n).timestamp() * 1e6) for n in range(5)])
    sessions = Sessions("XNYS", days, closes)

    def returns(as_of, n_rows=5):
        panel = build_panel(store, CATALOGUE, ["total"], sessions, n_rows=n_rows, as_of=as_of)
        assert (panel.ends[:, 0] == closes[:n_rows]).all()
        return panel.levels[1:, 0] / panel.levels[:-1, 0] - 1

    np.testing.assert_allclose(returns(late - timedelta(seconds=1)), [0, -0.49, 0, 1 / 49], atol=1e-12)
    np.testing.assert_allclose(returns(late), [0, 0, 0, 1 / 49], atol=1e-12)
    np.testing.assert_allclose(returns(close(2), n_rows=3), [0, -0.49], atol=1e-12)
    assert TOTAL.levels_mean_nothing

"""Connectedness against statsmodels' VAR with a plain generalised decomposition, and the published table."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.tsa.api import VAR

from selloff.detection.fragility import Connectedness, connectedness, rolling_connectedness

PUBLISHED = [
    [88.76, 7.29, 0.35, 3.61],
    [10.21, 81.45, 2.73, 5.61],
    [0.47, 3.70, 93.69, 2.14],
    [5.69, 7.03, 1.55, 85.73],
]
"""Diebold and Yilmaz 2012, table 2: rows receive, columns give; stocks, bonds, commodities, FX. All cells as printed by
the author of the data file's package, gabauerdavid.github.io/ConnectednessApproach/2012DieboldYilmaz."""


def generalised_table(terms, covariance):
    """Equations 1 and 2 of the paper, term by term, in per cent."""
    n = len(covariance)
    theta = np.zeros((n, n))
    for i in range(n):
        below = sum(float(a[i] @ covariance @ a[i]) for a in terms)
        for j in range(n):
            theta[i, j] = sum(float(a[i] @ covariance[:, j]) ** 2 for a in terms) / covariance[j, j] / below
    return 100 * theta / theta.sum(axis=1, keepdims=True)


def by_statsmodels(values, lags, horizon):
    fitted = VAR(values).fit(lags)
    return generalised_table(fitted.ma_rep(horizon - 1), np.asarray(fitted.sigma_u))


def by_loop(values, lags, horizon):
    """Least squares on the sessions that are complete with all their lags; None if there are too few."""
    n = values.shape[1]
    rows = [t for t in range(lags, len(values)) if not np.isnan(values[t - lags : t + 1]).any()]
    if len(rows) < 2 * (1 + lags * n):
        return None
    x = np.array([np.concatenate([[1.0], *(values[t - lag] for lag in range(1, lags + 1))]) for t in rows])
    b = np.linalg.lstsq(x, values[rows], rcond=None)[0]
    residual = values[rows] - x @ b
    slopes = [b[1 + lag * n : 1 + (lag + 1) * n].T for lag in range(lags)]
    terms = [np.eye(n)]
    while len(terms) < horizon:
        terms.append(sum(slopes[lag] @ terms[-1 - lag] for lag in range(min(lags, len(terms)))))
    return generalised_table(terms, residual.T @ residual / len(rows))


@pytest.fixture(scope="module")
def autoregressive():
    """(500, 4) with spillovers and a large mean."""
    random = np.random.default_rng(0)
    values = np.zeros((500, 4))
    slopes = 0.35 * np.eye(4) + 0.15 * random.standard_normal((4, 4))
    mixing = random.standard_normal((4, 4))
    for t in range(1, 500):
        values[t] = slopes @ values[t - 1] + mixing @ random.standard_normal(4)
    return values * [1, 10, 0.1, 3] + [50, -8, 0, 1000]


@pytest.mark.shared
def test_published_table_cell_by_cell(shared_file):
    values = np.loadtxt(shared_file("published/dy2012.csv"), delimiter=",", skiprows=1, usecols=(1, 2, 3, 4))
    found = connectedness(values, lags=4, horizon=10)
    np.testing.assert_array_equal(np.round(found.shares, 2), PUBLISHED)
    assert round(found.total, 2) == 12.59
    np.testing.assert_array_equal(np.round(found.from_others, 2), [11.24, 18.55, 6.31, 14.27])
    np.testing.assert_array_equal(np.round(found.to_others, 2), [16.37, 18.01, 4.62, 11.36])
    np.testing.assert_array_equal(np.round(found.net, 2), [5.13, -0.54, -1.69, -2.90])


@pytest.mark.parametrize(("lags", "horizon"), [(1, 1), (1, 5), (2, 10), (4, 10)])
def test_whole_sample_equals_statsmodels(autoregressive, lags, horizon):
    found = connectedness(autoregressive, lags=lags, horizon=horizon)
    np.testing.assert_allclose(found.shares, by_statsmodels(autoregressive, lags, horizon), rtol=1e-8)


@pytest.mark.parametrize(("window", "lags", "horizon"), [(60, 1, 3), (100, 2, 10), (150, 3, 6)])
def test_every_window_equals_statsmodels(autoregressive, window, lags, horizon):
    found = rolling_connectedness(autoregressive, window=window, lags=lags, horizon=horizon)
    assert np.isnan(found.shares[: window - 1]).all()
    for t in range(window - 1, len(autoregressive)):
        expected = by_statsmodels(autoregressive[t - window + 1 : t + 1], lags, horizon)
        np.testing.assert_allclose(found.shares[t], expected, rtol=1e-7)


def test_gaps_follow_the_rule_by_loop(gappy, eligible_at):
    moves, window, lags = gappy(420, 1, 5), 120, 2
    found = rolling_connectedness(moves, window=window, lags=lags, horizon=10)
    sizes = set()
    for t in range(len(moves)):
        columns = eligible_at(moves, t, window)
        expected = np.full((moves.shape[1],) * 2, math.nan)
        if len(columns) >= 2:
            table = by_loop(moves[t - window + 1 : t + 1, columns], lags, 10)
            if table is not None:
                expected[np.ix_(columns, columns)] = table
                sizes.add(len(columns))
        np.testing.assert_allclose(found.shares[t], expected, rtol=1e-7, err_msg=str(t))
    assert sizes == {4, 5}


def test_directions_by_loop(autoregressive):
    with_gap = np.column_stack([autoregressive, np.full(500, math.nan)])
    rolled = rolling_connectedness(with_gap, window=200)
    table = rolled.at(-1)
    shares = table.shares[:4, :4]
    received = [sum(shares[i, j] for j in range(4) if j != i) for i in range(4)]
    given = [sum(shares[j, i] for j in range(4) if j != i) for i in range(4)]
    np.testing.assert_allclose(table.from_others[:4], received)
    np.testing.assert_allclose(table.to_others[:4], given)
    np.testing.assert_allclose(table.net[:4], np.subtract(given, received))
    assert table.total == pytest.approx(sum(received) / 4)
    assert np.isnan(table.from_others[4])
    for whole, one in [
        (rolled.total, table.total),
        (rolled.from_others, table.from_others),
        (rolled.to_others, table.to_others),
        (rolled.net, table.net),
    ]:
        np.testing.assert_array_equal(whole[-1], one)
    assert math.isnan(Connectedness(np.full((3, 3), math.nan)).total)


def test_shares_do_not_depend_on_order_or_units(autoregressive):
    order = [2, 0, 3, 1]
    found = connectedness(autoregressive).shares
    shuffled = connectedness(autoregressive[:, order] * [3.0, 0.01, 7.0, 100.0]).shares
    np.testing.assert_allclose(shuffled, found[np.ix_(order, order)], rtol=1e-8)
    np.testing.assert_allclose(found.sum(axis=1), 100.0)


def test_independent_series_are_hardly_connected():
    assert connectedness(np.random.default_rng(1).standard_normal((50_000, 3)), lags=1).total < 0.1


def test_collinear_windows_are_missing_and_the_others_are_not(autoregressive):
    values = np.column_stack([autoregressive, autoregressive[:, 0]])
    values[300:, 4] += np.random.default_rng(2).standard_normal(200)
    found = rolling_connectedness(values, window=100, lags=1)
    assert np.isnan(found.total[:300]).all()
    assert np.isfinite(found.total[399:]).all()


def test_a_series_that_has_only_just_begun_to_move_is_collinear():
    values = np.random.default_rng(4).standard_normal((200, 3))
    values[:151, 2] = 0.25  # constant as a lag until session 152
    found = rolling_connectedness(values, window=100, lags=1)
    assert np.isnan(found.shares[150, 2]).all()
    assert np.isfinite(found.total[150])
    assert np.isnan(found.total[151])
    assert np.isfinite(found.total[160:]).all()


def test_too_few_sessions_are_missing():
    values = np.random.default_rng(3).standard_normal((60, 10))
    assert np.isnan(rolling_connectedness(values, window=43, lags=2).total).all()  # 41 rows, 42 needed
    assert np.isfinite(rolling_connectedness(values, window=44, lags=2).total[-1])

"""The loading against its own definition and a simulation; shocks of a panel against explicit inverses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from selloff.attribution.policy_shock import (
    ASSETS,
    CAUSE,
    PRIOR_ANNOUNCEMENTS,
    PolicyShock,
    policy_shocks,
    shock_loading,
)
from selloff.attribution.signature import signatures
from selloff.catalog import default_catalogue
from selloff.panel import Panel, Window, window_moves

CATALOGUE = default_catalogue()
SIGNATURE = signatures([CATALOGUE.causes[CAUSE]], ASSETS, "adverse").moments()[0][0]
USUAL = np.array([[1.0, 0.2, 0.3], [0.2, 1.0, 0.8], [0.3, 0.8, 1.0]])
LOADING = np.array([-0.5, 1.2, 0.4])


def drawn(n: int, shocks: np.ndarray | float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((n, 3)) @ np.linalg.cholesky(USUAL).T
    return noise + np.multiply.outer(np.broadcast_to(shocks, n), LOADING)


def test_without_announcements_it_is_the_signature_s_own_filter():
    others = drawn(4000, 0.0, 1)
    found = shock_loading(others, np.empty((0, 3)), SIGNATURE)
    usual = others.T @ others / len(others)
    np.testing.assert_allclose(found.loading, SIGNATURE, rtol=1e-9)
    expected = SIGNATURE @ np.linalg.inv(usual + np.outer(SIGNATURE, SIGNATURE))
    np.testing.assert_allclose(found.weights, expected, rtol=1e-9)


def test_many_announcements_teach_the_loading():
    """Loading and shocks of a simulation whose truth is known, whatever the signature said."""
    shocks = np.random.default_rng(3).standard_normal(20_000)
    others, announced = drawn(40_000, 0.0, 1), drawn(20_000, shocks, 2)
    found = shock_loading(others, announced, SIGNATURE)
    np.testing.assert_allclose(found.loading, LOADING, atol=0.05)
    expected = LOADING @ np.linalg.inv(USUAL + np.outer(LOADING, LOADING))
    np.testing.assert_allclose(found.weights, expected, atol=0.05)
    read = announced @ found.weights
    assert np.corrcoef(read, shocks)[0, 1] > np.corrcoef(announced[:, 1], shocks)[0, 1] + 0.05


@pytest.mark.parametrize("scale", [np.array([3.0, 0.1, 20.0])])
def test_units_do_not_matter(scale):
    others, announced = drawn(500, 0.0, 4), drawn(60, 1.0, 5)
    one = shock_loading(others, announced, SIGNATURE)
    other = shock_loading(others * scale, announced * scale, SIGNATURE * scale)
    np.testing.assert_allclose(other.loading, one.loading * scale, rtol=1e-7)
    np.testing.assert_allclose(announced * scale @ other.weights, announced @ one.weights, rtol=1e-7)


def scene(sessions, day: str, seed: int = 7) -> tuple[Panel, Window, dict]:
    """A drawn history of the three assets up to a session."""
    row = int(np.searchsorted(sessions.dates, np.datetime64(day)))
    start = row - 900
    days = sessions.dates[start : row + 1]
    specs = tuple(CATALOGUE.series[CATALOGUE.assets[a].series[0]] for a in ASSETS)
    moves = drawn(len(days), 0.0, seed) * np.array([1.0, 5.0, 5.0])
    path = np.cumsum(moves / 100.0, axis=0)
    levels = np.column_stack([100.0 * np.exp(path[:, 0]), 50.0 + path[:, 1], 50.0 + path[:, 2]])
    levels = np.vstack([np.full((start, 3), np.nan), levels])
    panel = Panel(sessions.dates[: row + 1], specs, levels, np.ones(levels.shape, dtype=np.int64), pl.DataFrame(), None)
    window = Window(*(sessions.dates[r].item() for r in (row - 1, row, row)), row - 1, row)
    return panel, window, dict(zip(ASSETS, window_moves(panel, window), strict=True))


def read(sessions, day: str, as_of: datetime | None = None, drop: str = "") -> tuple[PolicyShock, ...]:
    panel, window, bound = scene(sessions, day)
    bound = {a: m for a, m in bound.items() if a != drop}
    return policy_shocks(panel, window, bound, CATALOGUE, sessions, as_of)


def test_a_day_with_an_announcement_against_explicit_inverses(sessions):
    day = "2022-06-15"
    panel, _window, _ = scene(sessions, day)
    (found,) = read(sessions, day)
    z = panel.daily_moves[1:] / panel.volatility[:-1]
    rows = np.flatnonzero(~np.isnan(z).any(axis=1))[:-1]
    announced = {e.reacts_on(sessions) for e in CATALOGUE.events.tables["fomc"].events}
    there = np.array([panel.sessions[r + 1].item() in announced for r in rows])
    usual = np.cov(z[rows[~there]].T, bias=True) + np.outer(z[rows[~there]].mean(axis=0), z[rows[~there]].mean(axis=0))
    prior = PRIOR_ANNOUNCEMENTS * (usual + np.outer(SIGNATURE, SIGNATURE))
    answered = (prior + sum(np.outer(v, v) for v in z[rows[there]])) / (PRIOR_ANNOUNCEMENTS + there.sum())
    ratio, directions = np.linalg.eig(np.linalg.inv(usual) @ answered)
    w = np.real(directions[:, np.argmax(np.real(ratio))])
    w /= np.sqrt(w @ usual @ w)
    loading = np.sqrt(np.real(ratio).max() - 1.0) * usual @ w
    loading *= np.sign(loading @ SIGNATURE)
    size = loading @ np.linalg.inv(usual + np.outer(loading, loading)) @ z[-1]
    assert found.n_announcements == there.sum() > 15
    assert found.size == pytest.approx(size, rel=1e-6)
    for asset, j in zip(ASSETS, range(3), strict=True):
        assert found.moves[asset] == pytest.approx(size * loading[j] * panel.volatility[-2, j], rel=1e-6)


def test_none_without_an_announcement_an_asset_or_knowledge_of_it(sessions):
    assert read(sessions, "2022-06-14") == ()
    assert read(sessions, "2022-06-15", drop="us10y") == ()
    assert len(read(sessions, "2020-03-16", datetime(2020, 3, 17, 13, tzinfo=UTC))) == 1
    assert read(sessions, "2020-03-16", datetime(2020, 3, 15, 13, tzinfo=UTC)) == ()


@pytest.mark.parametrize("asset", ASSETS)
def test_none_from_a_stand_in_whose_moves_are_no_basis_points(sessions, asset):
    panel, window, bound = scene(sessions, "2022-06-15")
    move = bound[asset]
    standing = replace(move, series=move.series.model_copy(update={"flags": ("stand_in",)}))
    assert len(policy_shocks(panel, window, bound, CATALOGUE, sessions, None)) == 1
    assert policy_shocks(panel, window, {**bound, asset: standing}, CATALOGUE, sessions, None) == ()

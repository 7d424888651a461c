"""Decompositions: sums, closed forms, missing assets, JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from attribution.structural.planted import SMALL, world
from selloff.attribution.structural.decomposition import decompose
from selloff.attribution.structural.model import StructuralModel, structural_model
from selloff.attribution.structural.reduced_form import DEGREES_OF_FREEDOM

UNIT = np.array([1.1, 0.5, 3.0, 0.2, 1.0, 7.0])


@pytest.fixture(scope="module")
def model() -> StructuralModel:
    random = np.random.default_rng(5)
    made = structural_model(world(SMALL, 1, random).moves(400, random), SMALL, 1, draws=300)
    assert isinstance(made, StructuralModel)
    return made


@pytest.mark.parametrize("moves", [[-3, -2, -1, 0, 1, 2], [0, 0, 0, 0, 0, 0], [-20, 5, 9, 1, -30, 2]])
def test_means_and_the_unexplained_add_to_the_log_move(model, moves):
    found = decompose(model, np.array(moves, dtype=float), UNIT, 1)
    assert found.contributions.sum(axis=0) + found.unexplained == pytest.approx(found.log_moves, abs=1e-12)
    assert found.log_moves == pytest.approx(np.array(moves) * UNIT)
    every = found.draws.sum(axis=1) + found.unexplained_draws
    assert every == pytest.approx(np.broadcast_to(found.log_moves, every.shape), abs=1e-9)


def test_means_are_those_of_the_draws_within_their_error(model):
    found = decompose(model, np.array([-3.0, -2, -1, 0, 1, 2]), UNIT, 1)
    error = found.draws.std(axis=0) / np.sqrt(len(found.draws))
    assert np.abs((found.draws.mean(axis=0) - found.contributions) / error).max() < 4.5


def test_one_draw_is_the_conditional_student(model):
    """With loadings known, the shock is Student t: location Λ′Σ⁻¹y, scale of the window's own size."""
    one = StructuralModel(
        **{
            **model.__dict__,
            "loadings": np.repeat(model.loadings[:1], 20_000, axis=0),
            "covariance": np.repeat(model.covariance[:1], 20_000, axis=0),
            "weights": np.full(20_000, 1 / 20_000),
        }
    )
    y = np.array([-3.0, -2, -1, 0, 1, 2])
    found = decompose(one, y, UNIT, 1)
    loadings, solved = model.loadings[0], np.linalg.solve(model.covariance[0], y)
    degrees = DEGREES_OF_FREEDOM + len(y)
    left = np.eye(3) - loadings.T @ np.linalg.solve(model.covariance[0], loadings)
    expected = left * (DEGREES_OF_FREEDOM + y @ solved) / degrees * degrees / (degrees - 2)
    assert found.shock_draws.mean(axis=0) == pytest.approx(loadings.T @ solved, abs=0.05)
    assert np.cov(found.shock_draws.T) == pytest.approx(expected, abs=0.05)


def test_a_missing_asset_takes_no_part(model):
    y = np.array([-3.0, np.nan, -1, 0, 1, 2])
    found = decompose(model, y, UNIT, 1)
    assert found.assets == tuple(a for i, a in enumerate(SMALL.assets) if i != 1)
    assert found.contributions.shape == (3, 5)
    kept = [0, 2, 3, 4, 5]
    covariance = model.covariance[:, kept][:, :, kept]
    solved = np.linalg.solve(covariance, np.broadcast_to(y[kept], (len(covariance), 5))[..., None])[..., 0]
    mean = np.einsum("nij,ni->nj", model.loadings[:, kept], solved)
    expected = (model.loadings[:, kept] * mean[:, None, :]).mean(axis=0).T * UNIT[kept]
    assert found.contributions == pytest.approx(expected)


def test_a_larger_window_is_less_certain(model):
    y = np.array([-3.0, -2, -1, 0, 1, 2])
    small, large = decompose(model, y, UNIT, 1), decompose(model, 5 * y, UNIT, 1)
    assert large.contributions == pytest.approx(5 * small.contributions)
    assert np.all(large.shock_draws.std(axis=0) > 2 * small.shock_draws.std(axis=0))


def test_bounds_hold_the_means_and_bands_are_ordered(model):
    found = decompose(model, np.array([-3.0, -2, -1, 0, 1, 2]), UNIT, 1)
    assert np.all(found.published.low <= found.contributions) and np.all(found.contributions <= found.published.high)
    assert np.all(found.stated.low >= found.published.low - 1e-9)
    assert np.all(found.stated.high <= found.published.high + 1e-9)
    (low90, high90), (low68, high68) = found.band("90"), found.band("68")
    assert np.all(low90 <= low68) and np.all(low68 <= high68) and np.all(high68 <= high90)
    assert not any(found.published.exclude_zero())


def test_to_dict_is_json_and_adds_up(model):
    found = json.loads(json.dumps(decompose(model, np.array([-3.0, -2, -1, 0, 1, 2]), UNIT, 1).to_dict()))
    shares = [s["share"] for s in found["shocks"].values()]
    assert sum(shares) + found["unexplained"]["share"] == pytest.approx(1.0)
    for asset, move in found["log_moves"].items():
        parts = [s["contributions"][asset] for s in found["shocks"].values()]
        assert sum(parts) + found["unexplained"]["moves"][asset] == pytest.approx(move)


def test_the_same_seed_gives_the_same_bytes(model):
    y = np.array([-3.0, -2, -1, 0, 1, 2])
    one, two = decompose(model, y, UNIT, 1), decompose(model, y, UNIT, 1)
    assert one.draws.tobytes() == two.draws.tobytes()

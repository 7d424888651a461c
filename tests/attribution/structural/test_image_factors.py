"""The split into common factors and the rest."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.attribution.structural.image_factors import common_part


def covariance_of(seed: int, n: int, factors: int, own: np.ndarray) -> np.ndarray:
    loadings = np.random.default_rng(seed).standard_normal((n, factors))
    return loadings @ loadings.T + np.diag(own)


@pytest.mark.parametrize("n_factors", [1, 3, 6])
def test_what_is_left_is_a_covariance(n_factors):
    covariance = covariance_of(1, 7, 3, np.linspace(0.2, 2.0, 7))[None]
    base = common_part(covariance, np.linalg.inv(covariance), n_factors)
    assert base.shape == (1, 7, n_factors)
    assert np.linalg.eigvalsh(covariance - base @ base.transpose(0, 2, 1)).min() > -1e-10


def test_uncorrelated_assets_have_nothing_in_common():
    covariance = np.diag([1.0, 4.0, 0.5, 2.0])[None]
    assert np.abs(common_part(covariance, np.linalg.inv(covariance), 2)).max() < 1e-7


def test_rescaling_an_asset_rescales_its_row_alone():
    covariance = covariance_of(2, 6, 2, np.ones(6))
    scale = np.array([1.0, 10.0, 0.1, 3.0, 1.0, 1.0])
    rescaled = covariance * np.outer(scale, scale)
    one = common_part(covariance[None], np.linalg.inv(covariance)[None], 2)[0]
    two = common_part(rescaled[None], np.linalg.inv(rescaled)[None], 2)[0]
    assert two @ two.T == pytest.approx(np.outer(scale, scale) * (one @ one.T), rel=1e-8)


def test_the_direct_construction_agrees():
    covariance = covariance_of(3, 6, 2, np.linspace(0.5, 1.5, 6))
    own = np.diag(1 / np.diag(np.linalg.inv(covariance)))
    root = np.sqrt(own)
    values, vectors = np.linalg.eigh(np.linalg.inv(root) @ covariance @ np.linalg.inv(root))
    expected = root @ vectors[:, -2:] @ np.diag(values[-2:] - values[:-2].mean()) @ vectors[:, -2:].T @ root
    base = common_part(covariance[None], np.linalg.inv(covariance)[None], 2)[0]
    assert base @ base.T == pytest.approx(expected, abs=1e-9)

"""Walk-forward against a loop, and nothing later ever matters."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.scorecard.walk_forward import in_folds, walk_forward


@pytest.fixture
def case() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(4)
    offsets = np.sort(random.integers(0, 60, 50))  # some dates come twice
    days = np.datetime64("2005-01-01") + offsets.astype("timedelta64[D]")
    return days, random.normal(size=(50, 2)), random.dirichlet(np.ones(3), 50)


def _fit(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return labels.mean(axis=0)


def _predict(model: np.ndarray, features: np.ndarray) -> np.ndarray:
    return model + features[:, :1] * np.array([[1.0, -1.0, 0.0]])


def test_against_a_loop(case):
    days, features, labels = case
    found = walk_forward(days, features, labels, _fit, _predict, fewest=5)
    for i in range(len(days)):
        known = [j for j in range(len(days)) if days[j] < days[i]]
        if len(known) < 5:
            assert np.isnan(found[i]).all()
        else:
            expected = np.mean(labels[known], axis=0) + features[i, 0] * np.array([1.0, -1.0, 0.0])
            np.testing.assert_allclose(found[i], expected, rtol=1e-12)


def test_later_and_same_day_labels_never_matter(case):
    days, features, labels = case
    whole = walk_forward(days, features, labels, _fit, _predict)
    for cut in (10, 25, 40):
        spoilt = np.where(days[:, None] >= days[cut], 99.0, labels)
        again = walk_forward(days, features, spoilt, _fit, _predict)
        kept = days <= days[cut]
        np.testing.assert_array_equal(again[kept], whole[kept])


def test_refitting_rarely_uses_an_older_fit(case):
    days, features, labels = case
    fits: list[int] = []

    def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        fits.append(len(y))
        return y.mean(axis=0)

    walk_forward(days, features, labels, fit, _predict, refit_every=10)
    assert len(fits) >= 3
    assert (np.diff(fits) >= 10).all()


def test_days_out_of_order_are_refused(case):
    days, features, labels = case
    with pytest.raises(ValueError, match="in order"):
        walk_forward(days[::-1], features, labels, _fit, _predict)


def test_folds_leave_their_own_block_out(case):
    _, features, labels = case
    found = in_folds(features, labels, _fit, _predict, folds=5)
    rest = np.concatenate([labels[:10], labels[20:]]).mean(axis=0)
    np.testing.assert_allclose(found[12], rest + features[12, 0] * np.array([1.0, -1.0, 0.0]))

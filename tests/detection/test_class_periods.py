"""The return period of each class that is down, by itself and from what was known before the window."""

from __future__ import annotations

import numpy as np
import pytest

import worlds
from selloff.detection.joint_fall import RARITY_HISTORY
from selloff.detection.rarity import fit_pareto, fit_resamples, return_period


@pytest.mark.parametrize("seed", range(5))
def test_fits_of_resamples_equal_fits_of_the_samples_built_by_hand(seed):
    random = np.random.default_rng(seed)
    ordered = np.sort(random.standard_t(3, 40) ** 2)
    counts = random.poisson(1.0, (30, 40)).astype(float)
    shapes, scales = fit_resamples(ordered, counts)
    for row, shape, scale in zip(counts, shapes, scales, strict=True):
        assert (shape, scale) == pytest.approx(fit_pareto(np.repeat(ordered, row.astype(int))), rel=1e-9)


def test_a_resample_of_nothing_or_of_equal_values_has_a_fit():
    shapes, scales = fit_resamples(np.array([1.0, 2.0]), np.array([[0.0, 0.0], [3.0, 0.0]]))
    assert np.isfinite(shapes).all() and (scales > 0).all()


@pytest.mark.parametrize("when", [str(worlds.CRASH), str(worlds.CRYPTO_DAY)])
def test_each_class_that_is_down_has_the_period_of_its_own_history(explain_world, when):
    joint = explain_world(when).joint
    assert joint.classes_down
    assert set(joint.class_periods) == set(joint.classes_down) & set(joint.rarity_classes)
    for period in joint.class_periods.values():
        assert period.history_years >= RARITY_HISTORY / 252 or period.mid is None


def test_a_class_alone_may_be_rare_where_half_of_them_are_as_usual():
    """Nine quiet classes and one that crashes: the k-th worst says nothing of it."""
    random = np.random.default_rng(3)
    history = random.standard_normal((2600, 9))
    now = np.append(np.full(8, 0.1), 9.0)
    alone = return_period(history[:, 8], float(now[8]), 1)
    half = return_period(np.sort(history, axis=1)[:, 4], float(np.sort(now)[4]), 1)
    assert half.mid is not None and half.mid < 0.5
    assert alone.mid is not None and alone.mid > 10 * half.mid

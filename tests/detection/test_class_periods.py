"""The return period of each class that is down, by itself and from what was known before the window."""

from __future__ import annotations

import numpy as np
import pytest

from naive import NAN, make_panel, window_of
from selloff.catalog import default_catalogue
from selloff.detection import joint_fall
from selloff.detection.depth import class_history, sigma_history
from selloff.detection.joint_fall import RARITY_HISTORY
from selloff.detection.rarity import fit_pareto, fit_resamples, return_period
from selloff.panel import window_moves

SERIES = ["sp500", "aapl_adj", "gld_adj", "wti_spot", "ust_10y"]


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


def _joint_fall(n: int, first_of_gold: int = 0, later: float = 0.0):
    """Gold crashes on row 1700, the others do nothing unusual; `later` moves everything after it."""
    random = np.random.default_rng(5)
    moves = random.standard_t(4, (1900, len(SERIES)))
    moves[1700, 2] = -20.0
    moves[1701:] += later
    levels = 100 * np.exp(np.cumsum(moves, axis=0) / 100)
    levels[:first_of_gold, 2] = NAN
    panel = make_panel(levels, SERIES)
    window = window_of(panel, 1700 - n, 1700)
    found = joint_fall(panel, window, {m.series.id: m for m in window_moves(panel, window)}, default_catalogue())
    return panel, window, found


@pytest.mark.parametrize("n", [1, 3])
def test_a_class_that_is_down_has_the_period_of_its_own_history_before_the_window(n):
    """Precious metals alone are rare; half of the classes at their depth are not."""
    panel, window, found = _joint_fall(n)
    assert found.classes_down == ("precious_metals",) == tuple(found.class_periods)
    depth = next(d for d in found.depths if d.asset_class.id == "precious_metals")
    sigmas = sigma_history(panel, n, window.base_row)
    history = class_history(panel, sigmas, [depth.members])[:, 0]
    assert found.class_periods["precious_metals"] == return_period(-history, -depth.depth, n)
    assert found.class_periods["precious_metals"].mid > 10 * found.return_period.mid


def test_what_comes_after_the_window_changes_no_period():
    assert _joint_fall(1)[2].class_periods == _joint_fall(1, later=-3.0)[2].class_periods


def test_a_class_with_a_short_history_has_none():
    """Gold's sigmas begin 40 sessions after its prices: five years of them before row 1700, or not."""
    short, long = (_joint_fall(1, 1700 - 40 - RARITY_HISTORY + more)[2] for more in (5, -5))
    assert short.classes_down == long.classes_down == ("precious_metals",)
    assert not short.class_periods and long.class_periods["precious_metals"].mid is not None

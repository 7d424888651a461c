"""Absorption ratio and its shift against loops."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from selloff.detection.fragility import absorption
from selloff.detection.fragility.absorption import standardised_shift


def naive_ratio(moves, window, half_life, eligible_at):
    out = []
    for t in range(len(moves)):
        columns = eligible_at(moves, t, window)
        total, weighted, rows = 0.0, [], []
        for age in range(window):
            if t - age < 0:
                break
            row = moves[t - age, columns]
            if not np.isnan(row).any():
                weighted.append(0.5 ** (age / half_life))
                rows.append(row)
                total += weighted[-1]
        if len(columns) < 5 or len(rows) < max(40, 2 * len(columns)):
            out.append(math.nan)
            continue
        mean = sum(w * r for w, r in zip(weighted, rows, strict=True)) / total
        covariance = sum(w * np.outer(r - mean, r - mean) for w, r in zip(weighted, rows, strict=True)) / total
        eigenvalues = sorted(np.linalg.eigvals(covariance).real, reverse=True)
        n_vectors = max(1, round(len(columns) / 5))
        out.append(sum(eigenvalues[:n_vectors]) / sum(np.diag(covariance)))
    return out


@pytest.mark.parametrize(("n_sessions", "window", "half_life", "n_plain"), [(300, 60, 30, 3), (420, 80, 40, 9)])
def test_ratio_equals_the_loop(gappy, eligible_at, n_sessions, window, half_life, n_plain):
    moves = gappy(n_sessions, n_plain, n_plain)
    found = absorption(moves, window=window, half_life=half_life)
    np.testing.assert_allclose(found.ratio, naive_ratio(moves, window, half_life, eligible_at), rtol=1e-9)
    assert len(set(found.n_series.tolist())) >= 3


def test_defaults_are_the_papers(gappy, eligible_at):
    moves = gappy(640, 5, 9)
    np.testing.assert_allclose(absorption(moves).ratio, naive_ratio(moves, 500, 250, eligible_at), rtol=1e-9)


def test_shift_equals_the_loop():
    random = np.random.default_rng(0)
    ratio = 0.5 + 0.1 * np.cumsum(random.standard_normal(700)) / 30
    ratio[:30] = math.nan
    ratio[random.random(700) < 0.02] = math.nan
    ratio[400:405] = math.nan
    expected = []
    for t in range(700):
        year = [x for x in ratio[max(t - 251, 0) : t + 1] if not math.isnan(x)]
        short = [x for x in ratio[max(t - 14, 0) : t + 1] if not math.isnan(x)]
        ok = t >= 251 and len(short) >= 12 and len(year) >= 0.8 * 252
        gap = statistics.fmean(short) - statistics.fmean(year) if ok else math.nan
        expected.append(gap / statistics.stdev(year) if ok else math.nan)
    found = standardised_shift(ratio)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert np.isnan(found[404])
    assert np.isfinite(found[-1])


def test_a_ratio_that_does_not_move_has_no_shift():
    assert np.isnan(standardised_shift(np.full(400, 0.6))).all()
    assert np.isnan(standardised_shift(np.full(100, 0.6))).all()


def test_independent_series_absorb_a_fifth_and_one_factor_absorbs_all():
    random = np.random.default_rng(1)
    apart = absorption(random.standard_normal((3000, 10)), window=3000, half_life=1e9).ratio[-1]
    assert apart == pytest.approx(0.2, abs=0.02)
    one = random.standard_normal((600, 1)) @ np.ones((1, 10))
    assert absorption(one + 1e-6 * random.standard_normal((600, 10))).ratio[-1] == pytest.approx(1.0, abs=1e-9)


def test_fewer_than_five_series_give_nothing():
    found = absorption(np.random.default_rng(2).standard_normal((200, 4)), window=100, half_life=50)
    assert np.isnan(found.ratio).all()
    assert not found.n_series.any()

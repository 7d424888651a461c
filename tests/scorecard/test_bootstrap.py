"""Resampled blocks, and the intervals they give."""

from __future__ import annotations

import numpy as np

from selloff.scorecard.bootstrap import block_counts, interval_of, seed_from_days

DAYS = np.array(["2001-03-01", "2001-11-02", "2003-01-02", "2003-12-31", "2008-10-01"], dtype="datetime64[D]")


def test_years_are_taken_whole():
    counts = block_counts(DAYS, seed_from_days(DAYS), draws=500)
    assert counts.shape == (500, 5)
    np.testing.assert_array_equal(counts[:, 0], counts[:, 1])
    np.testing.assert_array_equal(counts[:, 2], counts[:, 3])
    np.testing.assert_array_equal(counts[:, 0] + counts[:, 2] + counts[:, 4], 3.0)
    assert not np.array_equal(counts[:, 0], counts[:, 2])


def test_the_same_days_give_the_same_resamples():
    again = block_counts(DAYS, seed_from_days(DAYS))
    np.testing.assert_array_equal(block_counts(DAYS, seed_from_days(DAYS)), again)
    assert seed_from_days(DAYS[:-1]) != seed_from_days(DAYS)


def test_one_year_has_no_interval():
    counts = block_counts(DAYS[:2], 1)
    found = interval_of(0.3, np.array([]))
    assert counts.shape == (0, 2)
    assert found.mid == 0.3 and np.isnan(found.low) and np.isnan(found.high)


def test_width_is_that_of_the_mean_of_years():
    """With one day a year the interval is that of a mean of independent values: ± 1.645 standard errors."""
    years = np.arange("1800", "2000", dtype="datetime64[Y]").astype("datetime64[D]")
    values = np.random.default_rng(2).normal(size=len(years))
    counts = block_counts(years, 5, draws=4000)
    found = interval_of(float(values.mean()), counts @ values / counts.sum(axis=1))
    error = values.std() / np.sqrt(len(values))
    assert abs((found.high - found.low) / (2 * 1.645 * error) - 1) < 0.06


def test_the_interval_holds_the_number():
    found = interval_of(0.1, np.linspace(0.2, 0.3, 50))
    assert found.low == 0.1 < found.high

"""Rolling connectedness: 8,000 sessions × 10 series, window 250, lag 2, H = 10; not asserted, compared below.

The loop over statsmodels' VAR takes 10 to 20 seconds; it is timed on 200 of the 7,751 windows, interleaved with the
fast version, and scaled. `ratio` and both times go into the benchmark's extra info.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from statsmodels.tsa.api import VAR

from selloff.detection.fragility import rolling_connectedness

SESSIONS, SERIES, WINDOW, LAGS, HORIZON = 8000, 10, 250, 2, 10
SLICE = 200


def statsmodels_table(values):
    """Generalised decomposition on a fitted VAR, vectorised, as a fair competitor."""
    fitted = VAR(values).fit(LAGS)
    covariance = np.asarray(fitted.sigma_u)
    effects = fitted.ma_rep(HORIZON - 1) @ covariance
    shares = (effects**2).sum(axis=0) / np.diag(covariance)
    return 100 * shares / shares.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def values():
    random = np.random.default_rng(0)
    return random.standard_t(4, (SESSIONS, 1)) * 0.7 + random.standard_t(4, (SESSIONS, SERIES))


def test_rolling_connectedness(benchmark, values):
    found = benchmark(rolling_connectedness, values, window=WINDOW, lags=LAGS, horizon=HORIZON)
    fast, slow = [], 0.0
    for t in range(WINDOW - 1, WINDOW - 1 + SLICE):
        began = time.perf_counter()
        table = statsmodels_table(values[t - WINDOW + 1 : t + 1])
        slow += time.perf_counter() - began
        np.testing.assert_allclose(found.shares[t], table, rtol=1e-7)
        if (t - WINDOW) % 40 == 0:
            began = time.perf_counter()
            rolling_connectedness(values, window=WINDOW, lags=LAGS, horizon=HORIZON)
            fast.append(time.perf_counter() - began)
    scaled = slow / SLICE * (SESSIONS - WINDOW + 1)
    benchmark.extra_info["fast_seconds_median"] = round(float(np.median(fast)), 3)
    benchmark.extra_info["statsmodels_seconds_scaled"] = round(scaled, 2)
    benchmark.extra_info["ratio"] = round(scaled / float(np.median(fast)), 1)

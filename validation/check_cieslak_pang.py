"""Cieslak and Pang's shocks on par yields: variance shares of stocks, and two windows of March 2020.

Daily VAR(1) (the Schwarz criterion chooses 1 of 1 to 10), diffuse prior, 1983 to 4 January 2021, 2y, 5y, 10y yields
and the S&P 500. Targets: medians of the stock shares .10/.05/.37/.31; 9–18 March 2020: common premium −11.6 of −23.0
points; 20 February to 23 March: hedging premium −20.9 of −45.8. Points are log per cent of surprises.

Tolerances. Shares: 0.03; the spread of a share is 0.25, so the median of the 1,000 rotations of the replication has a
standard error of 0.009, and 0.03 is three of them and rounding. Naive accept–reject on the same residuals is printed
beside it: it says where the share goes with more rotations. Points: 1.0 for posterior means, whose standard error is
about 0.3; totals 0.1.

Run:  python validation/check_cieslak_pang.py [--write]
"""

from __future__ import annotations

import argparse
import itertools
from typing import Any

import numpy as np

from selloff.attribution.structural.reduced_form import schwarz_lag
from selloff.attribution.structural.sampler import Infeasible
from selloff.attribution.structural.var_system import cieslak_pang, var_system
from shared_series import common_days, daily_moves, report, rows

FILES = {"ust_2y.csv": "value", "ust_5y.csv": "value", "ust_10y.csv": "value", "sp500_close.csv": "value"}
TARGET_SHARES = (0.10, 0.05, 0.37, 0.31)
NAIVE_ROTATIONS = 3_000_000
WINDOWS = {
    "2020-03-09:2020-03-18": ("2020-03-09", "2020-03-18", "common_premium", -11.6, -23.0),
    "2020-02-20:2020-03-23": ("2020-02-20", "2020-03-23", "hedging_premium", -20.9, -45.8),
}


def naive_shares(covariance: np.ndarray, rotations: int, seed: int) -> tuple[list[float], int]:
    """Stock share medians at impact by drawing rotations and rejecting, apart from the code that is checked."""
    random = np.random.default_rng(seed)
    root = np.linalg.cholesky(covariance)
    kept = []
    for _ in range(rotations // 50_000):
        q, r = np.linalg.qr(random.standard_normal((50_000, 4, 4)))
        impact = root @ (q * np.sign(np.einsum("nii->ni", r))[:, None, :])
        # the order of columns and their signs carry no prior weight: sort by what the columns could be
        impact = np.where(impact[:, 2:3] < 0, -impact, impact)
        size, sign = np.abs(impact), np.sign(impact)
        rise = (sign[:, 0] > 0) & (sign[:, 1] > 0)
        stocks_up = sign[:, 3] > 0
        steeper = (size[:, 0] < size[:, 1]) & (size[:, 1] < size[:, 2])
        flatter = (size[:, 0] > size[:, 1]) & (size[:, 1] > size[:, 2])
        short_end = (size[:, 0] > size[:, 2]) & (size[:, 1] > size[:, 2])
        fits = [
            rise & stocks_up & short_end,
            rise & ~stocks_up & flatter,
            rise & stocks_up & steeper,
            rise & ~stocks_up & steeper,
        ]
        for order in itertools.permutations(range(4)):
            good = np.all([fits[j][:, k] for j, k in enumerate(order)], axis=0)
            variance = impact[good][:, :, list(order)] ** 2
            short = variance[:, 0, :2].sum(axis=1) > variance[:, 0, 2:].sum(axis=1)
            long = variance[:, 2, :2].sum(axis=1) < variance[:, 2, 2:].sum(axis=1)
            kept.append(variance[short & long, 3] / variance[short & long, 3].sum(axis=1, keepdims=True))
    shares = np.concatenate(kept)
    return np.median(shares, axis=0).round(3).tolist(), len(shares)


def check(draws: int = 1000, seed: int = 1) -> dict[str, Any]:
    """Reproduce the figures; `passed` says which are within tolerance."""
    days, moves = daily_moves(*common_days(FILES, "1983-01-01", "2021-01-04"), yields=3)
    system = var_system(moves, cieslak_pang(), seed, lags=schwarz_lag(moves, 10), draws=draws)
    assert not isinstance(system, Infeasible)
    shares = np.median(system.variance_shares(10)[:, 3], axis=0)
    found: dict[str, Any] = {
        "sessions": len(moves),
        "lags": system.lags,
        "draws": len(system.impact),
        "feasible_share": system.feasible_share,
        "stock_shares_median": dict(zip(system.restrictions.shocks, shares.round(3).tolist(), strict=True)),
        "stock_shares_target": TARGET_SHARES,
        "passed": {"stock_shares": bool(np.all(np.abs(shares - TARGET_SHARES) <= 0.03))},
    }
    for name, (first, last, shock, target, total) in WINDOWS.items():
        contributions, _ = system.decompose(*rows(days, first, last))
        stocks = contributions[:, 3]
        j = system.restrictions.shocks.index(shock)
        mean, whole = float(stocks[:, j].mean()), float(np.median(stocks.sum(axis=1)))
        found[name] = {
            "shock": shock,
            "mean": round(mean, 2),
            "median": round(float(np.median(stocks[:, j])), 2),
            "band_90": np.quantile(stocks[:, j], [0.05, 0.95]).round(1).tolist(),
            "whole_set": [round(float(stocks[:, j].min()), 1), round(float(stocks[:, j].max()), 1)],
            "surprises": round(whole, 2),
            "target": [target, total],
        }
        found["passed"][name] = abs(mean - target) <= 1.0 and abs(whole - total) <= 0.1
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    found = check(draws=8000)
    days, moves = daily_moves(*common_days(FILES, "1983-01-01", "2021-01-04"), yields=3)
    design = np.column_stack([np.ones(len(moves) - 1), moves[:-1]])
    residuals = moves[1:] - design @ np.linalg.lstsq(design, moves[1:], rcond=None)[0]
    shares, kept = naive_shares(np.cov(residuals.T), NAIVE_ROTATIONS, 2)
    found["naive_accept_reject"] = {"stock_shares_median": shares, "accepted": kept}
    report("cieslak_pang", found, parser.parse_args().write)

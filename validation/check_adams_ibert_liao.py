"""Adams, Ibert and Liao: how much of Bitcoin's fall in 2022 tightening accounts for.

Daily VAR(1), diffuse prior, January 2019 to February 2024, 2-year yield, S&P 500 and Bitcoin (UTC close on New York
days; weekends fall into Monday). Their stablecoins are not in the data, so what is Bitcoin's own stays in one column.
Target: over two thirds. Compared: the median over draws of tightening's part of the surprises of 2022, and of the
actual log fall.

Run:  python validation/check_adams_ibert_liao.py [--write]
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from selloff.attribution.structural.sampler import Infeasible
from selloff.attribution.structural.var_system import adams_ibert_liao, var_system
from shared_series import common_days, daily_moves, report, rows

FILES = {"ust_2y.csv": "value", "sp500_close.csv": "value", "crypto_daily_close.csv": "BTC"}


def check(draws: int = 1000, seed: int = 1) -> dict[str, Any]:
    """Reproduce the statement; `passed` says whether it holds."""
    days, moves = daily_moves(*common_days(FILES, "2019-01-01", "2024-02-29"), yields=1)
    system = var_system(moves, adams_ibert_liao(), seed, draws=draws)
    assert not isinstance(system, Infeasible)
    first, last = rows(days, "2022-01-01", "2022-12-31")
    contributions, _ = system.decompose(first, last)
    bitcoin = contributions[:, 2]
    fall = float(moves[first : last + 1, 2].sum())
    of_surprises = bitcoin[:, 0] / bitcoin.sum(axis=1)
    return {
        "sessions": len(moves),
        "draws": len(bitcoin),
        "fall": round(fall, 1),
        "surprises": round(float(np.median(bitcoin.sum(axis=1))), 1),
        "tightening_median": round(float(np.median(bitcoin[:, 0])), 1),
        "share_of_surprises_median": round(float(np.median(of_surprises)), 2),
        "share_of_surprises_90": np.quantile(of_surprises, [0.05, 0.95]).round(2).tolist(),
        "share_of_fall_median": round(float(np.median(bitcoin[:, 0]) / fall), 2),
        "passed": {"over_two_thirds": bool(np.median(of_surprises) > 2 / 3)},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    report("adams_ibert_liao", check(draws=4000), parser.parse_args().write)

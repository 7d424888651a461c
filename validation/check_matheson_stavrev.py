"""Matheson and Stavrev's two shocks in the taper of 2013: monetary first, news later.

Daily VAR(1), diffuse prior, 10-year yield and S&P 500, the Cieslak–Pang sample. Targets: 48 of 65 bp monetary from
22 May to 25 June 2013; from 5 July to the end of the year 59 of 63 bp news. Basis points of surprises, medians.

Tolerance: 3 bp. The set of rotations is a whole arc, so the answer is a median over the Haar prior with a standard
error of about 0.7 bp, and the whole arc is printed with it: it runs from nothing to all.

Run:  python validation/check_matheson_stavrev.py [--write]
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from selloff.attribution.structural.sampler import Infeasible
from selloff.attribution.structural.var_system import matheson_stavrev, var_system
from shared_series import common_days, daily_moves, report, rows

FILES = {"ust_10y.csv": "value", "sp500_close.csv": "value"}
WINDOWS = (("2013-05-22", "2013-06-25", "tightening", 48.0, 65.0), ("2013-07-05", "2013-12-31", "news", 59.0, 63.0))


def check(draws: int = 1000, seed: int = 1) -> dict[str, Any]:
    """Reproduce the figures; `passed` says which are within tolerance."""
    days, moves = daily_moves(*common_days(FILES, "1983-01-01", "2021-01-04"), yields=1)
    system = var_system(moves, matheson_stavrev(), seed, draws=draws)
    assert not isinstance(system, Infeasible)
    found: dict[str, Any] = {"sessions": len(moves), "draws": len(system.impact), "passed": {}}
    for first, last, shock, target, total in WINDOWS:
        contributions, _ = system.decompose(*rows(days, first, last))
        part = contributions[:, 0, system.restrictions.shocks.index(shock)]
        median, whole = float(np.median(part)), float(np.median(contributions[:, 0].sum(axis=1)))
        name = f"{first}:{last}"
        found[name] = {
            "shock": shock,
            "median": round(median, 1),
            "mean": round(float(part.mean()), 1),
            "whole_set": [round(float(part.min()), 1), round(float(part.max()), 1)],
            "surprises": round(whole, 1),
            "target": [target, total],
        }
        found["passed"][name] = abs(median - target) <= 3.0 and abs(whole - total) <= 1.0
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    report("matheson_stavrev", check(draws=4000), parser.parse_args().write)

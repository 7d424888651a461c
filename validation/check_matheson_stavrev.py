"""Matheson and Stavrev's two shocks in the taper of 2013: monetary first, news later.

Daily VAR(1), diffuse prior, 10-year yield and S&P 500, the Cieslak–Pang sample. Targets: 48 of 65 bp monetary from
22 May to 25 June 2013; from 5 July to the end of the year 59 of 63 bp news. Basis points of surprises, medians.

Tolerance: 3 bp. Uncertain coefficients shift the medians by up to so much; with coefficients at least squares and the
arc of rotations on a grid, apart from the code that is checked, they are printed too. The set is a whole arc,
so the answer is a median over the Haar prior, and the arc is printed with it: it runs from nothing to all.

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


def on_the_arc(days: np.ndarray, moves: np.ndarray, first: str, last: str) -> list[float]:
    """Medians of both shocks' basis points over a fine grid of feasible rotations, at least squares."""
    design = np.column_stack([np.ones(len(moves) - 1), moves[:-1]])
    residuals = moves[1:] - design @ np.linalg.lstsq(design, moves[1:], rcond=None)[0]
    inside = (days[1:] >= np.datetime64(first)) & (days[1:] <= np.datetime64(last))
    root = np.linalg.cholesky(np.cov(residuals.T))
    shocks = np.linalg.solve(root, residuals[inside].sum(axis=0))
    angle = np.linspace(0.0, 2.0 * np.pi, 400_001)[:-1]
    news, tightening = (np.column_stack(c) for c in ((np.cos(angle), np.sin(angle)), (np.sin(angle), -np.cos(angle))))
    up, down = news @ root.T, tightening @ root.T
    fits = (up > 0).all(axis=1) & (down[:, 0] > 0) & (down[:, 1] < 0)
    parts = up[fits, 0] * (news[fits] @ shocks), down[fits, 0] * (tightening[fits] @ shocks)
    return [round(float(np.median(p)), 1) for p in parts]


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
            "least_squares_news_tightening": on_the_arc(days, moves, first, last),
            "target": [target, total],
        }
        found["passed"][name] = abs(median - target) <= 3.0 and abs(whole - total) <= 1.0
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    report("matheson_stavrev", check(draws=4000), parser.parse_args().write)

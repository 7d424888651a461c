"""How many candidates and passes the panel's sampler needs. Result in results/structural_sampler.json.

On planted panels (structural_calibration.py), loadings after few passes are compared with those after 80: the mean log
weight, which rises until the draws are where the restrictions want them, and the largest difference of a mean loading
in standard errors and in units of the loadings' spread.

Without --write the run has to repeat the committed result, but for times and the largest gap, which a single draw can
change; and the shipped number of passes has to be enough. Means of two samples of n independent draws are
√(2/n) × √(2/π) spreads apart on average; half as much again is allowed.

Run:  python validation/structural_sampler.py [--write]
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np

from claims import Checks, committed
from selloff.attribution.structural.image_factors import common_part
from selloff.attribution.structural.reduced_form import student_covariance
from selloff.attribution.structural.restrictions import log_weight
from selloff.attribution.structural.sampler import CANDIDATES, SWEEPS, Draws, draw_loadings
from shared_series import report
from structural_calibration import SESSIONS, Panel

NAME = "structural_sampler"
TRIED = ((2, 0), (2, 2), (2, 4), (2, 8), (2, 16), (8, 8), (2, 80))


def compare() -> tuple[dict[str, Any], float]:
    """Every setting on the same reduced forms; the last is the reference. And by how much chance sets means apart."""
    panel = Panel()
    n_shocks = len(panel.shocks)
    random = np.random.default_rng(7)
    covariance = student_covariance(panel.moves(SESSIONS, random), 1000, random)
    base = common_part(covariance, np.linalg.inv(covariance), n_shocks + 1)
    kept = {}
    for setting in TRIED:
        began = time.process_time()
        found = draw_loadings(
            base, panel.restrictions, np.random.default_rng(11), candidates=setting[0], sweeps=setting[1]
        )
        assert isinstance(found, Draws)
        kept[setting] = (found.loadings, time.process_time() - began)
    reference = kept[TRIED[-1]][0]
    spread = reference.std(axis=0)
    rows = []
    for setting, (loadings, seconds) in kept.items():
        weight = sum(log_weight(loadings[:, :, j], j, panel.restrictions) for j in range(n_shocks))
        gap = (loadings.mean(axis=0) - reference.mean(axis=0))[:, :n_shocks]
        error = spread[:, :n_shocks] * np.sqrt(1 / len(loadings) + 1 / len(reference))
        rows.append(
            {
                "candidates": setting[0],
                "passes": setting[1],
                "mean_log_weight": round(float(np.mean(weight)), 2),
                "largest_gap_in_standard_errors": round(float(np.abs(gap / error).max()), 1),
                "mean_gap_in_spreads": round(float(np.abs(gap / spread[:, :n_shocks]).mean()), 3),
                "cpu_seconds": round(seconds, 2),
            }
        )
    noise = float(np.sqrt(2 / len(reference)) * np.sqrt(2 / np.pi))
    return {"shipped": {"candidates": CANDIDATES, "passes": SWEEPS}, "compared": rows}, noise


def checks_of(found: dict[str, Any], noise: float) -> dict[str, Any]:
    """Does it repeat, and do the shipped passes suffice?"""
    checks, rows = Checks(), found["compared"]
    checks.repeats(NAME, found, committed(NAME), leave_out=("cpu_seconds", "largest_gap_in_standard_errors"))
    shipped = next(r for r in rows if (r["candidates"], r["passes"]) == (CANDIDATES, SWEEPS))
    gap, most = shipped["mean_gap_in_spreads"], 1.5 * noise
    checks.say(f"mean gap of {SWEEPS} passes to {rows[-1]['passes']}: {gap}, at most {most:.3f}", gap <= most)
    return checks.report()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    found, noise = compare()
    report(NAME, found if write else {**found, **checks_of(found, noise)}, write)

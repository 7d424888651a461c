"""How many candidates and passes the panel's sampler needs. Result in results/structural_sampler.json.

On planted panels (structural_calibration.py), loadings after few passes are compared with those after 80: the mean log
weight, which rises until the draws are where the restrictions want them, and the largest difference of a mean loading
in standard errors and in units of the loadings' spread.

Run:  python validation/structural_sampler.py [--write]
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np

from selloff.attribution.structural.image_factors import common_part
from selloff.attribution.structural.reduced_form import student_covariance
from selloff.attribution.structural.restrictions import log_weight
from selloff.attribution.structural.sampler import CANDIDATES, SWEEPS, Draws, draw_loadings
from shared_series import report
from structural_calibration import SESSIONS, Panel

TRIED = ((2, 0), (2, 2), (2, 4), (2, 8), (2, 16), (8, 8), (2, 80))


def compare() -> dict[str, Any]:
    """Every setting on the same reduced forms; the last is the reference."""
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
    return {"shipped": {"candidates": CANDIDATES, "passes": SWEEPS}, "compared": rows}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    report("structural_sampler", compare(), parser.parse_args().write)

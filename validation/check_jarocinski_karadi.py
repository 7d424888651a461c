"""Jarociński and Karadi's policy indicator: pc1 is linear in the five rate surprises MP1, FF4, ED2, ED3 and ED4.

Target: a linear fit exact to 6e-9. Tolerance 1e-8, half a unit of the last printed digit.

Run:  python validation/check_jarocinski_karadi.py [--write]
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import polars as pl

from shared_series import SHARED, report

RATES = ("MP1", "FF4", "ED2", "ED3", "ED4")


def check() -> dict[str, Any]:
    """Fit pc1 by least squares and report the largest error."""
    folder = SHARED / "data" / "labels"
    surprises = pl.read_csv(
        folder / "jk_fomc_surprises_1988_2024.csv", null_values=["NaN", ""], infer_schema_length=None
    )
    shocks = pl.read_csv(
        folder / "jk_shocks_fed_by_announcement.csv", null_values=["NaN", ""], infer_schema_length=None
    )
    joined = shocks.join(surprises, on="start", how="inner", suffix="_raw").drop_nulls(["pc1", *RATES])
    design = np.column_stack([np.ones(joined.height), joined.select(RATES).to_numpy()])
    target = joined["pc1"].to_numpy()
    weights = np.linalg.lstsq(design, target, rcond=None)[0]
    error = float(np.abs(design @ weights - target).max())
    return {
        "announcements": joined.height,
        "weights": dict(zip(("constant", *RATES), weights.round(6).tolist(), strict=True)),
        "largest_error": float(f"{error:.2g}"),
        "passed": {"linear": error <= 1e-8},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    report("jarocinski_karadi", check(), parser.parse_args().write)

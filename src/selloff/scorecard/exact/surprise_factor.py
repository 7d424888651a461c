"""Jarociński and Karadi 2020: their policy surprise pc1 is linear in the five rate surprises round an announcement."""

from __future__ import annotations

import numpy as np

from selloff.scorecard.exact.check import checked, not_run
from selloff.scorecard.inputs import find_input, read_columns
from selloff.scorecard.tier import Row, ScoreContext

ID, NAME = "jarocinski_karadi_pc1", "Jarociński–Karadi: residual of pc1 on the five rate surprises, largest"
SURPRISES, SHOCKS = "jk_fomc_surprises_1988_2024.csv", "jk_shocks_fed_by_announcement.csv"
RATES = ("MP1", "FF4", "ED2", "ED3", "ED4")
TOLERANCE = 6e-9
"""pc1 is published with eight decimals, so half a unit of the last one, plus what rounding the inputs adds: 6e-9."""


def row(context: ScoreContext) -> Row:
    """Least squares with intercept on the announcements that have all five."""
    paths = [find_input(context, role, name) for role, name in (("jk_surprises", SURPRISES), ("jk_shocks", SHOCKS))]
    if paths[0] is None or paths[1] is None:
        return not_run(ID, NAME, TOLERANCE, f"no file {SURPRISES if paths[0] is None else SHOCKS}")
    surprises = read_columns(paths[0], ("start", *RATES)).unique("start", keep="first", maintain_order=True)
    joined = read_columns(paths[1], ("start", "pc1")).join(surprises, on="start", how="left", maintain_order="left")
    whole = joined.drop_nulls()
    if whole.height <= len(RATES) + 1:
        return not_run(ID, NAME, TOLERANCE, f"only {whole.height} announcements have all five rates")
    regressors = np.column_stack([np.ones(whole.height), whole.select(RATES).to_numpy()])
    factor = whole["pc1"].to_numpy()
    weights = np.linalg.lstsq(regressors, factor, rcond=None)[0]
    error = float(np.max(np.abs(factor - regressors @ weights)))
    skipped = joined.height - whole.height
    note = f"{skipped} of {joined.height} announcements lack a rate; the folder may hold a part of all announcements"
    return checked(ID, NAME, error, TOLERANCE, whole.height, note)

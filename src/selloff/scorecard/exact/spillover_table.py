"""Diebold and Yilmaz 2012, Better to give than to receive, IJF 28(1), table 2, on their own data."""

from __future__ import annotations

import numpy as np

from selloff.detection.fragility.connectedness import connectedness
from selloff.scorecard.exact.check import checked, not_run
from selloff.scorecard.inputs import find_input, read_columns
from selloff.scorecard.tier import Row, ScoreContext

ID, NAME = "diebold_yilmaz_2012", "Diebold–Yilmaz 2012, table 2: largest difference, percentage points"
FILE, COLUMNS = "dy2012.csv", ("SP500", "R_10Y", "DJUBSCOM", "USDX")
LAGS, HORIZON = 4, 10
TOLERANCE = 0.005
"""The table has two decimals."""

SHARES = np.array(
    [[88.76, 7.29, 0.35, 3.61], [10.21, 81.45, 2.73, 5.61], [0.47, 3.70, 93.69, 2.14], [5.69, 7.03, 1.55, 85.73]]
)
"""Row i, column j: part of i's ten-day forecast error variance that comes from j, in per cent."""

TOTAL = 12.59
"""The paper's index is computed from unrounded shares, and so is ours."""


def row(context: ScoreContext) -> Row:
    """All 16 shares and the total."""
    path = find_input(context, "dy2012", FILE)
    if path is None:
        return not_run(ID, NAME, TOLERANCE, f"no file {FILE}")
    table = connectedness(read_columns(path, COLUMNS).to_numpy().astype(np.float64), lags=LAGS, horizon=HORIZON)
    error = max(float(np.max(np.abs(table.shares - SHARES))), abs(table.total - TOTAL))
    note = f"VAR({LAGS}), horizon {HORIZON}; own shares {', '.join(f'{x:.2f}' for x in np.diag(table.shares))}; "
    return checked(ID, NAME, error, TOLERANCE, SHARES.size + 1, f"{note}total {table.total:.2f}")

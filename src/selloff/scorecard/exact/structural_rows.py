"""Published numbers of structural shock models, through the program's own structural library.

Par yields in basis points, prices in log per cent, daily VAR(1) with a diffuse prior, medians over draws. Tolerances
are those of the scripts in `validation/` that first made these numbers (`check_*.py`), where their size is argued.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.panel.transforms import Floats
from selloff.scorecard.exact.check import checked, not_run
from selloff.scorecard.inputs import find_input, read_columns
from selloff.scorecard.tier import Interval, Row, ScoreContext

LIBRARY = "selloff.attribution.structural"
SEED = 1
DRAWS = {"matheson_stavrev": 4000, "cieslak_pang": 2000, "adams_ibert_liao": 4000}
"""As in those scripts: with a thousand draws a median over an arc of rotations still wanders by two or three points."""

FEWEST_DAYS = 1000
POINTS, SHARES = 3.0, 0.03
"""Basis points for a median over a whole arc of rotations; shares of variance whose targets have two decimals."""

TAPER = (
    ("2013-05-22", "2013-06-25", "tightening", 48.0, 65.0),
    ("2013-07-05", "2013-12-31", "news", 59.0, 63.0),
)
STOCK_SHARES = (0.10, 0.05, 0.37, 0.31)
TWO_THIRDS = 2.0 / 3.0


@dataclass(frozen=True)
class Sample:
    """Daily moves on the days that all series have: days (n,), moves (n, n_series)."""

    days: npt.NDArray[np.datetime64]
    moves: Floats

    def rows(self, first: str, last: str) -> tuple[int, int]:
        """First and last row of a span of days."""
        inside = np.flatnonzero((self.days >= np.datetime64(first)) & (self.days <= np.datetime64(last)))
        return int(inside[0]), int(inside[-1])


def _sample(context: ScoreContext, files: Mapping[str, str], yields: int, first: str, last: str) -> Sample | str:
    """Moves out of the files (name to column), the first `yields` of which are yields; or what is missing."""
    joined: pl.DataFrame | None = None
    for name, column in files.items():
        path = find_input(context, name.removesuffix(".csv"), name)
        if path is None:
            return f"no file {name}"
        frame = read_columns(path, ("date", column)).rename({column: name}).drop_nulls()
        joined = frame if joined is None else joined.join(frame, on="date", how="inner")
    assert joined is not None
    joined = joined.filter(pl.col("date").cast(pl.String).is_between(pl.lit(first), pl.lit(last))).sort("date")
    days = joined["date"].to_numpy().astype("datetime64[D]")
    levels = joined.drop("date").to_numpy().astype(np.float64)
    if len(days) < FEWEST_DAYS or days[-1] < np.datetime64(last) - np.timedelta64(10, "D"):
        return f"the files do not reach from {first} to {last}"
    moves = 100.0 * np.column_stack([np.diff(levels[:, :yields], axis=0), np.diff(np.log(levels[:, yields:]), axis=0)])
    return Sample(days[1:], moves)


def _row(
    id: str,
    name: str,
    context: ScoreContext,
    files: Mapping[str, str],
    yields: int,
    span: tuple[str, str],
    system: str,
    tolerance: float | None,
    score: Callable[[Any, Sample], Row],
) -> Row:
    """Estimate the named system of the library on the files and score it; or say what is missing."""
    if find_spec(LIBRARY) is None:
        return not_run(id, name, tolerance, f"needs {LIBRARY}")
    sample = _sample(context, files, yields, *span)
    if isinstance(sample, str):
        return not_run(id, name, tolerance, sample)
    library = import_module(f"{LIBRARY}.var_system")
    estimated = library.var_system(sample.moves, getattr(library, system)(), SEED, draws=DRAWS[system])
    if not hasattr(estimated, "decompose"):
        return checked(
            id, name, float("nan"), tolerance or 0.0, len(sample.moves), "no rotation meets the restrictions"
        )
    return score(estimated, sample)


def taper(context: ScoreContext) -> Row:
    """Matheson and Stavrev 2014 (IMF WP/14/167): the rise of the 10-year yield after the taper talk."""
    id, name = "matheson_stavrev", "Matheson–Stavrev, taper: largest difference in basis points of four"

    def score(system: Any, sample: Sample) -> Row:
        errors, notes = [], []
        for first, last, shock, part, whole in TAPER:
            moved, _ = system.decompose(*sample.rows(first, last))
            ours = float(np.median(moved[:, 0, system.restrictions.shocks.index(shock)]))
            total = float(np.median(moved[:, 0].sum(axis=1)))
            errors += [abs(ours - part), abs(total - whole)]
            notes.append(f"{shock} {ours:.1f} of {total:.1f} (published {part:g} of {whole:g})")
        note = "; ".join(notes) + "; the identified set runs from almost nothing to all"
        return checked(id, name, max(errors), POINTS, len(errors), note)

    files = {"ust_10y.csv": "value", "sp500_close.csv": "value"}
    return _row(id, name, context, files, 1, ("1983-01-01", "2021-01-04"), "matheson_stavrev", POINTS, score)


def common_shocks(context: ScoreContext) -> Row:
    """Cieslak and Pang 2021, Common shocks in stocks and bonds, JFE 142(2): variance shares of stocks, ten days."""
    id, name = "cieslak_pang", "Cieslak–Pang: largest difference in four stock variance shares"

    def score(system: Any, _: Sample) -> Row:
        shares = np.median(system.variance_shares(10)[:, 3], axis=0)[: len(STOCK_SHARES)]
        error = float(np.max(np.abs(shares - STOCK_SHARES)))
        ours = ", ".join(f"{s:.2f}" for s in shares)
        return checked(id, name, error, SHARES, len(STOCK_SHARES), f"{ours}; published .10, .05, .37, .31")

    files = {f"ust_{y}y.csv": "value" for y in (2, 5, 10)} | {"sp500_close.csv": "value"}
    return _row(id, name, context, files, 3, ("1983-01-01", "2021-01-04"), "cieslak_pang", SHARES, score)


def bitcoin(context: ScoreContext) -> Row:
    """Adams, Ibert and Liao 2024, What drives crypto asset prices?: tightening and Bitcoin's fall of one year."""
    id, name = "adams_bitcoin", "Adams et al.: share of tightening in the surprises behind Bitcoin's fall"

    def score(system: Any, sample: Sample) -> Row:
        moved, _ = system.decompose(*sample.rows("2022-01-01", "2022-12-31"))
        parts = moved[:, 2, 0] / moved[:, 2].sum(axis=1)
        low, mid, high = np.quantile(parts, [0.05, 0.5, 0.95])
        value = Interval(float(mid), float(low), float(high))
        verdict = "passed" if mid > TWO_THIRDS else "failed"
        note = "median and 90 % of draws; without the authors' stablecoins"
        return Row(id, name, value, verdict, "> 2/3", len(sample.moves), note)  # type: ignore[arg-type]

    files = {"ust_2y.csv": "value", "sp500_close.csv": "value", "crypto_daily_close.csv": "BTC"}
    return _row(id, name, context, files, 1, ("2019-01-01", "2024-02-29"), "adams_ibert_liao", None, score)

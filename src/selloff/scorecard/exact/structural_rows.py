"""Published numbers of structural shock models, through the program's own structural library.

Par yields in basis points, prices in log per cent, daily VAR(1) with a diffuse prior, medians over draws. Figures,
spans, draws and tolerances stand in `structural.toml`; draws and tolerances are those of the scripts in `validation/`
that first made these numbers (`check_*.py`), where their size is argued: with a thousand draws a median over an arc of
rotations still wanders by two or three basis points.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.panel.transforms import Floats
from selloff.scorecard.exact.check import checked, not_run
from selloff.scorecard.inputs import find_input, read_columns
from selloff.scorecard.tier import Interval, Row, ScoreContext, Verdict

LIBRARY = "selloff.attribution.structural"
PUBLISHED = Path(__file__).parent / "structural.toml"
SEED = 1
FEWEST_DAYS = 1000
HORIZON = 10
"""Sessions ahead of the variance shares."""


@dataclass(frozen=True)
class Sample:
    """Daily moves on the days that all series have: days (n,), moves (n, n_series)."""

    days: npt.NDArray[np.datetime64]
    moves: Floats

    def rows(self, first: date, last: date) -> tuple[int, int]:
        """First and last row of a span of days."""
        inside = np.flatnonzero((self.days >= np.datetime64(first)) & (self.days <= np.datetime64(last)))
        return int(inside[0]), int(inside[-1])


def _sample(context: ScoreContext, files: Mapping[str, str], yields: int, first: date, last: date) -> Sample | str:
    """Moves out of the files (name to column), the first `yields` of which are yields; or what is missing."""
    joined: pl.DataFrame | None = None
    for name, column in files.items():
        path = find_input(context, name.removesuffix(".csv"), name)
        if path is None:
            return f"no file {name}"
        frame = read_columns(path, ("date", column)).rename({column: name}).drop_nulls()
        joined = frame if joined is None else joined.join(frame, on="date", how="inner")
    assert joined is not None
    span = pl.col("date").cast(pl.String).is_between(pl.lit(first.isoformat()), pl.lit(last.isoformat()))
    joined = joined.filter(span).sort("date")
    days = joined["date"].to_numpy().astype("datetime64[D]")
    levels = joined.drop("date").to_numpy().astype(np.float64)
    if len(days) < FEWEST_DAYS or days[-1] < np.datetime64(last) - np.timedelta64(10, "D"):
        return f"the files do not reach from {first} to {last}"
    moves = 100.0 * np.column_stack([np.diff(levels[:, :yields], axis=0), np.diff(np.log(levels[:, yields:]), axis=0)])
    return Sample(days[1:], moves)


Score = Callable[[Any, Sample, Mapping[str, Any]], Row]
"""A row out of the estimated system, its sample, and what was published."""


def _row(
    context: ScoreContext, system: str, id: str, name: str, files: Mapping[str, str], yields: int, score: Score
) -> Row:
    """Estimate the named system of the library on the files and score it; or say what is missing."""
    published = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))[system]
    tolerance = published.get("tolerance")
    if find_spec(LIBRARY) is None:
        return not_run(id, name, tolerance, f"needs {LIBRARY}")
    sample = _sample(context, files, yields, published["first"], published["last"])
    if isinstance(sample, str):
        return not_run(id, name, tolerance, sample)
    library = import_module(f"{LIBRARY}.var_system")
    estimated = library.var_system(sample.moves, getattr(library, system)(), SEED, draws=published["draws"])
    if not hasattr(estimated, "decompose"):
        return checked(
            id, name, float("nan"), tolerance or 0.0, len(sample.moves), "no rotation meets the restrictions"
        )
    return score(estimated, sample, published)


def taper(context: ScoreContext) -> Row:
    """Matheson and Stavrev 2014 (IMF WP/14/167): the rise of the 10-year yield after the taper talk."""
    id, name = "matheson_stavrev", "Matheson–Stavrev, taper: largest difference in basis points of four"

    def score(system: Any, sample: Sample, published: Mapping[str, Any]) -> Row:
        errors, notes = [], []
        for w in published["windows"]:
            moved, _ = system.decompose(*sample.rows(w["first"], w["last"]))
            ours = float(np.median(moved[:, 0, system.restrictions.shocks.index(w["shock"])]))
            total = float(np.median(moved[:, 0].sum(axis=1)))
            errors += [abs(ours - w["part"]), abs(total - w["whole"])]
            notes.append(f"{w['shock']} {ours:.1f} of {total:.1f} (published {w['part']:g} of {w['whole']:g})")
        note = "; ".join(notes) + "; the identified set runs from almost nothing to all"
        return checked(id, name, max(errors), published["tolerance"], len(errors), note)

    files = {"ust_10y.csv": "value", "sp500_close.csv": "value"}
    return _row(context, "matheson_stavrev", id, name, files, 1, score)


def share_bond_shocks(context: ScoreContext) -> Row:
    """Cieslak and Pang 2021, Common shocks in stocks and bonds, JFE 142(2): variance shares of stocks, ten days."""
    id, name = "cieslak_pang", "Cieslak–Pang: largest difference in four stock variance shares"

    def score(system: Any, _: Sample, published: Mapping[str, Any]) -> Row:
        theirs = published["stock_shares"]
        shares = np.median(system.variance_shares(HORIZON)[:, 3], axis=0)[: len(theirs)]
        error = float(np.max(np.abs(shares - theirs)))
        note = f"{', '.join(f'{s:.3f}' for s in shares)}; published {', '.join(f'{s:.2f}' for s in theirs)}"
        return checked(id, name, error, published["tolerance"], len(theirs), note)

    files = {f"ust_{y}y.csv": "value" for y in (2, 5, 10)} | {"sp500_close.csv": "value"}
    return _row(context, "cieslak_pang", id, name, files, 3, score)


def bitcoin(context: ScoreContext) -> Row:
    """Adams, Ibert and Liao 2024, What drives crypto asset prices?: tightening and Bitcoin's fall of one year."""
    id, name = "adams_bitcoin", "Adams et al.: share of tightening in the surprises behind Bitcoin's fall"

    def score(system: Any, sample: Sample, published: Mapping[str, Any]) -> Row:
        (window,) = published["windows"]
        moved, _ = system.decompose(*sample.rows(window["first"], window["last"]))
        parts = moved[:, 2, 0] / moved[:, 2].sum(axis=1)
        low, mid, high = (float(q) for q in np.quantile(parts, [0.05, 0.5, 0.95]))
        verdict: Verdict = "passed" if mid > published["above"] else "failed"
        note = "the median decides; the interval holds 90 % of draws; without the authors' stablecoins"
        return Row(id, name, Interval(mid, low, high), verdict, "> 2/3", len(sample.moves), note)

    files = {"ust_2y.csv": "value", "sp500_close.csv": "value", "crypto_daily_close.csv": "BTC"}
    return _row(context, "adams_ibert_liao", id, name, files, 1, score)

"""Per cent for fractions, pence for pounds: values that are off by a power of ten from what is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from selloff.catalog import Catalogue, Series, Unit
from selloff.errors import UnitError
from selloff.pull.mapping import FileMapping
from selloff.pull.readers import NOTHING

FEWEST_COMMON = 5
TOLERANCE = 1.25
"""How far the typical ratio may be from a power of ten and still be taken for one; two honest copies of a series
differ by far less than 25 %, and by far less than a hundredfold."""

POWERS = (2, 3, 6)
NEAR_DAYS = 90
NEAR_TOLERANCE = 2.0
"""Without common days: how far the medians of neighbouring quarters may drift apart."""

SMALL_RATE = 0.25
FEWEST_ALONE = 30


def _power(ratio: float, tolerance: float) -> int | None:
    """The power of ten (±2, ±3, ±6) that a ratio is close to."""
    for power in (*POWERS, *(-p for p in POWERS)):
        if 1 / tolerance <= ratio / 10.0**power <= tolerance:
            return power
    return None


def _common_ratio(rows: pl.DataFrame, known: pl.DataFrame) -> float | None:
    """Median of new over known on common days, from the source with most of them."""
    day = pl.col("period_end").dt.date().alias("day")
    pairs = (
        rows.select(day, new="value")
        .join(known.select(day, "source", old="value"), on="day")
        .filter((pl.col("old") != 0) & (pl.col("new") != 0) & (pl.col("old").sign() == pl.col("new").sign()))
    )
    if pairs.is_empty():
        return None
    source = pairs["source"].value_counts(sort=True)["source"][0]
    ratios = pairs.filter(pl.col("source") == source).select(pl.col("new") / pl.col("old")).to_series()
    return float(np.median(ratios.to_numpy())) if len(ratios) >= FEWEST_COMMON else None


def _neighbouring_ratio(rows: pl.DataFrame, known: pl.DataFrame) -> float | None:
    """Ratio of typical sizes where new rows start within a quarter of where the known ones end."""
    start, end = rows["period_end"].min(), known["period_end"].max()
    span = pl.duration(days=NEAR_DAYS)
    before = known.filter(pl.col("period_end") >= pl.lit(end) - span)["value"].abs()
    after = rows.filter(pl.col("period_end") <= pl.lit(start) + span)["value"].abs()
    gap = rows.select(pl.lit(start) - pl.lit(end)).to_series()[0]
    if min(len(before), len(after)) < FEWEST_COMMON or not 0 <= gap.days <= NEAR_DAYS:
        return None
    typical_before, typical_after = float(np.median(before.to_numpy())), float(np.median(after.to_numpy()))
    return typical_after / typical_before if typical_before > 0 and typical_after > 0 else None


def _complain(name: str, column: str, spec: Series, power: int, against: str) -> UnitError:
    size = f"{10 ** abs(power):,} times {'as large as' if power > 0 else 'smaller than'}"
    guess = ""
    if spec.unit is Unit.PERCENT and power == -2:
        guess = " They look like fractions where the catalogue says per cent."
    elif spec.unit in (Unit.FRACTION, Unit.RATIO) and power == 2:
        guess = f" They look like per cent where the catalogue says {spec.unit.value}."
    return UnitError(
        f"{name}, column {column!r}: the values are about {size} {against} of {spec.id!r}.{guess}",
        f'Declare its unit: scale = {{ "{column}" = {{ from = "…", factor = {10.0**-power:g} }} }}. {NOTHING}',
    )


def _check_alone(part: pl.DataFrame, spec: Series, column: str, entry: FileMapping, name: str) -> None:
    """A rate that never reaches a quarter of a per cent is taken for a fraction, unless its unit is declared."""
    if spec.unit is not Unit.PERCENT or column in entry.units or column in entry.scale or len(part) < FEWEST_ALONE:
        return
    largest = float(np.abs(part["value"].to_numpy()).max())
    if 0 < largest < SMALL_RATE:
        raise UnitError(
            f"{name}, column {column!r}: no value of {spec.id!r} is above {largest:g}: these look like fractions "
            "where the catalogue says per cent.",
            f'If they are, scale = {{ "{column}" = {{ from = "fraction", factor = 100 }} }}; if not, declare '
            f'units = {{ "{column}" = "percent" }}. {NOTHING}',
        )


def check_magnitude(
    rows: pl.DataFrame, known: Mapping[str, pl.DataFrame], entry: FileMapping, catalogue: Catalogue, name: str
) -> None:
    """Values are of the size that the store knows, on common days or, without these, in the neighbouring quarter.

    For a rate that the store doesn't know, values all below a quarter of a per cent are taken for fractions.

    Parameters
    ----------
    rows : the file's observations.
    known : by series, `source, period_end, value` that the store has.

    Raises
    ------
    UnitError : values of a series are off by 10², 10³ or 10⁶.
    """
    column_of = {s: c for c, s in {**entry.columns, **entry.names}.items()}
    for (series_id,), part in rows.group_by("series", maintain_order=True):
        spec = catalogue.series[str(series_id)]
        column = column_of.get(spec.id, spec.id)
        if spec.id not in known:
            _check_alone(part, spec, column, entry, name)
            continue
        if spec.unit is Unit.ADJUSTED_USD:
            continue
        before = known[spec.id]
        ratio = _common_ratio(part, before)
        power = None if ratio is None else _power(ratio, TOLERANCE)
        if ratio is None:
            near = _neighbouring_ratio(part, before)
            power = None if near is None else _power(near, NEAR_TOLERANCE)
        if power is not None:
            raise _complain(name, column, spec, power, "those that the store has")

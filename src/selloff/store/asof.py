"""As-of rules on observation frames: which vintage, then which source, counts."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from selloff.catalog import Series

_PERIOD = ("series", "source", "period_end")


def latest_per_source(rows: pl.DataFrame) -> pl.DataFrame:
    """The last value that each source gave for each period, whatever its vintage."""
    return rows.sort(*_PERIOD, "fetched_at", "known_at").unique(_PERIOD, keep="last", maintain_order=True)


def resolve_vintages(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per series, source and period: the last known, `exact` vintages hiding `lagged` ones.

    Parameters
    ----------
    rows : observations already cut at the as-of moment.
    """
    rows = rows.sort(*_PERIOD, "known_at", "fetched_at")
    same_as_before = pl.all_horizontal(pl.col(c).eq_missing(pl.col(c).shift(1)) for c in _PERIOD)
    repeats = rows.select(same_as_before.alias("repeats"))["repeats"]
    several = repeats | repeats.shift(-1, fill_value=False)
    if not several.any():
        return rows
    contested = rows.filter(several)
    has_exact = (pl.col("vintage") == "exact").any().over(_PERIOD)
    resolved = contested.filter(~has_exact | (pl.col("vintage") != "lagged")).unique(
        _PERIOD, keep="last", maintain_order=True
    )
    return pl.concat([rows.filter(~several), resolved]).sort(*_PERIOD)


def select_sources(rows: pl.DataFrame, series: Sequence[Series]) -> pl.DataFrame:
    """One source per series: the first of the catalogue's order that has rows, or the catalogue's splice.

    A source that the catalogue does not list for the series is never read.
    """
    present = rows.group_by("series").agg(pl.col("source").unique()).rows_by_key("series", unique=True)
    kept: list[dict[str, object]] = []
    for spec in series:
        found = set(present.get(spec.id, [[]])[0]) if spec.id in present else set()
        if spec.splice and found & {s.source for s in spec.splice}:
            after = None
            for stretch in spec.splice:
                kept.append({"series": spec.id, "source": stretch.source, "after": after, "until": stretch.until})
                after = stretch.until
        else:
            first = next((s for s in spec.sources if s in found), None)
            if first is not None:
                kept.append({"series": spec.id, "source": first, "after": None, "until": None})
    rule = pl.DataFrame(
        kept, schema={"series": pl.String, "source": pl.String, "after": pl.Date, "until": pl.Date}
    )
    day = pl.col("period_end").dt.convert_time_zone("America/New_York").dt.date()
    return (
        rows.join(rule, on=["series", "source"], how="inner", maintain_order="left")
        .filter(
            (pl.col("after").is_null() | (day > pl.col("after")))
            & (pl.col("until").is_null() | (day <= pl.col("until")))
        )
        .drop("after", "until")
        .sort("series", "period_end", maintain_order=True)
    )

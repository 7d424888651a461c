"""The observation: one value of one series, from one source, for one period, as known at one moment."""

from __future__ import annotations

from enum import StrEnum

import polars as pl


class Vintage(StrEnum):
    """How well the moment is known at which a value became known.

    exact : an unrevised market close, or the publisher's own vintage.
    lagged : the period's end plus the catalogue's release rule.
    first_seen : the moment at which selloff first fetched the value.
    """

    EXACT = "exact"
    LAGGED = "lagged"
    FIRST_SEEN = "first_seen"


UTC_US = pl.Datetime("us", "UTC")

OBSERVATION_SCHEMA: dict[str, pl.DataType] = {
    "series": pl.String(),
    "source": pl.String(),
    "period_end": UTC_US,
    "known_at": UTC_US,
    "value": pl.Float64(),
    "vintage": pl.String(),
    "fetched_at": UTC_US,
}
"""Columns of the observation table, in order. Instants are UTC microseconds; `value` is never null or NaN."""

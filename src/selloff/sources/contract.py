"""The contract of a network source: it plans requests and reads bodies, and touches neither network nor store.

A source is one file in this folder with one subclass of `NetworkSource`, one entry in `catalog/data/sources/`, and one
recording in `tests/recordings/`. Third parties add theirs through the entry-point group `selloff.sources`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

import polars as pl

from selloff.catalog import Source
from selloff.errors import FetchError, PayloadError

PARSED_SCHEMA: dict[str, pl.DataType] = {
    "code": pl.String(),
    "date": pl.Date(),
    "period_end": pl.Datetime("us", "UTC"),
    "known_at": pl.Datetime("us", "UTC"),
    "value": pl.Float64(),
}
"""What a parser returns. `code` is a key of the entry's `codes`. A dated value has `date` and gets its instants from
the series' close and release rule; an intraday bar has `period_end` instead; `known_at` only where the publisher states
its own vintage (ALFRED, EDGAR's `filed`). Missing values are absent rows; `value` is finite."""


class SchemaDriftError(PayloadError):
    """A body lacks a field, or has it in another form, than the format it was written for. Nothing was stored."""


class ServiceError(FetchError):
    """The service answered, but with an error of its own; `retry` says whether asking again later makes sense."""

    def __init__(self, message: str, hint: str, *, retry: bool) -> None:
        super().__init__(message, hint)
        self.retry = retry


@dataclass(frozen=True)
class Ask:
    """One GET request.

    Attributes
    ----------
    url : without query and without secrets.
    params : query in order, without secrets.
    codes : the codes that the body will hold.
    key_param, key_header : where the user's key goes, if the service takes one; the key itself is never in an Ask.
    headers : beyond the client's own.
    """

    url: str
    codes: tuple[str, ...]
    params: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    key_param: str | None = None
    key_header: str | None = None

    @property
    def name(self) -> str:
        """What was asked for, fit for lineage and logs."""
        query = "&".join(f"{k}={v}" for k, v in self.params)
        return f"{self.url}?{query}" if query else self.url


class NetworkSource(ABC):
    """A public data service.

    Subclasses are stateless; `entry` is their catalogue entry (publisher, licence, limits, codes).
    """

    id: ClassVar[str]

    def __init__(self, entry: Source) -> None:
        self.entry = entry

    @abstractmethod
    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """Requests that bring the codes up to date.

        Parameters
        ----------
        wanted : for each code the date of the last stored period, or None if nothing is stored. Plans overlap it by the
            source's own revision window, so that corrections are seen.
        """

    @abstractmethod
    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values of a body, with the columns of `PARSED_SCHEMA`.

        Raises
        ------
        SchemaDriftError : a field is missing or has another form; the message names it.
        ServiceError : the body is the service's own error text (also under HTTP 200).
        PayloadError : not the format at all (HTML for CSV, invalid JSON, cut short).
        """

    def more(self, ask: Ask, body: bytes) -> Ask | None:
        """The request for the next page, or None."""
        return None


def parsed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with every column of `PARSED_SCHEMA`, in order; absent columns become null."""
    missing = [pl.lit(None, dtype=t).alias(c) for c, t in PARSED_SCHEMA.items() if c not in rows.columns]
    return rows.with_columns(missing).select(pl.col(c).cast(t) for c, t in PARSED_SCHEMA.items())

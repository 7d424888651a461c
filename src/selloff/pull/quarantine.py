"""Values set aside: kept with their reason, listed, and stored or left out only by a person's decision.

One Delta table of events beside the observations, append only: a value's state is its last event. Its id is a hash of
what it says, so a value that is delivered again is not set aside again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA
from selloff.errors import SelloffError
from selloff.pull.checks import REASONS
from selloff.store import Appended, Place, Store
from selloff.store.commits import until_committed
from selloff.store.layout import scanned, store_errors

EVENT_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.String(),
    "event": pl.String(),
    "at": OBSERVATION_SCHEMA["fetched_at"],
    "reason": pl.String(),
    **OBSERVATION_SCHEMA,
}
FOLDER = "quarantine"
SET_ASIDE, ACCEPTED, REJECTED = "set_aside", "accepted", "rejected"


class QuarantineError(SelloffError, ValueError):
    """A decision about a value set aside can't be carried out."""


def value_ids(rows: pl.DataFrame) -> pl.Series:
    """(n,) ids: a hash of series, source, period and value."""
    keys = rows.select("series", "source", "period_end", "value").iter_rows()
    texts = (f"{series}|{source}|{end.isoformat()}|{value!r}" for series, source, end, value in keys)
    return pl.Series("id", [hashlib.sha256(t.encode()).hexdigest()[:12] for t in texts], dtype=pl.String)


class Quarantine:
    """The values set aside beside a store.

    Parameters
    ----------
    place : where the store lies.
    """

    def __init__(self, place: Place) -> None:
        self._place = place

    def events(self) -> pl.DataFrame:
        """Every event, oldest first, with the columns of `EVENT_SCHEMA`."""
        from deltalake import DeltaTable

        with store_errors(self._place):
            if not any(self._place.entries(f"{FOLDER}/_delta_log")):
                return pl.DataFrame(schema=EVENT_SCHEMA)
            table = DeltaTable(self._place.address(FOLDER), storage_options=self._place.options)
            return scanned(self._place, FOLDER, table).collect().sort("at", "id", "event")

    def listed(self, state: str | None = SET_ASIDE) -> pl.DataFrame:
        """One row per value in a state (None: in any), with the reason and the last event, by series and period."""
        events = self.events()
        first = events.filter(event=SET_ASIDE).unique("id", keep="first", maintain_order=True).drop("event", "at")
        last = events.unique("id", keep="last", maintain_order=True).select("id", "event", "at")
        found = first.join(last, on="id").select(list(EVENT_SCHEMA))
        return (found if state is None else found.filter(event=state)).sort("series", "period_end", "id")

    def not_on_record(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The values that were never set aside before, each once, with their `id`."""
        rows = rows.with_columns(value_ids(rows)).unique("id", keep="first", maintain_order=True)
        return rows.join(self.events().select("id").unique(), on="id", how="anti", maintain_order="left")

    def set_aside(self, rows: pl.DataFrame, at: datetime) -> None:
        """Record values with their `reason`.

        Parameters
        ----------
        rows : the columns of `OBSERVATION_SCHEMA`, and `reason`.
        """
        self._record(self.not_on_record(rows), SET_ASIDE, at)

    def accept(self, ids: Sequence[str], store: Store, at: datetime) -> Appended:
        """Store values as they were delivered, with the moment and bytes they came from. A rejected one may be, too.

        Raises
        ------
        QuarantineError : an id is unknown or already decided, a date is impossible, or the publisher has since given
            another value. Nothing is stored.
        """
        rows = self._undecided(ids, (SET_ASIDE, REJECTED))
        for row in rows.iter_rows(named=True):
            if not REASONS[row["reason"]].acceptable:
                what = f"{row['id']} can't be stored: {REASONS[row['reason']].text}."
                raise QuarantineError(what, "Reject it with `selloff data quarantine reject`.")
        later = store.collect(
            store.scan()
            .join(rows.lazy().select("series", "source", "period_end", "id", given="fetched_at"),
                  on=["series", "source", "period_end"])
            .filter(pl.col("fetched_at") > pl.col("given"))
        )  # fmt: skip
        if not later.is_empty():
            row = later.row(0, named=True)
            what = f"{row['id']} is out of date: {row['source']} has since given {row['value']:g} for that period."
            raise QuarantineError(what, "Reject it with `selloff data quarantine reject`.")
        appended = store.append(rows.select(list(OBSERVATION_SCHEMA)))
        self._record(rows, ACCEPTED, at)
        return appended

    def reject(self, ids: Sequence[str], at: datetime) -> int:
        """Leave values out for good; they stay on record.

        Raises
        ------
        QuarantineError : an id is unknown or already decided.
        """
        rows = self._undecided(ids, (SET_ASIDE,))
        self._record(rows, REJECTED, at)
        return rows.height

    def _undecided(self, ids: Sequence[str], states: Sequence[str]) -> pl.DataFrame:
        known = self.listed(None)
        for wanted in ids:
            found = known.filter(id=wanted)
            if found.is_empty():
                what = f"No value with the id {wanted!r} was set aside."
                raise QuarantineError(what, "`selloff data quarantine list` shows the ids.")
            if found["event"][0] not in states:
                raise QuarantineError(f"{wanted} is {found['event'][0]} already.", "What is stored stays stored.")
        return known.filter(pl.col("id").is_in(list(ids)))

    def _record(self, rows: pl.DataFrame, event: str, at: datetime) -> None:
        from deltalake import write_deltalake

        if rows.is_empty():
            return
        events = rows.with_columns(event=pl.lit(event), at=pl.lit(at)).select(list(EVENT_SCHEMA))
        events = events.cast(EVENT_SCHEMA)  # type: ignore[arg-type]
        address, options = self._place.address(FOLDER), self._place.options
        with store_errors(self._place):
            until_committed(lambda: write_deltalake(address, events, mode="append", storage_options=options))

"""From parsed bodies to observations: checked against the contract, dated, known from a moment, and judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue, Series, Source, Vintage
from selloff.catalog.periods import stamp, stamp_instants
from selloff.catalog.sessions import Sessions
from selloff.errors import PayloadError, SelloffError
from selloff.pull import checks
from selloff.sources.contract import PARSED_SCHEMA, Ask, NetworkSource
from selloff.store.decide import rows_to_add

_PERIOD = ["series", "source", "period_end"]
_CONTEXT = checks.WINDOW + 50


@dataclass(frozen=True)
class Delivery:
    """A parsed body: what was asked, its bytes, its values, and when it came."""

    ask: Ask
    content: bytes
    values: pl.DataFrame
    fetched_at: datetime


@dataclass(frozen=True)
class Judged:
    """Observations of one source's deliveries.

    Attributes
    ----------
    good : to be stored; columns of `OBSERVATION_SCHEMA`.
    aside : to be set aside; also has `reason`.
    unchanged : how many were stored already. unfinished : how many had a period that has not ended yet.
    """

    good: pl.DataFrame
    aside: pl.DataFrame
    unchanged: int
    unfinished: int


def parse_checked(source: NetworkSource, ask: Ask, content: bytes) -> pl.DataFrame:
    """The values of a body, held to the contract.

    Raises
    ------
    PayloadError : the parser raised something else than a selloff error, or broke the contract.
    SelloffError : whatever the parser says about the body.
    """
    try:
        values = source.parse(ask, content)
    except SelloffError:
        raise
    except Exception as error:
        what = f"The parser of {source.id} failed on {ask.name}: {type(error).__name__}."
        raise PayloadError(what, "Nothing of this body was stored; this is a defect of the parser.") from error
    problem = _broken_contract(values, source.entry.codes)
    if problem:
        what = f"The parser of {source.id} returned {problem} for {ask.name}."
        raise PayloadError(what, "Nothing of this body was stored; this is a defect of the parser.")
    return values


def _broken_contract(values: pl.DataFrame, codes: Mapping[str, str]) -> str | None:
    if dict(values.schema) != PARSED_SCHEMA:
        return "other columns than the contract's"
    if values["code"].null_count() or not set(values["code"].unique()) <= set(codes):
        return "a code that its entry does not have"
    if values["value"].null_count() or not values["value"].is_finite().all():
        return "a value that is no number"
    if not values.filter(pl.col("date").is_null() & pl.col("period_end").is_null()).is_empty():
        return "a value without date"
    return None


def _dated(series: Series, part: pl.DataFrame, sessions: Sessions, fetched_at: datetime) -> pl.DataFrame:
    """Rows of one series with instants; `given` says that the publisher states the vintage.

    A value seen before its release rule expects it is known from when it was seen.
    """
    daily = part.filter(pl.col("period_end").is_null())
    bars = part.filter(pl.col("period_end").is_not_null())
    if series.close is None and not daily.is_empty():
        what = f"{series.id!r} has no closing time, and a value with a date instead of an instant."
        raise PayloadError(what, "Its catalogue entry needs `close`, or its parser has to give `period_end`.")
    frames = [stamp_instants(series, bars["period_end"], bars["value"])]
    if not daily.is_empty():
        frames.insert(0, stamp(series, daily["date"], daily["value"], sessions))
    rows = pl.concat(frames).with_columns(
        stated=pl.concat([daily["known_at"], bars["known_at"]]), fetched_at=pl.lit(fetched_at)
    )
    early = (pl.col("known_at") > pl.col("fetched_at")) & (pl.col("period_end") <= pl.col("fetched_at"))
    return rows.with_columns(
        known_at=pl.coalesce("stated", pl.when(early).then("fetched_at").otherwise("known_at")),
        vintage=pl.when(pl.col("stated").is_not_null())
        .then(pl.lit(Vintage.EXACT.value))
        .when(early & (pl.col("vintage") == Vintage.LAGGED.value))
        .then(pl.lit(Vintage.FIRST_SEEN.value))
        .otherwise("vintage"),
        given=pl.col("stated").is_not_null(),
    ).drop("stated")


def _set_aside(rows: pl.DataFrame, reason: checks.Reason) -> pl.DataFrame:
    return rows.with_columns(reason=pl.lit(reason.id))


def _impossible(series: Series, part: pl.DataFrame, fetched_at: datetime) -> pl.DataFrame:
    """Rows whose date can't be; their instants are the bare date, as no rule applies to it."""
    end = pl.coalesce("period_end", pl.col("date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    return part.select(
        series=pl.lit(series.id), period_end=end, known_at=pl.coalesce("known_at", end), value="value",
        vintage=pl.lit(Vintage.FIRST_SEEN.value), fetched_at=pl.lit(fetched_at), given=False,
    )  # fmt: skip


def judge(
    deliveries: Sequence[tuple[Delivery, datetime]],
    entry: Source,
    catalogue: Catalogue,
    sessions: Sessions,
    stored: pl.DataFrame,
    today: date,
) -> Judged:
    """What of some deliveries is new, and what of that is suspicious.

    Parameters
    ----------
    deliveries : each with its moment, unique within the source.
    stored : the source's observations of these series, all that was ever stored.
    """
    frames, aside, unfinished = [], [], 0
    for delivery, moment in deliveries:
        for (code,), part in delivery.values.group_by("code", maintain_order=True):
            series = catalogue.find_series(entry.codes[str(code)])
            day = pl.coalesce("date", pl.col("period_end").dt.date())
            impossible = part.filter(checks.impossible_date(day, today))
            aside.append(_set_aside(_impossible(series, impossible, moment), checks.IMPOSSIBLE_DATE))
            rows = _dated(series, part.filter(~checks.impossible_date(day, today)), sessions, moment)
            ended = rows.filter(pl.col("period_end") <= moment)
            unfinished += rows.height - ended.height
            frames.append(ended)
    if not frames:
        return Judged(pl.DataFrame(schema=OBSERVATION_SCHEMA), _empty_aside(), 0, 0)
    rows = pl.concat(frames, how="vertical_relaxed").with_columns(source=pl.lit(entry.id))
    rows = rows.with_columns(version=pl.when("given").then("known_at"))
    rows = rows.unique(["series", "period_end", "version", "value"], keep="first", maintain_order=True)
    fresh = _not_stored(rows, stored)
    found = [*aside, *_split(fresh, rows, stored, catalogue)]
    good: list[pl.DataFrame] = []
    bad: list[pl.DataFrame] = []
    for part in found:
        (bad if "reason" in part.columns else good).append(part)
    aside_rows = pl.concat(
        [part.with_columns(source=pl.lit(entry.id)).select(list(_empty_aside().columns)) for part in bad],
        how="vertical_relaxed",
    )
    good_rows = pl.concat(good).select(list(OBSERVATION_SCHEMA))
    return Judged(good_rows, aside_rows, rows.height - fresh.height, unfinished)


def _empty_aside() -> pl.DataFrame:
    return pl.DataFrame(schema={**OBSERVATION_SCHEMA, "reason": pl.String()})


def _not_stored(rows: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """The rows that say something new, by the store's own rule."""
    added = rows_to_add(rows.select(list(OBSERVATION_SCHEMA)), stored)
    return rows.join(added, on=[*_PERIOD, "value", "fetched_at"], how="semi", maintain_order="left")


def _last_said(stored: pl.DataFrame) -> pl.DataFrame:
    """One row per period: what the source said last of it."""
    return stored.sort(*_PERIOD, "fetched_at", "known_at").unique(_PERIOD, keep="last", maintain_order=True)


def _split(fresh: pl.DataFrame, rows: pl.DataFrame, stored: pl.DataFrame, catalogue: Catalogue) -> list[pl.DataFrame]:
    """The fresh rows in parts; a part with a column `reason` is set aside."""
    parts = []
    key = ["series", "period_end", "version"]
    twice = rows.filter(pl.struct(key).is_duplicated()).select(*key, "value")
    is_twice = fresh.join(twice.unique(), on=[*key, "value"], how="semi", nulls_equal=True)
    parts.append(_set_aside(is_twice, checks.DUPLICATE))
    fresh = fresh.join(twice.unique(), on=[*key, "value"], how="anti", nulls_equal=True, maintain_order="left")
    before_end = pl.col("known_at") < pl.col("period_end")
    parts.append(_set_aside(fresh.filter(before_end), checks.KNOWN_BEFORE_END))
    for (series_id,), part in fresh.filter(~before_end).group_by("series", maintain_order=True):
        series = catalogue.find_series(str(series_id))
        outside = checks.outside_range(pl.col("value"), series)
        parts.append(_set_aside(part.filter(outside), checks.RANGE))
        parts.extend(_split_levels(part.filter(~outside), stored.filter(series=series.id), series))
    parts.append(fresh.clear())
    return parts


def _split_levels(part: pl.DataFrame, stored: pl.DataFrame, series: Series) -> list[pl.DataFrame]:
    """One series' rows, those apart that its levels make suspicious. A period counts with its last vintage."""
    if part.is_empty():
        return []
    incoming = part.sort("period_end", "known_at").unique("period_end", keep="last", maintain_order=True)
    kept = _last_said(stored).join(incoming, on="period_end", how="anti")
    before = kept.filter(pl.col("period_end") < incoming["period_end"].min()).tail(_CONTEXT)
    within = kept.filter(pl.col("period_end") >= incoming["period_end"].min())
    path = pl.concat([
        before.select("period_end", "value", trusted=True),
        within.select("period_end", "value", trusted=True),
        incoming.select("period_end", "value", trusted=False),
    ]).sort("period_end")  # fmt: skip
    trusted = path["trusted"].to_numpy()
    reasons = checks.suspicious_levels(path["value"].to_numpy().astype(np.float64), series, trusted)
    flagged = path.select("period_end", "value").with_columns(
        reason=pl.Series([r.id if r else None for r in reasons], dtype=pl.String)
    )
    judged = part.join(flagged, on=["period_end", "value"], how="left", maintain_order="left")
    return [judged.filter(pl.col("reason").is_not_null()), judged.filter(pl.col("reason").is_null()).drop("reason")]


def moments(deliveries: Sequence[Delivery], last: datetime | None) -> list[datetime]:
    """For each delivery the moment it came, moved by microseconds where needed, so that each is later than the last."""
    out: list[datetime] = []
    for delivery in deliveries:
        moment = delivery.fetched_at
        if last is not None and moment <= last:
            moment = last + timedelta(microseconds=1)
        out.append(moment)
        last = moment
    return out

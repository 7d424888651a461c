"""Which fetched rows are stored: the append rule, as a pure function of frames.

Words. A *claim* is a row as a source or a release rule dates it (`known_at`). The *read* of a period at a
moment is what an as-of read of that source gives there: the last row by (`known_at`, `fetched_at`), `exact`
rows hiding `lagged` ones. *Stored* rows never change.

1. Nothing is stored that the read already says: a row is added only if its value differs from the read at the
   row's own moment. A→B→A is three rows; the same fetch again adds nothing.
2. **Lagged** claims date a period only if nothing of it is stored yet. Later they can only revise it (4).
3. **Exact** claims at a moment of their own (publisher's vintages, several per period, in any order) are
   stored as given; one that arrives after a newer one is put before it and leaves the newer one alone.
4. **Seen at fetch.** What a fetch says now is its newest claim for the period (exact before lagged). If the
   read at max(claim, `fetched_at`) says otherwise, the value is stored from that moment on, with vintage
   `first_seen`. This is how a claim that contradicts a stored row with the same `known_at` enters: a lagged
   value that was revised, or a market close that the vendor corrected. Reads before that moment keep the old
   value.
5. A claim that contradicts a stored row with the same `known_at`, and was superseded by a newer exact one, is
   not stored: no as-of read could ever show it rightly. Its bytes are kept.
6. A `first_seen` row is never known before it was fetched.

A value that a source repeats is not stored (1), so a fetch that arrives late (an earlier `fetched_at` than
rows already stored) is compared with what was known at its own moment, and cannot see repeats.
"""

from __future__ import annotations

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA

KEY = ("series", "source", "period_end")
_ORDER = (*KEY, "known_at", "fetched_at")
_IS_EXACT = pl.col("vintage") == "exact"
_IS_LAGGED = pl.col("vintage") == "lagged"
_IS_SEEN = pl.col("vintage") == "first_seen"
_SEEN_AT = pl.max_horizontal("known_at", "fetched_at")


def rows_to_add(rows: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """The rows that an append adds, whatever the order of the rows in the batch.

    Parameters
    ----------
    rows : the batch, columns of `OBSERVATION_SCHEMA`; unique by series, source, period, `known_at`,
    `fetched_at`.
        Several fetches of one period are taken one after the other, by `fetched_at`.
    stored : every stored row of the same periods.

    Returns
    -------
    Frame of the columns of `OBSERVATION_SCHEMA`, sorted.
    """
    added = [stored.clear()]
    for fetch in _fetches(rows):
        new = _added_by_fetch(fetch, stored)
        stored = pl.concat([stored, new])
        added.append(new)
    return pl.concat(added).sort(_ORDER)


def _fetches(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """The batch split so that each part holds at most one fetch of a period, earlier fetches first."""
    if rows.select("source", "fetched_at").n_unique() == rows["source"].n_unique():
        return [rows]
    ranked = rows.with_columns(fetch=pl.col("fetched_at").rank("dense").over(KEY))
    return ranked.sort("fetch").partition_by("fetch", include_key=False, maintain_order=True)


def _added_by_fetch(fetch: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    known = stored.join(fetch.select(KEY).unique(), on=KEY, how="semi")
    dated = _changing(fetch.filter(_IS_LAGGED).join(known, on=KEY, how="anti"), known)
    exact = fetch.filter(_IS_EXACT).join(known, on=(*KEY, "known_at"), how="anti")
    exact = _changing(exact, pl.concat([known, dated]))
    said_now = pl.concat([_seen_rows(fetch), _newest_claims(fetch, known)])
    seen = _changing(said_now, pl.concat([known, dated, exact]))
    return pl.concat([dated, exact, seen])


def _seen_rows(fetch: pl.DataFrame) -> pl.DataFrame:
    """Rows that come as `first_seen`, none known before it was fetched."""
    seen = fetch.filter(_IS_SEEN).sort(_ORDER).with_columns(known_at=_SEEN_AT)
    return seen.unique(_ORDER, keep="last", maintain_order=True)


def _newest_claims(fetch: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """What the fetch says now of periods that are stored, as rows seen at the fetch.

    Left out are exact claims older than a stored exact one, and periods whose fetch has `first_seen` rows.
    """
    if known.is_empty():
        return fetch.clear()
    newer = known.filter(_IS_EXACT).group_by(KEY).agg(last_exact=pl.col("known_at").max())
    return (
        fetch.filter(~_IS_SEEN)
        .join(known, on=KEY, how="semi")
        .join(fetch.filter(_IS_SEEN), on=KEY, how="anti")
        .sort(*KEY, _IS_EXACT, "known_at")
        .unique(KEY, keep="last", maintain_order=True)
        .join(newer, on=KEY, how="left")
        .filter(_IS_LAGGED | pl.col("last_exact").is_null() | (pl.col("last_exact") <= pl.col("known_at")))
        .with_columns(known_at=_SEEN_AT, vintage=pl.lit("first_seen"))
        .select(list(OBSERVATION_SCHEMA))
    )


def _changing(candidates: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The candidates (all exact, all lagged or all first seen) whose value differs from the read at their
    moment.

    One pass over each period's rows in order. A candidate equal to the row before it changes nothing that
    follows, so the row before may stand for the read whether or not it is stored; only where the first exact
    row stands must be known, since from there on lagged rows are hidden.
    """
    if candidates.is_empty():
        return candidates
    known = known.join(candidates.select(KEY).unique(), on=KEY, how="semi")
    candidates = candidates.join(known, on=_ORDER, how="anti")
    rows = pl.concat(
        [
            known.with_columns(candidate=pl.lit(False)),
            candidates.with_columns(candidate=pl.lit(True)),
        ]
    ).sort(_ORDER)
    starts = pl.any_horizontal(pl.col(c) != pl.col(c).shift(1) for c in KEY).fill_null(True)
    row = pl.int_range(pl.len())
    # Positions instead of windows: there may be as many periods as rows, and a window function pays for each.
    rows = rows.with_columns(
        start=pl.when(starts).then(row).forward_fill(),
        before=pl.when(~starts).then(pl.col("value").shift(1)),
        last_unhidden=pl.when(~_IS_LAGGED).then(row).forward_fill().shift(1),
    )
    differs = pl.col("before").is_null() | (pl.col("before") != pl.col("value"))
    first_exact = _IS_EXACT & (~pl.col("candidate") | differs)
    hides = pl.when(first_exact).then(row).forward_fill().shift(1) >= pl.col("start")
    unhidden = pl.col("value").gather(pl.col("last_unhidden").fill_null(0))
    read = pl.when(hides).then(unhidden).otherwise("before")
    return rows.filter(pl.col("candidate") & (read.is_null() | (read != pl.col("value")))).select(
        list(OBSERVATION_SCHEMA)
    )

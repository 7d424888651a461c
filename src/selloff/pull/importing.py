"""Import of a user's files: read, checked against catalogue and store, stamped, and stored in one commit.

A file is stored as a whole or not at all; one that is broken does not hold up the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA, Catalogue
from selloff.catalog.periods import bar_ends, stamp, stamp_instants
from selloff.catalog.sessions import Sessions
from selloff.errors import MappingError, PayloadError, SelloffError
from selloff.pull.magnitude import check_magnitude
from selloff.pull.mapping import FileMapping, Mapping
from selloff.pull.readers import NOTHING, read_table
from selloff.pull.values import parse_values, wanted_columns
from selloff.store import Appended, Payload, Store

SOURCE = "import"
Progress = Callable[[str, int, int], None]

_KEY = ["series", "period_end"]


@dataclass(frozen=True)
class SeriesImport:
    """What one file did for one series, in rows."""

    series: str
    new: int
    revised: int
    unchanged: int


@dataclass(frozen=True)
class FileImport:
    """What became of one file: its series, or the error for which nothing of it was stored."""

    file: str
    series: tuple[SeriesImport, ...] = ()
    error: SelloffError | None = None


@dataclass(frozen=True)
class ImportReport:
    """What an import did. `appended` counts the rows of the commit."""

    files: tuple[FileImport, ...]
    appended: Appended

    @property
    def failed(self) -> tuple[FileImport, ...]:
        """The files of which nothing was stored."""
        return tuple(f for f in self.files if f.error is not None)


@dataclass(frozen=True)
class _Job:
    """One file of one mapping entry."""

    name: str
    path: Path
    entry: FileMapping


@dataclass(frozen=True)
class _Read:
    """A good file: its observations (without `fetched_at`), and its bytes."""

    job: _Job
    rows: pl.DataFrame
    content: bytes


def _silent(_what: str, _done: int, _total: int) -> None:
    return None


def _jobs(folder: Path, mapping: Mapping) -> tuple[list[_Job], list[FileImport]]:
    jobs: list[_Job] = []
    absent: list[FileImport] = []
    for entry in mapping.file:
        try:
            paths = sorted(p for p in folder.glob(entry.path) if p.is_file())
        except OSError as reason:
            what = f"{entry.path} can't be looked for: {reason.strerror}."
            absent.append(FileImport(entry.path, error=PayloadError(what, "Correct the path in the mapping.")))
            continue
        if not paths:
            error = PayloadError(f"No file in {folder} is named {entry.path}.", "Correct the path in the mapping.")
            absent.append(FileImport(entry.path, error=error))
        jobs += [_Job(p.relative_to(folder).as_posix(), p, entry) for p in paths]
    return jobs, absent


def _stamped(values: pl.DataFrame, entry: FileMapping, catalogue: Catalogue, sessions: Sessions) -> pl.DataFrame:
    """Observations of a file, but for `fetched_at`."""
    frames = []
    for (series_id,), part in values.group_by("series", maintain_order=True):
        spec = catalogue.find_series(str(series_id))
        if entry.date is not None:
            frames.append(stamp(spec, part["when"], part["value"], sessions))
        else:
            ends = bar_ends(part["when"], entry.bar_minutes, spec.close, sessions)
            frames.append(stamp_instants(spec, ends, part["value"]))
    return pl.concat(frames).with_columns(source=pl.lit(SOURCE))


def _read(job: _Job, catalogue: Catalogue, sessions: Sessions, now: datetime) -> _Read:
    try:
        content = job.path.read_bytes()
    except OSError as error:
        raise PayloadError(f"{job.name} can't be read: {error.strerror}.", NOTHING) from error
    kind = job.entry.format_of(job.path)
    table = read_table(content, kind, job.entry, wanted_columns(job.entry), job.name)
    values = parse_values(table, job.entry, catalogue, sessions, name=job.name, today=now.date())
    if values.is_empty():
        raise PayloadError(f"{job.name} has no value in the mapped columns.", f"Correct the mapping. {NOTHING}")
    return _Read(job, _stamped(values, job.entry, catalogue, sessions), content)


def _known(store: Store, series: Sequence[str]) -> dict[str, pl.DataFrame]:
    """The last value that the store has for each period of some series, by series, from whatever source."""
    rows = store.collect(
        store.scan()
        .filter(pl.col("series").is_in(list(series)))
        .select("series", "source", "period_end", "value", "fetched_at")
        .sort("fetched_at")
        .unique(["series", "source", "period_end"], keep="last")
    )
    return {str(series_id): part for (series_id,), part in rows.partition_by("series", as_dict=True).items()}


def _counts(rows: pl.DataFrame, known: dict[str, pl.DataFrame]) -> tuple[pl.DataFrame, tuple[SeriesImport, ...]]:
    """The rows that differ from what earlier imports gave, and the counts by series."""
    nothing = pl.DataFrame(schema={c: OBSERVATION_SCHEMA[c] for c in ("series", "source", "period_end", "value")})
    parts = [known[s].select(nothing.columns) for s in rows["series"].unique() if s in known]
    own = pl.concat([nothing, *parts]).filter(pl.col("source") == SOURCE)
    joined = rows.join(own.select(*_KEY, before="value"), on=_KEY, how="left", maintain_order="left")
    is_new = pl.col("before").is_null()
    is_revised = pl.col("before") != pl.col("value")
    counts = joined.group_by("series", maintain_order=True).agg(
        is_new.sum().alias("new"), is_revised.sum().alias("revised"), pl.len().alias("all")
    )
    outcome = tuple(SeriesImport(s, n, r, a - n - r) for s, n, r, a in counts.rows())
    return joined.filter(is_new | is_revised).drop("before"), outcome


def _clashes(reads: Sequence[_Read]) -> dict[int, SelloffError]:
    """Files that give a period which an earlier file gave already, by index."""
    feeds: dict[str, list[int]] = {}
    for i, read in enumerate(reads):
        for series_id in read.rows["series"].unique():
            feeds.setdefault(series_id, []).append(i)
    failed: dict[int, SelloffError] = {}
    for series_id, files in feeds.items():
        seen = pl.Series("period_end", [], dtype=OBSERVATION_SCHEMA["period_end"])
        for i in files:
            periods = reads[i].rows.filter(pl.col("series") == series_id)["period_end"]
            twice = periods.filter(periods.is_in(seen.implode()))
            if len(twice) and i not in failed:
                failed[i] = MappingError(
                    f"{reads[i].job.name} gives {series_id!r} for {twice[0]:%Y-%m-%d}, as an earlier file does.",
                    f"Limit one of them with `first` or `last`. {NOTHING}",
                )
            elif not len(twice):
                seen = pl.concat([seen, periods])
    return failed


def _read_all(
    jobs: Sequence[_Job],
    known: dict[str, pl.DataFrame],
    catalogue: Catalogue,
    sessions: Sessions,
    now: datetime,
    progress: Progress,
) -> tuple[list[_Read], list[FileImport]]:
    """The good files, and the broken ones. A file that several entries map is good if all of them find it so."""
    reads: list[_Read] = []
    broken: list[FileImport] = []
    for number, job in enumerate(jobs, start=1):
        try:
            read = _read(job, catalogue, sessions, now)
            check_magnitude(read.rows, known, job.entry, catalogue, job.name)
            reads.append(read)
        except SelloffError as error:
            broken.append(FileImport(job.name, error=error))
        progress(job.name, number, len(jobs) + 1)
    clashes = _clashes(reads)
    broken += [FileImport(reads[i].job.name, error=error) for i, error in sorted(clashes.items())]
    names = {b.file for b in broken}
    return [read for read in reads if read.job.name not in names], broken


def import_folder(
    folder: Path,
    mapping: Mapping,
    *,
    store: Store,
    catalogue: Catalogue,
    sessions: Sessions,
    now: datetime,
    progress: Progress = _silent,
) -> ImportReport:
    """Import the mapped files of a folder.

    Values are dated by the catalogue's release rules. What the store has already from an earlier import is not
    stored again, and a file that brings nothing new leaves no trace.

    Parameters
    ----------
    now : the moment of the import; each file is fetched a microsecond after the one before.

    Raises
    ------
    MappingError : the folder does not exist.
    StoreError : the store can't be written.
    """
    if not folder.is_dir():
        raise MappingError(f"{folder} is not a folder.", "Name the folder that holds the files.")
    jobs, outcomes = _jobs(folder, mapping)
    known = _known(store, sorted({s for j in jobs for s in j.entry.series}))
    good, broken = _read_all(jobs, known, catalogue, sessions, now, progress)
    outcomes += broken
    frames, payloads = [], []
    for number, read in enumerate(good):
        fresh, counts = _counts(read.rows, known)
        outcomes.append(FileImport(read.job.name, counts))
        if not fresh.is_empty():
            moment = now + timedelta(microseconds=number)
            frames.append(fresh.with_columns(fetched_at=pl.lit(moment)).select(list(OBSERVATION_SCHEMA)))
            payloads.append(Payload(SOURCE, read.job.name, read.content, moment))
    appended = store.append(pl.concat(frames), payloads) if frames else Appended(0, 0, 0)
    progress("stored", len(jobs) + 1, len(jobs) + 1)
    order = {name: i for i, name in enumerate(dict.fromkeys(j.name for j in jobs))}
    outcomes.sort(key=lambda o: order.get(o.file, -1))
    return ImportReport(tuple(outcomes), appended)

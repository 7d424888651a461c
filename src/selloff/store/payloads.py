"""Raw payloads: the bytes every number came from, compressed, named by their hash."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA
from selloff.errors import StoreError
from selloff.store.place import Place

PAYLOAD_SCHEMA: dict[str, pl.DataType] = {
    "source": pl.String(),
    "fetched_at": OBSERVATION_SCHEMA["fetched_at"],
    "name": pl.String(),
    "sha256": pl.String(),
    "bytes": pl.Int64(),
}
"""Columns of the payload index."""


@dataclass(frozen=True)
class Payload:
    """Bytes that a source delivered.

    `fetched_at` is unique per source: together they lead from an observation to its bytes.
    `name` says what was asked for, without secrets.
    """

    source: str
    name: str
    content: bytes
    fetched_at: datetime

    @cached_property
    def sha256(self) -> str:
        """Hash of the uncompressed content."""
        return hashlib.sha256(self.content).hexdigest()

    def index_row(self) -> dict[str, object]:
        """The payload's row in the index."""
        return {
            "source": self.source,
            "fetched_at": self.fetched_at,
            "name": self.name,
            "sha256": self.sha256,
            "bytes": len(self.content),
        }


Problem = Literal["missing", "unreadable", "altered", "unlinked"]


@dataclass(frozen=True)
class PayloadFinding:
    """One broken link between observations and their bytes.

    missing : the file of an indexed payload is gone.
    unreadable : it can't be read or unpacked.
    altered : its bytes have another hash than the index says.
    unlinked : `n_rows` observations name a fetch that the index does not have.
    """

    problem: Problem
    source: str
    fetched_at: datetime
    name: str | None = None
    sha256: str | None = None
    n_rows: int = 0


RAW = "raw"


def payload_name(sha256: str) -> str:
    """Under which name the payload with that hash is kept."""
    return f"{RAW}/{sha256[:2]}/{sha256}.gz"


def _problem(place: Place, sha256: str) -> Problem | None:
    try:
        content = gzip.decompress(place.read(payload_name(sha256)))
    except FileNotFoundError:
        return "missing"
    except StoreError:
        raise
    except (OSError, EOFError, zlib.error):
        return "unreadable"
    return None if hashlib.sha256(content).hexdigest() == sha256 else "altered"


def keep_payload(place: Place, payload: Payload) -> None:
    """Write the content once; the same bytes are never kept twice, and a damaged copy is replaced."""
    if _problem(place, payload.sha256) is not None:
        place.write(payload_name(payload.sha256), gzip.compress(payload.content, compresslevel=6, mtime=0))


def read_payload(place: Place, sha256: str) -> bytes:
    """The content with that hash.

    Raises
    ------
    StoreError : the file is gone, or its bytes no longer have that hash.
    """
    problem = _problem(place, sha256)
    if problem is not None:
        what = {"altered": "was altered where it is kept", "missing": "is gone"}.get(problem, "can't be read")
        hint = "Restore it from a backup; `selloff data verify` names every damaged one."
        raise StoreError(f"The raw payload {sha256[:12]}… {what}.", hint)
    return gzip.decompress(place.read(payload_name(sha256)))


def check_payloads(place: Place, index: pl.DataFrame, fetches: pl.DataFrame) -> Iterator[PayloadFinding]:
    """Every broken link; each distinct payload is unpacked and hashed once.

    Parameters
    ----------
    index : the payload index.
    fetches : `source, fetched_at, n_rows` of the stored observations.
    """
    problems = {sha: _problem(place, sha) for sha in index["sha256"].unique()}
    for row in index.sort("source", "fetched_at").iter_rows(named=True):
        problem = problems[row["sha256"]]
        if problem is not None:
            yield PayloadFinding(problem, row["source"], row["fetched_at"], row["name"], row["sha256"])
    unlinked = fetches.join(index, on=["source", "fetched_at"], how="anti").sort("source", "fetched_at")
    for row in unlinked.iter_rows(named=True):
        yield PayloadFinding("unlinked", row["source"], row["fetched_at"], n_rows=row["n_rows"])

"""Truncation: an analysis as of t must not change when everything known later is deleted.

Usage: `assert_truncation_proof(lambda store: explain(..., store=store).to_json().encode(), store, t, folder)`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import polars as pl
from deltalake import write_deltalake

from selloff.store import Store


def truncated(store: Store, moment: datetime, folder: Path) -> Store:
    """A copy of a store with only the rows that were known at a moment."""
    shutil.copytree(store.place.path, folder, ignore=shutil.ignore_patterns("observations"))
    kept = store.scan().filter(pl.col("known_at") <= moment).collect()
    assert kept.height < store.scan().select(pl.len()).collect().item(), f"nothing is known after {moment}"
    write_deltalake(str(folder / "observations"), kept, mode="overwrite")
    return Store(folder)


@contextmanager
def truncated_copy(store: Store, moment: datetime, folder: Path) -> Iterator[Store]:
    """`truncated`, gone afterwards."""
    yield truncated(store, moment, folder)
    shutil.rmtree(folder)


def assert_truncation_proof(analysis: Callable[[Store], bytes], store: Store, moment: datetime, folder: Path) -> bytes:
    """Run an analysis as of a moment on the store and on its truncated copy, and compare the bytes."""
    whole = analysis(store)
    with truncated_copy(store, moment, folder) as copy:
        cut = analysis(copy)
    assert cut == whole, f"as of {moment} the result changes when later rows are deleted"
    return whole

"""What the tests of the official sources share: entries, recorded bodies, and damage to them."""

from __future__ import annotations

import math
import os
import random
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

import polars as pl
import pytest

import selloff.catalog
from selloff.catalog import Source
from selloff.errors import PayloadError
from selloff.sources.contract import PARSED_SCHEMA, Ask, NetworkSource, ServiceError

S = TypeVar("S", bound=NetworkSource)
RECORDINGS = Path(__file__).parents[1] / "recordings"
ENTRIES = Path(selloff.catalog.__file__).parent / "data" / "sources"
LAST_DAY = date(2026, 2, 28)
"""Nothing after this day of the shared recordings is looked at."""
TODAY = date(2026, 3, 2)


def source(kind: type[S]) -> S:
    """A source with its own catalogue entry."""
    return kind(entry(kind.id))


def entry(name: str) -> Source:
    return Source.model_validate(tomllib.loads((ENTRIES / f"{name}.toml").read_text()))


def recorded(path: str) -> bytes:
    """The repository's own body."""
    return (RECORDINGS / path).read_bytes()


def shared(path: str) -> bytes:
    """A real body of the shared folder."""
    root = Path(os.environ.get("SELLOFF_SHARED", Path(__file__).parents[3] / "shared"))
    file = root / "recordings" / path
    if not file.exists():
        if os.environ.get("SELLOFF_REQUIRE_SHARED") == "1":
            pytest.fail(f"shared recording {path} is missing")
        pytest.skip(f"no shared recording {path}")
    return file.read_bytes()


def values(frame: pl.DataFrame, code: str) -> dict[str, float]:
    """Values of a code by ISO date, up to the last day that may be looked at."""
    rows = frame.filter((pl.col("code") == code) & (pl.col("date") <= LAST_DAY))
    return {str(day): value for day, value in rows.select("date", "value").iter_rows()}


def damaged(body: bytes, seed: int, count: int = 200) -> Iterator[bytes]:
    """The body with one to three bytes changed, dropped or doubled, or cut short."""
    dice = random.Random(seed)
    for _ in range(count):
        copy = bytearray(body)
        for _ in range(dice.randint(1, 3)):
            if not copy:
                break
            at = dice.randrange(len(copy))
            match dice.randrange(5):
                case 0:
                    copy[at] = dice.randrange(256)
                case 1:
                    copy[at] = ord(dice.choice('0123456789-.,:"{}[]eENaInf \n'))
                case 2:
                    del copy[at]
                case 3:
                    copy.insert(at, copy[at])
                case _:
                    copy = copy[: max(at, 1)]
        yield bytes(copy)


ODD_BODIES = (
    b"",
    b" \n",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b"{}",
    b"[[]]",
    b"42",
    b'"text"',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"\x1f\x8b\x08",
    b"<html><body>Please verify you are a human</body></html>",
    b"<!DOCTYPE html><title>503</title>",
    b"a,b\n1\n",
    b"\x00,\x00\n",
    b'"open',
)


def survives(parser: NetworkSource, ask: Ask, body: bytes) -> int:
    """Parses damaged copies of a body; anything but values or a typed error fails. Returns how many were refused."""
    refused = 0
    for copy in (*damaged(body, seed=len(body)), *ODD_BODIES):
        try:
            frame = parser.parse(ask, copy)
            parser.more(ask, copy)
        except (PayloadError, ServiceError):
            refused += 1
            continue
        check(frame, ask)
    return refused


def check(frame: pl.DataFrame, ask: Ask) -> None:
    """The contract of a parsed frame."""
    assert dict(frame.schema) == PARSED_SCHEMA
    assert set(frame["code"]) <= set(ask.codes)
    assert all(math.isfinite(v) for v in frame["value"])
    assert frame["date"].null_count() == 0
    assert frame.select("code", "date", "known_at").is_duplicated().sum() == 0

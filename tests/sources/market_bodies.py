"""Recordings of the market sources, real bodies from the shared folder, and mutations of both."""

from __future__ import annotations

import os
import random
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from selloff.catalog import Source
from selloff.errors import PayloadError
from selloff.sources.contract import PARSED_SCHEMA, Ask, NetworkSource, ServiceError

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "tests" / "recordings"
LAST_SEEN = date(2026, 2, 28)
"""Nobody may look at a value after this day."""

SPANNERS = [
    b"NaN",
    b"Infinity",
    b"-1",
    b"1e999",
    b"null",
    b"true",
    b"{}",
    b"[]",
    b'"x"',
    b"0000-00-00",
    b"\x00",
    b"\xff",
]
HOSTILE = [
    b"",
    b" \n",
    b"null",
    b"0",
    b'"text"',
    b"NaN",
    b"[NaN]",
    b"[[]]",
    b"[{}]",
    b"[null]",
    b"{}",
    b'{"error": null}',
    b'{"error": {}}',
    b'{"code": [], "msg": {}}',
    b'{"chart": {"result": [{}], "error": null}}',
    b'{"a": 1, "a": 2}',
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"[" * 900 + b"]" * 900,
    b"[" + b"9" * 5000 + b"]",
    b"<html><body>Please verify you are a human</body></html>",
    b"DATE,CLOSE\n01/02/2020\n",
    b'"\n',
]


def built(kind: type[NetworkSource]) -> NetworkSource:
    """The source with its catalogue entry."""
    entry = files("selloff.catalog") / "data" / "sources" / f"{kind.id}.toml"
    return kind(Source.model_validate(tomllib.loads(entry.read_text("utf-8"))))


def recording(source: NetworkSource, file: str) -> bytes:
    return (RECORDINGS / source.id / file).read_bytes()


def requests(source: NetworkSource) -> dict[str, Any]:
    return tomllib.loads((RECORDINGS / source.id / "requests.toml").read_text("utf-8"))


def recorded(source: NetworkSource, file: str) -> tuple[Ask, bytes]:
    """A recording and the request it answers."""
    answer = next(a for a in requests(source)["answer"] if a["file"] == file)
    return Ask(answer["url"], tuple(answer["codes"]), tuple(answer["params"].items())), recording(source, file)


def values(found: pl.DataFrame, code: str | None = None) -> dict[date | datetime, float]:
    """Value by date or instant, of one code."""
    assert found.schema == pl.Schema(PARSED_SCHEMA)
    if code is not None:
        found = found.filter(pl.col("code") == code)
    column = "period_end" if found["date"].null_count() else "date"
    return dict(zip(found[column], found["value"], strict=True))


def shared(path: str) -> bytes:
    """A real body; without the shared folder the test is skipped, or fails if SELLOFF_REQUIRE_SHARED is set."""
    file = Path(os.environ.get("SELLOFF_SHARED", ROOT.parent / "shared")) / "recordings" / path
    if not file.exists():
        reason = f"no {path} in the shared folder (SELLOFF_SHARED)"
        if os.environ.get("SELLOFF_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return file.read_bytes()


def seen(found: pl.DataFrame) -> dict[date | datetime, float]:
    """Values up to the last day that may be looked at."""
    return values(found.filter(pl.coalesce("date", pl.col("period_end").dt.date()) <= LAST_SEEN))


def mutations(body: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Bodies with one to three accidents: changed, lost, repeated or inserted bytes, cut ends, wrong values."""
    chance = random.Random(seed)
    for _ in range(count):
        bad = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(bad) + 1)
            length = chance.randint(1, 12)
            match chance.randrange(6):
                case 0:
                    bad[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del bad[at : at + length]
                case 2:
                    bad[at:at] = bad[at : at + length]
                case 3:
                    bad[at:at] = bytes(chance.randrange(256) for _ in range(length))
                case 4:
                    del bad[at:]
                case _:
                    bad[at : at + length] = chance.choice(SPANNERS)
        yield bytes(bad)


def check_total(source: NetworkSource, ask: Ask, body: bytes) -> int:
    """Parse 200 mutations and the hostile bodies: values of the contract's form, or one of its errors.

    Returns
    -------
    How many were refused.
    """
    refused = 0
    for bad in [*mutations(body, 200, seed=len(body)), *HOSTILE]:
        try:
            found = source.parse(ask, bad)
            source.more(ask, bad)
        except (PayloadError, ServiceError) as error:
            assert error.message and error.hint
            refused += 1
            continue
        assert found.schema == pl.Schema(PARSED_SCHEMA)
        assert found["value"].is_finite().all() and found["value"].null_count() == 0
        assert set(found["code"]) <= set(ask.codes)
        assert found.filter(pl.col("date").is_null() == pl.col("period_end").is_null()).is_empty()
        assert not found.select("code", "date", "period_end").is_duplicated().any()
    return refused

"""Recorded bodies, the real ones of the shared folder, and damage done to either."""

from __future__ import annotations

import copy
import json
import math
import os
import random
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from selloff.catalog.sourcelist import Source
from selloff.errors import PayloadError
from selloff.sources.contract import PARSED_SCHEMA, Ask, NetworkSource, ServiceError

RECORDINGS = Path(__file__).parents[1] / "recordings"


def entry(source: str) -> Source:
    """A source's catalogue entry, read without the rest of the catalogue."""
    file = resources.files("selloff.catalog") / "data" / "sources" / f"{source}.toml"
    return Source.model_validate(tomllib.loads(file.read_text()))


def body(source: str, name: str) -> bytes:
    """A body of the repository's own recordings."""
    return (RECORDINGS / source / name).read_bytes()


def shared(source: str, name: str) -> bytes:
    """A real body; its test is skipped where there is none, unless SELLOFF_REQUIRE_SHARED is 1."""
    folder = Path(os.environ.get("SELLOFF_SHARED", Path(__file__).parents[2].parent / "shared"))
    path = folder / "recordings" / source / name
    if not path.exists():
        reason = f"no {path.name} in the shared folder (SELLOFF_SHARED)"
        if os.environ.get("SELLOFF_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path.read_bytes()


def values(table: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Values by code and date."""
    assert dict(table.schema) == PARSED_SCHEMA
    return {(row["code"], str(row["date"])): row["value"] for row in table.iter_rows(named=True)}


def asks_match_requests(source: NetworkSource, asks: list[Ask]) -> None:
    """Every ask is answered by the recording's `requests.toml`, with the very url and parameters."""
    listed = tomllib.loads((RECORDINGS / source.id / "requests.toml").read_text())["answer"]
    known = [(a["url"], a["params"]) for a in listed]
    for ask in asks:
        params: dict[str, list[str]] = {}
        for name, value in ask.params:
            params.setdefault(name, []).append(value)
        flat = {name: found[0] if len(found) == 1 else found for name, found in params.items()}
        assert (ask.url, flat) in known


def survives_mutations(source: NetworkSource, ask: Ask, whole: bytes, times: int = 200) -> None:
    """Damaged bodies give a valid frame or a typed error, in `parse` and in `more`."""
    rng = random.Random(20260228)
    for _ in range(times):
        damaged = bytearray(whole)
        kind = rng.randrange(4)
        place = rng.randrange(len(damaged))
        if kind == 0:
            damaged[place] = rng.randrange(256)
        elif kind == 1:
            del damaged[place:]
        elif kind == 2:
            damaged[place : place + rng.randrange(1, 9)] = rng.randbytes(rng.randrange(9))
        else:
            damaged[place:place] = rng.choice([b"null", b"NaN", b"-1e999", b"0000-00-00", b"\xff", b"{", b'"', b"true"])
        _survives(source, ask, bytes(damaged))


def survives_wrong_types(source: NetworkSource, ask: Ask, whole: bytes) -> None:
    """Every value of a JSON body replaced by values of other types, one at a time."""
    answer = json.loads(whole)
    for path in _paths(answer):
        for wrong in WRONG:
            changed = copy.deepcopy(answer)
            place = changed
            for step in path[:-1]:
                place = place[step]
            if path:
                place[path[-1]] = wrong
            _survives(source, ask, json.dumps(changed if path else wrong).encode())


WRONG = [None, True, -1, 10**400, 1e308, "", "x", "0000-00-00", "9999-12-31", "NaN", [], {}, [[]], {"a": 1}]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from _paths(inner, (*path, step))


def _survives(source: NetworkSource, ask: Ask, damaged: bytes) -> None:
    for reading in (source.parse, source.more):
        try:
            found = reading(ask, damaged)
        except (PayloadError, ServiceError):
            continue
        if isinstance(found, pl.DataFrame):
            assert dict(found.schema) == PARSED_SCHEMA
            assert found["value"].null_count() == 0
            assert all(math.isfinite(v) for v in found["value"])
            assert set(found["code"]) <= set(ask.codes)


JUNK = [
    b"",
    b" ",
    b"null",
    b"[]",
    b"{}",
    b'"x"',
    b"1",
    b"\xff\xfe",
    b"<html>CAPTCHA</html>",
    b"[" * 100_000,
    b"NaN",
    b"PK",
]


def survives_junk(source: NetworkSource, ask: Ask, allowed: tuple[bytes, ...] = ()) -> None:
    """Bodies of another kind altogether are typed errors, except those that say "nothing" in the format."""
    for junk in JUNK:
        if junk in allowed:
            assert source.parse(ask, junk).is_empty()
        else:
            with pytest.raises((PayloadError, ServiceError)):
                source.parse(ask, junk)

"""Coin Metrics community data: daily metrics of an asset. Licence CC BY-NC 4.0.

Format: `{"data": [{"asset": "btc", "time": "2026-01-01T00:00:00.000000000Z", "PriceUSD": "…"}, …], "next_page_token",
"next_page_url"}`, values as texts, a missing one null or absent; errors `{"error": {"type", "message"}}`. A daily
metric is of the UTC day that starts at `time`; PriceUSD is the price at its end (Coin Metrics' documentation of the
metric).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import polars as pl

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import (
    broken,
    dated,
    day,
    decimal,
    drift,
    json_of,
    mapping,
    member,
    positive,
    refused,
    sequence,
    text_member,
)

SERVICE = "Coin Metrics"
URL = "https://community-api.coinmetrics.io/v4/timeseries/asset-metrics"
PAGE = "10000"
FIRST = {"btc": date(2010, 7, 18), "eth": date(2015, 8, 8)}
"""First days with a price; rows before lack the metrics."""

OVERLAP = timedelta(days=14)
"""Latest values are recomputed as blocks are confirmed and feeds complete; Coin Metrics states no window for it, and
two weeks is a guess on the safe side. A change of a metric's method reaches further back and needs a fresh pull."""

_MIDNIGHT = re.compile(r"(.{10})T00:00:00(?:\.0+)?Z")
_PASSING = ("too_many_requests", "rate_limit", "internal", "unavailable", "timeout")


class CoinMetrics(NetworkSource):
    """Daily metrics by UTC date; codes are `asset:metric`."""

    id: ClassVar[str] = "coinmetrics"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request an asset for all its metrics, from the one that reaches back least."""
        by_asset: dict[str, list[str]] = defaultdict(list)
        for code in wanted:
            by_asset[code.partition(":")[0]].append(code)
        return [
            Ask(
                URL,
                tuple(codes),
                (
                    ("assets", asset),
                    ("metrics", ",".join(code.partition(":")[2] for code in codes)),
                    ("frequency", "1d"),
                    ("start_time", _start(asset, [wanted[code] for code in codes]).isoformat()),
                    ("paging_from", "start"),
                    ("page_size", PAGE),
                ),
            )
            for asset, codes in by_asset.items()
        ]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by UTC date: dollars for PriceUSD, ratios for CapMVRVCur."""
        rows = [mapping(r, "an entry", SERVICE) for r in sequence(member(_top(body), "data", SERVICE), "data", SERVICE)]
        found = []
        for code in ask.codes:
            asset, _, metric = code.partition(":")
            if rows and not any(metric in row for row in rows):
                raise drift(SERVICE, f"the field {metric!r}", "absent from every entry")
            for row in rows:
                if row.get("asset") != asset:
                    raise drift(SERVICE, f"the asset {asset!r}", row.get("asset"))
                time = text_member(row, "time", SERVICE)
                midnight = _MIDNIGHT.fullmatch(time)
                when = day(midnight[1] if midnight is not None else time, "time", SERVICE)
                if row.get(metric) is not None:
                    value = positive(decimal(row[metric], metric, SERVICE, scientific=True), metric, SERVICE)
                    found.append((code, when, value))
        return dated(found, SERVICE)

    def more(self, ask: Ask, body: bytes) -> Ask | None:
        """The same request with the body's token; its `next_page_url` is only read, never followed."""
        top = _top(body)
        token, url = top.get("next_page_token"), top.get("next_page_url")
        if token is None and url is None:
            return None
        if token is None and isinstance(url, str):
            token = next(iter(_query(url).get("next_page_token", [])), None)
        if not isinstance(token, str) or not token:
            raise drift(SERVICE, "the next page's token", token)
        if dict(ask.params).get("next_page_token") == token:
            raise broken(f"{SERVICE}: a page names itself as the next one.")
        kept = tuple((k, v) for k, v in ask.params if k != "next_page_token")
        return replace(ask, params=(*kept, ("next_page_token", token)))


def _query(url: str) -> dict[str, list[str]]:
    try:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}{parts.path}" != URL:
            raise ValueError(url)
        return parse_qs(parts.query)
    except ValueError as error:
        raise drift(SERVICE, "next_page_url", url) from error


def _start(asset: str, stored: Sequence[date | None]) -> date:
    known = [last for last in stored if last is not None]
    return max(FIRST[asset], min(known) - OVERLAP) if len(known) == len(stored) else FIRST[asset]


def _top(body: bytes) -> Mapping[str, object]:
    top = mapping(json_of(body, SERVICE), "the body", SERVICE)
    if "error" in top:
        error = top["error"]
        kind = str(error.get("type")) if isinstance(error, dict) else ""
        text = error.get("message") if isinstance(error, dict) else error
        raise refused(SERVICE, text, retry=any(word in kind for word in _PASSING))
    return top

from __future__ import annotations

import json
from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.coinmetrics import URL, CoinMetrics
from selloff.sources.contract import Ask, SchemaDriftError, ServiceError
from tests.sources.market_bodies import built, recorded, recording, shared, values

METRICS = built(CoinMetrics)
FIRST, BODY = recorded(METRICS, "btc_page_1.json")
SECOND, LAST = recorded(METRICS, "btc_page_2.json")


def test_texts_are_numbers_by_the_day_that_starts_at_time() -> None:
    found = METRICS.parse(FIRST, BODY)
    assert values(found, "btc:PriceUSD") == {date(2024, 6, 8): 69301.0123456789, date(2024, 6, 9): 69650.5}
    assert values(found, "btc:CapMVRVCur") == {date(2024, 6, 8): 2.2101, date(2024, 6, 9): 2.2204}


def test_null_is_missing() -> None:
    found = METRICS.parse(SECOND, LAST)
    assert list(values(found, "btc:CapMVRVCur")) == [date(2024, 6, 10)]
    assert list(values(found, "btc:PriceUSD")) == [date(2024, 6, 10), date(2024, 6, 11)]


def test_pages_follow_the_token_to_the_end() -> None:
    assert METRICS.more(FIRST, BODY) == SECOND
    assert METRICS.more(SECOND, LAST) is None


def test_the_token_is_read_from_the_address_if_that_is_all_there_is() -> None:
    page = json.loads(BODY)
    del page["next_page_token"]
    assert METRICS.more(FIRST, json.dumps(page).encode()) == SECOND


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("https://elsewhere.example/v4/timeseries/asset-metrics?next_page_token=x", "next_page_url"),
        (URL, "token"),
        ("https://[broken", "next_page_url"),
    ],
)
def test_an_address_elsewhere_is_never_followed(address: str, named: str) -> None:
    page = json.dumps({"data": [], "next_page_url": address}).encode()
    with pytest.raises(SchemaDriftError, match=named):
        METRICS.more(FIRST, page)


def test_a_page_that_names_itself_does_not_loop() -> None:
    with pytest.raises(PayloadError, match="names itself"):
        METRICS.more(SECOND, BODY)


def test_the_least_stored_metric_decides_where_to_start() -> None:
    (ask,) = METRICS.plan({"btc:PriceUSD": date(2024, 6, 1), "btc:CapMVRVCur": date(2024, 5, 20)}, date(2024, 6, 12))
    assert dict(ask.params)["start_time"] == "2024-05-06"
    (ask,) = METRICS.plan({"btc:PriceUSD": date(2024, 6, 1), "btc:CapMVRVCur": None}, date(2024, 6, 12))
    assert dict(ask.params)["start_time"] == "2010-07-18"


def test_errors_of_the_service() -> None:
    with pytest.raises(ServiceError, match="not supported") as caught:
        METRICS.parse(FIRST, recording(METRICS, "error_400.json"))
    assert not caught.value.retry
    with pytest.raises(ServiceError) as caught:
        METRICS.parse(FIRST, b'{"error": {"type": "too_many_requests", "message": "slow down"}}')
    assert caught.value.retry


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b'"PriceUSD"', b'"PriceUsd"', "PriceUSD"),
        (b'"asset":"btc"', b'"asset":"eth"', "asset"),
        (b'"time"', b'"date"', "time"),
        (b"T00:00:00.000000000Z", b"T01:00:00.000000000Z", "time"),
        (b"2024-06-08T", b"2024-06-31T", "time"),
        (b'"69650.5"', b"69650.5", "PriceUSD"),
        (b'"69650.5"', b'"."', "PriceUSD"),
        (b'"69650.5"', b'"-3"', "PriceUSD"),
        (b'"data"', b'"rows"', "data"),
    ],
)
def test_drift_names_the_field(old: bytes, new: bytes, named: str) -> None:
    with pytest.raises(SchemaDriftError, match=named):
        METRICS.parse(FIRST, BODY.replace(old, new))


@pytest.mark.shared
def test_the_real_body() -> None:
    ask = Ask(URL, ("btc:AdrActCnt", "btc:BlkCnt"))
    found = METRICS.parse(ask, shared("coinmetrics/asset-metrics_btc_2026-02-17.json"))
    assert values(found, "btc:AdrActCnt") == {date(2026, 2, 17): 595445.0}
    assert values(found, "btc:BlkCnt") == {date(2026, 2, 17): 165.0}

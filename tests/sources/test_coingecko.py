from __future__ import annotations

import json
from datetime import date

import pytest

from selloff.sources.coingecko import CoinGecko
from selloff.sources.contract import SchemaDriftError, ServiceError
from tests.sources.market_bodies import built, recorded, recording, shared, values

GECKO = built(CoinGecko)
ASK, BODY = recorded(GECKO, "market_chart_bitcoin.json")


def test_midnight_is_the_end_of_the_day_before_and_the_last_point_is_now() -> None:
    assert values(GECKO.parse(ASK, BODY)) == {
        date(2024, 6, 8): 69301.25,
        date(2024, 6, 9): 69650.123456789,
        date(2024, 6, 10): 69540.5,
        date(2024, 6, 11): 67333.0625,
    }


def test_the_key_goes_into_a_header_and_never_into_the_query() -> None:
    (ask,) = GECKO.plan({"bitcoin": None}, date(2024, 6, 12))
    assert ask.key_header == "x-cg-demo-api-key" and ask.key_param is None


@pytest.mark.parametrize(
    ("body", "said", "retry"),
    [
        (recording(GECKO, "error_429.json"), "Rate Limit", True),
        (recording(GECKO, "error_404.json"), "coin not found", False),
        (b'{"error":{"status":{"error_code":10012,"error_message":"exceeds the allowed time range"}}}', "range", False),
    ],
)
def test_errors_of_the_service(body: bytes, said: str, retry: bool) -> None:
    with pytest.raises(ServiceError, match=said) as caught:
        GECKO.parse(ASK, body)
    assert caught.value.retry is retry


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda top: top.pop("prices"), "prices"),
        (lambda top: top["prices"][0].append(1), "two numbers"),
        (lambda top: top["prices"][0].__setitem__(1, None), "a price"),
        (lambda top: top["prices"][0].__setitem__(1, "69301.25"), "a price"),
        (lambda top: top["prices"][0].__setitem__(1, 0), "a price"),
        (lambda top: top["prices"][0].__setitem__(0, 1717894800000), "00:00 UTC"),  # hourly points
        (lambda top: top["prices"][0].__setitem__(0, 1717891200), "stamp|00:00"),
        (lambda top: top["prices"].reverse(), "oldest first"),
    ],
)
def test_drift_names_the_field(change, named: str) -> None:
    top = json.loads(BODY)
    change(top)
    with pytest.raises(SchemaDriftError, match=named):
        GECKO.parse(ASK, json.dumps(top).encode())


@pytest.mark.shared
def test_the_real_year() -> None:
    found = values(GECKO.parse(ASK, shared("coingecko/market_chart_bitcoin_2022-01-31.json")))
    assert len(found) == 367
    # 00:00 UTC of 31 January 2021 closed the 30th, whose other sources closed at 34,269.
    assert found[date(2021, 1, 30)] == pytest.approx(34199.51981)
    assert max(found) == date(2022, 1, 30)

from __future__ import annotations

import json
from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import SchemaDriftError, ServiceError
from selloff.sources.defillama import DefiLlama
from tests.sources.market_bodies import built, recorded, values

LLAMA = built(DefiLlama)
ASK, BODY = recorded(LLAMA, "stablecoincharts_all.json")


def test_billions_of_dollar_coins_without_today() -> None:
    assert values(LLAMA.parse(ASK, BODY)) == pytest.approx(
        {date(2024, 6, 9): 160.1000000005, date(2024, 6, 10): 160.35, date(2024, 6, 11): 160.42}
    )


def test_it_is_not_verified_against_a_real_body() -> None:
    assert LLAMA.entry.verified is False


def test_an_error_of_the_service() -> None:
    with pytest.raises(ServiceError, match="Internal"):
        LLAMA.parse(ASK, b'{"message": "Internal server error"}')


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b'"date"', b'"day"', "date"),
        (b'"1717891200"', b'"2024-06-09"', "date"),
        (b'"1717891200"', b'"1717891201"', "date"),
        (b'"1717891200"', b'"1717891200000"', "date"),
        (b'"totalCirculating"', b'"circulating"', "totalCirculating"),
        (b'"peggedUSD"', b'"usd"', "peggedUSD"),
        (b"160100000000.5", b"null", "peggedUSD"),
        (b"160100000000.5", b'"160100000000.5"', "peggedUSD"),
        (b"160100000000.5", b"0", "peggedUSD"),
    ],
)
def test_drift_names_the_field(old: bytes, new: bytes, named: str) -> None:
    with pytest.raises(SchemaDriftError, match=named):
        LLAMA.parse(ASK, BODY.replace(old, new))


def test_two_values_of_one_day() -> None:
    points = json.loads(BODY)
    points.insert(0, points[1] | {"date": points[0]["date"]})
    with pytest.raises(PayloadError, match=r"two values of .* for 2024-06-09"):
        LLAMA.parse(ASK, json.dumps(points).encode())

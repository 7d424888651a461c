from __future__ import annotations

import json
from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import SchemaDriftError, ServiceError
from selloff.sources.kraken import Kraken
from tests.sources.market_bodies import built, recorded, shared, values

KRAKEN = built(Kraken)
ASK, BODY = recorded(KRAKEN, "XBTUSD_1d.json")
ROWS = b'"XXBTZUSD"'


def test_the_row_after_last_is_running() -> None:
    assert values(KRAKEN.parse(ASK, BODY)) == {
        date(2024, 6, 9): 69650.0,
        date(2024, 6, 10): 69540.2,
        date(2024, 6, 11): 67333.0,
    }


def test_an_error_list_under_http_200() -> None:
    with pytest.raises(ServiceError, match="Unknown asset pair") as caught:
        KRAKEN.parse(*recorded(KRAKEN, "error_200.json"))
    assert not caught.value.retry
    with pytest.raises(ServiceError) as caught:
        KRAKEN.parse(ASK, b'{"error": ["EAPI:Rate limit exceeded"]}')
    assert caught.value.retry


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda top: top.pop("result"), "result"),
        (lambda top: top.pop("error"), "error"),
        (lambda top: top["result"].pop("last"), "last"),
        (lambda top: top["result"].update(XETHZUSD=top["result"].pop("XXBTZUSD")), "XXBTZUSD"),
        (lambda top: top["result"].update(OTHER=[]), "XXBTZUSD"),
        (lambda top: top["result"]["XXBTZUSD"][0].pop(), "8 fields"),
        (lambda top: top["result"]["XXBTZUSD"][0].__setitem__(4, 69650.0), "close"),
        (lambda top: top["result"]["XXBTZUSD"][0].__setitem__(4, "69.650,0"), "close"),
        (lambda top: top["result"]["XXBTZUSD"][0].__setitem__(4, "inf"), "close"),
        (lambda top: top["result"]["XXBTZUSD"][0].__setitem__(4, "1e400"), "close"),
        (lambda top: top["result"]["XXBTZUSD"][0].__setitem__(4, "99999"), "order of low"),
    ],
)
def test_drift_names_the_field(change, named: str) -> None:
    top = json.loads(BODY)
    change(top)
    with pytest.raises(SchemaDriftError, match=named):
        KRAKEN.parse(ASK, json.dumps(top).encode())


def test_a_key_twice_is_no_json_to_trust() -> None:
    with pytest.raises(PayloadError, match="twice"):
        KRAKEN.parse(ASK, BODY.replace(b'"last":', b'"last":1,"last":'))


@pytest.mark.shared
def test_the_real_body_has_seven_hundred_and_nineteen_finished_rows() -> None:
    top = json.loads(shared("kraken/ohlc_example_720rows.json"))
    rows = top["result"]["XXBTZUSD"]
    # Minutes were recorded: moved onto a grid of days, the last of them still running.
    top["result"] = {
        "XXBTZUSD": [[86400 * i, *row[1:]] for i, row in enumerate(rows)],
        "last": 86400 * next(i for i, row in enumerate(rows) if row[0] == top["result"]["last"]),
    }
    found = values(KRAKEN.parse(ASK, json.dumps(top).encode()))
    assert len(found) == 719
    assert list(found.values())[:3] == [3449.999, 3440.001, 3440.012]

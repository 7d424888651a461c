from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import SchemaDriftError, ServiceError
from selloff.sources.deribit import PUBLISHED, Deribit
from tests.sources.market_bodies import built, recorded, recording, shared, values

DERIBIT = built(Deribit)
FIRST, BODY = recorded(DERIBIT, "BTC_page_1.json")
SECOND, LAST = recorded(DERIBIT, "BTC_page_2.json")


def at(hour: int) -> datetime:
    return datetime(2024, 6, 12, hour, tzinfo=UTC)


def test_hours_end_an_hour_after_their_stamp_and_the_services_clock_tells_which_are_over() -> None:
    found = values(DERIBIT.parse(FIRST, BODY))
    assert found == pytest.approx({at(13): 52.22, at(14): 52.35, at(15): 52.46})


def test_without_the_clock_the_newest_hour_is_left_out() -> None:
    top = json.loads(LAST)
    assert list(values(DERIBIT.parse(SECOND, LAST))) == [at(11), at(12)]
    del top["usOut"]
    assert list(values(DERIBIT.parse(SECOND, json.dumps(top).encode()))) == [at(11)]


def test_pages_run_backwards_to_the_start() -> None:
    assert DERIBIT.more(FIRST, BODY) == SECOND
    assert DERIBIT.more(SECOND, LAST) is None
    top = json.loads(BODY)
    top["result"]["continuation"] = int(dict(FIRST.params)["start_timestamp"])
    assert DERIBIT.more(FIRST, json.dumps(top).encode()) is None


def test_a_page_that_names_itself_does_not_loop() -> None:
    top = json.loads(BODY)
    top["result"]["continuation"] = int(dict(FIRST.params)["end_timestamp"])
    with pytest.raises(PayloadError, match="names itself"):
        DERIBIT.more(FIRST, json.dumps(top).encode())


def test_what_was_computed_before_the_index_was_published_is_left_out() -> None:
    hours = [datetime(2021, 3, 31, hour, tzinfo=UTC) for hour in (0, 3, 4, 5)]
    data = [[int(hour.timestamp()) * 1000, 80.0, 81.0, 79.0, 80.5] for hour in hours]
    body = json.dumps({"result": {"data": data, "continuation": None}, "usOut": 1_700_000_000_000_000}).encode()
    assert list(values(DERIBIT.parse(FIRST, body))) == [datetime(2021, 3, 31, hour, tzinfo=UTC) for hour in (5, 6)]
    (ask,) = DERIBIT.plan({"BTC": None}, date(2024, 6, 12))
    assert dict(ask.params)["start_timestamp"] == str(int(PUBLISHED.timestamp()) * 1000)


def test_errors_of_the_service() -> None:
    with pytest.raises(ServiceError, match="too_many_requests") as caught:
        DERIBIT.parse(FIRST, recording(DERIBIT, "error_429.json"))
    assert caught.value.retry
    with pytest.raises(ServiceError) as caught:
        DERIBIT.parse(FIRST, b'{"error": {"code": -32602, "message": "Invalid params"}}')
    assert not caught.value.retry


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda top: top.pop("result"), "result"),
        (lambda top: top["result"].pop("data"), "data"),
        (lambda top: top["result"]["data"][0].append(1), "5 fields"),
        (lambda top: top["result"]["data"][0].__setitem__(4, None), "close"),
        (lambda top: top["result"]["data"][0].__setitem__(4, "52.2"), "close"),
        (lambda top: top["result"]["data"][0].__setitem__(0, 1718193600), "stamp|start"),
        (lambda top: top["result"]["data"][0].__setitem__(0, 1718193600000.0), "stamp"),
        (lambda top: top.update(usOut="now"), "usOut"),
    ],
)
def test_drift_names_the_field(change, named: str) -> None:
    top = json.loads(BODY)
    change(top)
    with pytest.raises(SchemaDriftError, match=named):
        DERIBIT.parse(FIRST, json.dumps(top).encode())


def test_a_missing_continuation_is_drift() -> None:
    with pytest.raises(SchemaDriftError, match="continuation"):
        DERIBIT.more(FIRST, b'{"result": {"data": []}}')


@pytest.mark.shared
def test_the_real_form() -> None:
    body = shared("deribit/get_volatility_index_data_BTC_60s_2026-10-06.json")
    top = json.loads(body)
    count = len(top["result"]["data"])
    # Minutes of a day nobody may look at: their prices stay unseen and their stamps are moved onto hours long past.
    for i, row in enumerate(top["result"]["data"]):
        row[0] = (450_000 + i) * 3_600_000
    assert DERIBIT.parse(FIRST, json.dumps(top).encode()).height == count
    assert DERIBIT.more(FIRST, body) is None

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from selloff.sources.binance import Binance
from selloff.sources.contract import Ask, SchemaDriftError, ServiceError
from tests.sources.market_bodies import built, recorded, recording, shared, values

BINANCE = built(Binance)
LATEST, DAYS = recorded(BINANCE, "klines_BTCUSDT_1d_latest.json")
FUNDING, RATES = recorded(BINANCE, "fundingRate_BTCUSDT.json")
INTEREST, OPEN = recorded(BINANCE, "openInterestHist_BTCUSDT.json")


def test_latest_candles_without_the_running_one() -> None:
    assert values(BINANCE.parse(LATEST, DAYS)) == {date(2024, 6, 10): 69540.55, date(2024, 6, 11): 67333.1}


def test_a_window_keeps_its_newest_bar() -> None:
    ask = Ask("", ("BTCUSDT:1h",), (("symbol", "BTCUSDT"), ("startTime", "0")))
    found = values(BINANCE.parse(ask, recording(BINANCE, "klines_BTCUSDT_1h_window.json")))
    assert list(found) == [datetime(2024, 6, 9, hour, tzinfo=UTC) for hour in (21, 22, 23)]


def test_windows_hold_a_thousand_candles_each() -> None:
    asks = BINANCE.plan({"BTCUSDT:1d": None}, date(2024, 6, 12))
    spans = [(int(dict(a.params)["startTime"]), int(dict(a.params)["endTime"])) for a in asks[:-1]]
    assert all(end - start < 1000 * 86_400_000 for start, end in spans)
    assert all(start == end + 1 for (_, end), (start, _) in pairwise(spans))
    assert spans[0][0] == datetime(2017, 8, 17, tzinfo=UTC).timestamp() * 1000
    assert dict(asks[-1].params) == {"symbol": "BTCUSDT", "interval": "1d", "limit": "1000"}


def test_funding_is_the_mean_of_three_and_an_unfinished_day_is_left_out() -> None:
    found = values(BINANCE.parse(FUNDING, RATES))
    assert found == pytest.approx({date(2024, 6, 9): 0.000094, date(2024, 6, 10): 0.000019})


def test_funding_pages_hold_whole_days() -> None:
    asks = BINANCE.plan({"BTCUSDT:funding": None}, date(2024, 6, 12))
    for ask in asks:
        params = dict(ask.params)
        start, end = int(params["startTime"]), int(params["endTime"]) + 1
        assert start % 86_400_000 == 0 == end % 86_400_000
        assert (end - start) / 28_800_000 <= 1000


def test_another_rhythm_of_funding_is_drift() -> None:
    rows = json.loads(RATES)
    rows.insert(1, {**rows[0], "fundingTime": rows[0]["fundingTime"] + 4 * 3_600_000})
    with pytest.raises(SchemaDriftError, match="every eight hours"):
        BINANCE.parse(FUNDING, json.dumps(rows).encode())


def test_open_interest_is_the_end_of_the_day_before_in_billions() -> None:
    found = values(BINANCE.parse(INTEREST, OPEN))
    assert found == pytest.approx({date(2024, 6, 9): 5.64000000025, date(2024, 6, 10): 5.57})


def test_open_interest_stamped_with_a_text_is_the_same() -> None:
    rows = json.loads(OPEN)
    for row in rows:
        row["timestamp"] = str(row["timestamp"])
    assert BINANCE.parse(INTEREST, json.dumps(rows).encode()).equals(BINANCE.parse(INTEREST, OPEN))


def test_a_blocked_country_is_told_and_not_retried() -> None:
    with pytest.raises(ServiceError, match="restricted location") as caught:
        BINANCE.parse(*recorded(BINANCE, "error_451.json"))
    assert not caught.value.retry and "country" in caught.value.hint


def test_errors_of_the_service() -> None:
    with pytest.raises(ServiceError, match="Invalid symbol") as caught:
        BINANCE.parse(*recorded(BINANCE, "error_400.json"))
    assert not caught.value.retry
    with pytest.raises(ServiceError) as caught:
        BINANCE.parse(LATEST, b'{"code":-1003,"msg":"Too many requests."}')
    assert caught.value.retry


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        (0, "1718150400000", "open time"),
        (0, 1718150400000000, "open time"),
        (0, 1718150400001, "length|start"),
        (4, 67777.7, "close"),
        (4, "n/a", "close"),
        (4, "1.0", "order of low"),
        (6, 1718150400000, "length"),
        (6, 1718850400000, "length"),
    ],
)
def test_drift_of_a_candle_names_the_field(place: int, value: object, named: str) -> None:
    rows = json.loads(DAYS)
    rows[2][place] = value
    with pytest.raises(SchemaDriftError, match=named):
        BINANCE.parse(LATEST, json.dumps(rows).encode())


@pytest.mark.parametrize(
    ("field", "value"), [("symbol", "ETHUSDT"), ("fundingTime", None), ("fundingRate", 0.0001), ("fundingRate", "")]
)
def test_drift_of_funding_names_the_field(field: str, value: object) -> None:
    rows = json.loads(RATES)
    rows[0][field] = value
    with pytest.raises(SchemaDriftError, match=field):
        BINANCE.parse(FUNDING, json.dumps(rows).encode())


@pytest.mark.parametrize(
    ("field", "value"), [("sumOpenInterestValue", "-1"), ("sumOpenInterestValue", 5.6), ("timestamp", 1718150400001)]
)
def test_drift_of_open_interest_names_the_field(field: str, value: object) -> None:
    rows = json.loads(OPEN)
    rows[0][field] = value
    with pytest.raises(SchemaDriftError, match=field):
        BINANCE.parse(INTEREST, json.dumps(rows).encode())


@pytest.mark.shared
def test_the_real_row_has_twelve_fields_of_these_types() -> None:
    rows = json.loads(shared("binance/klines_BTCUSDT_1m_first_row_2022-01-11.json"))
    start = datetime(2022, 1, 11, 12, 45, tzinfo=UTC)
    assert rows[0][0] == start.timestamp() * 1000
    rows[0][0] -= 45 * 60_000  # a minute was recorded, an hour is tested
    ask = Ask("", ("BTCUSDT:1h",), (("startTime", ""),))
    found = values(BINANCE.parse(ask, json.dumps(rows).encode()))
    assert found == {datetime(2022, 1, 11, 13, tzinfo=UTC): 41865.14}


@pytest.mark.shared
def test_the_real_answer_to_a_blocked_country() -> None:
    with pytest.raises(ServiceError, match="restricted location"):
        BINANCE.parse(LATEST, shared("binance/error_451_restricted_location.json"))

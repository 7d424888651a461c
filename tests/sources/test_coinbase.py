from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from selloff.errors import PayloadError
from selloff.sources.coinbase import PAGE, Coinbase
from selloff.sources.contract import Ask, SchemaDriftError, ServiceError
from tests.sources.market_bodies import built, recorded, recording, shared, values

COINBASE = built(Coinbase)
LATEST, BODY = recorded(COINBASE, "BTC-USD_1d_latest.json")


def test_close_is_the_fifth_field_and_the_running_day_is_left_out() -> None:
    assert values(COINBASE.parse(LATEST, BODY)) == {
        date(2024, 6, 9): 69648.9,
        date(2024, 6, 10): 69541.25,
        date(2024, 6, 11): 67333.3,
    }


def test_a_window_of_hours_is_over_and_keeps_its_newest_bar() -> None:
    found = values(COINBASE.parse(*recorded(COINBASE, "BTC-USD_1h_window.json")))
    # Stamped with the end of the bar; 21:00 had no trade.
    assert found == {
        datetime(2024, 6, 9, 21, tzinfo=UTC): 69510.0,
        datetime(2024, 6, 9, 23, tzinfo=UTC): 69650.5,
        datetime(2024, 6, 10, 0, tzinfo=UTC): 69680.0,
    }
    assert max(values(COINBASE.parse(*recorded(COINBASE, "BTC-USD_1h_latest.json")))) == datetime(
        2024, 6, 12, 15, tzinfo=UTC
    )


def test_pages_cover_the_history_without_gap_or_excess() -> None:
    asks = COINBASE.plan({"BTC-USD:1h": None}, date(2024, 6, 12))
    hour, last = timedelta(hours=1), None
    for ask in asks[:-1]:
        params = dict(ask.params)
        first, final = datetime.fromisoformat(params["start"]), datetime.fromisoformat(params["end"])
        assert (final - first) / hour + 1 <= PAGE
        assert last is None or first == last + hour
        last = final
    assert last is not None and dict(asks[-1].params) == {"granularity": "3600"}
    # The latest 300 candles, of which one is dropped, begin before the windows end.
    assert datetime(2024, 6, 12, tzinfo=UTC) - 299 * hour < last


def test_a_recent_store_needs_one_request() -> None:
    assert len(COINBASE.plan({"BTC-USD:1d": date(2024, 6, 10)}, date(2024, 6, 12))) == 1


def test_errors_of_the_service() -> None:
    with pytest.raises(ServiceError, match="NotFound") as caught:
        COINBASE.parse(LATEST, recording(COINBASE, "error_404.json"))
    assert not caught.value.retry
    with pytest.raises(ServiceError) as caught:
        COINBASE.parse(LATEST, b'{"message": "Public rate limit exceeded"}')
    assert caught.value.retry


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda row: row[:5], "6 fields"),
        (lambda row: [str(row[0]), *row[1:]], "time"),
        (lambda row: [row[0] * 1000, *row[1:]], "time"),
        (lambda row: [row[0] + 1, *row[1:]], "start of a candle"),
        (lambda row: [row[0], True, *row[2:]], "low"),
        (lambda row: [*row[:4], None, row[5]], "close"),
        (lambda row: [*row[:4], str(row[4]), row[5]], "close"),
        (lambda row: [row[0], row[3], row[2], row[1], *row[4:]], "order of low"),
        (lambda row: [row[0], 0, *row[2:]], "low"),
    ],
)
def test_drift_names_the_field(change, named: str) -> None:
    rows = json.loads(BODY)
    rows[1] = change(rows[1])
    with pytest.raises(SchemaDriftError, match=named):
        COINBASE.parse(LATEST, json.dumps(rows).encode())


def test_a_candle_twice() -> None:
    rows = json.loads(BODY)
    assert len(COINBASE.parse(LATEST, json.dumps([*rows, rows[1]]).encode())) == 3
    rows.append([*rows[1][:4], rows[1][4] - 1, rows[1][5]])
    with pytest.raises(PayloadError, match="two candles"):
        COINBASE.parse(LATEST, json.dumps(rows).encode())


@pytest.mark.shared
def test_the_real_form_by_the_hour() -> None:
    rows = json.loads(shared("coinbase/candles_example.json"))
    # Minutes were recorded: their first stamps are moved onto hours, so that the columns' order is what is tested.
    hours = [[1517443200 - 3600 * i, *row[1:]] for i, row in enumerate(rows)]
    ask = Ask("", ("BTC-USD:1h",), (("start", ""),))
    found = values(COINBASE.parse(ask, json.dumps(hours).encode()))
    assert len(found) == 10 and found[datetime(2018, 2, 1, 1, tzinfo=UTC)] == 10120.21


@pytest.mark.shared
def test_a_real_page_of_minutes_is_refused_for_its_grid() -> None:
    body = shared("coinbase/candles_exchange_BTC-USD_60s_2026-06-27.json")
    with pytest.raises(SchemaDriftError, match="start of a candle"):
        COINBASE.parse(LATEST, body)

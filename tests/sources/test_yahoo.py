from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import Ask, SchemaDriftError, ServiceError
from selloff.sources.yahoo import Yahoo
from tests.sources.market_bodies import built, recorded, seen, shared, values

YAHOO = built(Yahoo)
SPY, BODY = recorded(YAHOO, "chart_SPY.json")
GOLD, FUTURES = recorded(YAHOO, "chart_GCF.json")
YEN, CURRENCY = recorded(YAHOO, "chart_JPYX.json")
JUNE = [date(2024, 6, day) for day in (4, 5, 6, 7, 10, 11)]


def stamp(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type]


def changed(body: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    top = json.loads(body)
    change(top["chart"]["result"][0])
    return json.dumps(top).encode()


def test_prices_are_what_was_traded() -> None:
    # Two for one on 5 June: the closes before it are halved in the body, and whole again here.
    found = values(YAHOO.parse(SPY, BODY), "SPY")
    before = {date(2024, 5, 23): 100.21, date(2024, 5, 24): 100.5, date(2024, 6, 4): 102.8}
    since = dict(zip(JUNE[1:], (51.62, 51.31, 51.88, 52.07, 52.36), strict=True))
    assert found == before | since


def test_dividends_and_splits_are_apart_and_as_paid() -> None:
    found = YAHOO.parse(SPY, BODY)
    assert values(found, "SPY:split") == {date(2024, 6, 5): 2.0}
    assert values(found, "SPY:dividend") == {date(2024, 5, 24): 1.0, date(2024, 6, 7): 0.31}


def test_a_later_split_changes_no_stored_price() -> None:
    def split_again(result: dict[str, Any]) -> None:
        day = stamp(2024, 6, 11, 13, 30)
        result["events"]["splits"][str(day)] = {"date": day, "numerator": 4, "denominator": 1, "splitRatio": "4:1"}
        for entry in result["events"]["dividends"].values():
            entry["amount"] /= 4
        quote = result["indicators"]["quote"][0]
        quote["close"] = [
            c if c is None else c / 4 if t < day else c
            for t, c in zip(result["timestamp"], quote["close"], strict=True)
        ]
        quote["close"][-2:] = [c / 4 for c in quote["close"][-2:]]

    first, second = YAHOO.parse(SPY, BODY), YAHOO.parse(SPY, changed(BODY, split_again))
    day = date(2024, 6, 11)
    assert values(second, "SPY")[day] == pytest.approx(52.36 / 4)
    old, new = (f.filter(pl.col("date") < day, pl.col("code") != "SPY:split") for f in (first, second))
    assert old.drop("value").equals(new.drop("value"))
    assert new["value"].to_list() == pytest.approx(old["value"].to_list(), rel=1e-9)


def test_a_reverse_split_and_an_odd_one() -> None:
    def reverse(result: dict[str, Any]) -> None:
        result["events"]["splits"] = {"x": {"date": stamp(2024, 6, 5, 13, 30), "numerator": 1, "denominator": 8}}

    found = YAHOO.parse(SPY, changed(BODY, reverse))
    assert values(found, "SPY:split") == {date(2024, 6, 5): 0.125}
    assert values(found, "SPY")[date(2024, 6, 4)] == 51.4 / 8


def test_a_split_that_is_listed_but_not_applied_yet() -> None:
    def undivided(result: dict[str, Any]) -> None:
        closes = result["indicators"]["quote"][0]["close"]
        closes[:4] = [c if c is None else 2 * c for c in closes[:4]]

    with pytest.raises(PayloadError, match="not divided"):
        YAHOO.parse(SPY, changed(BODY, undivided))


def test_a_body_that_ends_before_the_present_may_lack_splits() -> None:
    params = dict(SPY.params) | {"period2": str(stamp(2024, 6, 8))}
    with pytest.raises(PayloadError, match="splits may be missing"):
        YAHOO.parse(Ask(SPY.url, SPY.codes, tuple(params.items())), BODY)


def test_null_is_missing() -> None:
    assert date(2024, 5, 28) not in values(YAHOO.parse(SPY, BODY), "SPY")


def test_no_timestamp_means_no_bars() -> None:
    assert YAHOO.parse(*recorded(YAHOO, "chart_GLD_empty.json")).is_empty()


def test_the_running_bar_is_left_out_until_the_last_trade_reaches_the_close() -> None:
    def closed(result: dict[str, Any]) -> None:
        result["meta"]["regularMarketTime"] = result["timestamp"][-1] = stamp(2024, 6, 12, 20, 0) + 1

    assert max(values(YAHOO.parse(SPY, BODY), "SPY")) == date(2024, 6, 11)
    assert values(YAHOO.parse(SPY, changed(BODY, closed)), "SPY")[date(2024, 6, 12)] == 52.91


def test_a_market_round_the_clock_is_final_the_next_day_and_on_the_second_day_of_a_weekend() -> None:
    assert max(values(YAHOO.parse(GOLD, FUTURES))) == date(2024, 6, 11)

    def friday(result: dict[str, Any]) -> None:
        result["timestamp"] = [t + 2 * 86400 for t in result["timestamp"]]
        meta = result["meta"]
        meta["regularMarketTime"] = result["timestamp"][-1] = stamp(2024, 6, 14, 20, 59)
        regular = meta["currentTradingPeriod"]["regular"]
        regular["start"], regular["end"] = stamp(2024, 6, 14, 4), stamp(2024, 6, 15, 3, 59)

    body = changed(FUTURES, friday)
    for today, newest in ((15, 13), (16, 14)):
        (ask,) = YAHOO.plan({"GC=F": date(2024, 6, 10)}, date(2024, 6, today))
        assert max(values(YAHOO.parse(ask, body))) == date(2024, 6, newest)


def test_the_row_of_the_last_trade_gives_way_to_its_days_own_row() -> None:
    def with_live_row(result: dict[str, Any]) -> None:
        # Yahoo repeats the closed day with the time of the last trade.
        result["meta"]["regularMarketTime"] = stamp(2024, 6, 11, 20)
        regular = result["meta"]["currentTradingPeriod"]["regular"]
        regular["start"], regular["end"] = stamp(2024, 6, 11, 13, 30), stamp(2024, 6, 11, 20)
        result["timestamp"][-1] = stamp(2024, 6, 11, 20)

    found = values(YAHOO.parse(SPY, changed(BODY, with_live_row)), "SPY")
    assert found[date(2024, 6, 11)] == 52.36


def test_two_rows_of_one_day_that_differ() -> None:
    with pytest.raises(PayloadError, match="two closes for 2024-06-10"):
        YAHOO.parse(SPY, changed(BODY, lambda result: result["timestamp"].__setitem__(-2, stamp(2024, 6, 10, 15))))


@pytest.mark.parametrize("offset", [-18000, -14400, 0])
def test_dates_are_those_of_the_zone_whatever_todays_offset_is(offset: int) -> None:
    # Midnights of a New York summer read with the winter's offset fall into the day before.
    body = changed(FUTURES, lambda result: result["meta"].update(gmtoffset=offset))
    assert list(values(YAHOO.parse(GOLD, body))) == JUNE[2:]


def test_a_currency_as_dated_and_by_the_session_before() -> None:
    found = YAHOO.parse(YEN, CURRENCY)
    assert values(found, "JPY=X") == dict(zip(JUNE[2:], (155.123, 155.877, 156.311, 156.902), strict=True))
    moved = [date(2024, 6, 5), date(2024, 6, 6), date(2024, 6, 7), date(2024, 6, 10)]  # Monday's goes to Friday
    assert list(values(found, "JPY=X:session_before")) == moved


def test_a_plan_reaches_beyond_today_and_starts_by_the_prices() -> None:
    stored = {"SPY": date(2024, 6, 11), "SPY:dividend": date(2024, 3, 15), "SPY:split": None}
    (ask,) = YAHOO.plan(stored, date(2024, 6, 12))
    params = dict(ask.params)
    assert int(params["period1"]) == stamp(2024, 6, 1)
    assert int(params["period2"]) == stamp(2024, 6, 14)
    assert params["events"] == "div|split"
    assert ask.headers["User-Agent"].startswith("Mozilla/5.0")
    (ask,) = YAHOO.plan({"SPY": None, "SPY:split": date(2024, 6, 11)}, date(2024, 6, 12))
    assert dict(ask.params)["period1"] == "0"


def test_symbols_are_quoted_in_the_address() -> None:
    asks = YAHOO.plan({"^GSPC": None, "GC=F": None}, date(2024, 6, 12))
    assert [ask.url.rpartition("/")[2] for ask in asks] == ["%5EGSPC", "GC=F"]


@pytest.mark.parametrize(
    ("body", "said", "retry"),
    [
        (recorded(YAHOO, "error_404.json")[1], "Not Found", False),
        (b"Too Many Requests\r\n", "Too Many Requests", True),
        (b'{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}', "Crumb", False),
        (b'{"chart":{"result":null,"error":{"code":"Internal Server Error","description":"x"}}}', "Internal", True),
    ],
)
def test_errors_of_the_service(body: bytes, said: str, retry: bool) -> None:
    with pytest.raises(ServiceError, match=said) as caught:
        YAHOO.parse(SPY, body)
    assert caught.value.retry is retry


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda r: r.pop("meta"), "meta"),
        (lambda r: r["meta"].update(symbol="SPYG"), "meta.symbol"),
        (lambda r: r["meta"].update(dataGranularity="1mo"), "meta.dataGranularity"),
        (lambda r: r["meta"].update(exchangeTimezoneName="EST5"), "exchangeTimezoneName"),
        (lambda r: r["meta"].update(exchangeTimezoneName="../secret"), "exchangeTimezoneName"),
        (lambda r: r["meta"].update(regularMarketTime=None), "regularMarketTime"),
        (lambda r: r["meta"].pop("currentTradingPeriod"), "currentTradingPeriod"),
        (lambda r: r.pop("timestamp"), "timestamp"),
        (lambda r: r["timestamp"].pop(), "a close for each stamp"),
        (lambda r: r["timestamp"].__setitem__(0, "2024-05-23"), "timestamp"),
        (lambda r: r["indicators"]["quote"][0].pop("close"), "quote.close|close"),
        (lambda r: r["indicators"]["quote"][0]["close"].__setitem__(0, "50.1"), "quote.close"),
        (lambda r: r["indicators"]["quote"][0]["close"].__setitem__(0, False), "quote.close"),
        (lambda r: r["events"]["splits"]["1717594200"].update(denominator=0), "splits.denominator"),
        (lambda r: r["events"]["splits"]["1717594200"].pop("numerator"), "numerator"),
        (lambda r: r["events"]["dividends"]["1716557400"].update(amount=None), "dividends.amount"),
        (lambda r: r["events"].update(dividends=[]), "events.dividends"),
    ],
)
def test_drift_names_the_field(change: Callable[[dict[str, Any]], object], named: str) -> None:
    with pytest.raises(SchemaDriftError, match=named):
        YAHOO.parse(SPY, changed(BODY, change))


NOW = ("period2", str(stamp(2025, 2, 25)))
"""The real bodies were taken in February 2025. Those of stocks end earlier; that they lack no split is known."""


def real(codes: tuple[str, ...], file: str) -> pl.DataFrame:
    return YAHOO.parse(Ask("", codes, (NOW,)), shared(f"yahoo/{file}"))


@pytest.mark.shared
def test_a_real_stock_with_a_split_and_a_dividend() -> None:
    # The split of 31 August 2020 is of the body's first day, whose close is after it already.
    found = real(("AAPL", "AAPL:dividend", "AAPL:split"), "chart-AAPL-2020-08-31-to-2020-11-07.json")
    assert values(found, "AAPL")[date(2020, 8, 31)] == 129.04
    assert values(found, "AAPL")[date(2020, 9, 8)] == 112.82
    assert values(found, "AAPL:split") == {date(2020, 8, 31): 4.0}
    assert values(found, "AAPL:dividend") == {date(2020, 11, 6): 0.205}
    with pytest.raises(PayloadError, match="splits may be missing"):
        YAHOO.parse(
            Ask("", ("AAPL",), (("period2", "1604707200"),)),
            shared("yahoo/chart-AAPL-2020-08-31-to-2020-11-07.json"),
        )


@pytest.mark.shared
def test_a_real_year_of_dividends() -> None:
    found = real(("MSFT", "MSFT:dividend"), "historical-via-chart-MSFT-dividends-2021-02-01-to-2022-01-31.json")
    assert values(found, "MSFT:dividend") == {
        date(2021, 2, 17): 0.56,
        date(2021, 5, 19): 0.56,
        date(2021, 8, 18): 0.56,
        date(2021, 11, 17): 0.62,
    }
    # 252 sessions a year: 233 from February to December 2021 and 19 in January 2022, up to the 28th.
    assert len(seen(found.filter(pl.col("code") == "MSFT"))) == 252


@pytest.mark.shared
@pytest.mark.parametrize(
    ("code", "file", "expected"),
    [
        ("GC=F", "chart-GCF-2020-01-01-to-2020-01-03.json", {date(2020, 1, 2): 1524.5}),
        ("QQQ", "chart-QQQ-2020-01-01-to-2020-01-03.json", {date(2020, 1, 2): 216.16}),
        (
            "EURUSD=X",
            "chart-EURUSDX-2020-01-01-to-2020-01-03.json",
            {date(2020, 1, 1): 1.1220826, date(2020, 1, 2): 1.1220826, date(2020, 1, 3): 1.1171438},
        ),
        (
            "WSU.DE",
            "chart-WSU.DE-2023-08-04-to-2023-08-09.json",
            {date(2023, 8, 4): 34.45, date(2023, 8, 7): 34.0, date(2023, 8, 8): 33.2},
        ),
        (
            "0P0000XTS7",
            "historical-via-chart-0P0000XTS7-2024-09-12-to-2024-09-16.json",
            {date(2024, 9, 12): 11887.1, date(2024, 9, 13): 11892.19},
        ),
    ],
)
def test_real_dates_and_closes(code: str, file: str, expected: dict[date, float]) -> None:
    assert values(real((code,), file)) == expected


@pytest.mark.shared
def test_a_real_body_of_minutes_is_refused() -> None:
    with pytest.raises(SchemaDriftError, match="dataGranularity"):
        real(("AAPL",), "chart-AAPL-2025-02-01-to-2025-02-02-includePrePost-false-interval-1m.json")


@pytest.mark.shared
def test_a_real_error_of_a_sister_service() -> None:
    with pytest.raises(ServiceError, match="Not Found"):
        YAHOO.parse(SPY, shared("yahoo/error_404_quoteSummary_ADH.json"))

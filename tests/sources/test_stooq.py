from __future__ import annotations

from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import Ask, SchemaDriftError, ServiceError
from selloff.sources.stooq import Stooq
from tests.sources.market_bodies import built, recorded, recording, seen, shared, values

STOOQ = built(Stooq)
SPX, BODY = recorded(STOOQ, "spx_d.csv")


def test_it_asks_for_nothing_and_says_why() -> None:
    assert STOOQ.plan({"^spx": None}, date(2024, 6, 12)) == ()
    assert "selloff data import" in Stooq.why_no_requests


def test_closes_without_the_last_row_which_may_be_unfinished() -> None:
    assert values(STOOQ.parse(SPX, BODY)) == {date(2024, 6, 7): 5346.9, date(2024, 6, 10): 5360.8}


def test_the_polish_header_is_the_same_table() -> None:
    assert STOOQ.parse(SPX, recording(STOOQ, "spx_d_pl.csv")).equals(STOOQ.parse(SPX, BODY))


def test_metals_without_volume_and_with_old_dates() -> None:
    found = values(STOOQ.parse(*recorded(STOOQ, "xauusd_d.csv")))
    assert found == {date(1795, 3, 1): 19.11, date(2024, 6, 10): 2310.7}


def test_adjusted_prices_of_funds_and_stocks_belong_to_adjusted_series() -> None:
    assert all(series.endswith("_adj") for code, series in STOOQ.entry.codes.items() if code.endswith(".us"))


@pytest.mark.parametrize(
    ("text", "retry"),
    [
        (recording(STOOQ, "error_no_data.txt"), False),
        (recording(STOOQ, "error_daily_limit.txt"), True),
        (b"Brak danych", False),
        (b"Przekroczony dzienny limit wywolan", True),
        (b"Get your apikey:\n\n1. Open the page", False),
    ],
)
def test_error_texts_under_http_200(text: bytes, retry: bool) -> None:
    with pytest.raises(ServiceError) as caught:
        STOOQ.parse(SPX, text)
    assert caught.value.retry is retry


def test_the_challenge_page() -> None:
    with pytest.raises(PayloadError, match="JavaScript"):
        STOOQ.parse(SPX, recording(STOOQ, "challenge.html"))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b"Close", b"Last", "header"),
        (b"Date,", b"Day,", "header"),
        (b"2024-06-10", b"10.06.2024", "Date"),
        (b"2024-06-10", b"2024-06-32", "Date"),
        (b"2024-06-10", b"2024-06-05", "oldest first"),
        (b"5360.8", b"N/D", "Close of 2024-06-10"),
        (b"5360.8", b"", "Close of 2024-06-10"),
        (b"5360.8", b"-1", "Close"),
    ],
)
def test_drift_names_the_field(old: bytes, new: bytes, named: str) -> None:
    with pytest.raises(SchemaDriftError, match=named):
        STOOQ.parse(SPX, BODY.replace(old, new, 1))


def test_cut_short() -> None:
    with pytest.raises(PayloadError, match="cut short"):
        STOOQ.parse(SPX, BODY[:-4])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "rows", "day", "close"),
    [
        ("_ndx_d.csv", 10138, date(1985, 10, 1), 112.14),
        ("_spx_d_from1985.csv", 10326, date(1985, 1, 2), 165.37),
        ("_spx_d_polish_header.csv", 500, date(2023, 10, 20), 4224.16),
        ("xauusd_d.csv", 15147, date(1793, 3, 1), 19.39),
        ("btc_v_d.csv", 5644, date(2010, 7, 18), 0.08584),
    ],
)
def test_real_files(file: str, rows: int, day: date, close: float) -> None:
    found = seen(STOOQ.parse(Ask("", ("^spx",)), shared(f"stooq/{file}")))
    assert len(found) == rows
    assert found[day] == close


@pytest.mark.shared
def test_a_real_file_of_a_fund_is_adjusted_for_dividends() -> None:
    found = seen(STOOQ.parse(Ask("", ("tlt.us",)), shared("stooq/tlt_us_d.csv")))
    # TLT traded near 90 dollars on that day.
    assert found[date(2005, 2, 25)] == 61.5197


@pytest.mark.shared
@pytest.mark.parametrize(("file", "retry"), [("error_200_daily_limit.txt", True), ("error_200_no_data.txt", False)])
def test_real_error_texts(file: str, retry: bool) -> None:
    with pytest.raises(ServiceError) as caught:
        STOOQ.parse(SPX, shared(f"stooq/{file}"))
    assert caught.value.retry is retry

from __future__ import annotations

from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.cboe import Cboe
from selloff.sources.contract import Ask, SchemaDriftError
from tests.sources.market_bodies import built, recorded, seen, shared, values

CBOE = built(Cboe)
VIX, BODY = recorded(CBOE, "VIX_History.csv")


def test_close_of_the_five_column_form() -> None:
    assert values(CBOE.parse(VIX, BODY)) == {
        date(1990, 1, 5): 18.11,
        date(2024, 6, 6): 12.61,
        date(2024, 6, 7): 13.12,
        date(2024, 6, 10): 12.81,
    }


def test_two_column_form_and_an_empty_field_is_missing() -> None:
    found = values(CBOE.parse(*recorded(CBOE, "VVIX_History.csv")))
    assert found == {date(2006, 3, 8): 70.15, date(2024, 6, 7): 81.42, date(2024, 6, 11): 83.05}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b"DATE,", b"Trade Date,", "DATE"),
        (b",CLOSE", b",LAST", "VIX"),
        (b"OPEN,", b"CLOSE,", "CLOSE"),
        (b"06/06/2024", b"2024-06-06", "DATE"),
        (b"06/06/2024", b"13/06/2024", "DATE"),
        (b"06/06/2024", b"00/00/0000", "DATE"),
        (b"12.610000", b"n/a", "CLOSE of 06/06/2024"),
        (b"12.610000", b"NaN", "CLOSE of 06/06/2024"),
        (b"12.610000", b"0.0", "CLOSE"),
        (b"12.610000", b"1_2.6", "CLOSE of 06/06/2024"),
    ],
)
def test_drift_names_the_field(old: bytes, new: bytes, named: str) -> None:
    with pytest.raises(SchemaDriftError, match=named):
        CBOE.parse(VIX, BODY.replace(old, new, 1))


def test_cut_short_is_no_history() -> None:
    with pytest.raises(PayloadError, match="cut short"):
        CBOE.parse(VIX, BODY[:-3])
    with pytest.raises(PayloadError, match=r"row \d+ has \d+ fields, not \d+"):
        CBOE.parse(VIX, BODY[:-12] + b"\n")


def test_html_for_csv() -> None:
    with pytest.raises(PayloadError, match="an HTML page"):
        CBOE.parse(VIX, b"<!DOCTYPE html><html>Not found</html>\n")


def test_two_values_of_one_day() -> None:
    again = b"06/10/2024,13.330000,13.410000,12.790000,12.810000\n"
    assert len(CBOE.parse(VIX, BODY + again)) == 4
    with pytest.raises(PayloadError, match=r"two values of .* for 2024-06-10"):
        CBOE.parse(VIX, BODY + again.replace(b"12.81", b"12.82"))


@pytest.mark.shared
def test_the_real_history() -> None:
    found = seen(CBOE.parse(Ask("", ("VIX",)), shared("cboe/VIX_History_1990_2026-07-07.csv")))
    assert len(found) == 9132
    assert found[date(1990, 1, 2)] == 17.24
    assert found[date(2020, 3, 12)] == 75.47
    assert found[date(2024, 8, 5)] == 38.57

from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources import strict
from selloff.sources.contract import SchemaDriftError


@pytest.mark.parametrize(
    "value", ["", " 1", "1 ", "1,000", "1_000", "+1", "1.", ".5", "1e5", "NaN", "inf", "１", "9" * 31, 1, None]
)
def test_decimal_refuses_what_is_not_plain_digits(value: object) -> None:
    with pytest.raises(SchemaDriftError, match="'rate'"):
        strict.decimal(value, "rate", "here")


def test_decimal_reads_exponents_only_where_the_service_writes_them() -> None:
    assert strict.decimal("-9.5e-05", "x", "here", scientific=True) == -9.5e-05
    with pytest.raises(SchemaDriftError):
        strict.decimal("1e999", "x", "here", scientific=True)


@pytest.mark.parametrize("value", [True, None, "1", [1], {}, float("inf"), 10**400])
def test_number_refuses_what_is_no_finite_json_number(value: object) -> None:
    with pytest.raises(SchemaDriftError, match="'amount'"):
        strict.number(value, "amount", "here")


@pytest.mark.parametrize(
    "value", ["0000-00-00", "2024-02-30", "2024-6-03", "2024-06-03T00:00", "9999-12-31", "1066-10-14", 20240603, None]
)
def test_day_refuses_impossible_and_other_dates(value: object) -> None:
    with pytest.raises(SchemaDriftError, match="'day'"):
        strict.day(value, "day", "here")


def test_american_days_are_month_first() -> None:
    assert strict.day("02/03/2025", "day", "here", american=True) == date(2025, 2, 3)
    with pytest.raises(SchemaDriftError):
        strict.day("13/02/2025", "day", "here", american=True)


@pytest.mark.parametrize(
    "body", [b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":1', b"[" * 100_000, b"\xff"]
)
def test_json_refuses_repeated_keys_constants_and_fragments(body: bytes) -> None:
    with pytest.raises(PayloadError):
        strict.json_of(body, "here")


@pytest.mark.parametrize("body", [b"<!DOCTYPE html>", b"\xef\xbb\xbf <HTML>", b"<script>challenge()</script>"])
def test_html_is_called_html(body: bytes) -> None:
    with pytest.raises(PayloadError, match="HTML page"):
        strict.text_of(body, "here")


def test_csv_needs_even_rows_and_a_whole_last_line() -> None:
    assert strict.csv_of(b"\xef\xbb\xbfa,b\r\n1,2\r\n", "here") == (["a", "b"], [["1", "2"]])
    with pytest.raises(PayloadError, match="row 3 has 1 fields"):
        strict.csv_of(b"a,b\n1,2\n3\n", "here")
    with pytest.raises(PayloadError, match="within a line"):
        strict.csv_of(b"a,b\n1,2", "here", closed=True)


def test_a_column_must_be_there_once() -> None:
    assert strict.column(["a", "b"], "b", "here") == 1
    with pytest.raises(SchemaDriftError, match="'c' is missing"):
        strict.column(["a", "b"], "c", "here")
    with pytest.raises(SchemaDriftError, match="twice"):
        strict.column(["a", "a"], "a", "here")


def test_repeated_values_are_kept_once_and_contradictions_refused() -> None:
    day = date(2024, 6, 3)
    assert strict.dated([("x", day, 1.0), ("x", day, 1.0)], "here")["value"].to_list() == [1.0]
    with pytest.raises(PayloadError, match="two values of x for 2024-06-03"):
        strict.dated([("x", day, 1.0), ("x", day, 2.0)], "here")

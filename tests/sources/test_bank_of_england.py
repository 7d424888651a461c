from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.bank_of_england import BankOfEngland
from selloff.sources.contract import SchemaDriftError
from tests.sources.official_bodies import TODAY, recorded, source, survives, values

BANK = source(BankOfEngland)
WHOLE = recorded("bank_of_england/columns.csv")
CODES = tuple(BANK.entry.codes)


def ask(last: date | None = None):
    return BANK.plan(dict.fromkeys(CODES, last), TODAY)[0]


def test_dots_and_empty_fields_are_missing_and_no_zeros() -> None:
    frame = BANK.parse(ask(), WHOLE)
    assert values(frame, "IUDSNPY") == {"2026-01-05": 14.1, "2026-01-06": 14.1234}
    assert values(frame, "IUDMNPY") == {"2026-01-05": 14.6, "2026-01-06": 14.5, "2026-01-07": 14.55}
    assert values(frame, "IUDSOIA") == {"2026-01-05": 13.7, "2026-01-06": 13.7009}


def test_one_request_reaches_back_a_month_before_the_last_stored_day() -> None:
    assert dict(ask().params)["Datefrom"] == "02/Jan/1979"
    assert dict(ask(date(2026, 2, 5)).params)["Datefrom"] == "06/Jan/2026"
    assert BANK.plan({}, TODAY) == []


@pytest.mark.parametrize("field", ["DATE", *CODES])
def test_a_renamed_column_is_drift_that_names_it(field: str) -> None:
    with pytest.raises(SchemaDriftError, match=f"'{field}' is missing"):
        BANK.parse(ask(), WHOLE.replace(field.encode(), b"OTHER"))


@pytest.mark.parametrize("day", [b"2026-01-05", b"5 Jan 2026", b"31 Feb 2026", b"05 Jnr 2026", b"05 Jan 26"])
def test_another_form_of_date_is_drift(day: bytes) -> None:
    with pytest.raises(SchemaDriftError, match="'DATE'"):
        BANK.parse(ask(), WHOLE.replace(b"05 Jan 2026", day))


@pytest.mark.parametrize("value", [b"n/a", b"14,1", b"NaN", b"1e1"])
def test_only_a_decimal_is_a_yield(value: bytes) -> None:
    with pytest.raises(PayloadError):
        BANK.parse(ask(), WHOLE.replace(b"14.1234", value))


def test_a_page_and_damage_are_typed_errors() -> None:
    with pytest.raises(PayloadError, match="HTML page"):
        BANK.parse(ask(), recorded("bank_of_england/error_unknown_code.html"))
    with pytest.raises(PayloadError, match="cut short"):
        BANK.parse(ask(), WHOLE.removesuffix(b"\r\n"))
    assert survives(BANK, ask(), WHOLE) > 40

from dataclasses import replace
from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import Ask, SchemaDriftError
from selloff.sources.treasury import NOMINAL, URL, Treasury
from tests.sources.official_bodies import TODAY, recorded, shared, source, survives, values

TREASURY = source(Treasury)
CODES = tuple(code for code in TREASURY.entry.codes if code.startswith("BC_"))


def nominal(year: int = 2025, codes: tuple[str, ...] = CODES) -> Ask:
    asks = TREASURY.plan(dict.fromkeys(codes), date(year, 12, 31))
    return asks[-1]


def real(year: int = 2025) -> Ask:
    return TREASURY.plan({"TC_10YEAR": None}, date(year, 12, 31))[-1]


def nominal_xml(year: int, *codes: str) -> Ask:
    params = (("data", NOMINAL), ("field_tdr_date_value", str(year)))
    return Ask(url=f"{URL}/pages/xml", codes=codes, params=params)


def test_csv_is_month_first_newest_first_with_gaps() -> None:
    frame = TREASURY.parse(nominal(), recorded("treasury/nominal_2025.csv"))
    assert list(values(frame, "BC_10YEAR").items()) == [("2025-02-18", 21.1), ("2025-02-19", 21.12)]
    assert values(frame, "BC_3MONTH") == {"2025-02-18": 20.3, "2025-02-19": 20.32}
    assert values(frame, "BC_20YEAR") == {"2025-02-19": 21.22}
    assert values(frame, "BC_30YEAR") == {"2025-02-19": 21.32}


def test_years_before_a_maturity_began_lack_its_column() -> None:
    frame = TREASURY.parse(nominal(1995), recorded("treasury/nominal_1995.csv"))
    assert values(frame, "BC_1MONTH") == {}
    assert values(frame, "BC_30YEAR") == {"1995-01-03": 30.9, "1995-01-04": 30.91}


@pytest.mark.parametrize("column", ["Date", "1 Mo", "10 Yr", "30 Yr"])
def test_a_renamed_column_is_drift_that_names_it(column: str) -> None:
    body = recorded("treasury/nominal_2025.csv").replace(column.encode(), b"renamed", 1)
    with pytest.raises(SchemaDriftError, match=f"'{column}' is missing"):
        TREASURY.parse(nominal(), body)


def test_days_before_months_are_not_taken_for_dates() -> None:
    body = recorded("treasury/nominal_2025.csv").replace(b"02/19/2025", b"19/02/2025")
    with pytest.raises(SchemaDriftError, match="'Date'"):
        TREASURY.parse(nominal(), body)


def test_a_file_of_another_year_is_drift() -> None:
    with pytest.raises(SchemaDriftError, match="'Date' is '1995-01-04'"):
        TREASURY.parse(nominal(2025, ("BC_10YEAR",)), recorded("treasury/nominal_1995.csv"))
    with pytest.raises(SchemaDriftError, match="'NEW_DATE'"):
        TREASURY.parse(real(2024), recorded("treasury/real_2025.xml"))


def test_xml_of_the_real_curve_marks_null_by_attribute() -> None:
    assert values(TREASURY.parse(real(), recorded("treasury/real_2025.xml")), "TC_10YEAR") == {"2025-02-18": -0.25}


def test_xml_of_the_nominal_curve_does_not_read_the_display_field() -> None:
    frame = TREASURY.parse(nominal_xml(2025, "BC_10YEAR", "BC_30YEAR"), recorded("treasury/nominal_2025.xml"))
    assert values(frame, "BC_10YEAR") == {"2025-02-18": 21.1, "2025-02-19": 21.12}
    assert values(frame, "BC_30YEAR") == {"2025-02-19": 21.32}


@pytest.mark.parametrize("name", ["TC_10YEAR", "NEW_DATE"])
def test_a_renamed_element_is_drift_that_names_it(name: str) -> None:
    body = recorded("treasury/real_2025.xml").replace(f"d:{name}".encode(), b"d:RENAMED")
    with pytest.raises(SchemaDriftError, match=f"'{name}'"):
        TREASURY.parse(real(), body)


def test_a_document_type_is_refused_before_entities_grow() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feed>&b;</feed>'
    with pytest.raises(PayloadError, match="document type"):
        TREASURY.parse(real(), bomb)


def test_a_page_for_people_is_not_data() -> None:
    for one in (nominal(), real()):
        with pytest.raises(PayloadError, match="HTML page"):
            TREASURY.parse(one, b"<!DOCTYPE html><html><title>Just a moment...</title></html>")


def test_two_rows_of_one_day_are_refused() -> None:
    body = recorded("treasury/nominal_2025.csv").replace(b"02/18/2025", b"02/19/2025")
    with pytest.raises(PayloadError, match="two values"):
        TREASURY.parse(nominal(), body)


def test_plan_asks_for_years() -> None:
    history = TREASURY.plan({"BC_10YEAR": None, "TC_10YEAR": None}, TODAY)
    assert len(history) == (2026 - 1990 + 1) + (2026 - 2003 + 1)
    (one,) = TREASURY.plan({"BC_10YEAR": date(2026, 2, 27)}, TODAY)
    assert one.url.endswith("/2026/all") and dict(one.params)["_format"] == "csv"
    turn = TREASURY.plan({"BC_10YEAR": date(2026, 1, 5)}, date(2026, 1, 6))
    assert [dict(a.params)["field_tdr_date_value"] for a in turn] == ["2025", "2026"]


def test_damaged_bodies_give_values_or_typed_errors() -> None:
    assert survives(TREASURY, nominal(), recorded("treasury/nominal_2025.csv")) > 50
    assert survives(TREASURY, nominal(1995), recorded("treasury/nominal_1995.csv")) > 50
    assert survives(TREASURY, real(), recorded("treasury/real_2025.xml")) > 50
    assert survives(TREASURY, nominal_xml(2025, "BC_10YEAR"), recorded("treasury/nominal_2025.xml")) > 50


@pytest.mark.shared
def test_real_csv_has_the_format() -> None:
    frame = TREASURY.parse(nominal(2026), shared("treasury_yields/daily-treasury-rates_2026_head4.csv"))
    assert len(frame) == 4 * len(CODES)  # all of its days lie after the last one that may be looked at
    assert set(frame["code"]) == set(CODES)


@pytest.mark.shared
def test_real_xml_has_the_format() -> None:
    body = shared("treasury_yields/daily_treasury_yield_curve_2026-08-11_12.xml")
    frame = TREASURY.parse(nominal_xml(2026, *CODES), body)
    assert len(frame) == 2 * len(CODES)
    with pytest.raises(SchemaDriftError, match="'TC_10YEAR' is missing"):
        TREASURY.parse(replace(real(2026), params=nominal_xml(2026).params), body)

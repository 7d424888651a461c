"""EPU: a date in three columns."""

from __future__ import annotations

from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import SchemaDriftError
from selloff.sources.epu import Epu
from tests.sources.recorded import asks_match_requests, body, entry, shared, survives_junk, survives_mutations, values

SOURCE = Epu(entry("epu"))
CODE = "daily_policy_index"
ASK = SOURCE.plan({CODE: None}, date(2024, 3, 5))[0]
WHOLE = body("epu", "All_Daily_Policy_Data.csv")


def test_values_by_day_and_an_empty_field_is_missing():
    assert values(SOURCE.parse(ASK, WHOLE)) == {
        (CODE, "2024-02-28"): 120.5,
        (CODE, "2024-03-01"): 98.25,
        (CODE, "2024-03-02"): 210.0,
    }


def test_order_of_columns_line_ends_and_byte_order_mark_do_not_matter():
    turned = b"\xef\xbb\xbfyear,daily_policy_index,month,day\r\n2024,120.50,2,28\r\n\r\n"
    assert values(SOURCE.parse(ASK, turned)) == {(CODE, "2024-02-28"): 120.5}


@pytest.mark.parametrize("name", ["day", "month", "year", "daily_policy_index"])
def test_renamed_column_is_named(name):
    with pytest.raises(SchemaDriftError, match=f"'{name}'"):
        SOURCE.parse(ASK, WHOLE.replace(name.encode(), b"other", 1))


@pytest.mark.parametrize("value", [".", "NA", "nan", "inf", "1e999", "120,5x", "1_0", "true", "--"])
def test_only_a_decimal_is_an_index(value):
    with pytest.raises(PayloadError):
        SOURCE.parse(ASK, WHOLE.replace(b"120.50", value.encode()))


@pytest.mark.parametrize("line", ["30,2,2024,5.0", "0,0,0000,5.0", "2,28,2024,5.0", "1.5,2,2024,5.0", "-1,2,2024,5.0"])
def test_impossible_day_is_drift(line):
    with pytest.raises(SchemaDriftError, match="line 6"):
        SOURCE.parse(ASK, WHOLE + line.encode() + b"\n")


def test_contradictions_are_refused():
    with pytest.raises(PayloadError, match="two values"):
        SOURCE.parse(ASK, WHOLE + b"28,2,2024,7.0\n")
    assert len(SOURCE.parse(ASK, WHOLE + b"28,2,2024,120.5\n")) == 3
    with pytest.raises(PayloadError, match="fields"):
        SOURCE.parse(ASK, WHOLE + b"3,3,2024\n")
    with pytest.raises(PayloadError, match="below zero"):
        SOURCE.parse(ASK, WHOLE + b"3,3,2024,-1\n")
    with pytest.raises(PayloadError, match="no values"):
        SOURCE.parse(ASK, WHOLE.splitlines(keepends=True)[0])
    with pytest.raises(PayloadError, match="HTML"):
        SOURCE.parse(ASK, b"<!DOCTYPE html><html>")


def test_one_whole_file():
    asks_match_requests(SOURCE, [ASK])


def test_damage_is_a_typed_error():
    survives_mutations(SOURCE, ASK, WHOLE)
    survives_junk(SOURCE, ASK)


@pytest.mark.shared
def test_real_file():
    found = values(SOURCE.parse(ASK, shared("epu", "All_Daily_Policy_Data_2025-12.csv")))
    assert found[CODE, "1985-01-01"] == 103.83
    assert found[CODE, "2025-08-13"] == 284.6
    assert len(found) == 14835

"""TPU: a named sheet of a workbook (format from descriptions, no real body was recorded)."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from selloff.errors import PayloadError
from selloff.sources.contract import SchemaDriftError
from selloff.sources.trade_policy_uncertainty import TradePolicyUncertainty
from tests.sources.recorded import asks_match_requests, body, entry, survives_junk, survives_mutations, values

SOURCE = TradePolicyUncertainty(entry("trade_policy_uncertainty"))
CODE = "TPUD_index"
ASK = SOURCE.plan({CODE: None}, date(2024, 3, 5))[0]
WHOLE = body("trade_policy_uncertainty", "tpu_web_latest.xlsx")


def workbook(rows, sheet="TPU_DAILY"):
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_values_by_day_from_the_daily_sheet():
    assert values(SOURCE.parse(ASK, WHOLE)) == {(CODE, "2024-02-28"): 40.5, (CODE, "2024-03-01"): 80.25}
    assert not SOURCE.entry.verified


def test_a_day_may_be_an_excel_count():
    assert values(SOURCE.parse(ASK, workbook([["DATE", CODE], [45350, 1.5]]))) == {(CODE, "2024-02-28"): 1.5}


def test_another_sheet_or_column_is_named():
    with pytest.raises(SchemaDriftError, match=r"no sheet 'TPU_DAILY'; it has Daily"):
        SOURCE.parse(ASK, workbook([["DATE", CODE]], "Daily"))
    with pytest.raises(SchemaDriftError, match=r"no column 'TPUD_index'; it has DATE, TPU"):
        SOURCE.parse(ASK, workbook([["DATE", "TPU"], [45350, 1.5]]))


@pytest.mark.parametrize("cell", ["2024-02-28", -1, 45350.5, 1e9, True, datetime(2024, 2, 28, 12), None])
def test_only_a_day_is_a_day(cell):
    with pytest.raises(SchemaDriftError, match="DATE"):
        SOURCE.parse(ASK, workbook([["DATE", CODE], [cell, 1.5]]))


@pytest.mark.parametrize("cell", ["1.5", ".", "#N/A", True])
def test_only_a_number_is_an_index(cell):
    with pytest.raises(SchemaDriftError, match=CODE):
        SOURCE.parse(ASK, workbook([["DATE", CODE], [45350, cell]]))


def test_contradictions_are_refused():
    with pytest.raises(PayloadError, match="two values"):
        SOURCE.parse(ASK, workbook([["DATE", CODE], [45350, 1.5], [45350, 1.6]]))
    with pytest.raises(PayloadError, match="below zero"):
        SOURCE.parse(ASK, workbook([["DATE", CODE], [45350, -1.5]]))
    with pytest.raises(PayloadError, match="no values"):
        SOURCE.parse(ASK, workbook([["DATE", CODE], [None, None]]))


def test_one_whole_file():
    asks_match_requests(SOURCE, [ASK])


def test_damage_is_a_typed_error():
    survives_mutations(SOURCE, ASK, WHOLE)
    survives_junk(SOURCE, ASK)
    with pytest.raises(PayloadError, match=r"not a readable \.xlsx"):
        SOURCE.parse(ASK, body("gpr", "data_gpr_daily_recent.xls"))

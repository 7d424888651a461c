"""GPR: a legacy workbook whose columns drift."""

from __future__ import annotations

import io
from datetime import date, timedelta

import polars as pl
import pytest
import xlrd

from selloff.errors import PayloadError
from selloff.sources import gpr
from selloff.sources.contract import SchemaDriftError
from selloff.sources.gpr import Gpr
from tests.sources.recorded import asks_match_requests, body, entry, shared, survives_junk, survives_mutations, values

SOURCE = Gpr(entry("gpr"))
ASK = SOURCE.plan(dict.fromkeys(SOURCE.entry.codes), date(2024, 3, 5))[0]


def rows():
    sheet = xlrd.open_workbook(file_contents=body("gpr", "data_gpr_daily_recent.xls"), logfile=io.StringIO())[0]
    return [[c.value if c.ctype not in (0, 6) else None for c in row] for row in sheet.get_rows()]


@pytest.fixture
def parse(monkeypatch):
    def read(table):
        monkeypatch.setattr(gpr, "xls_rows", lambda *_: table)
        return SOURCE.parse(ASK, b"")

    return read


def test_values_by_day_and_an_empty_cell_is_missing():
    assert values(SOURCE.parse(ASK, body("gpr", "data_gpr_daily_recent.xls"))) == {
        ("GPRD", "2024-02-28"): 101.5,
        ("GPRD", "2024-02-29"): 99.0,
        ("GPRD", "2024-03-01"): 130.25,
        ("GPRD_ACT", "2024-02-28"): 90.25,
        ("GPRD_ACT", "2024-03-01"): 140.0,
        ("GPRD_THREAT", "2024-02-28"): 110.75,
        ("GPRD_THREAT", "2024-02-29"): 105.5,
        ("GPRD_THREAT", "2024-03-01"): 120.0,
    }


def test_columns_are_found_by_name(parse):
    turned = [row[::-1] for row in rows()]
    assert values(parse(turned)) == values(SOURCE.parse(ASK, body("gpr", "data_gpr_daily_recent.xls")))


@pytest.mark.parametrize("name", ["DAY", "date", "GPRD", "GPRD_THREAT"])
def test_missing_or_doubled_column_is_named(parse, name):
    table = rows()
    place = table[0].index(name)
    table[0][place] = name + "_new"
    with pytest.raises(SchemaDriftError, match=f"no column '{name}'"):
        parse(table)
    table[0][place] = name
    table[0][table[0].index("event")] = name
    with pytest.raises(SchemaDriftError, match="twice"):
        parse(table)


@pytest.mark.parametrize("day", ["20240230", "00000000", "2024-02-28", "", 3.5, None, True])
def test_only_a_day_is_a_day(parse, day):
    table = rows()
    table[1][0] = day
    with pytest.raises(SchemaDriftError, match="DAY"):
        parse(table)


def test_day_may_be_a_number_and_must_agree_with_the_date_cell(parse):
    table = rows()
    table[1][0] = 20240228.0
    assert values(parse(table))["GPRD", "2024-02-28"] == 101.5
    table[1][0] = 20240227.0
    with pytest.raises(PayloadError, match="another day"):
        parse(table)


@pytest.mark.parametrize("value", ["101.5", ".", "NA", True, float("nan"), float("inf")])
def test_only_a_number_is_an_index(parse, value):
    table = rows()
    table[1][2] = value
    with pytest.raises(SchemaDriftError, match="GPRD"):
        parse(table)


def test_contradictions_are_refused(parse):
    table = rows()
    with pytest.raises(PayloadError, match="two values"):
        parse([*table, [*table[1][:2], 5.0, *table[1][3:]]])
    with pytest.raises(PayloadError, match="no values"):
        parse(table[:1])
    with pytest.raises(PayloadError, match="below zero"):
        parse([table[0], [*table[1][:2], -1.0, *table[1][3:]]])
    assert len(parse([*table, [None] * 11, table[1]])) == 8


def test_one_whole_file_and_nothing_else():
    asks_match_requests(SOURCE, [ASK])
    assert len(SOURCE.plan(dict.fromkeys(SOURCE.entry.codes, date(2024, 3, 1)), date(2024, 3, 5))) == 1


def test_damage_is_a_typed_error(capsys):
    survives_mutations(SOURCE, ASK, body("gpr", "data_gpr_daily_recent.xls"))
    survives_junk(SOURCE, ASK)
    with pytest.raises(PayloadError, match=r"not a readable \.xls"):
        SOURCE.parse(ASK, body("sf_fed", "news_sentiment_data.xlsx"))
    with pytest.raises(PayloadError, match="HTML page"):
        SOURCE.parse(ASK, b"\n<html><title>Just a moment...</title></html>")
    assert capsys.readouterr().out == ""


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "acts"),
    [
        ("data_gpr_daily_recent_2025-12.xls", 303.6663208007812),
        ("data_gpr_daily_recent_2026-04-27.xls", 189.869400024414),
    ],
)
def test_real_workbooks(name, acts):
    """The two were fetched four months apart: what was the first one's last day has been revised by more than a third
    since."""
    found = SOURCE.parse(ASK, shared("gpr", name)).filter(pl.col("date") <= date(2026, 2, 28))
    days = found.filter(pl.col("code") == "GPRD").sort("date")
    assert values(found)["GPRD", "1985-01-01"] == pytest.approx(230.0394287109375)
    assert values(found)["GPRD_ACT", "2025-08-11"] == pytest.approx(acts)
    assert days["date"].diff().drop_nulls().unique().to_list() == [timedelta(days=1)]

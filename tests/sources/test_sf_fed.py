"""San Francisco Fed: a named sheet of a workbook (format from descriptions, no real body was recorded)."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from selloff.errors import PayloadError
from selloff.sources import workbook
from selloff.sources.contract import SchemaDriftError
from selloff.sources.sf_fed import SfFed
from tests.sources.recorded import asks_match_requests, body, entry, survives_junk, survives_mutations, values

SOURCE = SfFed(entry("sf_fed"))
CODE = "News Sentiment"
ASK = SOURCE.plan({CODE: None}, date(2024, 3, 5))[0]
WHOLE = body("sf_fed", "news_sentiment_data.xlsx")


def made(rows):
    book = Workbook()
    book.active.title = "Data"
    for row in rows:
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_values_by_day_an_empty_cell_is_missing_and_zero_is_zero():
    assert values(SOURCE.parse(ASK, WHOLE)) == {
        (CODE, "2024-02-28"): 0.1,
        (CODE, "2024-02-29"): -0.25,
        (CODE, "2024-03-02"): 0.0,
    }
    assert not SOURCE.entry.verified


def test_renamed_column_is_named():
    with pytest.raises(SchemaDriftError, match="no column 'News Sentiment'"):
        SOURCE.parse(ASK, made([["date", "Sentiment"], [45350, 0.1]]))
    with pytest.raises(SchemaDriftError, match="no column 'date'"):
        SOURCE.parse(ASK, made([["Date", "News Sentiment"], [45350, 0.1]]))


def test_another_scale_is_refused():
    with pytest.raises(PayloadError, match="scale"):
        SOURCE.parse(ASK, made([["date", CODE], [45350, 101.0]]))


def test_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(workbook, "_LARGEST_BYTES", 10_000)
    held = io.BytesIO(WHOLE)
    with zipfile.ZipFile(held, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zero", bytes(20_000))
    with pytest.raises(PayloadError, match="unpacks to more"):
        SOURCE.parse(ASK, held.getvalue())


def edited(old, new):
    """The recording with a text of its data sheet replaced."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as before, zipfile.ZipFile(held, "w") as after:
        for part in before.namelist():
            content = before.read(part)
            if part == "xl/worksheets/sheet2.xml":
                assert old in content
                content = content.replace(old, new)
            after.writestr(part, content)
    return held.getvalue()


def test_a_stated_extent_smaller_than_the_data_hides_nothing():
    small = edited(b'<dimension ref="A1:B5"', b'<dimension ref="A1:A1"')
    assert values(SOURCE.parse(ASK, small)) == values(SOURCE.parse(ASK, WHOLE))


def test_a_damaged_row_number_does_not_fill_the_memory():
    with pytest.raises(PayloadError, match="rows"):
        SOURCE.parse(ASK, edited(b'<row r="5"', b'<row r="99999999999"'))


def test_one_whole_file():
    asks_match_requests(SOURCE, [ASK])


def test_damage_is_a_typed_error():
    survives_mutations(SOURCE, ASK, WHOLE)
    survives_junk(SOURCE, ASK)

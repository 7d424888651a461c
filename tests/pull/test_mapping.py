from __future__ import annotations

from pathlib import Path

import pytest

from selloff.catalog import Catalogue
from selloff.errors import MappingError, SelloffError, UnitError
from selloff.pull.mapping import read_mapping

HEAD = '[[file]]\npath = "a.csv"\n'

WRONG = [
    ("[[file]\n", "is not valid TOML"),
    ("", "file"),
    (HEAD + 'date = "d"\n', "nothing is mapped"),
    (HEAD + 'columns = { v = "sp500" }\n', "name either a `date` or a `time` column"),
    (HEAD + 'date = "d"\ncolumns = { v = "sp5000" }\n', "the series 'sp5000', which does not exist. Did you mean"),
    (HEAD + 'date = "d"\ncolums = { v = "sp500" }\n', "colums"),
    (HEAD + 'date = "d"\ncolumns = { v = "usdjpy_ny" }\n', "computed from fxy_adj"),
    (HEAD + 'date = "d"\ncolumns = { v = "btc_hourly" }\n', "with dates"),
    (HEAD + 'time = "d"\ncolumns = { v = "btc_hourly" }\n', "no length of bars"),
    (HEAD + 'time = "d"\nbar = "1h"\ncolumns = { v = "sp500" }\n', "a daily series, with instants"),
    (HEAD + 'time = "d"\nbar = "soon"\ncolumns = { v = "btc_hourly" }\n', "is not a length"),
    (HEAD + 'date = "d"\ndrop_last = 1\ncolumns = { v = "sp500" }\n', "need a `note`"),
    (HEAD + 'date = "d"\ncolumns = { v = "sp500" }\nunits = { w = "percent" }\n', "'w', which is not mapped"),
    (HEAD + 'date = "d"\nseries_column = "s"\nnames = { a = "sp500" }\n', "a long layout needs"),
    ('file = ["x"]\n', "file.0"),
    ('file = "x"\n', "file"),
    ("file = 3\n", "file"),
    ("a = " + "1" * 5000 + "\n", "is not valid TOML"),
    ("a = " + "[" * 5000 + "]" * 5000 + "\n", "is not valid TOML"),
    *(
        (f'[[file]]\npath = "{p}"\ndate = "d"\ncolumns = {{ v = "sp500" }}\n', "inside the folder")
        for p in ("/etc/passwd", ".", "", "../x", "a/../../x", "C:/x.csv")
    ),
    ('[[file]]\npath = "**x.csv"\ndate = "d"\ncolumns = { v = "sp500" }\n', "a part of the path by itself"),
    *(
        (HEAD + f'date = "d"\ndelimiter = "{d}"\ncolumns = {{ v = "sp500" }}\n', "can separate fields")
        for d in ("", ";;", "§", "\\n", "1")
    ),
    *(
        (HEAD + f'date = "d"\nthousands = "{t}"\ncolumns = {{ v = "sp500" }}\n', "other than a digit")
        for t in ("", "..", "1", "-", "e")
    ),
    (HEAD + 'date = "d"\nthousands = "."\ncolumns = { v = "sp500" }\n', "are the same"),
    *(
        (HEAD + f'time = "d"\nzone = "{z}"\ncolumns = {{ v = "sp500" }}\n', "is not a time zone")
        for z in ("Mars/X", "", "../x", "America")
    ),
    (HEAD + 'date = "d"\ncolumns = { v = "sp500" }\nscale = { v = { from = "percent", factor = inf } }\n', "finite"),
    (HEAD + 'date = "d"\ncolumns = { v = "sp500" }\n[[file.skip]]\ndates = ["x"]\n', "reason"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_mapping_says_what_is_wrong(tmp_path: Path, catalogue: Catalogue, text: str, said: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        read_mapping(path, catalogue)
    assert said in str(caught.value)


def test_a_unit_that_differs_needs_a_scale(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(HEAD + 'date = "d"\ncolumns = { v = "ust_10y" }\nunits = { v = "fraction" }\n', encoding="utf-8")
    with pytest.raises(UnitError, match="is in fraction; the series 'ust_10y' is in percent"):
        read_mapping(path, catalogue)
    with path.open("a", encoding="utf-8") as file:
        file.write('scale = { v = { from = "fraction", factor = 100 } }\n')
    assert read_mapping(path, catalogue).file[0].factor("v") == 100


def test_a_mapping_that_is_not_there(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(SelloffError, match="can't be read"):
        read_mapping(tmp_path / "none.toml", catalogue)

"""Label files: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scorecard.invented import CATEGORIES, write
from selloff.catalog import default_catalogue
from selloff.catalog.labelmap import LabelMap, load_label_map
from selloff.errors import ScorecardError
from selloff.scorecard.human.label_file import CODER_CATEGORIES, read_coders, read_labels


@pytest.fixture(scope="module")
def label_map() -> LabelMap:
    catalogue = default_catalogue()
    return load_label_map(catalogue.folder, catalogue.causes)


def _row(day: str, **shares: float) -> dict[str, str]:
    row = {"date": day, "return": "0.031"} | dict.fromkeys(CATEGORIES, "0")
    return {**row, "policy": "0"} | {k: f"{v:g}" for k, v in shares.items()}


def test_categories_become_outcomes(tmp_path: Path, label_map: LabelMap):
    rows = [_row("2001-03-02", macro=0.5, terror=0.25, sovmil=0.25), _row("2001-03-01", commodities=0.4, reg=0.6)]
    found = read_labels(write(tmp_path / "l.csv", rows), label_map)
    assert found.days.astype(str).tolist() == ["2001-03-01", "2001-03-02"]
    votes = [dict(zip(label_map.outcomes, row, strict=True)) for row in found.votes.tolist()]
    assert votes[0]["other"] == 1.0
    assert votes[1]["macro"] == 0.5 and votes[1]["geopolitics"] == 0.5
    np.testing.assert_allclose(found.policy, [0.6, 0.25])
    np.testing.assert_allclose(found.policy_by_outcome.sum(axis=1), found.policy)
    np.testing.assert_allclose(found.moves, 3.1)


def test_no_article_is_no_label(tmp_path: Path, label_map: LabelMap):
    rows = [_row("2001-03-01", noart=1.0), _row("2001-03-02", noart=0.5, macro=0.25, trade=0.25)]
    found = read_labels(write(tmp_path / "l.csv", rows), label_map)
    assert [d.isoformat() for d in found.without_label] == ["2001-03-01"]
    assert found.votes[0, label_map.outcomes.index("macro")] == 0.5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"date": "2001-02-30"}, "line 3: '2001-02-30' is not a date"),
        ({"date": "2001-03-01"}, "line 3: 2001-03-01 was already on line 2"),
        ({"macro": "most"}, "line 3: macro is 'most', not a number"),
        ({"macro": ""}, "line 3: macro is '', not a number"),
        ({"macro": "nan"}, "line 3: macro is 'nan'"),
        ({"macro": "1.5", "trade": "-0.5"}, "line 3: trade is -0.5, but a share can't be negative"),
        ({"macro": "0.5"}, "line 3: the shares of 2001-03-02 add up to 0.5, not 1"),
        ({"return": "up"}, "line 3: return is 'up', not a number"),
    ],
)
def test_a_bad_row_is_one_clear_error(tmp_path: Path, label_map: LabelMap, change: dict, said: str):
    rows = [_row("2001-03-01", macro=1.0), _row("2001-03-02", macro=1.0) | change]
    with pytest.raises(ScorecardError, match=said.replace("(", r"\(")) as caught:
        read_labels(write(tmp_path / "l.csv", rows), label_map)
    assert caught.value.hint


def test_missing_files_columns_and_labels(tmp_path: Path, label_map: LabelMap):
    with pytest.raises(ScorecardError, match=r"can't be read: No such file"):
        read_labels(tmp_path / "none.csv", label_map)
    rows = [{k: v for k, v in _row("2001-03-01", macro=1.0).items() if k != "trade"}]
    with pytest.raises(ScorecardError, match="has no column 'trade'"):
        read_labels(write(tmp_path / "l.csv", rows), label_map)
    with pytest.raises(ScorecardError, match="holds no labelled day"):
        read_labels(write(tmp_path / "e.csv", [_row("2001-03-01", noart=1.0)]), label_map)
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ScorecardError, match="no text file"):
        read_labels(tmp_path / "b.csv", label_map)
    (tmp_path / "s.csv").write_text(",".join(_row("2001-03-01")) + "\n2001-03-01\n")
    with pytest.raises(ScorecardError, match="line 2"):
        read_labels(tmp_path / "s.csv", label_map)


def test_coders_split_between_primary_and_secondary(tmp_path: Path, label_map: LabelMap):
    head = {"return": "0.03", "coder": "x"}
    rows = [
        {
            "date": "2001-03-01",
            **head,
            "primary_category": "international trade policy",
            "secondary_category": "taxes",
        },
        {"date": "2001-03-01", **head, "primary_category": "no article found", "secondary_category": ""},
        {"date": "2001-03-01", **head, "primary_category": "commodities", "secondary_category": ""},
    ]
    found = read_coders(write(tmp_path / "c.csv", rows), label_map)
    assert len(found.votes) == 2
    first = dict(zip(label_map.outcomes, found.votes[0].tolist(), strict=True))
    assert (first["trade"], first["fiscal"]) == (0.75, 0.25)
    np.testing.assert_allclose(found.policy, [1.0, 0.0])
    rows[1]["primary_category"] = "weather"
    with pytest.raises(ScorecardError, match="line 3: primary_category is 'weather', which is no category"):
        read_coders(write(tmp_path / "c.csv", rows), label_map)


def test_every_category_has_a_long_name():
    assert sorted(CODER_CATEGORIES.values()) == sorted(CATEGORIES)

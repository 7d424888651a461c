"""The label map: a partition that holds every category and trigger once, frozen by hash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from selloff.catalog import default_catalogue
from selloff.catalog.catalogue import DATA
from selloff.catalog.freeze import frozen_digests
from selloff.catalog.labelmap import LabelMap, load_label_map
from selloff.errors import CatalogError

CATALOGUE = default_catalogue()
MAP = load_label_map(DATA, CATALOGUE.causes)
TRIGGERS = sorted(c.id for c in CATALOGUE.causes.values() if c.role == "trigger")


def test_it_holds_every_trigger_and_no_other_cause():
    assert sorted(MAP.triggers) == TRIGGERS


def test_policy_categories_are_labels():
    assert set(MAP.coding.policy) <= set(MAP.categories)
    assert not set(MAP.coding.not_a_label) & set(MAP.categories)


def test_categories_and_shares_land_on_one_outcome_each():
    matrix = MAP.category_matrix((*MAP.categories, *MAP.coding.not_a_label))
    assert (matrix[:-1].sum(axis=1) == 1).all()
    assert matrix[-1].sum() == 0
    shares = MAP.outcome_shares({"growth": 0.2, "china": 0.1, "other": 0.3, "crypto_specific": 0.1, "unknown": 0.3})
    assert dict(zip(MAP.outcomes, shares.round(9), strict=True)) == {
        **dict.fromkeys(MAP.outcomes, 0.0),
        "macro": 0.3,
        "other": 0.4,
        "unknown": 0.3,
    }
    with pytest.raises(CatalogError, match="'sunspots' is in no outcome"):
        MAP.outcome_shares({"sunspots": 1.0})


def test_it_is_as_frozen():
    assert MAP.digest() == frozen_digests()["label_map"]


def test_the_digest_sees_what_decides_a_score_and_no_prose():
    values = MAP.model_dump()
    values["outcome"][0]["why"] = "for another reason"
    assert LabelMap(**values).digest() == MAP.digest()
    values["outcome"][0]["triggers"], values["outcome"][1]["triggers"] = (
        values["outcome"][1]["triggers"],
        values["outcome"][0]["triggers"],
    )
    assert LabelMap(**values).digest() != MAP.digest()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('categories = ["trade"]', 'categories = ["trade", "macro"]', "category 'macro' is in two outcomes"),
        ('triggers = ["trade_policy"]', 'triggers = ["growth"]', "trigger 'growth' is in two outcomes"),
        ('"taxes", "trade"]', '"taxes", "tides"]', "'tides' must be either in one outcome or no label"),
        ('id = "unknown"', 'id = "nobody_knows"', "no outcome 'unknown'"),
    ],
)
def test_a_map_that_is_no_partition_is_refused(tmp_path: Path, old: str, new: str, said: str):
    text = (DATA / "label_map.toml").read_text()
    assert text.count(old) == 1
    (tmp_path / "label_map.toml").write_text(text.replace(old, new))
    with pytest.raises(CatalogError, match=said):
        load_label_map(tmp_path, CATALOGUE.causes)


def test_a_users_own_trigger_counts_as_other(tmp_path: Path):
    shutil.copy(DATA / "label_map.toml", tmp_path)
    own = CATALOGUE.causes["growth"].model_copy(update={"id": "sunspots"})
    found = load_label_map(tmp_path, {**CATALOGUE.causes, "sunspots": own})
    assert found.outcome_shares({"sunspots": 1.0})[found.outcomes.index("other")] == 1.0

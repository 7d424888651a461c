"""The verdict rule, case by case, and on the planted days."""

from __future__ import annotations

import pytest

import worlds
from selloff.catalog import AssetClass
from selloff.detection import ClassDepth
from selloff.detection.verdict import Thresholds, joint_verdict, shipped_thresholds

RULE = Thresholds(down=2.0, fewest_groups=3)


def _depths(**by_class: float | None) -> list[ClassDepth]:
    """Classes named group_class."""
    return [
        ClassDepth(AssetClass(id=name, name=name, group=name.split("_")[0], members=()), depth, ())
        for name, depth in by_class.items()
    ]


@pytest.mark.parametrize(
    ("depths", "verdict", "down"),
    [
        ({"a_1": 0.0, "b_1": -1.99, "c_1": 5.0}, "none", ()),
        ({"a_1": -2.0, "b_1": 0.0, "c_1": 0.0}, "isolated", ("a_1",)),
        ({"a_1": -9.0, "a_2": -3.0, "b_1": 0.0, "c_1": 0.0}, "isolated", ("a_1", "a_2")),
        ({"a_1": -3.0, "b_1": -3.0, "c_1": 0.0}, "partial", ("a_1", "b_1")),
        ({"a_1": -3.0, "b_1": -3.0, "c_1": -3.0}, "joint", ("a_1", "b_1", "c_1")),
        ({"a_1": -3.0, "b_1": -3.0, "c_1": -3.0, "d_1": 1.0, "e_1": 1.0, "f_1": 1.0}, "joint", ("a_1", "b_1", "c_1")),
        (
            {"a_1": -3.0, "b_1": -3.0, "c_1": -3.0, "d_1": 1.0, "e_1": 1.0, "f_1": 1.0, "g_1": 1.0},
            "partial",
            ("a_1", "b_1", "c_1"),
        ),
        ({"a_1": -3.0, "b_1": -3.0, "c_1": -3.0, "d_1": None, "e_1": None}, "joint", ("a_1", "b_1", "c_1")),
        ({"a_1": -3.0, "a_2": -3.0, "b_1": -3.0}, "partial", ("a_1", "a_2", "b_1")),
        ({"a_1": None, "b_1": None}, "none", ()),
        ({}, "none", ()),
    ],
)
def test_rule(depths, verdict, down):
    assert joint_verdict(_depths(**depths), RULE) == (verdict, down)


def test_shipped_thresholds_can_be_met():
    found = shipped_thresholds()
    assert 1.0 < found.down < 4.0
    assert found.fewest_groups >= 2


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        (str(worlds.CRASH), "joint"),
        (str(worlds.CRYPTO_DAY), "isolated"),
        (f"{worlds.CALM_FIRST}:{worlds.CALM_LAST}", "none"),
    ],
)
def test_planted_days(explain_world, when, verdict):
    assert explain_world(when).joint.verdict == verdict


def test_crypto_day_is_isolated_to_crypto(explain_world):
    assert explain_world(str(worlds.CRYPTO_DAY)).joint.classes_down == ("crypto",)


def test_the_crash_is_more_joint_than_usual(explain_world):
    joint = explain_world(str(worlds.CRASH)).joint
    assert joint.jointness.p_value < 0.05
    assert set(joint.classes_down) >= {"equity_regions", "mega_caps", "precious_metals", "energy", "crypto", "fx"}
    assert "government_bonds" not in joint.classes_down

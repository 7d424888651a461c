"""The verdict rule, case by case, against a loop, and on the planted days."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

import worlds
from selloff.catalog import AssetClass, default_catalogue
from selloff.catalog.freeze import frozen_digests
from selloff.detection import ClassDepth
from selloff.detection import verdict as module
from selloff.detection.verdict import (
    VERDICTS,
    Thresholds,
    group_depths,
    is_joint,
    joint_verdict,
    parse_thresholds,
    shipped_thresholds,
    thresholds_digest,
    verdict_codes,
)

NAMES = ("a_1", "a_2", "b_1", "c_1", "d_1", "e_1", "f_1", "g_1")
RULE = Thresholds(joint=2.0, partial=1.5, isolated=2.5, fewest_groups=3, scales=dict.fromkeys(NAMES, 2.0))
"""Down by 2 for joint, by 3 for partial, by 5 for isolated."""


def _class(name: str) -> AssetClass:
    return AssetClass(id=name, name=name, group=name.split("_", maxsplit=1)[0], members=())


def _depths(**by_class: float | None) -> list[ClassDepth]:
    """Classes named group_class."""
    return [ClassDepth(_class(name), depth, ()) for name, depth in by_class.items()]


@pytest.mark.parametrize(
    ("depths", "verdict", "down"),
    [
        ({"a_1": 0.0, "b_1": -4.99, "c_1": 5.0}, "none", ()),
        ({"a_1": -5.0, "b_1": 0.0, "c_1": 0.0}, "isolated", ("a_1",)),
        ({"a_1": -5.0, "b_1": -2.99, "c_1": 0.0}, "isolated", ("a_1",)),
        ({"a_1": -9.0, "a_2": -5.0, "b_1": 0.0, "c_1": 0.0}, "isolated", ("a_1", "a_2")),
        ({"a_1": -9.0, "a_2": -4.0, "b_1": 0.0, "c_1": 0.0}, "isolated", ("a_1",)),
        ({"a_1": -3.0, "a_2": -3.0, "b_1": 0.0, "c_1": 0.0}, "none", ()),
        ({"a_1": -3.0, "b_1": -3.0, "c_1": 0.0}, "partial", ("a_1", "b_1")),
        ({"a_1": -3.0, "b_1": -2.9, "c_1": 0.0}, "none", ()),
        ({"a_1": -2.0, "b_1": -2.0, "c_1": -2.0}, "joint", ("a_1", "b_1", "c_1")),
        ({"a_1": -2.0, "b_1": -2.0, "c_1": -1.99}, "none", ()),
        ({"a_1": -2.0, "b_1": -2.0, "c_1": -2.0, "d_1": 1.0, "e_1": 1.0, "f_1": 1.0}, "joint", ("a_1", "b_1", "c_1")),
        (
            {"a_1": -3.0, "b_1": -3.0, "c_1": -3.0, "d_1": 1.0, "e_1": 1.0, "f_1": 1.0, "g_1": 1.0},
            "partial",
            ("a_1", "b_1", "c_1"),
        ),
        ({"a_1": -3.0, "b_1": -3.0, "c_1": -3.0, "d_1": None, "e_1": None}, "joint", ("a_1", "b_1", "c_1")),
        ({"a_1": -3.0, "a_2": -3.0, "b_1": -3.0}, "partial", ("a_1", "a_2", "b_1")),
        ({"a_1": None, "b_1": None}, "none", ()),
        ({"a_1": -9.0, "b_1": None}, "isolated", ("a_1",)),
        ({}, "none", ()),
    ],
)
def test_rule(depths, verdict, down):
    assert joint_verdict(_depths(**depths), RULE) == (verdict, down)


def naive_code(row: list[float], names: tuple[str, ...], rule: Thresholds) -> str:
    """The rule of docs/method.md, one window at a time."""

    def groups_at(depth_of) -> int:
        return len({n.split("_")[0] for n, x in zip(names, row, strict=True) if x <= -depth_of(n)})

    present = len({n.split("_")[0] for n, x in zip(names, row, strict=True) if not math.isnan(x)})
    if groups_at(lambda _: rule.joint) >= rule.fewest_groups and 2 * groups_at(lambda _: rule.joint) >= present:
        return "joint"
    if groups_at(lambda n: rule.partial * rule.scales[n]) >= 2:
        return "partial"
    return "isolated" if groups_at(lambda n: rule.isolated * rule.scales[n]) >= 1 else "none"


def test_codes_of_many_windows_by_loop():
    random = np.random.default_rng(3)
    depths = random.standard_t(3, (3000, len(NAMES))) - 0.5
    depths[random.random(depths.shape) < 0.2] = math.nan
    scales = dict(zip(NAMES, random.uniform(0.5, 1.5, len(NAMES)).tolist(), strict=True))
    rule = Thresholds(1.4, 1.6, 3.0, 3, scales)
    codes = verdict_codes(depths, [_class(n) for n in NAMES], rule)
    assert [VERDICTS[c] for c in codes] == [naive_code(row, NAMES, rule) for row in depths.tolist()]
    assert set(codes) == {0, 1, 2, 3}


def test_a_missing_group_is_not_present():
    by_group = group_depths(np.array([[-1.0, math.nan, -3.0], [math.nan, math.nan, 2.0]]), ["x", "x", "y"])
    np.testing.assert_array_equal(by_group, [[-1.0, -3.0], [math.nan, 2.0]])
    rows = np.array([[-3.0, -3.0, -3.0, 0, 0, 0, 0], [-3.0, -3.0, -3.0, 0, 0, 0, math.nan]])
    assert is_joint(rows, 2.0, 3).tolist() == [False, True]


# -- the shipped numbers ---------------------------------------------------------------------------------------


def test_shipped_thresholds_are_ordered_and_name_every_class():
    classes = {c.id for c in default_catalogue().classes.values() if c.members}
    for _, rule in shipped_thresholds().rows:
        assert set(rule.scales) == classes
        assert 1.0 < rule.joint < 4.0
        assert 0 < rule.partial <= rule.isolated
        assert rule.fewest_groups == 3


def test_shipped_thresholds_have_their_provenance():
    values = tomllib.loads((Path(module.__file__).parent / "thresholds.toml").read_text(encoding="utf-8"))
    assert values["script"] == "validation/verdict_thresholds.py"
    assert len(values["inputs_sha256"]) == 64
    assert values["nominal_per_year"] == {"joint": 0.1, "partial": 0.3333, "isolated": 12}


def test_other_lengths_lie_between_those_that_were_resampled():
    table = shipped_thresholds()
    rows = dict(table.rows)
    for n, rule in rows.items():
        assert table.at(n) == rule
    four, three, five = table.at(4), rows[3], rows[5]
    weight = math.log(4 / 3) / math.log(5 / 3)
    assert four.isolated == pytest.approx(three.isolated * (1 - weight) + five.isolated * weight)
    assert four.scales["fx"] == pytest.approx(three.scales["fx"] * (1 - weight) + five.scales["fx"] * weight)
    assert table.at(250) == rows[max(rows)]


def test_a_class_without_a_scale_gets_the_largest():
    rule = parse_thresholds(
        {
            "fewest_groups": 3,
            "joint": 2.0,
            "length": [{"sessions": 1, "partial": 1, "isolated": 2, "scale": {"a_1": 3}}],
        }
    ).at(1)
    assert rule.limits([_class("new_1")], "isolated").tolist() == [6.0]


# -- planted days ----------------------------------------------------------------------------------------------


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


def test_the_thresholds_are_the_frozen_ones():
    assert thresholds_digest(shipped_thresholds()) == frozen_digests()["verdict_thresholds"]

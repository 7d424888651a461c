"""The JSON: every key and enumeration of the documented schema, and the same bytes twice."""

from __future__ import annotations

import json
import math
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

import commands
import worlds

WINDOWS = [str(worlds.CRASH), str(worlds.CRYPTO_DAY), f"{worlds.CALM_FIRST}:{worlds.CALM_LAST}", "2015-04-15"]

NUMBER = (int, float)
MAYBE = (int, float, type(None))
AMOUNT = {"mean": NUMBER, "mid": NUMBER, "low": NUMBER, "high": NUMBER, "low_68": NUMBER, "high_68": NUMBER}
MOVE = {
    "series": str,
    "name": str,
    "asset": (str, type(None)),
    "asset_class": (str, type(None)),
    "move": MAYBE,
    "log_move": MAYBE,
    "unit": str,
    "sigmas_slow": MAYBE,
    "sigmas_fast": MAYBE,
    "depth": MAYBE,
    "unexplained": MAYBE,
    "flags": [str],
    "level_base": MAYBE,
    "level": MAYBE,
    "level_unit": str,
    "base_period_end": (str, type(None)),
    "period_end": (str, type(None)),
}
EVIDENCE = {
    "kind": str,
    "asset": str,
    "other": (str, type(None)),
    "predicted": str,
    "probability": NUMBER,
    "usual": NUMBER,
    "likelihood_ratio": NUMBER,
    "basis": str,
}
BEYOND = {"series": str, "predicted": str, "sigmas": float, "likelihood_ratio": float}
LINK = {
    "name": str,
    "series": (str, type(None)),
    "predicted": str,
    "outcome": str,
    "sigmas": MAYBE,
    "session": (str, type(None)),
    "order": (str, type(None)),
}
CAUSE = {
    "id": str,
    "name": str,
    "role": str,
    "status": str,
    "polarity": str,
    "prior": NUMBER,
    "moves_likelihood_ratio": MAYBE,
    "signature": {str: {"p": [NUMBER], "size": NUMBER, "basis": str}},
    "probability": MAYBE,
    "low": MAYBE,
    "high": MAYBE,
    "main_share": MAYBE,
    "evidence_for": list,
    "evidence_against": list,
    "indistinguishable_from": [str],
    "silent": bool,
    "untested_lookalikes": [str],
    "contributions": {str: NUMBER},
    "direct_evidence": [{"item": str, "likelihood_ratio": NUMBER, "basis": str, "in_probability": bool}],
    "contribution_bands": {str: {"low": NUMBER, "high": NUMBER}},
    "if_active": {str: AMOUNT},
    "chain": {"verdict": str, "usual": MAYBE, "likelihood_ratio": MAYBE, "beyond_assets": [BEYOND], "links": [LINK]},
    "missing": [{"any_of": [str], "begins_later": {str: str}, "known_later": {str: str}, "command": (str, type(None))}],
}
OBSERVATION = {
    "series": str,
    "source": str,
    "period_end": str,
    "known_at": str,
    "vintage": str,
    "value": NUMBER,
    "payload": str,
    "sha256": str,
}
INDICATOR = {
    "id": str,
    "name": str,
    "group": str,
    "status": str,
    "evidence": bool,
    "value": MAYBE,
    "unit": str,
    "date": (str, type(None)),
    "known_at": (str, type(None)),
    "age_days": MAYBE,
    "stale_after_days": int,
    "in_window": bool,
    "percentile": MAYBE,
    "look_back_years": (int, type(None)),
    "n_past": int,
    "change": MAYBE,
    "change_periods": int,
    "change_unit": str,
    "window_change": MAYBE,
    "held": MAYBE,
    "held_percentile": MAYBE,
    "surprise": MAYBE,
    "stress": str,
    "stress_percentile": MAYBE,
    "transform": str,
    "causes": [str],
    "series": [str],
    "sources": [str],
}
LEVEL = {"value": MAYBE, "percentile": MAYBE, "n_levels": int}
BREAK = {
    "id": str,
    "name": str,
    "group": str,
    "asset": (str, type(None)),
    "state": str,
    "series": (str, type(None)),
    "sigmas": MAYBE,
    "low": (str, type(None)),
    "best": (str, type(None)),
    "high": (str, type(None)),
    "alarm": (str, type(None)),
    "move": MAYBE,
    "over_closed": bool,
    "from_base": bool,
}
SEQUENCE = {
    "threshold_sigmas": MAYBE,
    "confidence": NUMBER,
    "breaks": [BREAK],
    "pairs": [{"earlier": str, "later": str, "probability": NUMBER, "told": bool}],
    "probability_first": {str: NUMBER},
    "no_intraday_data": [str],
}
BASKET = {
    "id": str,
    "name": str,
    "members": [str],
    "run_ups": [{"sessions": int, "log_move": MAYBE, "sigmas": MAYBE, "rank": (int, type(None))}],
    "move": MAYBE,
    "log_move": MAYBE,
    "sigmas": MAYBE,
    "beta": MAYBE,
    "adjusted": MAYBE,
    "adjusted_sigmas": MAYBE,
    "flags": [str],
}
ROTATION = {
    "verdict": str,
    "mean_correlation": MAYBE,
    "p_value": MAYBE,
    "windows": int,
    "correlations": {str: MAYBE},
    "baskets_used": [str],
    "baskets": [BASKET],
}
SCHEMA = {
    "structural": dict,
    "policy_shocks": [{"session": str, "size": float, "moves": {str: float}, "learnt_from": int}],
    "state": {
        "indicators": [INDICATOR],
        "economy": {
            "strength": MAYBE,
            "word": str,
            "indicators": [str],
            "strong_and_assets_fall": (bool, type(None)),
        },
        "without_source": [
            {"id": str, "name": str, "reason": str, "proxy": (str, type(None)), "causes": [str]},
        ],
    },
    "calendar": [
        {"id": str, "name": str, "answer": str, "sessions_before": int, "causes": [str], "events": list},
    ],
    "fragility": {
        "session": str,
        "turbulence": LEVEL,
        "absorption": LEVEL,
        "absorption_shift": LEVEL,
        "correlation": LEVEL,
        "downside_correlation": LEVEL,
        "tail_dependence": LEVEL,
        "connectedness": LEVEL,
        "composite": LEVEL,
        "classes": [str],
        "classes_missing": [str],
        "connectedness_from_others": {str: MAYBE},
        "connectedness_to_others": {str: MAYBE},
        "connectedness_net": {str: MAYBE},
        "published_indices": {
            str: {"status": str, "value": MAYBE, "date": (str, type(None)), "percentile": MAYBE},
        },
    },
    "schema_version": int,
    "title": (str, type(None)),
    "window": {"base": str, "start": str, "end": str, "sessions": int},
    "as_of": (str, type(None)),
    "hindsight": bool,
    "polarity": str,
    "relief_probability": float,
    "moves": [MOVE],
    "asia_answer": [MOVE],
    "joint": {
        "verdict": str,
        "classes_down": [str],
        "depth": {str: MAYBE},
        "members": {str: [str]},
        "down_threshold": {str: NUMBER},
        "base_rate": {
            "windows": int,
            "since": (int, type(None)),
            "verdicts": {str: int},
            "alarms_per_year": MAYBE,
            "as_deep": int,
            "as_deep_of": int,
            "as_deep_since": (int, type(None)),
            "nearest": {"class": (str, type(None)), "as_deep": int, "of": int},
        },
        "jointness": {
            "p_value": MAYBE,
            "p_value_independent": MAYBE,
            "p_value_searched": MAYBE,
            "p_value_independent_searched": MAYBE,
            "classes": int,
        },
        "return_period_years": {
            "low": MAYBE,
            "mid": MAYBE,
            "high": MAYBE,
            "history_years": NUMBER,
            "depth": MAYBE,
            "classes": [str],
        },
        "class_return_period_years": {str: {"low": MAYBE, "mid": MAYBE, "high": MAYBE, "history_years": NUMBER}},
    },
    "gold": {
        "status": str,
        "equities_down": bool,
        "equities_cut_off": NUMBER,
        "gold": {"series": str, "sigmas_slow": NUMBER},
        "equities": {"series": str, "sigmas_slow": NUMBER},
        "likelihood_ratio": MAYBE,
        "low": MAYBE,
        "high": MAYBE,
        "fell_too": {str: {"n": int, "fell": int, "share": MAYBE}},
    },
    "search": type(None),
    "sequence": SEQUENCE,
    "rotation": ROTATION,
    "causes": [CAUSE],
    "trigger_shares": {str: NUMBER},
    "main_reasons": [{"id": str, "name": str, "share": NUMBER, "triggers": [str]}],
    "trigger_weights_known_at": (str, type(None)),
    "direct_evidence": [
        {
            "item": str,
            "name": str,
            "reading": str,
            "status": str,
            "value": MAYBE,
            "source": (str, type(None)),
        }
    ],
    "unexplained": AMOUNT,
    "unlisted": NUMBER,
    "unlisted_prior": NUMBER,
    "funding": [{"series": str, "name": str, "unit": str, "dates": [str], "values": [NUMBER]}],
    "recent": {"sessions": [str], "values": {str: [MAYBE]}, "rebased": [str]},
    "caveats": [str],
    "lineage": {str: [OBSERVATION]},
}


def check(value: object, shape: object, where: str = "$") -> None:
    """A value has a shape: a type, several types, [shape of items], {str: shape of values}, or {key: shape}."""
    if isinstance(shape, type | tuple):
        assert isinstance(value, shape), f"{where}: {value!r}"
        assert not isinstance(value, bool) or shape is bool, f"{where}: {value!r}"
        assert not isinstance(value, float) or math.isfinite(value), where
    elif isinstance(shape, list):
        assert isinstance(value, list), where
        for i, item in enumerate(value):
            check(item, shape[0], f"{where}[{i}]")
    elif isinstance(shape, dict) and list(shape) == [str]:
        assert isinstance(value, dict), where
        for key, item in value.items():
            assert isinstance(key, str)
            check(item, shape[str], f"{where}.{key}")
    else:
        assert isinstance(shape, dict) and isinstance(value, dict), where
        assert set(value) == set(shape), f"{where}: {set(value) ^ set(shape)}"
        for key, inner in shape.items():
            check(value[key], inner, f"{where}.{key}")


def _document(explain_world, when: str) -> dict:
    return json.loads(explain_world(when).to_json())


@pytest.mark.parametrize("when", WINDOWS)
def test_schema(explain_world, when):
    document = _document(explain_world, when)
    check(document, SCHEMA)
    for cause in document["causes"]:
        for item in (*cause["evidence_for"], *cause["evidence_against"]):
            number = "observed" if item["kind"] == "ranking" else "observed_sigmas"
            check(item, {**EVIDENCE, number: NUMBER})


@pytest.mark.parametrize("when", WINDOWS)
def test_enumerations(explain_world, world, when):
    document = _document(explain_world, when)
    assert document["joint"]["verdict"] in {"joint", "partial", "isolated", "none"}
    assert document["polarity"] in {"adverse", "relief"}
    assert {m["unit"] for m in document["moves"]} <= {"%", "bp"}
    statuses = {"leading", "contributing", "undetermined", "ruled_down", "not_testable"}
    assert {c["status"] for c in document["causes"]} <= statuses
    assert {c["role"] for c in document["causes"]} == {"trigger", "premium", "amplifier"}
    assert [c["id"] for c in document["causes"]] == list(world.catalogue.causes)
    for cause in document["causes"]:
        for item in (*cause["evidence_for"], *cause["evidence_against"]):
            assert item["kind"] in {"sign", "no_move", "ranking"}
            assert item["basis"] in {"published", "hypothesis"}
            assert item["predicted"] in {"-", "0", "+", ">"}
    classes = set(world.catalogue.classes)
    assert set(document["joint"]["depth"]) == set(document["joint"]["members"]) == classes
    assert set(document["joint"]["classes_down"]) <= classes
    states = {"broke", "did_not_break", "no_bars", "short_history", "starts_in_window", "stops_in_window"}
    assert {b["state"] for b in document["sequence"]["breaks"]} <= states
    assert document["rotation"]["verdict"] in {"leaders_broke", "laggards_broke", "no_pattern", "not_testable"}
    for rows in document["lineage"].values():
        assert {r["vintage"] for r in rows} <= {"exact", "lagged", "first_seen"}


@pytest.mark.parametrize("when", WINDOWS)
def test_dates_are_iso_and_ordered(explain_world, when):
    document = _document(explain_world, when)
    window = document["window"]
    base, start, end = (date.fromisoformat(window[k]) for k in ("base", "start", "end"))
    assert base < start <= end
    assert document["as_of"].endswith("Z")
    as_of = datetime.fromisoformat(document["as_of"])
    for rows in document["lineage"].values():
        for row in rows:
            assert datetime.fromisoformat(row["known_at"]) <= as_of
            assert datetime.fromisoformat(row["period_end"]) <= datetime.fromisoformat(row["known_at"])


@pytest.mark.parametrize("when", WINDOWS)
def test_sums_hold_after_rounding(explain_world, when):
    """Numbers are rounded to six significant digits: half a unit of the sixth per term."""
    document = _document(explain_world, when)
    shares = document["trigger_shares"]
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-5)
    assert sum(r["share"] for r in document["main_reasons"]) == pytest.approx(1.0, abs=1e-5)
    triggers = [t for r in document["main_reasons"] for t in r["triggers"]]
    assert sorted([*triggers, "other", "unknown"]) == sorted(shares)
    for reason in document["main_reasons"]:
        of_no_trigger = shares[reason["id"]] if reason["id"] in ("other", "unknown") else 0.0
        own = sum(shares[t] for t in reason["triggers"]) + of_no_trigger
        assert reason["share"] == pytest.approx(own, abs=1e-5)
        assert reason["triggers"] == sorted(reason["triggers"], key=lambda t: -shares[t])
    for move in document["moves"]:
        if move["asset"] is None:
            assert move["unexplained"] is None
            continue
        terms = [c["contributions"][move["asset"]] for c in document["causes"] if c["contributions"]]
        slack = 5e-6 * (sum(map(abs, terms)) + abs(move["log_move"]) + abs(move["unexplained"]) + 1e-9)
        assert sum(terms) + move["unexplained"] == pytest.approx(move["log_move"], abs=slack)


@pytest.mark.parametrize("when", WINDOWS)
def test_six_significant_digits(explain_world, when):
    def floats(value: object):
        if isinstance(value, float):
            yield value
        elif isinstance(value, dict):
            for item in value.values():
                yield from floats(item)
        elif isinstance(value, list):
            for item in value:
                yield from floats(item)

    for number in floats(_document(explain_world, when)):
        assert float(f"{number:.6g}") == number
        assert str(number) != "-0.0"


def test_two_processes_with_different_hash_seeds_write_the_same_bytes(home: Path, tmp_path: Path):
    own = Path(shutil.copytree(home, tmp_path / "home"))
    outputs = []
    for seed in ("0", "4711"):
        done = commands.selloff("explain", str(worlds.CRASH), "--json", home=own, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    check(json.loads(outputs[0]), SCHEMA)


def test_result_is_frozen(explain_world):
    e = explain_world(str(worlds.CRASH))
    with pytest.raises(AttributeError):
        e.window = None
    with pytest.raises(AttributeError):
        e.joint.verdict = "none"


def test_to_pandas_is_the_moves(explain_world):
    e = explain_world(str(worlds.CRASH))
    frame = e.to_pandas()
    assert list(frame["series"]) == [m.series.id for m in e.moves]


def test_the_window_s_announcement_has_its_shock(explain_world):
    """The FOMC of 15 June 2016; a day without one has none."""
    (shock,) = _document(explain_world, "2016-06-13:2016-06-17")["policy_shocks"]
    assert shock["session"] == "2016-06-15" and set(shock["moves"]) == {"spx", "us2y", "us10y"}
    assert shock["learnt_from"] > 0
    assert _document(explain_world, "2015-04-15")["policy_shocks"] == []

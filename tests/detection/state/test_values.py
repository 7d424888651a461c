"""Formulas over records: days joined, alternatives, lags, sums from close to close."""

from __future__ import annotations

import numpy as np

from selloff.catalog import Indicator
from selloff.catalog.sessions import Sessions
from selloff.detection.state.records import Records
from selloff.detection.state.values import indicator_values

NO_SESSIONS = Sessions("XNYS", np.empty(0, dtype="datetime64[D]"), np.empty(0, dtype=np.int64))
NOTHING = np.empty(0, dtype=np.int64)
DAY = 86_400_000_000


def _records(*pairs: tuple[int, float]) -> Records:
    day = np.array([p[0] for p in pairs], dtype=np.int64)
    return Records(day, day * DAY, day * DAY + 1, np.array([p[1] for p in pairs], dtype=float))


def _indicator(formula: dict) -> Indicator:
    return Indicator.model_validate(
        {
            "id": "invented",
            "name": "Invented",
            "group": "rates",
            "formula": formula,
            "unit": "percent",
            "stress": "high",
            "stale_after_days": 5,
        }
    )


def _pairs(formula: dict, **records: Records) -> list[tuple[int, float]] | None:
    found = indicator_values(_indicator(formula), records, NO_SESSIONS, NOTHING)
    return None if found is None else list(zip(found.day.tolist(), found.value.tolist(), strict=True))


def _two(kind: str, **more) -> dict:
    return {"kind": kind, "terms": [{"series": ["a"]}, {"series": ["b"]}], **more}


def test_without_a_gap_only_the_same_day_joins():
    a, b = _records((1, 5.0), (2, 6.0), (4, 7.0)), _records((1, 1.0), (3, 2.0), (4, 3.0))
    assert _pairs(_two("difference"), a=a, b=b) == [(1, 4.0), (4, 4.0)]


def test_with_a_gap_the_last_value_joins_if_it_is_not_too_old():
    a, b = _records((3, 5.0), (5, 6.0), (9, 7.0)), _records((1, 1.0), (5, 2.0))
    assert _pairs(_two("difference", gap_days=2), a=a, b=b) == [(3, 4.0), (5, 4.0)]


def test_each_kind():
    a, b = _records((1, 6.0)), _records((1, 4.0))
    for kind, expected in (("difference", 2.0), ("ratio", 1.5), ("sum", 10.0), ("product", 24.0)):
        assert _pairs(_two(kind), a=a, b=b) == [(1, expected)]


def test_a_ratio_to_what_is_not_positive_is_missing():
    assert _pairs(_two("ratio"), a=_records((1, 6.0), (2, 6.0)), b=_records((1, 0.0), (2, 3.0))) == [(2, 2.0)]


def test_the_first_alternative_with_a_value_counts_day_by_day():
    formula = {"kind": "level", "terms": [{"series": ["a", "b"]}]}
    a, b = _records((2, 20.0), (3, 30.0)), _records((1, 1.0), (2, 2.0))
    assert _pairs(formula, a=a, b=b) == [(1, 1.0), (2, 20.0), (3, 30.0)]
    assert _pairs(formula, b=b) == [(1, 1.0), (2, 2.0)]


def test_a_lag_counts_the_series_own_periods():
    formula = {"kind": "ratio", "terms": [{"series": ["a"]}, {"series": ["a"], "lag": 2}]}
    assert _pairs(formula, a=_records((1, 1.0), (4, 2.0), (9, 4.0), (16, 8.0))) == [(9, 4.0), (16, 4.0)]


def test_a_mean_is_of_its_last_periods_and_known_with_the_last_of_them():
    spec = _indicator({"kind": "level", "terms": [{"series": ["a"], "mean": 2}]})
    late = Records(np.array([1, 2, 3]), np.array([1, 2, 3]) * DAY, np.array([9, 2, 3]) * DAY, np.array([1.0, 3.0, 7.0]))
    found = indicator_values(spec, {"a": late}, NO_SESSIONS, NOTHING)
    assert found is not None
    assert (found.value.tolist(), found.day.tolist()) == ([2.0, 5.0], [2, 3])
    assert found.known.tolist() == [9 * DAY, 3 * DAY]


def test_inverse_and_scale():
    formula = {"kind": "level", "terms": [{"series": ["a"], "inverse": True, "scale": 100.0}]}
    assert _pairs(formula, a=_records((1, 20.0), (2, 0.0))) == [(1, 5.0)]


def test_without_one_term_there_is_nothing():
    assert _pairs(_two("sum"), a=_records((1, 1.0))) is None


def test_a_value_is_known_once_all_its_terms_are():
    late = Records(np.array([1]), np.array([DAY]), np.array([9 * DAY]), np.array([1.0]))
    found = indicator_values(_indicator(_two("sum")), {"a": _records((1, 1.0)), "b": late}, NO_SESSIONS, NOTHING)
    assert found is not None and found.known.tolist() == [9 * DAY]


def test_sums_run_from_close_to_close():
    dates = np.array(["2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07"], dtype="datetime64[D]")
    closes = dates.astype(np.int64) * DAY + DAY // 2
    sessions = Sessions("XNYS", dates, closes)
    # one at the close itself, two over the weekend, none for the last session
    ends = np.array([closes[0], closes[0] + 1, closes[1] + 1, closes[2] - 1])
    posts = Records(ends // DAY, ends, ends, np.ones(4))
    spec = _indicator({"kind": "level", "terms": [{"series": ["a"]}], "per_session": True})
    found = indicator_values(spec, {"a": posts}, sessions, closes)
    assert found is not None
    assert found.value.tolist() == [1.0, 1.0, 2.0, 0.0]


def test_an_archive_that_ended_is_missing_and_not_zero():
    dates = np.arange("2020-01-01", "2020-02-01", dtype="datetime64[D]")
    closes = dates.astype(np.int64) * DAY + DAY // 2
    ends = closes[[3]] - 1
    spec = _indicator({"kind": "level", "terms": [{"series": ["a"]}], "per_session": True})
    found = indicator_values(
        spec, {"a": Records(ends // DAY, ends, ends, np.ones(1))}, Sessions("XNYS", dates, closes), closes
    )
    assert found is not None
    assert found.value.tolist() == [1.0] + [0.0] * 6
    assert found.day[0] == dates[3].astype(np.int64)

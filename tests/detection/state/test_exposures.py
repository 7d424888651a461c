"""Exposures as indicators: what was held before a window, what it changed by, and when neither can be told."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from background_rows import Row, at, frame
from conftest import NOW
from naive_exposure import naive_trend, naive_vol_control
from selloff.attribution.direct import read_direct
from selloff.catalog.evidence import EvidenceItem
from selloff.catalog.indicators import IndicatorFormula
from selloff.detection.exposure import trend_exposure, vol_control_exposure
from selloff.detection.state import state_at
from selloff.detection.state.exposures import exposure_records
from selloff.detection.state.records import Records
from selloff.panel.clock import morning_note
from selloff.store import Store

FIRST = date(2015, 1, 5)
WINDOW = "2019-03-06:2019-03-08"
BASE = date(2019, 3, 5)
HELD = EvidenceItem(
    id="held",
    name="Held",
    reading="held",
    of=("vol_control_sp500",),
    causes={"volatility_deleveraging": 0.4},
    why="a test",
)


def _records(values: np.ndarray, first: int = 0) -> Records:
    day = first + np.arange(len(values), dtype=np.int64)
    return Records(day, day * 100, day * 100 + 7, np.asarray(values, dtype=float))


def _prices(n: int, seed: int = 3) -> np.ndarray:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, 0.01, n)))


def _weekdays(last: date) -> list[date]:
    days = (FIRST + timedelta(days=i) for i in range((last - FIRST).days + 1))
    return [d for d in days if d.weekday() < 5]


def _rows(last: date, series: str = "sp500", crash_from: date | None = None, skip: int = 0) -> list[Row]:
    days = _weekdays(last)
    prices = _prices(len(days))
    if crash_from is not None:
        prices = np.where(np.array(days) >= crash_from, 0.8 * prices, prices)
    found = [
        (series, "import", at(d, "16:00"), at(d, "16:00"), float(p), "exact") for d, p in zip(days, prices, strict=True)
    ]
    return found[skip:]


@pytest.fixture
def state_of(catalogue, sessions, window_of):
    def make(store, words=WINDOW, as_of=None):
        window = window_of(words)
        return state_at(store, catalogue, sessions, window, as_of or morning_note(window.end), NOW)

    return make


# -- records ---------------------------------------------------------------------------------------------------


def test_a_long_gap_starts_the_history_anew():
    prices = _prices(600)
    a, b = _records(prices[:300]), _records(prices[300:], first=300 + 20)
    joined = Records(*(np.concatenate([getattr(a, n), getattr(b, n)]) for n in ("day", "end", "known", "value")))
    found = exposure_records("trend", joined)
    assert found.day.tolist() == [*range(252, 300), *range(320 + 252, 620)]
    assert np.array_equal(found.value[48:], trend_exposure(np.log(prices[300:]))[252:])
    short = Records(np.where(joined.day >= 320, joined.day - 8, joined.day), joined.end, joined.known, joined.value)
    assert len(exposure_records("trend", short)) == 600 - 252


def test_a_price_of_zero_or_less_has_no_logarithm_and_is_not_skipped():
    prices = _prices(600)
    prices[300] = -37.63
    found = exposure_records("vol_control", _records(prices))
    assert found.day.tolist() == [*range(252, 300), *range(553, 600)]


def test_an_exposure_is_known_once_all_its_closes_are():
    closes = _records(_prices(400))
    closes.known[100] = 10**6
    found = exposure_records("vol_control", closes)
    late = found.known == 10**6
    assert found.day[late].tolist() == list(range(252, 353))
    assert np.array_equal(found.known[~late], closes.known[found.day[~late]])


def test_a_yield_that_rises_is_a_bond_that_falls():
    yields = 5.0 + np.cumsum(np.random.default_rng(1).normal(0.02, 0.01, 300))
    closes = _records(-0.0858 * yields)
    found = exposure_records("yield_trend", closes)
    assert (found.value < 0).all()
    assert found.value[-1] == pytest.approx(naive_trend(np.exp(-0.0858 * yields[-253:]).tolist()), rel=1e-9)


def test_no_closes_no_exposure():
    assert len(exposure_records("trend", _records(np.empty(0)))) == 0


@pytest.mark.parametrize(
    "term",
    [
        {"series": ["a", "b"]},
        {"series": ["a"], "lag": 1},
        {"series": ["a"], "mean": 5},
        {"series": ["a"], "inverse": True},
    ],
)
def test_a_rule_reads_one_series_as_it_is(term):
    with pytest.raises(ValueError, match="reads one series as it is"):
        IndicatorFormula(kind="trend", terms=(term,))


@pytest.mark.parametrize(("kind", "scale"), [("trend", -1.0), ("vol_control", -1.0), ("yield_trend", 0.1)])
def test_only_a_yield_is_turned_round(kind, scale):
    with pytest.raises(ValueError, match="only a yield"):
        IndicatorFormula(kind=kind, terms=({"series": ["a"], "scale": scale},))


# -- a window ----------------------------------------------------------------------------------------------------


def test_held_is_the_rules_exposure_at_the_base(make_store, state_of):
    rows = _rows(date(2019, 3, 8))
    prices = [r[4] for r in rows]
    state = state_of(make_store(rows))
    for name, naive, rule in (
        ("vol_control_sp500", naive_vol_control, vol_control_exposure),
        ("trend_sp500", naive_trend, trend_exposure),
    ):
        reading = state.reading(name)
        assert reading.held == pytest.approx(naive(prices[-256:-3]), rel=1e-9)
        assert reading.value == pytest.approx(naive(prices[-253:]), rel=1e-9)
        assert reading.window_change == pytest.approx(reading.value - reading.held)
        since = len([d for d in _weekdays(BASE) if d <= BASE - timedelta(days=1826)])
        past = rule(np.log(prices))[max(since, 252) : -4]
        now = reading.held
        expected = 100 * np.mean((past < now - 1e-12) + 0.5 * (np.abs(past - now) <= 1e-12))
        assert reading.held_percentile == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
def test_what_happens_in_the_window_changes_nothing_that_was_held(tmp_path, make_store, state_of, seed):
    calm = state_of(make_store(_rows(date(2019, 3, 8))))
    crashed = Store(tmp_path / "crashed")
    crashed.append(frame(_rows(date(2019, 3, 8), crash_from=date(2019, 3, 6) + timedelta(days=seed))))
    after = state_of(crashed)
    for name in ("vol_control_sp500", "trend_sp500"):
        a, b = calm.reading(name), after.reading(name)
        assert (a.held, a.held_percentile) == (b.held, b.held_percentile)
        assert a.window_change != b.window_change
    reading = after.reading("vol_control_sp500")
    assert reading.window_change < -0.5 * reading.held
    readings = [read_direct([HELD], s, None, None, {}, {})[0] for s in (calm, after)]
    assert readings[0].standard == readings[1].standard != 0.0
    assert not HELD.from_prices


def test_what_was_held_does_not_depend_on_the_windows_own_closes(make_store, state_of):
    """A market closed throughout the window: what was held before is known, what it changed by is not."""
    reading = state_of(make_store(_rows(BASE))).reading("vol_control_sp500")
    assert reading.held is not None and reading.window_change is None


def test_too_few_closes_are_missing(make_store, state_of):
    days = len(_weekdays(BASE))
    enough = state_of(make_store(_rows(date(2019, 3, 8), skip=days - 253)))
    assert enough.reading("vol_control_sp500").held is not None
    assert enough.reading("vol_control_sp500").held_percentile is None
    assert read_direct([HELD], enough, None, None, {}, {})[0].status == "missing"


def test_one_close_less_and_nothing_was_held(make_store, state_of):
    days = len(_weekdays(BASE))
    reading = state_of(make_store(_rows(date(2019, 3, 8), skip=days - 252))).reading("vol_control_sp500")
    assert reading.held is None and reading.value is not None and reading.window_change is None


def test_a_close_too_old_at_the_base_is_missing(make_store, state_of):
    store = make_store(_rows(date(2019, 2, 27)))
    assert state_of(store).reading("vol_control_sp500").held is None
    assert state_of(store, "2019-03-01").reading("vol_control_sp500").held is not None


def test_a_close_published_after_the_base_is_not_counted_as_held(make_store, state_of):
    rows = _rows(date(2019, 3, 8))
    late = [r if r[2] < at(BASE, "00:00") else (*r[:3], r[3] + timedelta(days=1), *r[4:]) for r in rows]
    reading = state_of(make_store(late)).reading("vol_control_sp500")
    assert reading.held == pytest.approx(naive_vol_control([r[4] for r in rows][-257:-4]), rel=1e-9)


@pytest.mark.parametrize("seen", ["2019-03-07", "2022-01-03"])
def test_a_later_revision_leaves_what_was_held(make_store, state_of, seen):
    """One close of each fortnight corrected by 0.01 per cent, in the window or long after it."""
    rows = _rows(date(2019, 3, 8))
    before = state_of(make_store(rows))
    moment = at(date.fromisoformat(seen), "12:00")
    corrected = [(*r[:3], moment, r[4] * 1.0001, "first_seen") for r in rows[::10] if r[3] < moment]
    store = make_store(corrected)
    then = state_of(store)
    later = state_of(store, as_of=at(date(2022, 1, 4), "09:00"))
    for name in ("vol_control_sp500", "trend_sp500"):
        old, new = before.reading(name), later.reading(name)
        assert then.reading(name).held is not None
        assert new.held == pytest.approx(old.held, rel=0.02)
        assert new.held_percentile == pytest.approx(old.held_percentile, abs=1)
    rule = later.reading("vol_control_sp500")
    values = {r[2]: r[4] for r in [*rows, *corrected]}
    prices = [v for end, v in sorted(values.items()) if end <= at(BASE, "23:00")]
    assert rule.held == pytest.approx(naive_vol_control(prices[-253:]), rel=1e-9)


def test_other_indicators_hold_nothing(background_store, state_of):
    state = state_of(background_store)
    assert state.reading("vix").value is not None and state.reading("vix").held is None
    assert state.reading("trend_us10y").held is not None


def test_closes_behind_an_exposure_meet_no_requirement(make_store, state_of):
    assert "sp500" not in state_of(make_store(_rows(date(2019, 3, 8)))).usable_series


def test_an_item_that_reads_what_was_held_names_an_exposure(catalogue):
    held = [i for i in catalogue.evidence if i.reading == "held"]
    assert len(held) == 3
    for item in held:
        assert all(catalogue.indicators.measured[n].formula.is_exposure for n in item.of)
    # The end of the window holds the window's own moves: no item may read an exposure there.
    exposures = {i.id for i in catalogue.indicators.measured.values() if i.formula.is_exposure}
    assert not [i.id for i in catalogue.evidence if i.reading != "held" and exposures & set(i.of)]


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 1000))
def test_the_currency_of_a_price_does_not_matter(seed, scale):
    prices = _prices(300, seed)
    for kind in ("vol_control", "trend"):
        a, b = (exposure_records(kind, _records(p)) for p in (prices, scale * prices))
        assert a.day.tolist() == b.day.tolist() and np.allclose(a.value, b.value, rtol=1e-6)

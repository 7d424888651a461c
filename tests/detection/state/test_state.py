"""The background of one window: ages, staleness, what is evidence, what meets a requirement, and as-of moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from background_rows import at
from conftest import NOW as LATE
from selloff.catalog import Calendar
from selloff.detection.state import economy_of, state_at
from selloff.detection.state.scheduled import scheduled_readings
from selloff.panel.clock import closing_moment, morning_note
from truncation import assert_truncation_proof

FRIDAY = "2018-06-15"


@pytest.fixture
def state_of(background_store, catalogue, sessions, window_of):
    def make(words, length=None, as_of=None, store=None):
        window = window_of(words, length)
        moment = morning_note(window.end) if as_of is None else as_of
        return state_at(store or background_store, catalogue, sessions, window, moment, LATE)

    return make


def test_on_a_friday_the_last_sofr_is_thursdays(state_of):
    reading = state_of(FRIDAY).reading("sofr_minus_iorb")
    assert reading.day == date(2018, 6, 14)
    assert reading.known_at == at(date(2018, 6, 15), "08:00")
    # 9:00 on Saturday minus 17:00 on Thursday
    assert reading.age_days == pytest.approx(40 / 24)
    assert reading.evidence and not reading.in_window and reading.window_change is None


def test_funding_rates_meet_a_requirement_by_their_last_value(state_of):
    assert {"sofr", "iorb"} <= state_of(FRIDAY).usable_series


def test_a_news_count_of_days_before_meets_none(state_of):
    """GPR comes on Mondays for the week before: a window's own days are unknown until then."""
    before = state_of("2018-06-12")
    assert before.reading("geopolitical_risk").status == "known"
    assert not before.reading("geopolitical_risk").evidence
    assert "gpr_daily" not in before.usable_series
    after = state_of("2018-06-12", as_of=at(date(2018, 6, 18), "18:00"))
    assert after.reading("geopolitical_risk").day == date(2018, 6, 12)
    assert after.reading("geopolitical_risk").evidence
    assert "gpr_daily" in after.usable_series


def test_a_later_as_of_moment_does_not_bring_later_periods(state_of):
    later = state_of(FRIDAY, as_of=datetime(2019, 6, 1, tzinfo=UTC))
    assert all(r.day is None or r.day <= date(2018, 6, 15) for r in later.readings)
    assert later.reading("sofr_minus_iorb").day == date(2018, 6, 15)
    assert max(r.age_days for r in later.readings if r.age_days is not None) < 30


def test_at_the_close_less_is_known(state_of, sessions):
    row = sessions.position(date(2018, 6, 15))
    state = state_of(FRIDAY, as_of=closing_moment(sessions, row))
    assert state.reading("vix").day == date(2018, 6, 14)
    assert state.reading("vix").window_change is None


def test_window_change_runs_from_the_base(state_of, background_store):
    state = state_of("2018-06-11:2018-06-15")
    rows = background_store.scan().filter(series="hy_oas").collect()
    values = dict(zip(rows["period_end"].dt.date().to_list(), rows["value"].to_list(), strict=True))
    expected = values[date(2018, 6, 15)] - values[date(2018, 6, 8)]
    assert state.reading("hy_spread").window_change == pytest.approx(expected)


def test_a_value_beyond_its_limit_is_stale(make_store, state_of):
    days = [date(2017, 1, 2) + timedelta(days=i) for i in range(500)]
    store = make_store(("vix", "import", at(d), at(d), 20.0 + d.day, "exact") for d in days if d.weekday() < 5)
    last = max(d for d in days if d.weekday() < 5)
    fresh = state_of("2018-05-18", store=store).reading("vix")
    assert (fresh.status, fresh.day) == ("known", min(last, date(2018, 5, 16)))
    stale = state_of("2018-05-22", store=store).reading("vix")
    assert (stale.status, stale.percentile, stale.surprise, stale.evidence) == ("stale", None, None, False)
    assert stale.value == fresh.value
    assert "vix" not in state_of("2018-05-22", store=store).usable_series


def test_what_is_not_there_is_absent(make_store, state_of):
    store = make_store([("vix", "import", at(date(2018, 6, 14)), at(date(2018, 6, 14)), 12.0, "exact")])
    state = state_of(FRIDAY, store=store)
    assert {r.status for r in state.readings if r.indicator.id != "vix"} == {"absent"}
    only = state.reading("vix")
    assert (only.status, only.percentile, only.n_past, only.change) == ("known", None, 0, None)
    assert economy_of(state, "joint").word == "not_known"


def test_three_answers_of_the_calendar(state_of):
    answers = {r.indicator.id: r.answer for r in state_of("2018-06-13").scheduled}
    assert answers["fomc_scheduled"] == "present"
    assert answers["payrolls"] == "absent"
    assert answers["geopolitical_onsets"] == "absent"
    assert answers["margin_notices"] == "no_table"  # not complete then: absence is not known
    assert {r.indicator.id: r.answer for r in state_of("2010-07-20").scheduled}["margin_notices"] == "absent"


@pytest.mark.parametrize("words", ["2018-06-13", "2020-02-26", "2010-07-20", "1995-03-01", "2026-02-20"])
def test_later_events_change_no_answer(catalogue, sessions, window_of, words):
    """Whether a day had none may not rest on what came later: unscheduled events are dropped, most of all the next."""
    window = window_of(words)
    moment = morning_note(window.end)
    tables = {
        name: table.model_copy(update={"events": tuple(e for e in table.events if e.known_by(moment))})
        for name, table in catalogue.events.tables.items()
    }
    indicators = catalogue.indicators.scheduled.values()
    whole, cut = (
        {r.indicator.id: (r.answer, r.events) for r in scheduled_readings(indicators, events, window, sessions, moment)}
        for events in (catalogue.events, Calendar(tables))
    )
    assert whole["geopolitical_onsets"][0] == "absent"
    assert whole == cut


def test_margin_notices_of_ten_sessions_before_count(state_of):
    """COMEX raised silver margins on Monday 25 April 2011; ten sessions later it still counts, eleven later not."""
    found = {}
    for words in ("2011-05-10", "2011-06-20"):
        reading = next(r for r in state_of(words).scheduled if r.indicator.id == "margin_notices")
        found[words] = {e.date for e in reading.events}
    assert date(2011, 4, 25) in found["2011-05-10"]
    assert date(2011, 4, 25) not in found["2011-06-20"]


def test_an_unscheduled_decision_is_absent_until_announced(state_of, sessions):
    """3 March 2020, 10:00: known at that session's close, and not part of the session before."""
    row = sessions.position(date(2020, 3, 3))
    there = {r.indicator.id: r for r in state_of("2020-03-03", as_of=closing_moment(sessions, row)).scheduled}
    assert there["fomc_unscheduled"].answer == "present"
    before = {r.indicator.id: r.answer for r in state_of("2020-03-02").scheduled}
    assert before["fomc_unscheduled"] == "absent"


def test_results_after_the_close_belong_to_the_next_session(state_of):
    def tickers(words):
        reading = next(r for r in state_of(words).scheduled if r.indicator.id == "megacap_results")
        return {e.details["ticker"] for e in reading.events}

    assert "META" not in tickers("2022-02-02")
    assert "META" in tickers("2022-02-03")


@pytest.mark.parametrize(
    ("day", "clock"),
    [("2017-03-01", "16:00"), ("2018-02-05", "21:17"), ("2018-11-23", "13:01"), ("2019-08-14", "23:00")],
)
def test_truncation(background_store, catalogue, sessions, window_of, tmp_path, day, clock):
    window, moment = window_of(day), at(date.fromisoformat(day), clock)
    found = assert_truncation_proof(
        lambda store: repr(state_at(store, catalogue, sessions, window, moment, LATE).readings).encode(),
        background_store,
        moment,
        tmp_path / "cut",
    )
    assert found.count(b"status='known'") >= 8


def test_hindsight_takes_the_last_vintage_of_the_same_periods(background_store, catalogue, sessions, window_of):
    window = window_of(FRIDAY)
    then = state_at(background_store, catalogue, sessions, window, morning_note(window.end), LATE)
    hindsight = state_at(background_store, catalogue, sessions, window, None, LATE)
    assert hindsight.reading("financial_conditions").day > then.reading("financial_conditions").day
    assert hindsight.reading("financial_conditions").day <= date(2018, 6, 15)

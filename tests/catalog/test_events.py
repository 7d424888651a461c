from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from selloff.catalog import Catalogue
from selloff.catalog.events import event_table
from selloff.catalog.sessions import Sessions

NEW_YORK = ZoneInfo("America/New_York")


def test_every_table_loads(catalogue: Catalogue) -> None:
    tables = {t.id: len(t.events) for t in catalogue.events.tables.values()}
    onsets = tables.pop("geopolitical_onsets")
    assert set(tables) == {"cpi", "fomc", "margin_notices", "megacap_earnings", "payrolls", "refunding"}
    assert min(tables.values()) > 50
    assert onsets > 30


def test_ioer_holds_from_change_to_change(catalogue: Catalogue) -> None:
    days = np.array(
        ["2008-10-08", "2008-10-09", "2019-09-18", "2019-09-19", "2021-07-28", "2021-07-29"], dtype="datetime64[D]"
    )
    rates = catalogue.rates["ioer"].on(days)
    assert np.array_equal(rates, [np.nan, 0.75, 2.1, 1.8, 0.15, np.nan], equal_nan=True)


def test_an_unscheduled_decision_is_known_at_its_minute_and_not_before(catalogue: Catalogue) -> None:
    # 3 March 2020, 10:00
    def known(as_of: datetime) -> bool:
        return any(e.date == date(2020, 3, 3) for e in catalogue.events.events_known(as_of, ["fomc"]))

    assert not known(datetime(2020, 3, 3, 9, 59, tzinfo=NEW_YORK))
    assert known(datetime(2020, 3, 3, 10, 1, tzinfo=NEW_YORK))


def test_scheduled_events_are_known_beforehand(catalogue: Catalogue) -> None:
    known = catalogue.events.events_known(datetime(2026, 1, 1, tzinfo=UTC), ["fomc"])
    assert date(2026, 1, 28) in {e.date for e in known}


def test_a_margin_notice_is_known_at_the_end_of_its_day_and_moves_the_next_session(
    catalogue: Catalogue, sessions: Sessions
) -> None:
    notices = catalogue.events.tables["margin_notices"].events
    notice = next(e for e in notices if e.date == date(2026, 1, 27) and e.details["exchange"] == "COMEX")
    assert notice.known_at == datetime(2026, 1, 28, 0, 0, tzinfo=NEW_YORK)
    assert notice.reacts_on(sessions) == date(2026, 1, 28)
    assert not notice.known_by(datetime(2026, 1, 27, 23, 59, tzinfo=NEW_YORK))


def test_results_after_the_close_belong_to_the_next_session(catalogue: Catalogue, sessions: Sessions) -> None:
    morning = datetime(2026, 1, 31, 9, 0, tzinfo=NEW_YORK)
    events = catalogue.events.events_on(date(2026, 1, 29), date(2026, 1, 29), sessions, morning)
    reporters = {e.details["ticker"] for e in events if e.table == "megacap_earnings"}
    assert reporters == {"META", "MSFT", "TSLA"}  # released on the 28th after the close


def test_the_payrolls_that_came_early_by_mistake(catalogue: Catalogue) -> None:
    event = next(e for e in catalogue.events.tables["payrolls"].events if e.date == date(1998, 11, 5))
    assert event.moment == datetime(1998, 11, 5, 13, 30, tzinfo=NEW_YORK)
    assert "internet" in (event.note or "")


def test_helping_tables_meet_no_requirement(catalogue: Catalogue, sessions: Sessions) -> None:
    morning = datetime(2026, 1, 31, 9, 0, tzinfo=NEW_YORK)
    met = catalogue.events.met_requirements(date(2026, 1, 26), date(2026, 1, 30), sessions, morning)
    assert met == {"geopolitical_onsets"}


def test_an_onset_table_says_event_none_or_nothing(catalogue: Catalogue, sessions: Sessions) -> None:
    def state(day: date, as_of: datetime, table: str = "geopolitical_onsets") -> str:
        return catalogue.events.state(table, day, day, sessions, as_of)

    # Kuwait was invaded on a Thursday; no time is known, so it counts as known at the end of that day
    after = datetime(1990, 8, 3, 9, 0, tzinfo=NEW_YORK)
    assert state(date(1990, 8, 2), after) == "event"
    assert state(date(1990, 8, 1), after) == "none"
    assert state(date(1990, 8, 2), datetime(1990, 8, 2, 9, 0, tzinfo=NEW_YORK)) == "none"
    assert state(date(1989, 12, 20), after) == "not_covered"
    assert state(date(1990, 8, 1), after, "margin_notices") == "not_covered"


def test_an_evening_onset_belongs_to_the_next_session(catalogue: Catalogue, sessions: Sessions) -> None:
    days = {e.date: e.reacts_on(sessions) for e in catalogue.events.tables["geopolitical_onsets"].events}
    assert days[date(2017, 4, 6)] == date(2017, 4, 7)
    assert days[date(2001, 9, 11)] == date(2001, 9, 17)
    assert days[date(2019, 9, 13)] == date(2019, 9, 16)
    assert days[date(2024, 10, 1)] == date(2024, 10, 1)


def test_every_onset_cites_what_was_read(catalogue: Catalogue) -> None:
    table = catalogue.events.tables["geopolitical_onsets"]
    assert table.covers is not None
    for event in table.events:
        assert event.kind in {"surprise", "expected"}
        assert event.confidence == "read" and event.details["url"].startswith("http") and event.note
        assert isinstance(event.details["supply"], bool) and not event.scheduled
        assert table.covers[0] <= event.date <= table.covers[1]


def test_an_unknown_field_is_an_error() -> None:
    table = {"id": "x", "name": "x", "zone": "UTC", "source": "x", "note": "", "unverified_years": []}
    with pytest.raises(ValueError, match="unknown field 'tiem'"):
        event_table({**table, "event": [{"date": date(2020, 1, 1), "tiem": "10:00"}]})


def test_events_out_of_order_are_an_error() -> None:
    table = {"id": "x", "name": "x", "zone": "UTC", "source": "x", "note": "", "unverified_years": []}
    with pytest.raises(ValueError, match="not in order"):
        event_table({**table, "event": [{"date": date(2020, 1, 2)}, {"date": date(2020, 1, 1)}]})

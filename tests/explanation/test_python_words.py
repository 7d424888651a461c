"""What Python code may give `explain` and `scan` beside text, and what it is told about the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import worlds
from selloff.errors import WindowError
from selloff.explanation.arguments import with_zone
from selloff.explanation.explain import _when_words, _window_words, explain
from selloff.explanation.scan import scan
from selloff.panel import find_as_of, find_window
from selloff.panel.clock import parse_moment

NOW = datetime(2022, 1, 11, 12, tzinfo=UTC)
DAY = str(worlds.CRASH)


def test_a_number_of_sessions():
    assert (_window_words(5), _window_words("5d"), _window_words(None)) == ("5d", "5d", None)
    for odd in (True, 2.5, (1, 2)):
        with pytest.raises(WindowError, match="can't be read"):
            _window_words(odd)  # type: ignore[arg-type]


def test_a_moment_stands_for_its_day_in_new_york():
    assert _when_words(datetime(2020, 3, 12, 23)) == date(2020, 3, 12)
    assert _when_words(datetime(2020, 3, 13, 1, tzinfo=UTC)) == date(2020, 3, 12)
    assert _when_words(date(2020, 3, 12)) == date(2020, 3, 12)


@pytest.mark.parametrize("ask", [explain, scan])
def test_a_present_without_a_zone_is_refused(world, store, ask):
    with pytest.raises(WindowError, match="without a time zone"):
        ask(DAY, store=store, catalogue=world.catalogue, sessions=world.sessions, now=datetime(2022, 1, 11))
    assert with_zone(NOW) == NOW


def test_as_of_as_a_moment_or_a_day(world):
    window = find_window(DAY, None, world.catalogue, world.sessions, NOW.date())
    later = (datetime(2019, 8, 20, 12), datetime(2019, 8, 20, 12, tzinfo=UTC), date(2019, 8, 20))
    for given in later:
        assert find_as_of(given, window, world.sessions, NOW) == parse_moment(given.isoformat())


def test_a_window_that_ends_on_its_date_or_is_the_same_one(world):
    given = "2019-08-12:2019-08-14"
    found = find_window(given, None, world.catalogue, world.sessions, NOW.date())
    for when in ("2019-08-14", given):
        assert find_window(when, given, world.catalogue, world.sessions, NOW.date()) == found


def test_the_store_by_its_place(world, store, explain_world):
    place = str(store.place)
    found = explain(DAY, store=place, catalogue=world.catalogue, sessions=world.sessions, now=NOW, window=1)
    assert found.to_json() == explain_world(DAY).to_json()


def test_a_scan_of_a_store_by_its_place_as_of_a_moment(world, store):
    given = {"catalogue": world.catalogue, "sessions": world.sessions, "now": NOW, "window": 1}
    words = scan(end=DAY, store=store, as_of="2021-12-01 12:00", **given)
    moment = scan(end=DAY, store=store.place.path, as_of=parse_moment("2021-12-01 12:00"), **given)
    assert moment.to_json() == words.to_json()

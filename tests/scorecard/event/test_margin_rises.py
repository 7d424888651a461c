"""Rises of metal margins: which sessions are scored and matched, without which evidence, and what passes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import import_module

import numpy as np
import pytest

from selloff.detection.state.scheduled import scheduled_readings
from selloff.panel.clock import Window
from selloff.scorecard.event import EventTier
from selloff.scorecard.event.margin_rises import ITEM, Span, days_of, first_rows, rows, span_lifts, spans
from selloff.scorecard.weighed_days import WeighedDay

END_OF_2025, MONTHS_AFTER_THE_LAST = datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


def reading(context, day: date):
    """What the item's indicator says of one session, as the explanation asks it."""
    sessions, catalogue = context.sessions, context.catalogue
    (item,) = (i for i in catalogue.evidence if i.id == ITEM)
    row = sessions.position(day)
    window = Window(sessions.dates[row - 1].item(), day, day, row - 1, row)
    given = [catalogue.indicators.scheduled[name] for name in item.of]
    (found,) = scheduled_readings(given, catalogue.events, window, sessions, context.now)
    return found


def weighed(day: date, p: float | None) -> WeighedDay:
    said = {} if p is None else {"crowded_metals": p}
    return WeighedDay(day, "adverse", said, {"crowded_metals": 0.04}, (), None, None, None, None, None)


def test_sessions_are_scored_on_which_the_item_would_speak_of_a_rise(bare_context) -> None:
    context = bare_context()
    found = spans(context)
    assert [len(each) for each in found.values()] == [10, 11]
    for span in (s for each in found.values() for s in each):
        assert len(span.days) == 11
        first = reading(context, span.days[0])
        today = [e for e in first.events if e.reacts_on(context.sessions) == span.days[0]]
        assert any(e.details["direction"] == "rise" for e in today)
        assert all(e in reading(context, d).events for d in span.days for e in today)
    # cuts of 30 April 2010 and 7 February 2013 open no span
    assert not {date(2010, 5, 3), date(2013, 2, 8)} & set(days_of(found))


def test_matched_sessions_are_those_on_which_it_would_not(bare_context) -> None:
    """Where the table is complete it is known that there was no notice; elsewhere none is known of."""
    context = bare_context(now=MONTHS_AFTER_THE_LAST)
    last = max(e.date for e in context.catalogue.events.tables["margin_notices"].events)
    for kind, each in spans(context).items():
        answer = "absent" if kind == "complete" else "no_table"
        for span in each:
            assert span.matched
            taken = [d for part in span.matched for d in part]
            assert len(set(taken)) == len(taken) == 11 * len(span.matched)
            for part in span.matched:
                place = [context.sessions.position(d) for d in part]
                assert place == list(range(place[0], place[0] + 11))
                assert abs(place[0] - context.sessions.position(span.days[0])) <= 125
                assert part[-1] <= last
                assert {reading(context, d).answer for d in part} == {answer}
                # a week of trading away from the eleven sessions of any notice, before and after
                beside = [context.sessions.dates[r].item() for r in (place[0] - 5, place[-1] + 5)]
                assert not [e for d in beside for e in reading(context, d).events]


def test_a_rise_within_eleven_sessions_belongs_to_the_span_before() -> None:
    assert first_rows([30, 5, 15, 16, 26, 5], 11) == [5, 16, 30]
    assert first_rows([], 11) == []


def test_nothing_later_than_now_is_known(bare_context) -> None:
    found = spans(bare_context(now=END_OF_2025))
    assert max(days_of(found)) <= END_OF_2025.date()
    assert found["well_known"][-1].days[0] == date(2025, 12, 29)
    assert len(found["well_known"][-1].days) == 3


def test_they_are_weighed_without_the_item_that_reads_the_table(bare_context, monkeypatch) -> None:
    asked: list[tuple[list[date], tuple[str, ...]]] = []

    def weigh_days(context, days, without=()):
        asked.append((list(days), tuple(without)))
        return {}

    monkeypatch.setattr(import_module("selloff.scorecard.event.tier"), "weigh_days", weigh_days)
    context = bare_context()
    EventTier().run(context)
    assert (days_of(spans(context)), (ITEM,)) in asked
    assert [days for days, without in asked if date(2011, 4, 26) in days and ITEM not in without] == []


def test_sessions_of_a_span_count_once_by_their_mean() -> None:
    days = [date(2011, 3, d) for d in range(1, 9)]
    span = Span(tuple(days[:4]), (tuple(days[4:]),))
    odds = [0.0, 1.0, 2.0, 3.0, 0.5, 0.5, None, None]
    said = [None if o is None else 1 / (1 + np.exp(-o) * 0.96 / 0.04) for o in odds]
    (values,) = span_lifts([span], {d: weighed(d, p) for d, p in zip(days, said, strict=True)})
    assert values == pytest.approx([1.5, 0.5])
    # testable on fewer than half of the sessions is not enough
    assert span_lifts([span], {d: weighed(d, p) for d, p in zip(days[:7], [*said[:5], None, None], strict=True)}) == []


def test_only_knowing_the_rises_of_the_complete_years_passes(bare_context) -> None:
    found = spans(bare_context())
    inside = {d for each in found.values() for s in each for d in s.days}
    random = np.random.default_rng(2)
    coin = {d: weighed(d, float(random.uniform(0.01, 0.9))) for d in sorted(days_of(found))}
    knows = {d: weighed(d, 0.5 if d in inside else 0.02) for d in days_of(found)}
    for said, verdict in ((coin, "failed"), (knows, "passed")):
        scored = {r.id: r for r in rows(found, said, {})}
        assert scored["margins_complete_auc"].verdict == verdict
        # chosen with hindsight, so shown without an aim
        assert (scored["margins_well_known_auc"].verdict, scored["margins_well_known_auc"].aim) == ("open", "")
    assert scored["margins_complete_auc"].n == 10 and "later" in scored["margins_complete_auc"].note


def test_what_can_not_be_scored_is_counted(bare_context) -> None:
    skipped: dict[str, int] = {}
    scored = rows(spans(bare_context()), {}, skipped)
    assert sorted(skipped.values()) == [10, 11]
    assert {r.verdict for r in scored} == {"open"}

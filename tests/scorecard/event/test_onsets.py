"""The tier's dated onsets: which days are weighed, and without which evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import import_module

import pytest

from selloff.panel.clock import morning_note
from selloff.scorecard.event import EventTier
from selloff.scorecard.event.matched import Stratum
from selloff.scorecard.event.tier import ONSET_ITEM, _onset_rows
from selloff.scorecard.weighed_days import WeighedDay, weigh_day

NOW = datetime(2019, 6, 30, tzinfo=UTC)


def test_onsets_and_matched_days_are_weighed_without_the_table_they_come_from_and_none_is_later_than_now(
    bare_context, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[list[date], tuple[str, ...]]] = []

    def weigh_days(context, days, without=()):
        asked.append((list(days), tuple(without)))
        return {}

    # the package names its function `tier` too, so the module is asked for by its full name
    monkeypatch.setattr(import_module("selloff.scorecard.event.tier"), "weigh_days", weigh_days)
    EventTier().run(bare_context(now=NOW))
    (_, nothing), (days, without), _ = asked
    assert nothing == () and without == (ONSET_ITEM,)
    assert len(days) > 40 and max(days) <= NOW.date()
    assert ONSET_ITEM in {item.id for item in bare_context().catalogue.evidence}


def test_only_surprises_are_held_to_an_aim(bare_context) -> None:
    """Onsets that the method knows: surprises pass, expected ones stay open, since markets may have moved before."""
    strata = tuple(
        Stratum(date(2001 + i, 3, 1), (date(2001 + i, 5, 1), date(2001 + i, 6, 1), date(2001 + i, 7, 2)))
        for i in range(15)
    )
    said = {
        d: WeighedDay(d, "adverse", {"geopolitics": p}, {"geopolitics": 0.08}, (), None, None, None, None, None)
        for s in strata
        for d, p in zip((s.day, *s.matched), (0.6, 0.05, 0.05, 0.05), strict=True)
    }
    rows = {r.id: r for r in _onset_rows({"surprise": strata, "expected": strata}, said, {})}
    assert rows["onsets_surprise_auc"].verdict == "passed"
    assert (rows["onsets_expected_auc"].verdict, rows["onsets_expected_auc"].aim) == ("open", "")


def test_the_policy_shock_of_a_day_is_read_as_known_in_its_morning_note(
    bare_context, store, world, monkeypatch: pytest.MonkeyPatch
) -> None:
    day, moments = date(2019, 7, 31), []

    def policy_shocks(panel, window, bound, catalogue, sessions, as_of):
        moments.append(as_of)
        return ()

    monkeypatch.setattr("selloff.scorecard.weighed_days.policy_shocks", policy_shocks)
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
    assert weigh_day(bare_context(store=store, catalogue=world.catalogue, sessions=world.sessions), day) is not None
    assert moments == [morning_note(day)]

"""The tier on the synthetic world: files absent, present, malformed; kept days give the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from selloff.errors import ScorecardError
from selloff.panel.clock import morning_note
from selloff.scorecard.event import EventTier
from selloff.scorecard.weighed_days import weigh_day, weigh_days
from selloff.store import Store
from truncation import assert_truncation_proof

TIER = EventTier(onsets="none_of_them", margin_item="none_of_them")
JK = "start,pc1,MP_median\n2017-06-14 14:00,0.1,0.2\n2017-09-20 14:00,-0.1,-0.2\n2018-03-21 14:00,0.1,0.1\n"


@pytest.fixture
def context(bare_context, store, world):
    def make(**changes):
        return bare_context(store=store, catalogue=world.catalogue, sessions=world.sessions, **changes)

    return make


def test_without_files_it_says_so(context) -> None:
    rows = {row.id: row for row in TIER.run(context()).rows}
    assert rows["policy"].note.startswith("not run") and rows["crypto"].note.startswith("not run")
    assert all(row.verdict == "open" for row in rows.values())


def test_announcements_are_scored_and_kept(context, tmp_path: Path) -> None:
    (tmp_path / "jk_shocks_fed_by_announcement.csv").write_text(JK, encoding="utf-8")
    cold = TIER.run(context(folder=tmp_path, cache=tmp_path / "kept"))
    warm = TIER.run(context(folder=tmp_path, cache=tmp_path / "kept"))
    bare = TIER.run(context(folder=tmp_path))
    said = [json.dumps(r.to_dict(), default=str) for r in (cold, warm, bare)]
    assert said[0] == said[1] == said[2]
    assert {r.n for r in cold.rows if r.id == "pc1_policy_2y"} == {3}


def test_a_kept_day_of_other_data_is_not_used(context, tmp_path: Path) -> None:
    day = date(2017, 6, 14)
    first = weigh_days(context(cache=tmp_path), [day])[day]
    (kept,) = (tmp_path / "scorecard" / "days").glob("*.json")
    kept.write_text(kept.read_text(encoding="utf-8").replace('"key": "', '"key": "0'), encoding="utf-8")
    assert weigh_days(context(cache=tmp_path), [day])[day] == first
    kept.write_text("{", encoding="utf-8")
    assert weigh_days(context(cache=tmp_path), [day])[day] == first


def test_a_day_is_weighed_as_known_in_its_morning_note(context, store, tmp_path: Path) -> None:
    day = date(2019, 8, 14)

    def said(known: Store) -> bytes:
        weighed = weigh_day(replace(context(), store=known), day)
        assert weighed is not None
        return repr(weighed).encode()

    assert_truncation_proof(said, store, morning_note(day), tmp_path / "cut")


def test_a_malformed_file_is_an_error(context, tmp_path: Path) -> None:
    (tmp_path / "farzulla_crypto_events_2019_2025.csv").write_text(
        "date,type\n12/03/2020,Regulatory\n", encoding="utf-8"
    )
    with pytest.raises(ScorecardError, match="no day"):
        TIER.run(context(folder=tmp_path))

"""Evidence dealt out among labelled days: earned gains are seen, unearned ones are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

import worlds
from scorecard.invented import label_rows, write
from selloff.attribution.main_trigger import trigger_model
from selloff.catalog import default_catalogue
from selloff.panel.clock import morning_note
from selloff.scorecard.controls import labelled
from selloff.scorecard.controls.labelled import DIFFERENCE, gains, labelled_rows
from selloff.scorecard.human.records import DayRecord, Records
from selloff.scorecard.scores import FLOOR
from selloff.scorecard.weighing import day_inputs, weigh

CATALOGUE = default_catalogue()
OUTCOMES = CATALOGUE.label_map.outcomes
START = date(1995, 1, 3)


def records_of(evidence: np.ndarray, prices: np.ndarray) -> list[DayRecord]:
    """One record per row, a month apart."""
    items = [i.id for i in CATALOGUE.evidence]
    return [
        DayRecord(
            START + timedelta(30 * n), "adverse", -3.0, {}, (), dict(zip(items, told, strict=True)),
            dict(zip(OUTCOMES, said, strict=True)), {}, {}, None, None, 0.0, None,
        )
        for n, (told, said) in enumerate(zip(evidence.tolist(), prices.tolist(), strict=True))
    ]  # fmt: skip


def drawn(n: int, seed: int) -> tuple[list[DayRecord], np.ndarray]:
    random = np.random.default_rng(seed)
    evidence = random.standard_normal((n, len(CATALOGUE.evidence)))
    prices = random.standard_normal((n, len(OUTCOMES)))
    return records_of(evidence, prices), random.dirichlet(np.ones(len(OUTCOMES)), n)


def shares_of(record: DayRecord, giver: DayRecord | None) -> np.ndarray:
    """The model's formula term by term, with another day's direct evidence or none."""
    items = CATALOGUE.evidence
    model = trigger_model(items, CATALOGUE.label_map, CATALOGUE.causes, morning_note(record.day), record.stock_move)
    score = np.zeros(len(OUTCOMES))
    for k, outcome in enumerate(OUTCOMES):
        score[k] = np.log(model.base[k]) + model.price_power * record.prices[outcome] + model.weights[0, k]
        for j, item in enumerate(items):
            source = record if item.from_prices else giver
            score[k] += model.weights[1 + j, k] * (source.evidence[item.id] if source else 0.0)
    return np.exp(score) / np.exp(score).sum()


def test_gains_against_a_slow_oracle() -> None:
    records, votes = drawn(5, 1)
    found = gains(records, votes, CATALOGUE)

    def score(i: int, giver: DayRecord | None) -> float:
        stated = (1 - FLOOR) * shares_of(records[i], giver) + FLOOR / len(OUTCOMES)
        return float(sum(v * np.log(p) for v, p in zip(votes[i], stated, strict=True)))

    for i, record in enumerate(records):
        others = [score(i, r) for r in records if r is not record]
        assert found.own[i] == pytest.approx(score(i, record) - score(i, None))
        assert found.dealt[i] == pytest.approx(np.mean(others) - score(i, None))


def test_evidence_that_made_the_labels_gains_and_dealt_out_it_does_not() -> None:
    records, _ = drawn(60, 2)
    found = gains(records, np.array([shares_of(r, r) for r in records]), CATALOGUE)
    assert found.own.mean() > 0.05 and found.dealt.mean() < 0


def test_evidence_of_nothing_gains_no_more_than_another_days() -> None:
    records, votes = drawn(60, 3)
    found = gains(records, votes, CATALOGUE)
    difference = found.own - found.dealt
    assert abs(difference.mean()) < 3 * difference.std() / np.sqrt(len(records))


def test_shares_by_outcome_are_those_of_the_attribution(bare_context: Callable, store, world) -> None:
    context = bare_context(store=store, catalogue=world.catalogue, sessions=world.sessions)
    given = day_inputs(context, worlds.CRASH)
    assert given is not None
    found = weigh(given, context.catalogue)
    model = trigger_model(
        CATALOGUE.evidence, CATALOGUE.label_map, CATALOGUE.causes, given.as_of, given.bound["spx"].log_move
    )
    standard = np.array([r.standard for r in found.readings])
    stated = model.shares(standard, np.array([found.price_ratios[o] for o in OUTCOMES]))
    assert CATALOGUE.label_map.outcome_shares(found.trigger_shares) == pytest.approx(stated)


def test_rows_of_invented_labels(bare_context: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records, _ = drawn(40, 4)
    by_day, _ = label_rows([r.day for r in records], seed=5)
    context = bare_context(files={"labels": write(tmp_path / "by_day.csv", by_day)})
    monkeypatch.setattr(labelled, "make_records", lambda _, days: Records(tuple(records[: len(days)]), {}))
    own, dealt, difference = labelled_rows(context)
    assert {r.n for r in (own, dealt, difference)} == {40} and difference.id == DIFFERENCE
    assert difference.value.mid == pytest.approx(own.value.mid - dealt.value.mid)
    assert difference.value.low <= difference.value.mid <= difference.value.high


def test_without_labels_it_says_so(bare_context: Callable) -> None:
    (row,) = labelled_rows(bare_context())
    assert row.verdict == "open" and row.n == 0 and row.note.startswith("not run")

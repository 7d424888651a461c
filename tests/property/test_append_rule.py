"""The append rule and the as-of rules, decided on frames, against the plain-Python oracle and as
properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selloff.catalog import OBSERVATION_SCHEMA
from selloff.store.asof import resolve
from selloff.store.decide import rows_to_add
from tests.store import strategies as world
from tests.store.oracle import Oracle, Row, frame, last_of, rows_of


class Frames:
    """The store's rules without its disk: thousands of histories a minute."""

    def __init__(self) -> None:
        self.stored = pl.DataFrame(schema=OBSERVATION_SCHEMA)

    def append(self, batch) -> list[Row]:
        batch = frame(batch)
        known = self.stored.join(batch, on=["series", "source", "period_end"], how="semi")
        added = rows_to_add(batch, known)
        self.stored = pl.concat([self.stored, added])
        return rows_of(added)

    def read(self, as_of) -> list[Row]:
        known = self.stored if as_of is None else self.stored.filter(pl.col("known_at") <= as_of)
        return rows_of(resolve(known, world.SERIES))


def both(history) -> tuple[Frames, Oracle]:
    frames, oracle = Frames(), Oracle()
    for batch in history:
        assert sorted(frames.append(batch)) == sorted(oracle.append(batch))
    return frames, oracle


histories = st.lists(world.batches(), min_size=1, max_size=6)
one_period = world.rows().map(lambda r: replace(r, series="plain", source="first", period_end=world.day(0)))
narrow_histories = st.lists(
    st.lists(one_period, min_size=1, max_size=5, unique_by=lambda r: (*r.period, r.known_at, r.fetched_at)),
    min_size=1, max_size=4,
)  # fmt: skip


@given(histories, world.moments)
def test_any_history_ends_as_the_oracle_says(history, as_of):
    frames, oracle = both(history)
    assert sorted(rows_of(frames.stored)) == sorted(oracle.rows)
    assert frames.read(as_of) == oracle.read(world.SERIES, as_of)


@given(narrow_histories, world.moments)
def test_any_history_of_one_period_ends_as_the_oracle_says(history, as_of):
    frames, oracle = both(history)
    assert sorted(rows_of(frames.stored)) == sorted(oracle.rows)
    assert frames.read(as_of) == oracle.read(world.SERIES, as_of)


def random_claims(random: Random, period: int) -> list[Row]:
    """What one fetch of one period might say: up to four claims, any vintages."""
    fetched_at = world.day(random.randrange(14) + 0.5)
    days = random.sample(range(10), random.choice([1, 1, 2, 4]))
    kinds = random.choice([["exact"], ["lagged"], ["first_seen"], ["exact", "lagged", "first_seen"]])
    start = 100 * period
    fetched_at += timedelta(days=start)

    def claim(lag: int) -> Row:
        value = random.choice([1.0, 2.0, 3.0])
        kind = random.choice(kinds)
        return Row("plain", "first", world.day(start), world.day(start + lag), value, kind, fetched_at)

    return [claim(lag) for lag in days]


@pytest.mark.parametrize("seed", range(3))
def test_thousands_of_random_histories_at_once(seed):
    """Every period has a history of its own, so that one append of frames decides a thousand of them."""
    random, frames = Random(seed), Frames()
    oracles = [Oracle() for _ in range(1000)]
    for _ in range(7):
        batches = [random_claims(random, p) if random.random() < 0.8 else [] for p in range(len(oracles))]
        expected = [row for oracle, batch in zip(oracles, batches, strict=True) for row in oracle.append(batch)]
        assert sorted(frames.append([r for batch in batches for r in batch])) == sorted(expected)
    stored = sorted(row for oracle in oracles for row in oracle.rows)
    assert sorted(rows_of(frames.stored)) == stored
    for quarter in range(0, 60, 3):
        as_ofs = [world.day(100 * p + quarter / 4) for p in range(len(oracles))]
        moment = pl.DataFrame({"period_end": [world.day(100 * p) for p in range(len(oracles))], "as_of": as_ofs})
        known = frames.stored.join(moment, on="period_end").filter(pl.col("known_at") <= pl.col("as_of"))
        wanted = [
            row for oracle, as_of in zip(oracles, as_ofs, strict=True) for row in oracle.read(world.SERIES, as_of)
        ]
        assert rows_of(resolve(known, world.SERIES)) == wanted


@given(narrow_histories, world.batches(), st.randoms())
def test_the_order_of_rows_in_a_batch_does_not_matter(history, batch, random):
    frames, _ = both(history)
    other = Frames()
    other.stored = frames.stored.sample(fraction=1, shuffle=True, seed=random.randrange(1000))
    shuffled = random.sample(batch, len(batch))
    assert sorted(frames.append(batch)) == sorted(other.append(shuffled))


@given(st.one_of(histories, narrow_histories), st.randoms())
def test_batches_may_be_cut_anywhere_between_fetches(history, random):
    """One append of all rows in the order of their fetches is the same as an append for every fetch."""
    unique = {(*r.period, r.known_at, r.fetched_at): r for batch in history for r in batch}
    rows = sorted(unique.values(), key=lambda r: r.fetched_at)
    at_once, one_by_one = Frames(), Frames()
    at_once.append(random.sample(rows, len(rows)))
    for fetched_at in sorted({r.fetched_at for r in rows}):
        one_by_one.append([r for r in rows if r.fetched_at == fetched_at])
    assert sorted(rows_of(at_once.stored)) == sorted(rows_of(one_by_one.stored))


@given(narrow_histories, world.batches(fetched=st.just(14)))
def test_the_same_fetch_again_adds_nothing_after_any_history(history, batch):
    frames, _ = both(history)
    frames.append(batch)
    assert frames.append(batch) == []
    if all(r.vintage != "first_seen" for r in batch):  # their moment is the fetch: a later one is another claim
        assert frames.append([replace(r, fetched_at=world.day(20)) for r in batch]) == []


@given(narrow_histories, st.sampled_from(["exact", "lagged", "first_seen"]), st.data())
def test_a_fetch_is_what_its_source_says_from_then_on(history, vintage, data):
    """After a fetch later than everything, the source's last row says what the fetch's newest claim says.

    The exception is a claim older than one the publisher has made since.
    """
    frames, _ = both(history)
    stored = rows_of(frames.stored)
    claims = data.draw(st.lists(one_period, min_size=1, max_size=4, unique_by=lambda r: r.known_at))
    claims = [replace(r, vintage=vintage, fetched_at=world.day(14)) for r in claims]
    newest = max(claims, key=lambda r: r.known_at)
    frames.append(claims)
    if vintage == "exact" and any(r.vintage == "exact" and r.known_at > newest.known_at for r in stored):
        assert last_of(rows_of(frames.stored)).value == last_of(stored).value
    else:
        assert last_of(rows_of(frames.stored)).value == newest.value


@given(narrow_histories, world.batches(fetched=st.just(14)), world.moments)
def test_only_publishers_vintages_change_what_was_known_before(history, batch, as_of):
    frames, _ = both(history)
    batch = [r for r in batch if r.period in {s.period for s in rows_of(frames.stored)}]
    if not batch or as_of is None or as_of >= world.day(14.5):
        return
    before = frames.read(as_of)
    frames.append([r for r in batch if r.vintage != "exact"] or batch[:0])
    assert frames.read(as_of) == before


@given(histories, world.moments)
def test_truncation(history, as_of):
    """Nothing known later than a moment takes part in a read as of it."""
    frames, _ = both(history)
    if as_of is None:
        return
    cut = Frames()
    cut.stored = frames.stored.filter(pl.col("known_at") <= as_of)
    assert cut.read(as_of) == cut.read(None) == frames.read(as_of)


claims = st.dictionaries(st.integers(0, 9), world.values, min_size=1, max_size=6)


@given(claims, st.randoms())
def test_publishers_vintages_in_any_order_give_each_moment_its_vintage(by_day, random):
    """A complete set of vintages, imported in one batch or one by one in order, is read as published."""
    rows = [
        Row("plain", "first", world.day(0), world.day(known), value, "exact", world.day(30))
        for known, value in by_day.items()
    ]
    frames = Frames()
    frames.append(random.sample(rows, len(rows)))
    assert frames.append(random.sample(rows, len(rows))) == []
    for known in by_day:
        assert frames.read(world.day(known))[0].value == by_day[known]
    distinct = sorted(by_day)
    changes = [d for i, d in enumerate(distinct) if i == 0 or by_day[d] != by_day[distinct[i - 1]]]
    assert sorted(rows_of(frames.stored)) == sorted(r for r in rows if r.known_at in {world.day(d) for d in changes})


@given(claims, st.integers(0, 9))
def test_an_older_vintage_arriving_late_leaves_the_newer_alone(by_day, late):
    newer = {d: v for d, v in by_day.items() if d > late}
    if not newer:
        return

    def row(known, value, fetched):
        return Row("plain", "first", world.day(0), world.day(known), value, "exact", world.day(fetched))

    frames = Frames()
    frames.append([row(d, v, 30) for d, v in newer.items()])
    after = {d: frames.read(world.day(d)) for d in newer}
    frames.append([row(late, 99.0, 40)])
    assert frames.read(world.day(late))[0].value == 99.0
    assert {d: frames.read(world.day(d)) for d in newer} == after
    assert frames.read(None) == after[max(newer)]

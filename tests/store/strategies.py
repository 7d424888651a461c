"""Small worlds for hypothesis: few series, sources, periods, moments and values, so that rows often
collide."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from selloff.catalog import Series
from tests.store.oracle import Row

START = datetime(2020, 3, 9, 20, tzinfo=UTC)
SOURCES = ("first", "second", "third")


def series(name: str, sources=SOURCES, splice=()) -> Series:
    """A stored daily series."""
    return Series.model_validate({
        "id": name, "name": name, "unit": "index_points", "transform": "log",
        "close": {"time": "16:00", "zone": "America/New_York"}, "release": {"kind": "at_close"},
        "sources": sources, "splice": splice,
    })  # fmt: skip


SERIES = (
    series("plain"),
    series("spliced", splice=({"source": "second", "until": date(2020, 3, 10)}, {"source": "third"})),
    series("one_source", sources=("second",)),
)


def day(number: float) -> datetime:
    """A moment so many days after the first period's end."""
    return START + timedelta(days=number)


values = st.sampled_from([1.0, 2.0, -3.5])
periods = st.integers(0, 2)


@st.composite
def rows(draw, fetched: st.SearchStrategy[int] | None = None, vintage: str | None = None) -> Row:
    """A row as a source or an import delivers it."""
    period = draw(periods)
    lag = draw(st.sampled_from([0, 0, 1, 3, 5]))
    fetched_at = day(draw(fetched if fetched is not None else st.integers(0, 12)) + 0.5)
    return Row(
        draw(st.sampled_from([s.id for s in SERIES])),
        draw(st.sampled_from([*SOURCES, "unlisted"])),
        day(period),
        day(period + lag),
        draw(values),
        vintage or draw(st.sampled_from(["exact", "exact", "lagged", "lagged", "first_seen"])),
        fetched_at,
    )


def batches(max_rows: int = 8, **kwargs) -> st.SearchStrategy[list[Row]]:
    """A batch without two rows for the same series, source, period, moment and fetch."""
    return st.lists(
        rows(**kwargs), min_size=1, max_size=max_rows,
        unique_by=lambda r: (*r.period, r.known_at, r.fetched_at),
    )  # fmt: skip


moments = st.one_of(st.none(), st.integers(-1, 60).map(lambda q: day(q / 4)))

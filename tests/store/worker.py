"""A process that appends, or reads, until it is done or killed: `python -m tests.store.worker KIND STORE NAME
FROM TO`.

It prints `ready`, then the number of each batch that `append` has returned from.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from selloff.store import Payload, Store
from tests.store.oracle import Row, frame
from tests.store.strategies import SERIES, day

N_PERIODS = 4


def batch(name: str, number: int) -> tuple[list[Row], Payload]:
    """The rows of a fetch: in turn A, B and A for the same periods, and some that every process sends
    alike."""
    group, turn = divmod(number, 3)
    moment = day(number) + timedelta(microseconds=sum(name.encode()))
    own = [
        Row(
            f"own_{name}",
            "first",
            day(-100 * group - p),
            day(-100 * group - p),
            [1.0, 2.0, 1.0][turn],
            "exact",
            moment,
        )
        for p in range(N_PERIODS)
    ]
    shared = [Row("shared", "first", day(-group), day(-group + turn), float(turn), "exact", day(0))]
    return own + shared, Payload("first", f"{name}-{number}", f"{name} {number}".encode() * 50, moment)


def append(store: Store, name: str, start: int, stop: int) -> None:
    print("ready", flush=True)
    for number in range(start, stop):
        rows, payload = batch(name, number)
        store.append(frame(rows), [payload])
        print(number, flush=True)


def read(store: Store, stop: int) -> None:
    """Read until so many rows are there; a store that shrinks or shows a period twice ends it with an
    error."""
    print("ready", flush=True)
    seen = 0
    while seen < stop:
        rows = store.scan().collect()
        assert rows.height >= seen, f"{rows.height} rows after {seen}"
        assert not rows.select("series", "period_end", "known_at", "fetched_at").is_duplicated().any()
        store.read(SERIES, day(3))
        seen = rows.height


if __name__ == "__main__":
    kind, where, name, start, stop = sys.argv[1:]
    if kind == "append":
        append(Store(where), name, int(start), int(stop))
    else:
        read(Store(where), int(stop))

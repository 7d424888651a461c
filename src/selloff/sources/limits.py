"""What each service allows: so many requests in so many seconds, so many at once, for the whole process."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from selloff.catalog.sourcelist import Limit
from selloff.errors import FetchError


class StoppedError(FetchError):
    """The pull was interrupted while a request waited for its turn."""

    def __init__(self) -> None:
        super().__init__("The pull was interrupted.", "Run it again: it continues where the store ends.")


@dataclass(frozen=True)
class Clock:
    """Time as the limiter sees it; a test passes its own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class _Turn:
    limit: Limit
    slots: threading.Semaphore
    lock: threading.Lock = field(default_factory=threading.Lock)
    starts: deque[float] = field(default_factory=deque)


class Limiter:
    """Turns at services.

    A turn is granted if fewer than `limit.requests` started in the last `limit.seconds`, and fewer than `limit.at_once`
    are under way. Other processes are not counted.

    Parameters
    ----------
    stop : once set, everyone who waits gets `StoppedError`.
    """

    def __init__(self, clock: Clock | None = None, stop: threading.Event | None = None) -> None:
        self._clock = clock or Clock()
        self.stop = stop or threading.Event()
        self._turns: dict[str, _Turn] = {}
        self._lock = threading.Lock()

    def _turn(self, service: str, limit: Limit) -> _Turn:
        with self._lock:
            turn = self._turns.get(service)
            if turn is None or turn.limit != limit:
                turn = self._turns[service] = _Turn(limit, threading.Semaphore(limit.at_once))
            return turn

    @contextmanager
    def turn(self, service: str, limit: Limit) -> Iterator[None]:
        """Wait for a turn, and hold it.

        Raises
        ------
        StoppedError : the limiter was stopped.
        """
        turn = self._turn(service, limit)
        while not turn.slots.acquire(timeout=0.1):
            self._check()
        try:
            self._wait(turn)
            yield
        finally:
            turn.slots.release()

    def _wait(self, turn: _Turn) -> None:
        with turn.lock:
            while True:
                self._check()
                now = self._clock.now()
                while turn.starts and turn.starts[0] <= now - turn.limit.seconds:
                    turn.starts.popleft()
                if len(turn.starts) < turn.limit.requests:
                    turn.starts.append(now)
                    return
                self._clock.sleep(min(turn.starts[0] + turn.limit.seconds - now, 0.25))

    def pause(self, seconds: float) -> None:
        """Sleep in small steps, so that an interruption is noticed."""
        until = self._clock.now() + seconds
        while (left := until - self._clock.now()) > 0:
            self._check()
            self._clock.sleep(min(left, 0.25))

    def _check(self) -> None:
        if self.stop.is_set():
            raise StoppedError


PROCESS = Limiter()
"""The limiter that every client of this process shares."""

"""Commits that are tried again while another process is faster."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_ATTEMPTS = 60
_LONGEST_PAUSE = 0.25


def until_committed(attempt: Callable[[], T]) -> T:
    """Try again while another process commits first; the pause is random, so that writers fall out of step."""
    from deltalake.exceptions import CommitFailedError

    for number in range(_ATTEMPTS):
        try:
            return attempt()
        except CommitFailedError:
            if number == _ATTEMPTS - 1:
                raise
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.005 * 2**number)))
    raise AssertionError("unreachable")

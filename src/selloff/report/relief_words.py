"""Whether a window is read as bad news or as a relief, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.report.numbers import percent

if TYPE_CHECKING:
    from selloff.catalog import Cause
    from selloff.explanation.result import Explanation

UNDECIDED = 1 / 3
"""A relief is as good as a coin toss between this and one minus this: neither is twice as likely as the other."""


def relief_words(e: Explanation) -> str:
    """How the signs are read, where that has to be said; empty where they are read as for bad news as usual.

    A window that is read as a relief always says so. One in which neither bad news nor relief is twice as likely as the
    other says so only if no class is down: beside a fall nobody takes the signs for those of good news.
    """
    likely = e.attribution.relief
    if e.attribution.polarity == "relief":
        return (
            f"Read as a relief ({percent(likely)} likely), not as bad news: causes that have a mirror are taken the "
            "other way round, a growth scare as better news of growth."
        )
    if e.joint.verdict == "none" and likely > UNDECIDED:
        return (
            f"Whether this was bad news or a relief can't be told (relief: {percent(likely)}); signs are read as for "
            "bad news."
        )
    return ""


def is_turned(e: Explanation, cause: Cause) -> bool:
    """Whether a cause is taken the other way round in this window."""
    return e.attribution.polarity == "relief" and cause.mirror

"""Whether a window is read as bad news or as a relief, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.attribution.cause_results import READ_AS_RELIEF
from selloff.report.numbers import percent

if TYPE_CHECKING:
    from selloff.explanation.result import Explanation

UNDECIDED = 1.0 - READ_AS_RELIEF
"""Above it bad news is not twice as likely as a relief."""


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

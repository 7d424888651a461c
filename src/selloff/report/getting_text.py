"""What a cause that can't be tested needs, and which command gets it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from selloff.attribution import CauseResult
from selloff.explanation.getting import get_commands, not_yet, nothing_yet

if TYPE_CHECKING:
    from selloff.explanation.result import Explanation


def needs_text(e: Explanation, result: CauseResult) -> str:
    """`btc (begins 2010-07-18) or …; …`: the missing series and assets, with a begin where nobody has that day."""
    return "; ".join(_any_of(e, need.any_of) for need in result.missing)


def getting_commands(e: Explanation, results: Iterable[CauseResult]) -> list[str]:
    """The fewest commands that make causes testable; one that lacks what nobody has that day is passed over."""
    needs = [[need.any_of for need in r.missing] for r in results]
    possible = [n for n in needs if not any(nothing_yet(e.catalogue, names, e.window.end) for names in n)]
    return get_commands(e.catalogue, [names for n in possible for names in n], e.window.end)


def _any_of(e: Explanation, names: tuple[str, ...]) -> str:
    later = not_yet(e.catalogue, names, e.window.end)
    return " or ".join(f"{name} (begins {later[name]})" if name in later else name for name in names)

"""What a cause that can't be tested needs, and which command gets it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from selloff.attribution import CauseResult
from selloff.explanation.getting import get_commands, not_yet, nothing_yet
from selloff.explanation.known_later import later_names, later_words

if TYPE_CHECKING:
    from selloff.explanation.result import Explanation


def needs_text(e: Explanation, result: CauseResult) -> str:
    """`btc (begins 2010-07-18) or …; …`: the missing series and assets, and of which there is none yet."""
    return "; ".join(_any_of(e, need.any_of) for need in result.missing)


def getting_commands(e: Explanation, results: Iterable[CauseResult]) -> list[str]:
    """The fewest commands that make causes testable.

    A cause that lacks what nobody has that day is passed over, and so are needs of which a value comes out by itself.
    """
    needs = [[n.any_of for n in r.missing if not later_names(e.catalogue, e.known_later, n.any_of)] for r in results]
    possible = [n for n in needs if not any(nothing_yet(e.catalogue, names, e.window.end) for names in n)]
    return get_commands(e.catalogue, [names for n in possible for names in n], e.window.end)


def later_line(e: Explanation, results: Iterable[CauseResult]) -> str:
    """What of the needs comes out later, and which moment to ask for; empty where nothing does."""
    names = dict.fromkeys(name for r in results for need in r.missing for name in need.any_of)
    dues = later_names(e.catalogue, e.known_later, names)
    return later_words(", ".join(dues), dues.values(), e.window.end) if dues else ""


def _any_of(e: Explanation, names: tuple[str, ...]) -> str:
    begins = not_yet(e.catalogue, names, e.window.end)
    later = later_names(e.catalogue, e.known_later, names)

    def one(name: str) -> str:
        if name in begins:
            return f"{name} (begins {begins[name]})"
        return f"{name} (known later)" if name in later else name

    return " or ".join(one(name) for name in names)

"""Which causes lead, by rule, and why the others don't.

A cause leads if it accounts for at least a quarter of the sigma-weighted move in the posterior mean, and prior-free
bounds exclude that it moved nothing. Only the four shocks of shares and Treasuries have published restrictions enough
for such bounds (`structural.share_bond_shocks`), so only their causes can, for the move of shares and Treasuries,
premia and triggers decomposed together. The system knows no size and no other asset, so two things more are asked:
shares or bonds are among what fell, and all assets together clearly raise the cause.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from selloff.attribution.signature import Polarity
from selloff.attribution.structural.cache import ModelCache
from selloff.attribution.structural.sampler import Infeasible
from selloff.attribution.structural.share_bond_shocks import CAUSES, CommonShocks, share_bond_shocks
from selloff.attribution.structural.system_window import JOINT
from selloff.attribution.structural.window import Unavailable, WindowDecomposition, decompose_window
from selloff.catalog import Cause
from selloff.panel import Move, Panel, Window

LEADING_SHARE = 0.25
"""At least a quarter of the sigma-weighted move, as DESIGN's result asks."""

FALLEN = frozenset({"equity_regions", "mega_caps", "government_bonds"})
"""Classes whose fall the system can speak of."""

Short = Literal["leads", "not_tested", "no_fall", "mirrored", "small", "not_robust", "not_raised"]


@dataclass(frozen=True)
class Candidate:
    """One cause that could lead: its shock, and the first thing that it falls short in.

    `no_fall`: neither shares nor bonds are among what fell. `mirrored`: the shock went the other way than the cause in
    this window's polarity. `small`: below a quarter. `not_robust`: the bounds allow that it moved nothing.
    `not_raised`: all assets together do not clearly raise it, so it is not even contributing.
    `same_marks`: tested causes outside the system whose signs on S&P, 2y and 10y, as far as claimed, are the shock's.
    """

    cause: str
    shock: str
    share: float
    short: Short
    same_marks: tuple[str, ...]


@dataclass(frozen=True)
class Structural:
    """Shocks from prices alone.

    Attributes
    ----------
    system : the four shocks of the S&P and Treasury yields; it decides what leads.
    panel : every testable cause on every asset; weak evidence on order, none on sizes.
    candidates : the causes that could lead, largest share first; empty without a system.
    """

    system: CommonShocks | Infeasible | Unavailable
    panel: WindowDecomposition | Infeasible | Unavailable
    candidates: tuple[Candidate, ...]

    @property
    def leading(self) -> tuple[str, ...]:
        """Causes that lead."""
        return tuple(c.cause for c in self.candidates if c.short == "leads")


def same_marks(cause: Cause, others: Sequence[Cause], polarity: Polarity) -> tuple[str, ...]:
    """Causes outside the system that claim a sign on S&P, 2y or 10y, and none against the cause's."""

    def signs(of: Cause) -> dict[str, int]:
        cells = {a: of.signature[a] for a in JOINT}
        turned = -1 if of.is_turned(polarity) else 1
        return {a: turned * (1 if c.sign == "+" else -1) for a, c in cells.items() if c.sign in ("+", "-")}

    own = signs(cause)
    found = []
    for other in others:
        claimed = signs(other)
        if claimed and all(own.get(a) == s for a, s in claimed.items()):
            found.append(other.id)
    return tuple(found)


def candidates_of(
    system: CommonShocks, tested: Sequence[Cause], raised: Collection[str], fallen: Collection[str], polarity: Polarity
) -> tuple[Candidate, ...]:
    """What each of the four causes falls short in, largest share first."""
    causes = {c.id: c for c in tested}
    parts = system.parts
    robust = parts.exclude_zero()
    spx = parts.assets.index("spx")
    falls = -1.0 if polarity == "adverse" else 1.0
    outside = [c for c in tested if c.id not in CAUSES.values()]
    found = []
    for j, shock in enumerate(parts.shocks):
        cause = CAUSES[shock]
        short: Short = "leads"
        if cause not in causes:
            short = "not_tested"
        elif FALLEN.isdisjoint(fallen):
            short = "no_fall"
        elif parts.contributions[j, spx] * falls <= 0.0:
            short = "mirrored"
        elif parts.share[j] < LEADING_SHARE:
            short = "small"
        elif not robust[j]:
            short = "not_robust"
        elif cause not in raised:
            short = "not_raised"
        marks = same_marks(causes[cause], outside, polarity) if cause in causes else ()
        found.append(Candidate(cause, shock, float(parts.share[j]), short, marks))
    return tuple(sorted(found, key=lambda c: (-c.share, c.cause)))


def structural_of(
    panel: Panel,
    window: Window,
    bound: Mapping[str, Move],
    tested: Sequence[Cause],
    raised: Collection[str],
    fallen: Collection[str],
    polarity: Polarity,
    cache: ModelCache,
) -> Structural:
    """Both decompositions of a window, and what leads.

    Parameters
    ----------
    raised : causes that all assets together clearly raise. fallen : asset classes that fell.
    """
    system = share_bond_shocks(panel, window, bound, cache)
    whole = decompose_window(panel, window, bound, tested, cache, stated=False)
    found = candidates_of(system, tested, raised, fallen, polarity) if isinstance(system, CommonShocks) else ()
    return Structural(system, whole, found)

"""The exact tier: every row of the table of published numbers, each with its own tolerance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from selloff.scorecard.exact import bank_fire_sale, spillover_table, structural_rows, surprise_factor
from selloff.scorecard.tier import Row, ScoreContext, TierResult

ROWS: tuple[Callable[[ScoreContext], Row], ...] = (
    spillover_table.row,
    surprise_factor.row,
    bank_fire_sale.row,
    structural_rows.taper,
    structural_rows.share_bond_shocks,
    structural_rows.bitcoin,
)


@dataclass(frozen=True)
class ExactTier:
    """Published numbers, reproduced or not."""

    id: str = "exact"
    name: str = "Published numbers"

    def run(self, context: ScoreContext) -> TierResult:
        """Reproduce each number; what can't be run says so and never passes.

        Raises
        ------
        ScorecardError : a file is malformed.
        """
        rows = []
        for done, make in enumerate(ROWS):
            context.progress("published numbers", done, len(ROWS))
            rows.append(make(context))
        counts = {v: sum(r.verdict == v for r in rows) for v in ("failed", "open", "passed")}
        return TierResult(
            id=self.id,
            name=self.name,
            summary=f"{counts['failed']} failed, {counts['open']} not run, {counts['passed']} reproduced.",
            rows=tuple(rows),
            skipped={"not run": counts["open"]} if counts["open"] else {},
            notes=("The value of a row is the largest absolute difference from the published numbers.",),
        )


def tier() -> ExactTier:
    """The tier."""
    return ExactTier()

"""Controls: what is kept of a day, and what is not."""

from __future__ import annotations

import pytest

from selloff.scorecard.controls import ControlsTier


def test_information_kept_is_that_of_the_scrambled_days_over_that_of_the_real_ones(bare_context, store, world) -> None:
    context = bare_context(store=store, catalogue=world.catalogue, sessions=world.sessions)
    rows = {row.id: row for row in ControlsTier(each=2, fewest_assets=4).run(context).rows}
    real = rows["loud_information"].value.mid
    for which in ("names", "signs", "time"):
        scrambled = float(rows[f"{which}_information"].note.split()[0])
        assert rows[f"{which}_information"].value.mid == pytest.approx(scrambled / real, rel=0.05)
        assert scrambled != pytest.approx(real, rel=0.05)

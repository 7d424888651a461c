"""Published numbers: reproduced on the shared data, not run without it, failed on other data."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from selloff.scorecard.exact import bank_fire_sale, spillover_table, surprise_factor, tier
from selloff.scorecard.exact.check import NOT_RUN, checked

OWN_DATA = ("diebold_yilmaz_2012", "jarocinski_karadi_pc1", "eba_fire_sale")


def test_without_files_nothing_runs_and_nothing_passes(bare_context) -> None:
    result = tier().run(bare_context())
    assert {row.verdict for row in result.rows} == {"open"}
    assert all(row.note.startswith(NOT_RUN) and math.isnan(row.value.mid) for row in result.rows)
    assert result.skipped == {"not run": len(result.rows)}


@pytest.mark.shared
def test_the_published_numbers_come_out_of_the_published_data(bare_context, shared_data: Path) -> None:
    context = bare_context(folder=shared_data)
    rows = [module.row(context) for module in (spillover_table, surprise_factor, bank_fire_sale)]
    assert [row.id for row in rows] == list(OWN_DATA)
    assert {row.verdict for row in rows} == {"passed"}


@pytest.mark.shared
def test_other_numbers_fail(bare_context, shared_data: Path, tmp_path: Path) -> None:
    lines = (shared_data / "published" / "eba_2018.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "eba_2018.csv").write_text("\n".join(lines[:-8]), encoding="utf-8")
    rows = {row.id: row for row in tier().run(bare_context(folder=tmp_path)).rows}
    assert rows["eba_fire_sale"].verdict == "failed"
    assert rows["diebold_yilmaz_2012"].verdict == "open"


def test_a_number_that_can_not_be_computed_fails() -> None:
    assert checked("x", "x", math.nan, 1.0, 1, "").verdict == "failed"

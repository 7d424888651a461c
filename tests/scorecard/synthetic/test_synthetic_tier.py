"""The tier on few worlds: the same bytes twice, and a broken method is caught."""

from __future__ import annotations

import json
from functools import partial

from scored import sure_of
from selloff.scorecard.synthetic import SyntheticTier

FEW = {"prior": 1, "one": 2, "two": 1, "outside": 1}


def test_one_seed_gives_the_same_bytes_and_rows_count_their_worlds(bare_context) -> None:
    result, again = (SyntheticTier(worlds=FEW).run(bare_context()) for _ in range(2))
    assert json.dumps(again.to_dict()) == json.dumps(result.to_dict())
    assert result.seed == 1 and result.details["worlds"] == FEW
    n = {row.id: row.n for row in result.rows}
    assert (n["unexplained_auc"], n["unexplained_bias_one"], n["raised_outside"]) == (3, 2, 1)
    assert (n["in_set_one"], n["in_set_two"], n["gain_outside"], n["coverage_90"]) == (2, 1, 1, 1)
    assert len({row.id for row in result.rows}) == len(result.rows)


def test_a_method_that_is_always_sure_of_one_cause_fails(bare_context) -> None:
    broken = SyntheticTier(worlds={"one": 4, "outside": 1}, method=partial(sure_of, "inflation"))
    verdicts = {row.id: row.verdict for row in broken.run(bare_context()).rows}
    assert verdicts["in_set_one"] == "failed"
    assert verdicts["gain_one"] == "failed"
    assert verdicts["gain_outside"] == "failed"
    assert verdicts["unexplained_90_one"] == "failed"
    assert verdicts["unexplained_auc"] == "failed"
    assert verdicts["raised_outside"] == "failed"

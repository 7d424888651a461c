"""Rules of the scorecard, one test each; headings name the module."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import t

import selloff
from selloff.catalog import default_catalogue
from selloff.scorecard.event.matched import strata
from selloff.scorecard.event.policy import Announcements, rows
from selloff.scorecard.human.abstention import named_confidence
from selloff.scorecard.human.baselines import price_only
from selloff.scorecard.knowledge import UNRELATED
from selloff.scorecard.synthetic.worlds import draw_world
from selloff.scorecard.tier import Interval
from selloff.scorecard.uncertainty import at_least, at_most
from selloff.scorecard.weighed_days import WeighedDay

MAP = default_catalogue().label_map


# -- cieslak_pang


@pytest.mark.parametrize(("shock", "trigger"), [(0, "growth"), (1, "policy_tightening")])
def test_a_day_that_one_shock_made_is_its_news_and_one_that_premia_made_is_the_base_rate(shock, trigger):
    base = np.random.default_rng(1).dirichlet(np.ones(len(MAP.outcomes)), 3)
    told = [tuple(-2.0 if s == shock else 0.0 for s in range(4)), (0.0, 0.0, -1.0, -1.0), None]
    inputs = SimpleNamespace(base=base, own=lambda x: x, records=[SimpleNamespace(shocks=t) for t in told])
    found = price_only.stated(inputs, MAP)
    assert found[0] == pytest.approx(MAP.outcome_shares({trigger: 1.0}))
    assert found[1] == pytest.approx(base[1]) and found[2] == pytest.approx(base[2])


# -- matched


def test_no_matched_day_is_within_a_week_of_trading_of_any_event(sessions) -> None:
    """Five sessions on either side, also of the other events; written out, so that the number can't drift unseen."""
    days = [d.item() for d in sessions.dates[6000:6240:12]]
    rows_of_events = [sessions.position(d) for d in days]
    found = strata(days, sessions, date(2020, 12, 31), 5)
    matched = [sessions.position(d) for s in found for d in s.matched]
    assert matched and all(min(abs(m - r) for r in rows_of_events) >= 6 for m in matched)
    assert max(min(abs(m - r) for r in rows_of_events) for m in matched) <= 125


# -- policy


def test_tightening_moves_yields_up_and_shares_down() -> None:
    """With our shocks right on every day, what tightening moved shares by agrees once its sign is turned over."""
    days = tuple(date(2017, 1, 2 + i) for i in range(12))
    theirs = np.random.default_rng(3).standard_normal((12, 1)) * [1.0, 1.0]
    weighed = {
        d: WeighedDay(d, "adverse", {}, {}, (), shock_2y=x, policy_2y=x, policy_spx=-x, move_2y=x, move_spx=-x)
        for d, x in zip(days, theirs[:, 0].tolist(), strict=True)
    }
    found = {r.id: r.value.mid for r in rows(Announcements(days, theirs), weighed)[0]}
    assert found["pc1_policy_2y"] == found["pc1_policy_spx"] == found["pc1_shock_2y"] == 1.0


# -- uncertainty


def test_an_interval_that_holds_the_aim_decides_nothing():
    assert at_most(Interval(0.45, 0.4, 0.6), 0.5) == "open"
    assert at_least(Interval(0.55, 0.4, 0.6), 0.5) == "open"


# -- abstention


def test_confidence_is_that_of_a_named_outcome():
    """Sure of *other* or of *unknown* is not sure of a reason."""
    stated = np.full((2, len(MAP.outcomes)), 0.02)
    stated[0, MAP.outcomes.index("other")] = 0.8
    stated[1, MAP.outcomes.index("unknown")] = 0.8
    assert named_confidence(stated, MAP).tolist() == [0.02, 0.02]


# -- knowledge


def test_nothing_that_an_explanation_imports_is_left_out_of_the_key_of_a_kept_day():
    """By the imports of every part that is hashed; only the explanation's own ways to show itself reach the report."""
    package = Path(selloff.__file__).parent
    kept = [p for p in sorted(package.rglob("*.py")) if p.relative_to(package).parts[0] not in UNRELATED]
    assert len(kept) > 100
    for path in kept:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            part = module.split(".")[1] if module and module.startswith("selloff.") else ""
            if path.relative_to(package).as_posix() != "explanation/result.py" or part != "report":
                assert part not in UNRELATED, f"{path.name} imports {module}"


# -- worlds


def test_noise_grows_with_the_intensity_as_the_method_supposes_in_worlds_from_its_prior():
    """Of unit variance once divided by √(1 + g²), at g of 2 and more: the median size of a t with four degrees."""
    causes, assets = list(default_catalogue().causes.values()), list(default_catalogue().assets)
    worlds = [draw_world("prior", i, causes, assets, 8) for i in range(1500)]
    loud = [w for w in worlds if w.intensity >= 2.0 and not w.unlisted]
    assert len(loud) > 40
    sizes = [np.abs(w.move - w.contributions.sum(axis=0)) / np.sqrt(1.0 + w.intensity**2) for w in loud]
    assert np.median(sizes) == pytest.approx(t.ppf(0.75, 4) * np.sqrt(0.5), rel=0.2)

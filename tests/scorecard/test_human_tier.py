"""The human tier on the synthetic world with invented labels."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from scorecard.invented import CATEGORIES, POLICY, Rows, write
from selloff.errors import ScorecardError
from selloff.panel import morning_note
from selloff.report.scorecard_docs import scorecard_markdown
from selloff.report.scorecard_html import scorecard_page
from selloff.report.scorecard_words import SCORE_NAMES, methods_of, with_interval
from selloff.scorecard import Scorecard, ScoreContext, TierResult
from selloff.scorecard.human import tier
from selloff.scorecard.human.methods import SCORES
from selloff.scorecard.scores import FLOOR
from selloff.store import Store
from truncation import truncated

NAMES = (
    "base_rate",
    "recent_labels",
    "drawdown_only",
    "up_means_policy",
    "logit",
    "cieslak_pang",
    "cieslak_pang_fitted",
    "human_ceiling",
)
OUTCOMES = {
    "macro": ["macro"],
    "corporate": ["corporate"],
    "monetary": ["monetary", "exrate"],
    "fiscal": ["govspend", "taxes"],
    "geopolitics": ["sovmil", "terror"],
    "trade": ["trade"],
    "other": ["commodities", "elections", "foreign", "otherpol", "reg", "other"],
    "unknown": ["unknown"],
}
MEANS = {"growth": "macro", "inflation": "macro", "china": "macro", "credit_bank": "macro"}
MEANS |= {"megacap_valuation": "corporate", "policy_tightening": "monetary", "dollar_policy": "monetary"}
MEANS |= {"fiscal": "fiscal", "geopolitics": "geopolitics", "trade_policy": "trade", "crypto_specific": "other"}
MEANS |= {"other": "other", "unknown": "unknown"}


def _votes(row: dict[str, str]) -> dict[str, float]:
    return {o: sum(float(row[c]) for c in cs) for o, cs in OUTCOMES.items()}


def _json(result: TierResult) -> str:
    return Scorecard((result,)).to_json()


def test_every_day_is_scored_or_counted_with_a_reason(human: TierResult, labelled_days: list[date]):
    found = human.to_dict()
    assert found["n"] == len(labelled_days) - 2
    assert found["n"] + found["n_skipped"] == len(labelled_days)
    assert found["skipped"] == {"before the first New York session selloff knows": 1, "not a New York session": 1}
    assert found["in_sample"]["n"] == 0
    assert len(found["days"]) == found["n"]


def test_the_model_and_every_baseline_have_every_score(human: TierResult):
    found = json.loads(_json(human))
    assert set(found["baselines"]) == set(NAMES)
    for scores in (found["model"], *found["baselines"].values()):
        for key in (*SCORES, "gain_over_base"):
            mid, low, high = (scores[key][k] for k in ("mid", "low", "high"))
            assert low <= mid <= high, key
    assert found["gain_over_base"] == found["model"]["gain_over_base"]
    assert found["baselines"]["base_rate"]["gain_over_base"] == {"mid": 0.0, "low": 0.0, "high": 0.0}


def test_scores_of_the_program_against_its_explanations(
    human: TierResult, rows: tuple[Rows, Rows], explain_world: Callable
):
    """Straight from `explain` and the rows of the file, by loops."""
    total, briers, top1 = 0.0, 0.0, 0.0
    scored = [row for row in rows[0] if row["date"] >= "2018-06"]
    for row in scored[::8]:
        shares = dict.fromkeys(OUTCOMES, 0.0)
        for trigger, share in explain_world(row["date"]).attribution.trigger_shares.items():
            shares[MEANS[trigger]] += share
        votes = _votes(row)
        floored = {o: (1 - FLOOR) * p + FLOOR / 8 for o, p in shares.items()}
        expected = sum(v * math.log(floored[o]) for o, v in votes.items())
        line = next(d for d in human.details["days"] if d["date"] == row["date"])
        assert line["log_score"] == pytest.approx(expected, rel=1e-9)
        assert line["shares"] == pytest.approx(shares)
    for row, line in zip(scored, human.details["days"], strict=True):
        votes = _votes(row)
        total += line["log_score"]
        briers += sum((line["shares"][o] - votes[o]) ** 2 for o in OUTCOMES)
        top1 += votes[max(OUTCOMES, key=lambda o: line["shares"][o])]
    model = human.details["model"]
    assert model["log_score"]["mid"] == pytest.approx(total / len(scored))
    assert model["brier"]["mid"] == pytest.approx(briers / len(scored))
    assert model["top1"]["mid"] == pytest.approx(top1 / len(scored))


def test_base_rate_is_the_weighted_mean_of_earlier_labels(human: TierResult, rows: tuple[Rows, Rows]):
    """Half-life of 60 labelled days, the uniform distribution worth four, labels of the day itself left out."""
    ordered = sorted(rows[0], key=lambda row: row["date"])
    for line in human.details["days"][::9]:
        known = [r for r in ordered if r["date"] < line["date"]]
        weights = [0.5 ** ((len(known) - 1 - i) / 60) for i in range(len(known))]
        rate = {
            o: (sum(w * _votes(r)[o] for w, r in zip(weights, known, strict=True)) + 4 / 8) / (sum(weights) + 4)
            for o in OUTCOMES
        }
        votes = _votes(next(r for r in ordered if r["date"] == line["date"]))
        expected = sum(v * math.log((1 - FLOOR) * rate[o] + FLOOR / 8) for o, v in votes.items())
        assert line["base_log_score"] == pytest.approx(expected)


def test_what_was_planted_is_found(human: TierResult):
    """Up days are all monetary here, so the baseline that knows this gains, and coders are better than all."""
    baselines = human.details["baselines"]
    assert baselines["up_means_policy"]["gain_over_base"]["low"] > 0
    assert baselines["up_means_policy"]["balanced_accuracy_policy"]["low"] > 0.5
    best = max(baselines[n]["log_score"]["mid"] for n in NAMES if n != "human_ceiling")
    assert baselines["human_ceiling"]["log_score"]["mid"] > best


def test_the_ceiling_against_a_loop(human: TierResult, rows: tuple[Rows, Rows]):
    """Top 1 of two coders is how often they agree."""
    scored = [row for row in rows[0] if row["date"] >= "2018-06"]
    agreed = sum(max(float(row[c]) for c in CATEGORIES) == 1.0 for row in scored)
    top1 = human.details["baselines"]["human_ceiling"]["top1"]["mid"]
    assert top1 == pytest.approx(agreed / len(scored))


def test_policy_is_policy_as_the_coders_define_it(human: TierResult, rows: tuple[Rows, Rows]):
    """A day is called policy if the stated policy share exceeds the base rate's; both by earlier labels' mix."""
    ordered = sorted(rows[0], key=lambda row: row["date"])
    right = {True: 0.0, False: 0.0}
    total = {True: 0.0, False: 0.0}
    for line in human.details["days"]:
        known = [r for r in ordered if r["date"] < line["date"]]
        weights = [0.5 ** ((len(known) - 1 - i) / 60) for i in range(len(known))]
        stated = usual = 0.0
        for o, categories in OUTCOMES.items():
            policy = sum(
                w * float(r[c]) for w, r in zip(weights, known, strict=True) for c in categories if c in POLICY
            )
            votes = sum(w * _votes(r)[o] for w, r in zip(weights, known, strict=True))
            share = (policy + sum(c in POLICY for c in categories) / len(categories)) / (votes + 1)
            stated += line["shares"][o] * share
            usual += share * (votes + 4 / 8) / (sum(weights) + 4)
        own = float(next(r for r in ordered if r["date"] == line["date"])["policy"])
        called = stated > usual + 1e-12
        total[True] += own
        total[False] += 1 - own
        right[called] += own if called else 1 - own
    expected = (right[True] / total[True] + right[False] / total[False]) / 2
    assert human.details["model"]["balanced_accuracy_policy"]["mid"] == pytest.approx(expected)


def test_two_runs_give_the_same_bytes(human: TierResult, score_context: Callable[..., ScoreContext]):
    """From the cache, and the records of some days without it."""
    again = tier().run(score_context())
    assert _json(again) == _json(human)


def test_an_interrupted_run_loses_nothing(
    human: TierResult, score_context: Callable[..., ScoreContext], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def stop(what: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tier().run(score_context(cache=tmp_path, progress=stop))
    kept = sorted(p.name for p in (tmp_path / "scorecard" / "human").iterdir())
    first_two = [d["date"] for d in human.details["days"][:2]]
    assert kept == [f"{day}.json" for day in first_two]


def test_a_record_of_other_data_is_not_used(score_context: Callable[..., ScoreContext], tmp_path: Path, rows: tuple):
    """A kept record counts only under the hash of its inputs."""
    few = [row for row in rows[0] if row["date"] >= "2018-06"][:2]
    files = {"labels": write(tmp_path / "few.csv", few)}
    context = score_context(files=files, cache=tmp_path)
    first = tier().run(context)
    folder = tmp_path / "scorecard" / "human"
    for path in folder.iterdir():
        kept = json.loads(path.read_text())
        kept["record"]["shares"] = {"other": 0.0, "unknown": 1.0}
        path.write_text(json.dumps(kept))
    assert _json(tier().run(context)) != _json(first)
    for path in folder.iterdir():
        path.write_text(json.dumps({**json.loads(path.read_text()), "key": "another"}))
    assert _json(tier().run(context)) == _json(first)


def test_later_labels_and_data_change_no_earlier_day(
    human: TierResult, score_context: Callable[..., ScoreContext], rows: tuple[Rows, Rows], store: Store, tmp_path: Path
):
    for place in (3, 14):
        last = date.fromisoformat(human.details["days"][place]["date"])
        kept = [[r for r in part if r["date"] <= last.isoformat()] for part in rows]
        files = {"labels": write(tmp_path / "day.csv", kept[0]), "coders": write(tmp_path / "coder.csv", kept[1])}
        cut = truncated(store, morning_note(last), tmp_path / f"cut{place}")
        found = tier().run(score_context(files=files, store=cut, cache=None if place == 3 else tmp_path))
        assert found.details["days"] == human.details["days"][: place + 1]


def test_days_that_were_fitted_on_are_scored_apart(
    human: TierResult, score_context: Callable[..., ScoreContext], monkeypatch: pytest.MonkeyPatch
):
    days = [d["date"] for d in human.details["days"]]
    fitted = frozenset(date.fromisoformat(d) for d in days[4:10])
    monkeypatch.setattr("selloff.scorecard.human.scoring.fitted_on", lambda _: fitted)
    found = tier().run(score_context()).to_dict()
    assert found["n"] == len(days) - 6
    assert found["in_sample"]["n"] == 6
    assert [d["date"] for d in found["days"]] == days[:4] + days[10:]
    both = (found["n"] * found["model"]["log_score"]["mid"] + 6 * found["in_sample"]["model"]["log_score"]["mid"]) / 40
    assert both == pytest.approx(human.details["model"]["log_score"]["mid"])


def test_the_future_is_left_out(score_context: Callable[..., ScoreContext], human: TierResult):
    days = human.details["days"]
    now = datetime.fromisoformat(days[5]["date"]).replace(tzinfo=UTC) + timedelta(hours=40)
    found = tier().run(score_context(now=now)).to_dict()
    assert found["skipped"]["its morning note is still to come"] == len(days) - 6
    assert [d["log_score"] for d in found["days"]] == [d["log_score"] for d in days[:6]]


def test_without_coders_the_ceiling_is_unknown(score_context: Callable[..., ScoreContext], human: TierResult):
    context = score_context()
    found = tier().run(replace(context, files={"labels": context.files["labels"]}))
    assert "human_ceiling" not in found.details["baselines"]
    assert any("ceiling is not known" in note for note in found.notes)
    assert found.details["model"] == human.details["model"]


def test_nothing_to_score_is_an_error(score_context: Callable[..., ScoreContext], rows: tuple, tmp_path: Path):
    with pytest.raises(ScorecardError, match="needs labels"):
        tier().run(score_context(files={}))
    early = write(tmp_path / "early.csv", [r for r in rows[0] if r["date"] < "1970"])
    with pytest.raises(ScorecardError, match="None of the 1 labelled days"):
        tier().run(score_context(files={"labels": early}))


def test_failures_come_first(human: TierResult):
    order = [row["verdict"] for row in human.to_dict()["rows"]]
    assert order == sorted(order, key=["failed", "open", "passed"].index)
    assert human.to_dict()["failed"] == order.count("failed")


def test_worst_misses_are_the_worst(human: TierResult):
    scores = sorted(d["log_score"] for d in human.details["days"])
    assert [m["log_score"] for m in human.details["misses"]] == scores[:10]


def test_calibration_bins_hold_every_day(human: TierResult):
    tables = human.details["calibration"]["model"]
    assert sum(b["n"] for b in tables["top"]) == 40
    assert sum(b["n"] for b in tables["all_outcomes"]) == 40 * 8
    stated = sum(b["n"] * b["stated"] for b in tables["all_outcomes"])
    assert stated == pytest.approx(40)
    assert np.isclose(sum(b["n"] * b["right"] for b in tables["all_outcomes"]), 40)


def test_the_page_and_the_document_show_every_method(human: TierResult):
    """Each score as the terminal rounds it, its interval below; every method has a row."""
    page = scorecard_page(Scorecard((human,)))
    markdown, plot = scorecard_markdown(Scorecard((human,)), {}, "plot.svg")
    assert plot is not None and plot.startswith("<svg")
    table = page.split("The program and what it has to beat")[1].split("</table>")[0]
    assert table.count("<tr>") == len(NAMES) + 2
    for name, _, scores in methods_of(human):
        assert f'<th scope="row">{name}</th>' in table and f"| {name} |" in markdown
        for key in SCORE_NAMES:
            mid, _, interval = with_interval(scores[key]).partition(" ")
            assert mid in table and interval in table

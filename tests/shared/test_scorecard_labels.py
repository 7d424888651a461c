"""The human tier on a handful of real labelled days."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from full_data import NOW, FullData
from selloff.scorecard import ScoreContext
from selloff.scorecard.human import tier

pytestmark = pytest.mark.shared

FIRST_DAYS = ("1929-", "2018-", "2019-")


def test_a_handful_of_days(full: FullData, shared_folder: Path, tmp_path: Path):
    with (shared_folder / "bbds_jumps_by_day.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if row["date"].startswith(FIRST_DAYS)]
    with (tmp_path / "few.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    early = sum(row["date"] < "1985" for row in rows)
    context = ScoreContext(
        store=full.store,
        catalogue=full.catalogue,
        sessions=full.sessions,
        now=NOW,
        files={"labels": tmp_path / "few.csv", "coders": shared_folder / "bbds_jumps_by_coder.csv"},
    )
    found = tier().run(context).to_dict()
    assert found["n"] == len(rows) - early and found["n"] >= 9
    assert found["n_skipped"] == early
    assert found["baselines"]["human_ceiling"]["top1"]["mid"] > 0.5
    assert found["baselines"]["human_ceiling"]["log_score"]["low"] > found["model"]["log_score"]["high"]


def test_every_shared_row_can_be_read(shared_folder: Path, full: FullData):
    from selloff.catalog.labelmap import load_label_map
    from selloff.scorecard.human.label_file import read_coders, read_labels

    label_map = load_label_map(full.catalogue.folder, full.catalogue.causes)
    labels = read_labels(shared_folder / "bbds_jumps_by_day.csv", label_map)
    coders = read_coders(shared_folder / "bbds_jumps_by_coder.csv", label_map)
    assert len(labels.days) + len(labels.without_label) == 662
    with (shared_folder / "bbds_jumps_by_day.csv").open(newline="") as file:
        policy = {r["date"]: float(r["policy"]) for r in csv.DictReader(file)}
    for day, share in zip(labels.days.astype(str), labels.policy, strict=True):
        assert share == pytest.approx(policy[day], abs=0.002)
    modern = labels.days >= labels.days.dtype.type("1990-01-01")
    assert modern.sum() == 172
    assert (coders.votes.sum(axis=1) > 0.999).all()

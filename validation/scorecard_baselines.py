"""Choose the few settings of the scorecard's baselines, in the baselines' favour.

A baseline that is set badly is easy to beat, so each setting is the one with the best mean log score of that baseline
(or of the human ceiling) on the labelled days given, over a short grid. The base rate's half-life is the exception: the
score rises as it falls, until it is a memory of the last jumps and no base rate any more. It takes the half-life that
is as good as the frequencies of the scored days themselves, and the short memory is a baseline of its own. The
program's own shares play no part, and nothing of the program is set here.

Run:  python validation/scorecard_baselines.py --labels FILE --coders FILE [--home FOLDER]
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import numpy as np

from selloff.catalog import default_catalogue
from selloff.catalog.labelmap import load_label_map
from selloff.catalog.sessions import load_sessions
from selloff.scorecard import ScoreContext
from selloff.scorecard.human.baselines import human_ceiling, logit
from selloff.scorecard.human.baselines.base_rate import base_rates
from selloff.scorecard.human.baselines.shifted_base_rate import shifted
from selloff.scorecard.human.label_file import read_coders, read_labels
from selloff.scorecard.human.records import make_records
from selloff.scorecard.human.scoring import inputs_of
from selloff.scorecard.scores import log_scores
from selloff.settings import load_settings
from selloff.store import Store

HALF_LIVES = (10, 20, 30, 60, 120, 10**6)
PRIOR_DAYS = (1.0, 4.0, 16.0)
RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0)
BASE_DAYS = (0.1, 0.2, 0.3, 0.5, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--coders", type=Path, required=True)
    parser.add_argument("--home", type=Path, default=load_settings().home)
    options = parser.parse_args()
    catalogue = default_catalogue()
    label_map = load_label_map(catalogue.folder, catalogue.causes)
    labels, coders = read_labels(options.labels, label_map), read_coders(options.coders, label_map)
    context = ScoreContext(
        store=Store(options.home / "store"),
        catalogue=catalogue,
        sessions=load_sessions(options.home / "cache", last_year=2027),
        now=datetime.now(UTC),
        cache=options.home / "cache",
    )
    records = make_records(context, [day.item() for day in labels.days])
    inputs, _ = inputs_of(labels, records, np.datetime64(label_map.coding.since))
    votes, base = inputs.own(inputs.votes), inputs.own(inputs.base)
    own = np.tile(votes.mean(axis=0), (len(votes), 1))
    print(f"{len(votes)} explained days; their own frequencies: {log_scores(own, votes).mean():.4f}")
    for half_life in HALF_LIVES:
        for prior in PRIOR_DAYS:
            score = log_scores(inputs.own(base_rates(inputs.days, inputs.votes, half_life, prior)), votes).mean()
            print(f"base rate: half-life {half_life}, prior days {prior}: {score:.4f}")
    features = logit.logit_features(records.days)
    for ridge in RIDGES:
        score = log_scores(shifted(inputs, features, ridge), votes).mean()
        print(f"logit: ridge {ridge}: {score:.4f}")
    for days in BASE_DAYS:
        with patch.object(human_ceiling, "BASE_DAYS", days):
            found = human_ceiling.human_ceiling(coders, inputs.days[inputs.rows], base)
        score = np.average(log_scores(found.stated, found.votes), weights=found.weight)
        print(f"human ceiling: base days {days}: {score:.4f}")


if __name__ == "__main__":
    main()

"""Sets of assets and histories for the policy shock, against the 30-minute surprises, and what a fit on these would do.

Agreement in sign with pc1 and MP_median (Jarociński and Karadi), beside that of the day's 2-year change, on the
announcements that have every asset; paired gains with 90 % intervals, blocks of eight. `fitted`: a ridge fit on the
surprises themselves in ten blocks of announcements: about as much as these moves can give. Every row was looked at when
the three assets were kept, so none of them is a test of the choice; announcements that others keep back are.

Without --write the run has to repeat the committed result.

Run:  python validation/policy_shock_variants.py [--write]
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from claims import Checks, committed
from selloff.attribution.policy_shock import ASSETS, CAUSE, shock_loading
from selloff.attribution.signature import signatures
from selloff.catalog import default_catalogue
from selloff.catalog.sessions import load_sessions
from selloff.panel.transforms import Floats
from selloff.panel.volatility import slow_volatility
from selloff.scorecard.event.policy import BLOCK, SHOCKS, agreement, read_announcements
from selloff.scorecard.uncertainty import mean_of, resampled
from shared_series import SHARED, common_days, daily_moves, report

NAME = "policy_shock_variants"
FILES = {"3m": "ust_3m.csv", "2y": "ust_2y.csv", "5y": "ust_5y.csv", "10y": "ust_10y.csv"}
STOCKS = "sp500_close.csv"
VARIANTS: dict[str, tuple[tuple[str, ...], int | None]] = {
    "3m, 2y, 5y, 10y, shares": (("3m", "2y", "5y", "10y", "spx"), None),
    "2y, 10y, shares (used)": (("2y", "10y", "spx"), None),
    "2y, 10y": (("2y", "10y"), None),
    "2y, 10y, shares, ten years": (("2y", "10y", "spx"), 2520),
}
FITTED = (
    ("2y", "spx"),
    ("2y", "10y"),
    ("2y", "10y", "spx"),
    ("2y", "5y", "10y", "spx"),
    ("3m", "2y", "5y", "10y", "spx"),
)
SEED, RIDGE = 7, 1.0


class Days:
    """Sigmas by session, (n, n_assets), on days on which a set of assets is whole; and which had an announcement."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.catalogue, sessions = default_catalogue(), load_sessions(None, last_year=2027)
        yields = [n for n in names if n in FILES]
        files = {FILES[n]: "value" for n in yields}
        if "spx" in names:
            files[STOCKS] = "value"
        days, levels = common_days(files, "1980-01-01", "2026-02-28")
        order = [*yields, *(["spx"] if "spx" in names else [])]
        self.days, moves = daily_moves(days, levels, len(yields))
        before = np.vstack([np.full((1, len(order)), np.nan), slow_volatility(moves)[:-1]])
        self.moves, self.sigmas, self.order = moves, moves / before, order
        reacted = {e.reacts_on(sessions) for e in self.catalogue.events.tables["fomc"].events}
        self.announced = np.array([d.item() in reacted for d in self.days])
        self.surprises = read_announcements(SHARED / "data/labels/jk_shocks_fed_by_announcement.csv", sessions)

    def signature(self) -> Floats:
        """What the cause predicts; the 3-month yield as the 2-year, the 5-year halfway to the 10-year."""
        cause = self.catalogue.causes[CAUSE]
        own = dict(zip(ASSETS, signatures([cause], ASSETS, "adverse").moments()[0][0].tolist(), strict=True))
        all_of = {"3m": own["us2y"], "2y": own["us2y"], "10y": own["us10y"], "spx": own["spx"]}
        all_of["5y"] = (all_of["2y"] + all_of["10y"]) / 2
        return np.array([all_of[n] for n in self.order])

    def scored(self) -> list[tuple[int, int]]:
        """Row of each surprise's session here, and its own row."""
        row = {d: i for i, d in enumerate(self.days.tolist())}
        whole = ~np.isnan(self.sigmas).any(axis=1)
        pairs = [(row[d], k) for k, d in enumerate(self.surprises.days) if d in row]
        return [(i, k) for i, k in pairs if whole[i]]


def filtered(days: Days, history: int | None) -> Floats:
    """The shock of each scored session, by what was known before it."""
    signature, whole, found = days.signature(), ~np.isnan(days.sigmas).any(axis=1), []
    for i, _ in days.scored():
        past = np.zeros(len(whole), dtype=bool)
        past[0 if history is None else max(0, i - history) : i] = True
        past &= whole
        loading = shock_loading(days.sigmas[past & ~days.announced], days.sigmas[past & days.announced], signature)
        found.append(float(loading.weights @ days.sigmas[i]))
    return np.array(found)


def fitted(days: Days, target: Floats) -> Floats:
    """Ridge on the surprises themselves, each block from the others."""
    x = days.sigmas[[i for i, _ in days.scored()]]
    y, found = np.clip(target / target.std(), -2, 2), np.zeros(len(x))
    for block in np.array_split(np.arange(len(x)), 10):
        rest = np.setdiff1d(np.arange(len(x)), block)
        slopes = np.linalg.solve(x[rest].T @ x[rest] + RIDGE * np.eye(x.shape[1]), x[rest].T @ y[rest])
        found[block] = x[block] @ slopes
    return found


def compared(days: Days, ours: Floats, column: int) -> dict[str, Any]:
    rows = days.scored()
    theirs = days.surprises.shock[[k for _, k in rows], column]
    plain = agreement(days.moves[[i for i, _ in rows], days.order.index("2y")], theirs)
    agree = agreement(ours, theirs)
    gain = resampled(agree - plain, mean_of, SEED, block=BLOCK)
    return {
        "n": len(rows),
        "agrees": round(float(agree.mean()), 3),
        "2-year change agrees": round(float(plain.mean()), 3),
        "gain": [round(v, 3) for v in (gain.mid, gain.low, gain.high)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    found: dict[str, Any] = {}
    for name, (assets, history) in VARIANTS.items():
        days = Days(assets)
        ours = filtered(days, history)
        found[name] = {shock: compared(days, ours, c) for c, shock in enumerate(SHOCKS)}
    for assets in FITTED:
        days = Days(assets)
        theirs = days.surprises.shock[[k for _, k in days.scored()]]
        found[f"fitted: {', '.join(assets)}"] = {
            shock: compared(days, fitted(days, theirs[:, c]), c) for c, shock in enumerate(SHOCKS)
        }
    days = Days(("2y", "10y"))
    at = [i for i, _ in days.scored()]
    slope = days.sigmas[at] @ np.array([1.0, -0.5])
    found["2y less half of 10y, seen in the labels"] = {s: compared(days, slope, c) for c, s in enumerate(SHOCKS)}
    write, checks = parser.parse_args().write, Checks()
    checks.repeats(NAME, found, committed(NAME))
    report(NAME, found if write else {**found, **checks.report()}, write)


if __name__ == "__main__":
    main()

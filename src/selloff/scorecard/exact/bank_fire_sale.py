"""Threshold fire sale of the 48 banks of the EBA's 2018 stress test, government bonds down by 20 %."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from selloff.errors import ScorecardError
from selloff.scorecard.exact.check import checked, not_run
from selloff.scorecard.exact.fire_sale import Banks, fire_sale
from selloff.scorecard.inputs import find_input
from selloff.scorecard.tier import Row, ScoreContext

ID, NAME = "eba_fire_sale", "Threshold fire sale, 48 banks: largest difference in shares defaulted and sold"
FILE = "eba_2018.csv"
SHOCK = 0.20
PUBLISHED = ((0.0, 0.1458, 0.6051), (0.01, 0.375, 0.9145), (0.05, 0.9167, 0.9961))
"""δ, share of banks in default, share of bonds sold: made with the code at ox-inet-resilience/firesale_stresstest."""

TOLERANCE = 5e-5
"""Four decimals."""


def read_banks(path: Path) -> Banks:
    """Balance sheets out of the file: a comma in the head, blanks in the rows, government bonds as a sum `a+b`.

    `leverage` is equity over assets in per cent; corporate bonds are debt securities less government bonds.

    Raises
    ------
    ScorecardError : a row can't be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError(f"{path} can't be read: {error}.", "Give the file as published.") from error
    numbers = []
    for line in lines:
        if not line.strip():
            continue
        try:
            _, equity, leverage, debt, government = line.replace(",", " ").split()
            state = sum(float(part) for part in government.split("+"))
            numbers.append((float(equity), float(equity) / (float(leverage) / 100), float(debt) - state, state))
        except (ValueError, ZeroDivisionError) as error:
            raise ScorecardError(f"{path.name}: the row {line!r} can't be read.", "Give it as published.") from error
    if not numbers:
        raise ScorecardError(f"{path.name} holds no bank.", "Give it as published.")
    table = np.array(numbers)
    return Banks(table[:, 0], table[:, 1], table[:, 2:])


def row(context: ScoreContext) -> Row:
    """Three price impacts, two numbers each."""
    path = find_input(context, "eba_2018", FILE)
    if path is None:
        return not_run(ID, NAME, TOLERANCE, f"no file {FILE}")
    banks = read_banks(path)
    ours = [fire_sale(banks, shock=SHOCK, impact=impact) for impact, _, _ in PUBLISHED]
    error = max(
        max(abs(got.defaulted - defaulted), abs(got.sold - sold))
        for got, (_, defaulted, sold) in zip(ours, PUBLISHED, strict=True)
    )
    got = "; ".join(f"δ {p[0]:.0%}: {o.defaulted:.4f} / {o.sold:.4f}" for o, p in zip(ours, PUBLISHED, strict=True))
    return checked(ID, NAME, error, TOLERANCE, 2 * len(PUBLISHED), f"{len(banks.equity)} banks; {got}")

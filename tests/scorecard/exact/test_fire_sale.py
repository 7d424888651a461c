"""The fire sale against a bank-by-bank loop, its published numbers, and what must hold of any fire sale."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selloff.errors import ScorecardError
from selloff.scorecard.exact.bank_fire_sale import read_banks
from selloff.scorecard.exact.fire_sale import Banks, fire_sale


def slow_fire_sale(banks: Banks, shock: float, impact: float) -> tuple[float, float]:
    """One bank at a time, one bond at a time, until nothing more is sold."""
    book = []
    for equity, assets, (corporate, state) in zip(banks.equity, banks.assets, banks.bonds, strict=True):
        debt = (assets - equity) / 2
        cash = 0.05 * assets
        rest = assets - corporate - state - cash
        book.append({"q": [corporate, state], "cash": cash, "rest": rest, "debt": debt, "loan": debt, "alive": True})
    cap = [sum(b["q"][k] for b in book) for k in (0, 1)]
    price, sold, orders = [1.0, 1.0 - shock], [0.0, 0.0], [[0.0, 0.0] for _ in book]
    for _ in range(50):
        old = list(price)
        for k in (0, 1):
            put = sum(o[k] for o in orders)
            price[k] *= math.exp(math.log(1 - impact) / 0.05 * put / cap[k])
            sold[k] += put
        for b, o in zip(book, orders, strict=True):
            for k in (0, 1):
                b["q"][k] -= o[k]
                b["cash"] += o[k] * (price[k] + old[k]) / 2
        orders = [[0.0, 0.0] for _ in book]
        for b, o in zip(book, orders, strict=True):
            if not b["alive"]:
                continue
            bonds = sum(q * p for q, p in zip(b["q"], price, strict=True))
            total = b["cash"] + b["rest"] + bonds
            equity = total - b["debt"] - b["loan"]
            if equity / total < 0.03:
                b["alive"] = False
                o[:] = b["q"]
            elif equity / total < 0.04:
                need = max(total - equity / 0.05, 0.0)
                pay = min(need, b["cash"], b["loan"])
                b["cash"] -= pay
                b["loan"] -= pay
                if b["cash"] < need - pay and bonds > 0:
                    part = min((need - pay - b["cash"]) / bonds, 1.0)
                    o[:] = [q * part for q in b["q"]]
    return sum(not b["alive"] for b in book) / len(book), sum(sold) / sum(cap)


def some_banks(seed: int, n: int = 12) -> Banks:
    random = np.random.default_rng(seed)
    assets = random.uniform(50, 500, n)
    bonds = assets[:, None] * random.uniform(0.02, 0.2, (n, 2))
    return Banks(assets * random.uniform(0.03, 0.08, n), assets, bonds)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("impact", [0.0, 0.02, 0.1])
def test_it_is_what_a_loop_over_banks_gives(seed: int, impact: float) -> None:
    banks = some_banks(seed)
    ours = fire_sale(banks, shock=0.2, impact=impact, rounds=50)
    assert (ours.defaulted, ours.sold) == pytest.approx(slow_fire_sale(banks, 0.2, impact), abs=1e-9)


def test_without_a_shock_sound_banks_do_nothing() -> None:
    banks = some_banks(3)
    sound = Banks(0.2 * banks.assets, banks.assets, banks.bonds)
    assert fire_sale(sound, shock=0.0, impact=0.05).sold == 0.0


def test_a_deeper_market_saves_banks() -> None:
    banks = some_banks(4, 40)
    defaulted = [fire_sale(banks, shock=0.2, impact=i).defaulted for i in (0.0, 0.02, 0.05, 0.1)]
    assert defaulted == sorted(defaulted) and defaulted[-1] > defaulted[0]


def test_a_file_of_banks(tmp_path) -> None:
    path = tmp_path / "eba.csv"
    path.write_text("bank_id,CET1E,leverage,debt_sec,govbonds\nAA01 100 5.0 300 10+90\n", encoding="utf-8")
    banks = read_banks(path)
    assert banks.assets.tolist() == pytest.approx([2000.0])
    assert banks.bonds.tolist() == [[200.0, 100.0]]
    path.write_text("bank_id,CET1E,leverage,debt_sec,govbonds\nAA01 100 zero 300 10+90\n", encoding="utf-8")
    with pytest.raises(ScorecardError, match="AA01"):
        read_banks(path)
    with pytest.raises(ScorecardError, match="absent"):
        read_banks(tmp_path / "absent.csv")

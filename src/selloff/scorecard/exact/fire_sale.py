"""Threshold fire sale: banks sell bonds when their leverage leaves a band, and default below a floor.

Model of the published numbers on the 48 banks of the EBA's 2018 stress test: leverage λ = equity / assets. Below the
buffer a bank pays down loans with its cash and then sells bonds until λ would be back at its target; below the minimum
it defaults and sells all. Sales of a round meet the market together: price × exp(-β · sold / outstanding), β =
-ln(1 - δ) / 0.05 (after Cifuentes, Ferrucci and Shin 2005; thresholds as in Cont and Schaanning 2017), paid at the mean
of old and new price. The shock hits government bonds; corporate and government bonds can be sold, cash is 5 % of
assets, the rest is illiquid, and half of the liabilities are loans that can be paid back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from selloff.panel.transforms import Floats

LEVERAGE_MINIMUM, LEVERAGE_BUFFER, LEVERAGE_TARGET = 0.03, 0.04, 0.05
CASH_SHARE = 0.05
IMPACT_AT = 0.05
"""Selling this share of the outstanding bonds moves the price by δ."""

ROUNDS = 6
SMALLEST = 1e-9


@dataclass(frozen=True)
class Banks:
    """Balance sheets before the shock, each (n_banks,), in one currency unit.

    `bonds` is (n_banks, 2): corporate, government. Liabilities are `assets` minus `equity`.
    """

    equity: Floats
    assets: Floats
    bonds: Floats


@dataclass(frozen=True)
class FireSale:
    """`defaulted`: share of banks; `sold`: share of all bonds, by number, that came to the market."""

    defaulted: float
    sold: float


def fire_sale(banks: Banks, *, shock: float, impact: float, rounds: int = ROUNDS) -> FireSale:
    """Run the cascade.

    Parameters
    ----------
    shock : fraction by which government bonds lose value at the start.
    impact : δ, the price fall if 5 % of the outstanding bonds are sold.
    """
    n = len(banks.equity)
    quantity = banks.bonds.copy()
    outstanding = quantity.sum(axis=0)
    cash = CASH_SHARE * banks.assets
    illiquid = banks.assets - quantity.sum(axis=1) - cash
    fixed = (banks.assets - banks.equity) / 2.0
    loans = fixed.copy()
    price = np.array([1.0, 1.0 - shock])
    beta = -math.log1p(-impact) / IMPACT_AT
    alive, failing = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
    orders, sold = np.zeros_like(quantity), np.zeros(2)
    for _ in range(rounds):
        orders[failing] = quantity[failing]
        failing[:] = False
        offered = orders.sum(axis=0)
        after = price * np.exp(-beta * offered / outstanding)
        cash = cash + orders @ ((price + after) / 2.0)
        quantity = quantity - orders
        sold, price = sold + offered, after
        orders = np.zeros_like(quantity)
        worth = quantity * price
        total = cash + illiquid + worth.sum(axis=1)
        equity = total - fixed - loans
        leverage = equity / total
        failing = alive & (leverage < LEVERAGE_MINIMUM)
        alive &= ~failing
        excess = np.where(alive & (leverage < LEVERAGE_BUFFER), np.maximum(total - equity / LEVERAGE_TARGET, 0.0), 0.0)
        paid = np.minimum(np.minimum(excess, cash), loans)
        cash, loans = cash - paid, loans - paid
        wanted = np.where(cash < excess - paid, excess - paid - cash, 0.0)
        available = worth.sum(axis=1)
        share = np.divide(wanted, available, out=np.zeros(n), where=available > SMALLEST)
        orders = quantity * np.minimum(share, 1.0)[:, None]
    return FireSale(float(np.mean(~alive)), float(sold.sum() / outstanding.sum()))

"""Total return from raw prices, dividends and splits, as far as they are known."""

from __future__ import annotations

import numpy as np

from selloff.errors import UnitError
from selloff.panel.transforms import Floats


def total_return(prices: Floats, dividends: Floats, splits: Floats) -> Floats:
    """Index of a holding whose dividends are reinvested at the next close.

    It ends at the last price: earlier values are adjusted backwards for the dividends and splits that are
    passed in, and for no others. Pass what was known at a moment and the index is as of that moment: an event
    that becomes known later rescales the values before it, and changes the one return across it.

    The return between two closes i < j is (P_j C_j + W_j - W_i) / (P_i C_i), where C is the product of the
    splits so far and W the sum of the dividends of the shares held before each row's split: CRSP's holding
    period total return, (p f + d) / p', over however many rows the gap has (CRSP US Stock Database Guide,
    "Returns").

    Parameters
    ----------
    prices : (n,) raw closes; NaN where there is none. A price of zero or below counts as none.
    dividends : (n,) cash per share that goes ex in the row, per share before the row's split, in the prices'
        currency; NaN where there is none.
    splits : (n,) new shares for one old from the row on (2 for two-for-one, 0.1 for a reverse split); NaN
        where there is none.

    Returns
    -------
    (n,), NaN where there is no price. An event in a row without a price counts in the next return.

    Raises
    ------
    UnitError : a split ratio is not positive.
    """
    ratios = np.where(np.isnan(splits), 1.0, splits)
    if (ratios <= 0).any():
        raise UnitError(
            f"A split of {ratios[ratios <= 0][0]:g} new shares for one old is not possible.",
            "Ratios are positive: 2 for two-for-one, 0.1 for one-for-ten.",
        )
    shares = np.cumprod(ratios)
    shares_before = np.concatenate([[1.0], shares[:-1]])
    cash = np.cumsum(np.where(np.isnan(dividends), 0.0, dividends) * shares_before)
    index = np.full(len(prices), np.nan)
    rows = np.flatnonzero(prices > 0)
    if len(rows) == 0:
        return index
    worth = prices[rows] * shares[rows]
    gross = (worth[1:] + np.diff(cash[rows])) / worth[:-1]
    growth = np.concatenate([[1.0], np.cumprod(gross)])
    index[rows] = growth / growth[-1] * prices[rows[-1]]
    return index

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from dateutil.easter import easter as dateutil_easter
from pandas.tseries.holiday import USFederalHolidayCalendar

from selloff.catalog.holidays import easter, holidays


def test_federal_holidays_are_those_of_pandas() -> None:
    # pandas observes Sunday's holidays on Monday and Saturday's on Friday, as we do; its Juneteenth starts in 2021
    theirs = USFederalHolidayCalendar().holidays(start="1986-01-02", end="2035-12-30")
    ours = holidays("us_federal")
    within = (ours > np.datetime64("1986-01-01")) & (ours < np.datetime64("2035-12-31"))
    assert set(ours[within].tolist()) == {day.date() for day in pd.DatetimeIndex(theirs)}


@pytest.mark.parametrize("year", range(1950, 2061))
def test_easter(year: int) -> None:
    assert easter(year) == dateutil_easter(year)


def test_bond_markets_close_on_good_friday_too() -> None:
    extra = set(holidays("us_bond").tolist()) - set(holidays("us_federal").tolist())
    assert date(2024, 3, 29) in extra
    assert len(extra) == 2060 - 1950 + 1

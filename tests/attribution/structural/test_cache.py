"""Cached models: the same numbers back, and keys that tell everything apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attribution.structural.planted import SMALL, SMALL_RANKED, world
from selloff.attribution.structural import cache as cache_module
from selloff.attribution.structural.cache import ARRAYS, ModelCache, model_key
from selloff.attribution.structural.model import StructuralModel, structural_model


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    random = np.random.default_rng(5)
    return world(SMALL, 1, random).moves(260, random)


@pytest.fixture(scope="module")
def model(values) -> StructuralModel:
    return structural_model(values, SMALL, 1, draws=30)


def test_a_model_comes_back_to_the_last_bit(tmp_path, values, model):
    cache, key = ModelCache(tmp_path / "models"), model_key(values, SMALL)
    assert cache.load(key, SMALL) is None
    cache.save(key, model)
    again = cache.load(key, SMALL)
    for name in ARRAYS:
        assert getattr(again, name).tobytes() == getattr(model, name).tobytes()
    assert (again.n_sessions, again.feasible_share) == (260, model.feasible_share)
    assert [p.name for p in (tmp_path / "models").iterdir()] == [f"{key}.model"]


@pytest.mark.parametrize("spoil", [lambda b: b[: len(b) // 2], lambda b: b[:0], lambda b: b"PK\x03\x04" + b[4:400]])
def test_a_spoilt_file_counts_as_absent_and_is_replaced(tmp_path, values, model, spoil):
    cache, key = ModelCache(tmp_path), model_key(values, SMALL)
    cache.save(key, model)
    path = tmp_path / f"{key}.model"
    path.write_bytes(spoil(path.read_bytes()))
    assert cache.load(key, SMALL) is None
    cache.save(key, model)
    assert cache.load(key, SMALL) is not None


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path, model):
    blocked = tmp_path / "file"
    blocked.write_text("")
    ModelCache(blocked / "models").save("key", model)
    assert ModelCache(blocked / "models").load("key", SMALL) is None


def test_keys_tell_samples_and_restrictions_apart(values):
    nudged = values.copy()
    nudged[7, 2] += 1e-12
    softer = replace(SMALL, rises=np.clip(SMALL.rises, 0.2, 0.8))
    renamed = replace(SMALL, shocks=("a", "b", "c"))
    keys = [
        model_key(values, SMALL),
        model_key(nudged, SMALL),
        model_key(values[1:], SMALL),
        model_key(values, SMALL_RANKED),
        model_key(values, softer),
        model_key(values, renamed),
    ]
    assert len(set(keys)) == len(keys)
    assert model_key(values.copy(), SMALL) == keys[0]


def test_another_seed_is_another_model(values, monkeypatch):
    """The draws start from it, and what makes it lies outside the package whose code is hashed."""
    key = model_key(values, SMALL)
    monkeypatch.setattr(cache_module, "seed_from", lambda *_: 7)
    assert model_key(values, SMALL) != key

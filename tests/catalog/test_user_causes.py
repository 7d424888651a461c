"""A user's cause file is seen by the next look into the catalogue, and refused if a cell contradicts itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from selloff.catalog import default_catalogue
from selloff.catalog.catalogue import DATA
from selloff.errors import CatalogError

GROWTH = (DATA / "causes" / "growth.toml").read_text(encoding="utf-8").replace('id = "growth"', 'id = "own"')
GOLD = 'gold = { sign = "?", basis = "open", p = [0.35, 0.30, 0.35], size = 1.0 }'


def test_a_changed_file_is_seen_in_the_same_process(tmp_path: Path):
    assert "own" not in default_catalogue(tmp_path).causes
    path = tmp_path / "own.toml"
    path.write_text(GROWTH, encoding="utf-8")
    first = default_catalogue(tmp_path)
    assert first.causes["own"].name == "Growth scare"
    assert default_catalogue(tmp_path) is first
    path.write_text(GROWTH.replace("Growth scare", "Own scare"), encoding="utf-8")
    assert default_catalogue(tmp_path).causes["own"].name == "Own scare"
    path.unlink()
    assert "own" not in default_catalogue(tmp_path).causes


def _with_gold(folder: Path, sign: str, basis: str, p: list[float]) -> Path:
    assert GROWTH.count(GOLD) == 1
    path = folder / "own.toml"
    cell = f'gold = {{ sign = "{sign}", basis = "{basis}", p = {p}, size = 1.0 }}'
    path.write_text(GROWTH.replace(GOLD, cell), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("sign", "p", "mend"),
    [
        ("-", [0.02, 0.03, 0.95], "make a fall the most probable"),
        ("+", [0.70, 0.17, 0.13], "make a rise the most probable"),
        ("+", [0.20, 0.40, 0.40], "make a rise the most probable"),
        ("-/?", [0.24, 0.24, 0.52], "make a fall the most probable"),
        ("+/?", [0.30, 0.40, 0.30], "make a rise the most probable"),
        ("0", [0.35, 0.30, 0.35], "make about unchanged the most probable"),
        ("?", [0.13, 0.17, 0.70], "give a fall and a rise the same probability"),
    ],
)
def test_a_sign_that_contradicts_its_probabilities_is_refused(tmp_path: Path, sign: str, p: list[float], mend: str):
    _with_gold(tmp_path, sign, "open" if sign == "?" else "hypothesis", p)
    with pytest.raises(CatalogError) as error:
        default_catalogue(tmp_path)
    message = str(error.value)
    assert message.startswith(f"own.toml, 'own', signature.gold: sign = \"{sign}\" contradicts p = {p}"), message
    assert mend in message


@pytest.mark.parametrize(
    ("sign", "basis"), [("?", "published"), ("0", "published"), ("-/?", "published"), ("-", "open")]
)
def test_a_basis_that_contradicts_the_sign_is_refused(tmp_path: Path, sign: str, basis: str):
    likely = {"?": [0.35, 0.30, 0.35], "0": [0.13, 0.74, 0.13]}
    _with_gold(tmp_path, sign, basis, likely.get(sign, [0.52, 0.24, 0.24]))
    with pytest.raises(CatalogError, match=f'signature.gold: basis = "{basis}"'):
        default_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("sign", "basis", "p"),
    [
        ("-", "published", [0.88, 0.07, 0.05]),
        ("-/?", "hypothesis", [0.52, 0.24, 0.24]),
        ("0", "hypothesis", [0.10, 0.50, 0.40]),
        ("?", "hypothesis", [0.10, 0.80, 0.10]),
    ],
)
def test_a_cell_of_the_user_that_agrees_with_itself_is_kept(tmp_path: Path, sign: str, basis: str, p: list[float]):
    _with_gold(tmp_path, sign, basis, p)
    cell = default_catalogue(tmp_path).causes["own"].signature["gold"]
    assert (cell.sign, cell.basis, list(cell.p)) == (sign, basis, p)

"""Money is exact: no binary fraction and no rounding that nobody chose."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.tree import ROOT, modules, parsed, place

INEXACT = {"float", "round"}
INEXACT_FIELDS = {"FloatField"}


def _inexact(path: Path) -> list[str]:
    found = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(f"{place(path, node)} {node.value!r}")
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in INEXACT
        ):
            found.append(f"{place(path, node)} {node.func.id}()")
        if isinstance(node, ast.Attribute) and node.attr in INEXACT_FIELDS:
            found.append(f"{place(path, node)} {node.attr}")
    return found


def test_no_calculation_uses_binary_fractions_or_rounds_by_default():
    found = [line for path in modules("platform") for line in _inexact(path)]
    assert not found, f"use Decimal, and name the rounding (rulebook.money): {found}"


def test_figures_in_data_files_are_text_or_whole():
    """TOML reads 0.12 as a binary fraction, so a figure of law is written as text."""
    import tomllib

    def walk(value: object, name: str) -> list[str]:
        if isinstance(value, float):
            return [name]
        if isinstance(value, dict):
            return [hit for key, inner in value.items() for hit in walk(inner, f"{name}.{key}")]
        if isinstance(value, list):
            return [hit for n, inner in enumerate(value) for hit in walk(inner, f"{name}[{n}]")]
        return []

    files = sorted((ROOT / "platform").rglob("*.toml"))
    found = [hit for path in files for hit in walk(tomllib.loads(path.read_text()), path.name)]
    assert not found, f'write these in quotes, as "0.12": {found}'


def test_the_clock_is_read_only_at_the_edge():
    """`at` and `on` are arguments; rulebook and backline never ask what time it is."""
    asks = {"now", "today", "utcnow", "localtime"}
    found = [
        place(path, node)
        for path in modules("platform")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in asks
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "timezone", "time"}
    ]
    assert not found, f"take the moment as an argument: {found}"

"""Are the tests themselves promises: no sleeping, no chance, none that is only skipped?"""

from __future__ import annotations

import ast

from tests.house.tree import modules, parsed, place


def test_no_test_sleeps():
    """A sleep is a guess about a machine; wait for the thing itself, with a limit."""
    found = [
        place(path, node)
        for path in modules("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and _name(node.func) == "sleep"
    ]
    assert not found, f"wait for the thing itself: {found}"


def test_no_test_asserts_how_long_something_took():
    clocks = {"perf_counter", "process_time", "monotonic"}
    found = [
        place(path, node)
        for path in modules("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Assert)
        and any(
            isinstance(part, ast.Call) and _name(part.func) in clocks for part in ast.walk(node)
        )
    ]
    assert not found, f"speed is measured by the bench, against a floor of the same run: {found}"


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""

"""Does every case of the law say which publication it was worked out from?

A case without one holds a promise of the product itself (what is refused, what is carried on), and
says so: its source begins with the product's name.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT, modules, parsed, tracked

FOLDER = ROOT / "tests" / "rulebook" / "cases"
OF_LAW = [path for path in tracked() if path.parent in {FOLDER / "gb", FOLDER / "us"}]
OUR_OWN = "Backline: "
WRITTEN_FOR = {path: path.read_text("utf-8") for path in OF_LAW}


def _cases(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(WRITTEN_FOR[path])["case"]
    return found


@pytest.mark.parametrize("path", OF_LAW, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_case_has_its_own_name_its_publication_and_a_result(path):
    names = [case["name"] for case in _cases(path)]
    silent = [case["name"] for case in _cases(path) if not _is_named(case.get("source", ""))]
    empty = [case["name"] for case in _cases(path) if not case["expected"]]

    assert len(names) == len(set(names)), "two cases of one name count as one"
    assert not silent, f"name the publication and its part: {silent}"
    assert not empty, f"a case that expects nothing proves nothing: {empty}"


def test_six_hundred_cases_and_more_name_the_publication_they_come_from():
    sources = [case["source"] for path in OF_LAW for case in _cases(path)]

    assert sum(not source.startswith(OUR_OWN) for source in sources) >= 600


def test_every_case_file_is_read_by_a_test():
    asked = {
        text
        for country in ("gb", "us")
        for path in modules(f"tests/rulebook/{country}")
        for text in re.findall(r"""["']([a-z_0-9]+)["']""", path.read_text())
    }

    assert not (unread := {path.stem for path in OF_LAW} - asked), f"no test reads {unread}"


def test_every_test_of_the_rulebook_carries_its_marker():
    """The folder marks its tests; one that is moved elsewhere must not lose what it promises."""
    silent = [
        path.name
        for path in modules("tests/rulebook")
        if path.name.startswith("test_")
        and not any(getattr(node, "targets", None) and _marks(node) for node in parsed(path).body)
    ]

    assert not silent, f"pytestmark = pytest.mark.rulebook: {silent}"


def _is_named(source: str) -> bool:
    """A publication has a name of at least two words or a number: not "hand", not "law"."""
    return len(source.split()) > 1 or any(letter.isdigit() for letter in source)


def _marks(node: Any) -> bool:
    return node.targets[0].id == "pytestmark" and "rulebook" in ast.unparse(node.value)

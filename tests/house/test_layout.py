"""Is this still our house: does everything lie where a stranger would look for it?"""

from __future__ import annotations

import ast
import platform
from pathlib import Path

import pytest

from tests.house.tree import FLOORS, ROOT, STAGES, modules, parsed, place, tracked

FOLDERS = {"api", "deploy", "openapi", "platform", "tenants", "tests"}
FILES = {"README.md", "manage.py", "pyproject.toml"}
# A name that could hold anything holds everything in the end.
NAMELESS = {"utils", "util", "helpers", "common", "misc", "base", "managers", "services"}
NAMED_BY_DJANGO = {
    "tenants/backend/base.py",  # an ENGINE is a package with a module of this name
    "tenants/backend/testing/base.py",
    "deploy/settings/base.py",  # the word that every Django project has for it
}
LONGEST_FILE, LONGEST_FUNCTION = 400, 40


def test_platform_is_a_source_root_and_never_a_package():
    """With an __init__.py it would stand before the standard library's module of that name."""
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert platform.python_version().startswith("3.")


def test_the_top_level_is_the_fixed_list():
    found = {path.relative_to(ROOT).parts[0] for path in tracked()}
    strangers = {name for name in found if not name.startswith(".")} - FOLDERS - FILES
    assert not strangers, f"the top level is fixed; find these a folder: {sorted(strangers)}"


def test_every_file_has_a_name_that_says_what_it_holds():
    nameless = [
        name
        for path in modules(*FLOORS, "tests")
        if path.stem in NAMELESS
        and (name := path.relative_to(ROOT).as_posix()) not in NAMED_BY_DJANGO
    ]
    assert not nameless, f"what has no name has no place: {nameless}"


def test_every_file_can_be_read_in_one_sitting():
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path in modules(*FLOORS, "tests")
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    ]
    assert not long, f"split these by noun or verb (at most {LONGEST_FILE} lines): {long}"


def test_every_function_can_be_seen_at_once():
    long = [
        f"{place(path, node)} {node.name}: {lines} lines"
        for path in modules(*FLOORS)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef) and (lines := _length(node)) > LONGEST_FUNCTION
    ]
    assert not long, f"split these by verb (at most {LONGEST_FUNCTION} lines): {long}"


def _length(function: ast.FunctionDef) -> int:
    """Lines of code: a declaration's table of facts or a docstring is not a burden."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_the_same_files(stage: str):
    folder = ROOT / "platform" / "backline" / stage
    wanted = ("models", "actions", "queries", "events", "reactions")
    missing = [name for name in wanted if not _has(folder, name)]
    assert not missing, f"{stage} lacks {missing}; a stage has {', '.join(wanted)}"
    assert ast.get_docstring(parsed(folder / "__init__.py")), (
        f"{stage} does not say what it promises"
    )


def _has(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists()

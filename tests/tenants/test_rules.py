"""Is there a way round the walls in our own code?

Each rule names what is looked for in the syntax trees, and the few files that may.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SOURCES = ("platform", "tenants", "api")
WALLS = ("tenants/backend/", "tenants/bootstrap/")

# What is called or named, and where it may be.
RULES: dict[str, tuple[str, ...]] = {
    # ways of the library round our own
    "schema_context": (),
    "tenant_context": (),
    "set_tenant": (),
    "set_schema": WALLS,
    # what runs after a commit must know for whom
    "on_commit": ("platform/backline/kernel/here.py", "tenants/tenancy.py"),
    # transactions are opened by tenancy; below it none is opened or committed
    "atomic": (*WALLS, "tenants/tenancy.py"),
    "set_autocommit": WALLS,
    "savepoint": WALLS,
    # connections are made by the walls
    "connect": (*WALLS, "platform/backline/kernel/"),
    # texts that the ORM does not quote
    "raw": (),
    "extra": (),
    "RawSQL": (),
    # what is read after the transaction has ended
    "StreamingHttpResponse": (),
    # the seat is taken by tenancy alone
    "seated": ("tenants/tenancy.py", *WALLS),
    "grant_next": ("tenants/tenancy.py",),
    "moved": ("tenants/tenancy.py",),
}
# Words that mean something else as well: only these spellings are meant.
MEANT = {
    "atomic": {"transaction.atomic"},
    "connect": {"psycopg.connect"},
    "savepoint": {"transaction.savepoint", "connection.savepoint"},
    "raw": {"objects.raw"},
    "extra": {"objects.extra"},
    "on_commit": {"transaction.on_commit", "connection.on_commit"},
    "moved": {"wrapper.moved", "connection.moved"},
}


def calls() -> list[tuple[str, str, str]]:
    """Every call in our code: file and line, the last word of what is called, and two words."""
    found = []
    for source in SOURCES:
        for path in sorted((CHECKOUT / source).rglob("*.py")):
            place = str(path.relative_to(CHECKOUT))
            for node in ast.walk(ast.parse(path.read_text(), str(path))):
                if isinstance(node, ast.Call):
                    words = ast.unparse(node.func).split("(")[0].split(".")
                    found.append((f"{place}:{node.lineno}", words[-1], ".".join(words[-2:])))
    return found


CALLS = calls()


@pytest.mark.parametrize("word", RULES)
def test_what_goes_round_the_walls_is_called_only_by_them(word):
    wrong = [
        place
        for place, last, two in CALLS
        if last == word
        and (word not in MEANT or two in MEANT[word])
        and not place.startswith(RULES[word] or ("nowhere",))
    ]
    assert not wrong, f"{word} is called in {wrong}"


def test_nothing_of_ours_is_asynchronous():
    """A loop shares its thread's connection between those who wait."""
    wrong = [
        str(path.relative_to(CHECKOUT))
        for source in SOURCES
        for path in (CHECKOUT / source).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef | ast.AsyncWith | ast.AsyncFor)
    ]
    assert not wrong


def test_the_product_does_not_know_that_it_has_tenants():
    wrong = [
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / "platform" / "backline").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if any(name.split(".")[0] in {"tenants", "django_tenants"} for name in imported(node))
    ]
    assert not wrong


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []

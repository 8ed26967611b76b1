"""The role matrix: which role holds which function, read once from matrix.toml."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

MATRIX_FILE: Final = Path(__file__).with_name("matrix.toml")
PAGE: Final = Path(__file__).with_name("README.md")
MARKS: Final = ("<!-- matrix -->\n", "<!-- end of matrix -->\n")
INTEGRATION: Final = "integration"
LINK_ROLES: Final = frozenset({"approver", "worker"})
_SCOPE = re.compile(r"[a-z]+(_[a-z]+)*:[a-z]+(_[a-z]+)*")


class MatrixError(ValueError):
    """The matrix file contradicts itself; the service must not start with it."""


@dataclass(frozen=True, slots=True)
class Role:
    """One row of people, or of programs, who are trusted with the same functions."""

    name: str
    says: str
    firms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Function:
    """One thing that can be done, and who may do it; `limited` says for which records only."""

    scope: str
    says: str
    fresh: bool
    partner_only: bool
    held_by: frozenset[str]
    limited: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Matrix:
    """All roles, all functions, and what no API key may ever hold."""

    roles: Mapping[str, Role]
    functions: Mapping[str, Function]
    never_by_key: frozenset[str]


def read(text: str) -> Matrix:
    """Read a matrix and refuse one that contradicts itself."""
    data = tomllib.loads(text)
    roles = {
        name: Role(name, row["says"], frozenset(row["firms"]))
        for name, row in data["roles"].items()
    }
    functions = {scope: _function(scope, row, roles) for scope, row in data["functions"].items()}
    matrix = Matrix(
        MappingProxyType(roles), MappingProxyType(functions), frozenset(data["never_by_key"])
    )
    _hold_the_line(matrix)
    return matrix


def _function(scope: str, row: Mapping[str, Any], roles: Mapping[str, Role]) -> Function:
    if not _SCOPE.fullmatch(scope):
        raise MatrixError(f"{scope!r} is not spelled noun:verb")
    unknown = set(row) - {"says", "fresh", "at", "roles"}
    if unknown or row.get("at", "partner") != "partner":
        raise MatrixError(f"{scope} says something that is not understood: {sorted(unknown)}")
    held: set[str] = set()
    limited: dict[str, str] = {}
    for entry in row["roles"]:
        name, _, reach = entry.partition(":")
        if name not in roles or name in held or name in limited:
            raise MatrixError(f"{scope} names {name!r}, which is unknown or named twice")
        if reach:
            limited[name] = reach
        else:
            held.add(name)
    return Function(
        scope=scope,
        says=row["says"],
        fresh=row.get("fresh", False),
        partner_only=row.get("at") == "partner",
        held_by=frozenset(held),
        limited=MappingProxyType(limited),
    )


def _hold_the_line(matrix: Matrix) -> None:
    missing = matrix.never_by_key - set(matrix.functions)
    if missing:
        raise MatrixError(f"never_by_key names unknown functions: {sorted(missing)}")
    for function in matrix.functions.values():
        keys = INTEGRATION in function.held_by or INTEGRATION in function.limited
        if keys and (function.scope in matrix.never_by_key or function.fresh):
            raise MatrixError(f"{function.scope} may never be held by an API key")
        wide_links = LINK_ROLES & function.held_by
        if wide_links:
            raise MatrixError(f"{function.scope} reaches past a link's own: {sorted(wide_links)}")
        for name in function.held_by | set(function.limited):
            if function.partner_only and "partner" not in matrix.roles[name].firms:
                raise MatrixError(f"{function.scope} exists at the partner, {name} does not")


MATRIX: Final = read(MATRIX_FILE.read_text(encoding="utf-8"))
ALL_SCOPES: Final = frozenset(MATRIX.functions)
PEOPLE_ROLES: Final = frozenset(MATRIX.roles) - LINK_ROLES - {INTEGRATION}


@cache
def scopes_of(role: str) -> frozenset[str]:
    """Name the functions a role holds for every record of the firm; an unknown role holds none."""
    return frozenset(f.scope for f in MATRIX.functions.values() if role in f.held_by)


def limited_scopes_of(role: str) -> Mapping[str, str]:
    """Name the functions a role holds for some records only, with the reach of each."""
    return {f.scope: f.limited[role] for f in MATRIX.functions.values() if role in f.limited}


def within(scopes: frozenset[str], *, firm_kind: str) -> frozenset[str]:
    """Keep of these scopes what exists inside a firm of that kind."""
    if firm_kind == "partner":
        return scopes
    return frozenset(scope for scope in scopes if not MATRIX.functions[scope].partner_only)


def needs_fresh(scope: str) -> bool:
    """Say whether a function asks for a second factor shown within the last minutes."""
    return MATRIX.functions[scope].fresh


def grantable_to_keys(scopes: Iterable[str]) -> frozenset[str]:
    """Keep of these scopes only what an API key may hold."""
    return frozenset(scopes) & scopes_of(INTEGRATION)


def table() -> str:
    """Draw the matrix as the Markdown table that the README shows."""
    names = list(MATRIX.roles)
    head = ["Function", "What it allows", *(name.replace("_", " ") for name in names)]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for function in MATRIX.functions.values():
        cells = [_cell(function, name) for name in names]
        mark = " (fresh factor)" if function.fresh else ""
        lines.append(
            "| " + " | ".join([f"`{function.scope}`", function.says + mark, *cells]) + " |"
        )
    return "\n".join(lines) + "\n"


def drawn_into(page: str) -> str:
    """Put the table into a page, between its two marks."""
    before, _, rest = page.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    return f"{before}{MARKS[0]}{table()}{MARKS[1]}{after}"


def _cell(function: Function, role: str) -> str:
    if role in function.held_by:
        return "yes"
    return function.limited.get(role, "")

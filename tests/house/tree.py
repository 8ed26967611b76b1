"""The house as files: what the other tests of this folder walk through."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = ("platform/rulebook", "platform/backline", "tenants", "api", "deploy")
STAGES = (
    "desk", "ledger", "directory", "assignments", "onboarding", "timesheets", "charges", "payroll",
    "invoicing", "funding", "collections", "margin", "integrations",
)  # fmt: skip  # the week, in its order


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository; without git, every file that a clone would have."""
    listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    git = ["git", "-c", "safe.directory=*", *listed]
    found = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode == 0:
        names = found.stdout.split("\0")
        return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())
    made = {".venv", ".local", ".git", "__pycache__"}
    return tuple(
        path for path in ROOT.rglob("*")
        if path.is_file() and not made & set(path.relative_to(ROOT).parts)
    )  # fmt: skip


def modules(*folders: str) -> Iterator[Path]:
    """The Python files below these folders, migrations left out."""
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        is_ours = path.suffix == ".py" and "/migrations/" not in name
        if is_ours and any(name.startswith(f"{folder}/") for folder in folders):
            yield path


@cache
def parsed(path: Path) -> ast.Module:
    """A file as a tree."""
    return ast.parse(path.read_text(), str(path))


def place(path: Path, node: ast.AST) -> str:
    """Where something stands, as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"

"""Could a stranger clone this? No path of one machine, no host of one registry, no secret."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import ROOT, tracked

UNREADABLE = {".png", ".jpg", ".ico", ".woff2", ".ttf", ".pdf"}
# The slash stands in brackets so that this file does not find itself.
MACHINE = re.compile(r"[/](work|root|Users/\w+|home/\w+)/")
REGISTRY = re.compile(r"pypi[.]org/simple|pythonhoste[d]|index[-]url|trusted[-]host|artifactory[.]")
SECRET = re.compile(r"BEGIN [A-Z ]*PRIVATE[ ]KEY|sk_live[_]|AKIA[0-9A-Z]{16}")
LOCKS = sorted((ROOT / "deploy").glob("*.lock"))


def _lines(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix not in UNREADABLE
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_place_on_one_machine():
    assert not (found := _lines(MACHINE)), f"these paths exist on one machine only: {found}"


def test_no_file_names_where_packages_come_from():
    found = [line for line in _lines(REGISTRY) if not line.startswith("deploy/commands.py")]
    assert not found, f"each machine has its own registry: {found}"


def test_no_file_holds_a_secret():
    assert not (found := _lines(SECRET)), f"secrets come from the environment: {found}"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_version_and_hashes(lock):
    entries = re.split(r"\n(?=[a-zA-Z0-9])", lock.read_text())
    pinned = re.compile(r"\S+==\S+.*--hash=sha256:[0-9a-f]{64}", re.DOTALL)
    loose = [entry.split()[0] for entry in entries if not pinned.match(entry)]
    assert entries
    assert not loose, f"run python3 manage.py lock: {loose}"
    assert "://" not in lock.read_text()


def test_the_locks_hold_what_the_lists_ask_for():
    """A package added to a list and not locked would be missing on every other machine."""
    for name in ("requirements", "requirements-dev", "independent"):
        asked = (ROOT / "deploy" / f"{name}.in").read_text()
        names = {match.lower() for match in re.findall(r"^([A-Za-z][\w.-]*)", asked, re.M)}
        locked = (ROOT / "deploy" / f"{name}.lock").read_text()
        held = {match.lower() for match in re.findall(r"^([A-Za-z][\w.-]*)", locked, re.M)}
        assert not (missing := names - held), (
            f"{name}.lock lacks {missing}: run python3 manage.py lock"
        )

"""Does the page of the law that is held say what the figures say?"""

from __future__ import annotations

import pytest

from deploy import law
from deploy.commands import COMMANDS


def test_the_committed_page_is_what_the_command_writes():
    assert law.FILE.read_text("utf-8") == law.written(), "run python3 manage.py law"


def test_the_command_says_whether_the_page_is_current(monkeypatch, tmp_path, capsys):
    assert COMMANDS["law"](["--check"]) == 0

    old = tmp_path / "README.md"
    old.write_text("# The law of last year\n")
    monkeypatch.setattr(law, "FILE", old)

    assert COMMANDS["law"](["--check"]) == 1
    assert "manage.py law" in capsys.readouterr().err
    assert old.read_text() == "# The law of last year\n"


def test_every_nation_and_state_is_on_it():
    page = law.written()

    for nation in ("England", "Scotland", "Wales", "Northern Ireland"):
        assert f"\n| {nation} |" in page
    states = [line for line in page.splitlines() if line.startswith("| ") and line[4:6] == " |"]
    assert len({line[2:4] for line in states}) == 51


def test_a_rule_without_a_place_on_the_page_is_a_fault(monkeypatch):
    kept = law._told("gb")
    fewer = {**kept, "group": kept["group"][1:]}
    monkeypatch.setattr(law, "_told", lambda country: fewer)

    with pytest.raises(LookupError, match=r"gb\.paye\.limit"):
        law.written()

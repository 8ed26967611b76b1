"""Does the table of cases count what came out, and nothing else?"""

from __future__ import annotations

import pytest

from tests.casefiles import CaseFiles


def report(name, outcome="passed", *, when="call", printed=False):
    return pytest.TestReport(
        nodeid=name, location=("cases", 1, name), keywords={}, outcome=outcome, longrepr=None,
        when=when, user_properties=[("case", ["United Kingdom", "ni", name, printed])],
    )  # fmt: skip  # whose, then how it ended


def told(*reports):
    counting = CaseFiles()
    for one in reports:
        counting.pytest_runtest_logreport(one)
    return list(counting.table())


def test_a_case_counts_once_however_many_tests_it_was_given():
    table = told(report("a", printed=True), report("a", printed=True), report("b"))

    assert table[1].split() == ["United", "Kingdom", "ni", "2", "1"]
    assert table[-1] == "cases that came out: 2, printed by an authority: 1"


def test_a_case_that_one_test_turned_down_does_not_count():
    table = told(report("a", printed=True), report("a", "failed", printed=True), report("b"))

    assert table[-1] == ("cases that came out: 1, printed by an authority: 0; 1 did not come out")


def test_a_case_whose_test_could_not_begin_did_not_come_out():
    table = told(report("a", "failed", when="setup"))

    assert table[-1].endswith("1 did not come out")


def test_that_a_test_was_set_up_and_taken_down_proves_nothing():
    assert told(report("a", when="setup"), report("a", when="teardown"))[1:-1] == []

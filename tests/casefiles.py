"""Counts the cases of the rulebook that came out, by country and rule, and how many are printed.

A case counts when every test that was given it passed. Printed ones hold figures that an authority
publishes as an example; the others were worked out by hand from the publication they name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pytest

KEY = "case"
COUNTRIES = {"gb": "United Kingdom", "us": "United States"}
NO_COUNTRY = "any"
BY_STATE = frozenset({"printed", "states"})  # files that hold many rules: the case says which
NEVER = frozenset({"database", "django_db_setup", "places", "committed", "db", "transactional_db"})

Group = tuple[str, str]


class Case(NamedTuple):
    """One case of the case files."""

    country: str
    rule: str
    name: str


class CaseFiles:
    """A pytest plugin; with several workers each sends what it saw to the one that prints."""

    def __init__(self) -> None:
        self.outcomes: dict[Case, set[str]] = defaultdict(set)
        self.printed: set[Case] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Write a test's case where its report carries it; refuse a calculator a database."""
        for item in items:
            if not item.get_closest_marker("rulebook"):
                continue
            for asked in NEVER.intersection(getattr(item, "fixturenames", ())):
                raise pytest.UsageError(f"{item.nodeid} needs no database and asks for {asked}")
            found = case_of(item)
            if found is not None:
                case, facts = found
                item.user_properties.append((KEY, [*case, bool(facts.get("printed"))]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how a test of a case ended."""
        for key, told in report.user_properties:
            if key != KEY or (report.when != "call" and report.passed):
                continue
            facts: list[Any] = list(told)  # type: ignore[call-overload]  # ours, whatever pytest says
            case = Case(*facts[:3])
            self.outcomes[case].add(report.outcome)
            if facts[3]:
                self.printed.add(case)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table after the tests."""
        if self.outcomes:
            terminalreporter.section("cases of the rulebook")
            for line in self.table():
                terminalreporter.write_line(line)

    def table(self) -> Iterable[str]:
        """Cases that came out and printed ones among them, by country and rule, then in all."""
        came_out = {case for case, ends in self.outcomes.items() if ends == {"passed"}}
        of_rules: dict[Group, set[Case]] = defaultdict(set)
        of_countries: dict[Group, set[Case]] = defaultdict(set)
        for case in self.outcomes:
            of_rules[case.country, case.rule] |= came_out & {case}
            of_countries[case.country, "in all"] |= came_out & {case}
        yield f"{'country':<16}{'rule':<20}{'cases':>7}{'printed':>9}"
        for (country, rule), cases in (*sorted(of_rules.items()), *sorted(of_countries.items())):
            printed = len(cases & self.printed) or "-"
            yield f"{country:<16}{rule:<20}{len(cases):>7}{printed:>9}"
        failed = len(self.outcomes) - len(came_out)
        ends = f"; {failed} did not come out" if failed else ""
        printed = len(came_out & self.printed)
        yield f"cases that came out: {len(came_out)}, printed by an authority: {printed}{ends}"


def case_of(item: pytest.Item) -> tuple[Case, Mapping[str, Any]] | None:
    """The case a test was given, if it was given one: `file: name` in a country's folder."""
    given = getattr(item, "callspec", None)
    facts = given.params.get("case") if given else None
    if given is None or not isinstance(facts, Mapping) or "name" not in facts:
        return None
    folder = item.path.parent.name
    if folder in COUNTRIES:
        file, _, name = given.id.partition(": ")
        rule = rule_of(facts["expected"]) if file in BY_STATE else file
        return Case(COUNTRIES[folder], rule.replace("_", " "), f"{file}: {name}"), facts
    return Case(NO_COUNTRY, item.path.stem.removeprefix("test_"), str(facts["name"])), facts


def rule_of(expected: Mapping[str, Any]) -> str:
    """The rule that a case of many states is about, by the line it expects."""
    code = next(key for key in expected if key.startswith("us."))
    return "local" if code.startswith("us.local.") else f"withholding {code.rpartition('.')[2]}"

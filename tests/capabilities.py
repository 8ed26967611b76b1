"""Counts what the tests prove: the capability rows that passed, and the browser tests left out.

A row counts as proved when at least one test is marked with its id and every test so marked passed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

KEY = "capabilities"


class Capabilities:
    """A pytest plugin; with several workers each sends what it saw to the one that prints."""

    def __init__(self) -> None:
        self.outcomes: dict[str, set[str]] = defaultdict(set)
        self.browser_skips = 0

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Write a test's rows where its report carries them, also from another process."""
        for item in items:
            ids = [str(row) for mark in item.iter_markers("capability") for row in mark.args]
            if ids:
                item.user_properties.append((KEY, ",".join(ids)))
            if item.get_closest_marker("browser"):
                item.user_properties.append(("browser", "yes"))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how a marked test ended."""
        properties: dict[str, Any] = dict(report.user_properties)
        if report.skipped and "browser" in properties:
            self.browser_skips += 1
        if KEY in properties and (report.when == "call" or not report.passed):
            for row in str(properties[KEY]).split(","):
                self.outcomes[row].add(report.outcome)

    @property
    def proved(self) -> list[str]:
        """The rows that nothing contradicts."""
        return sorted(row for row, ends in self.outcomes.items() if ends == {"passed"})

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print both figures after the tests."""
        unproved = sorted(set(self.outcomes) - set(self.proved))
        terminalreporter.section("capabilities")
        terminalreporter.write_line(f"capability rows proved: {len(self.proved)}")
        if unproved:
            terminalreporter.write_line(f"marked but not proved: {', '.join(unproved)}")
        if self.browser_skips:
            terminalreporter.write_line(
                f"browser tests skipped: {self.browser_skips} (no Chromium)"
            )

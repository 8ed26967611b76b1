"""Covers: whether the firm's workers' compensation covers a class of work in the state where it is
done.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backline.directory import queries as directory
from backline.directory.models import Site
from backline.kernel.errors import Fault
from rulebook.packs.us import cover

EMPLOYED = "w2"
STATE = "state:"


class Covers:
    """The classes that are covered, by day and state, read once a day that is asked about."""

    def __init__(self) -> None:
        self._held: dict[date, Mapping[str, Any]] = {}

    def faults(self, engagement: str, site: Site | None, code: str, on: date) -> list[Fault]:
        """That nobody insures this work on its first day; a contractor is not the firm's to cover,
        and where no class was told there is nothing to look for.
        """
        if engagement != EMPLOYED or not code or site is None or site.country != "US":
            return []
        if on not in self._held:
            self._held[on] = _held(on)
        state = site.region
        found = cover.faults({state}, {state: code}, {"workers_comp": self._held[on]})
        return [Fault(name, told, "/workers_comp_class") for _, name, told in found]


def _held(on: date) -> dict[str, Any]:
    """The classes and rates that the firm holds cover for, by state."""
    return {
        authority.removeprefix(STATE): row.facts["workers_comp"]
        for authority, row in directory.registrations(on).items()
        if authority.startswith(STATE) and "workers_comp" in row.facts
    }

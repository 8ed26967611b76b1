"""Plays every case of the law with the rulebook that is found first, and says how each ended.

Run as a program it prints what it saw as JSON: whether each case came out, the lines of its payslip
in full, and, when asked to, which figures were read for it. tests/rulebook/test_copies.py starts it
with a copy of the rulebook in front, so that a changed figure is read by nothing else.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import _lru_cache_wrapper
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from rulebook import pack
from rulebook.timeline import Figure, Timeline

HERE = Path(__file__).resolve().parent
COUNTRIES = ("gb", "us")
# What is read once and for all, whatever the case: the files themselves.
KEPT = frozenset({"rules", "pack", "states", "calendars", "uk_vat"})
Play = Callable[[Mapping[str, Any]], None]


def plays() -> Iterator[tuple[str, str, Mapping[str, Any], Play]]:
    """Country, name, case and test of every case that a test is given."""
    for country in COUNTRIES:
        for path in sorted((HERE / country).glob("test_*.py")):
            module = import_module(f"tests.rulebook.{country}.{path.stem}")
            for name, test in vars(module).items():
                for mark in getattr(test, "pytestmark", []) if name.startswith("test_") else []:
                    if mark.name == "parametrize" and mark.args[0] == "case":
                        for given in mark.args[1]:
                            yield country, given.id, given.values[0], test


def play(*, read: bool) -> dict[str, dict[str, Any]]:
    """How every case ended: `failed`, `lines` of its payslip, and the `read` figures if asked."""
    seen: dict[str, dict[str, Any]] = {}
    reads = _recorded() if read else set()
    forget = _forgetting() if read else lambda: None
    for country, name, case, test in plays():
        told = seen.setdefault(f"{country} {name}", {"failed": False, "read": []})
        forget()
        reads.clear()
        try:
            test(case)
        except (Exception, pytest.fail.Exception):  # noqa: BLE001  # however it does not come out
            told["failed"] = True
        told["read"] = sorted({*told["read"], *reads})
        if "lines" not in told:
            told["lines"] = _lines(country, case)
            told["expected"] = sorted(case["expected"])
    return seen


def _lines(country: str, case: Mapping[str, Any]) -> list[Any] | None:
    """Every line of a case's payslip with its steps; None for a case that makes none."""
    reading = import_module(f"tests.rulebook.{country}.reading")
    try:
        (slip,) = pack.pack(country.upper()).payslips(
            (reading.situation(case["inputs"], explain=True),)
        )
    except Exception:  # noqa: BLE001  # a case of something else, such as an absence
        return None
    if not isinstance(slip, pack.Payslip):
        return None
    return [
        [line.code, str(line.amount), line.label, line.rule, [list(step) for step in line.steps]]
        for line in slip.lines
    ]


def _recorded() -> set[str]:
    """The versions of all figures that are looked up from now on."""
    found: set[str] = set()
    look_up = Timeline.on

    def on(timeline: Timeline, day: date) -> Figure:
        figure = look_up(timeline, day)
        found.add(figure.version)
        return figure

    Timeline.on = on  # type: ignore[method-assign,assignment]
    return found


def _forgetting() -> Callable[[], None]:
    """What makes the rulebook look everything up anew, its files excepted."""
    list(plays())  # everything is loaded

    def ours(kept: Any) -> bool:
        return kept.__module__.startswith("rulebook") and kept.__name__ not in KEPT

    caches = [one for one in gc.get_objects() if isinstance(one, _lru_cache_wrapper) and ours(one)]
    facts = [one for one in gc.get_objects() if isinstance(one, pack.ReadOnce)]

    def forget() -> None:
        for cache in caches:
            cache.cache_clear()
        for one in facts:
            one._kept.clear()

    return forget


if __name__ == "__main__":
    json.dump(play(read="--read" in sys.argv), sys.stdout)

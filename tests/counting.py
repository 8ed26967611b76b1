"""Counts what every call that succeeds asks of the database, and holds it to committed figures.

Every call of the suite goes through tests/wire.py and is counted there: the most that is allowed to
a door for one thing, and for a set of them, stands in tests/api/query_counts.toml. More fails the
very call. What was asked is not counted where it depends on what this process did before: the
frame's own transactions, what is remembered for some minutes, and that a key was used.

COUNTS=write python3 manage.py test            writes the figures anew from the whole suite
COUNTS=write python3 manage.py test tests/x    raises those that these tests exceed
"""

from __future__ import annotations

import json
import os
import threading
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

FILE = Path(__file__).parent / "api" / "query_counts.toml"
KEY = "counts"
WRITES = os.environ.get("COUNTS") == "write"
FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET ", "BEGIN", "COMMIT")
# A key is noted as used once a minute, a firm's place is asked for once in a process, and a data
# key is remembered for some minutes: only the first of many calls asks.
REMEMBERED = (
    'UPDATE "access_apikey" SET "last_used_at"',
    'UPDATE "access_session" SET "seen_at"',
    'SELECT "agencies_firm"."id", "agencies_firm"."schema", "agencies_firm"."role"',
    "kernel_sealingkey",
    "access_sharedkey",
    "pg_current_xact_id_if_assigned",
)
ONE, SET = "one", "set"
SLACK = 3  # a figure is the most that one whole run saw; a door that grows soon asks more than this


class Most(NamedTuple):
    """The most that a call asked, and for how many things."""

    questions: int
    of: int


Figures = dict[str, dict[str, Most]]  # by operation, then by ONE or SET
NEWS: Figures = {}  # what was seen since the last test of this process ended


class _Counts(CursorWrapper):
    """A cursor that notes what is put through it."""

    def __init__(self, cursor: Any, db: Any, asked: list[str]) -> None:
        super().__init__(cursor, db)
        self.asked = asked

    def execute(self, sql: Any, params: Any = None) -> Any:
        """Note a statement."""
        self.asked.append(str(sql))
        return super().execute(sql, params)

    def copy(self, statement: Any, *more: Any, **told: Any) -> Any:
        """Note a COPY, which passes by Django's own wrappers."""
        self.asked.append(str(statement))
        return self.cursor.copy(statement, *more, **told)


class _CountsToo(_Counts, CursorDebugWrapper):
    """The same where a test looks at the statements itself."""


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are put in the block, on this thread's connection."""
    asked: list[str] = []
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    wrapper.make_cursor = lambda cursor: _Counts(cursor, wrapper, asked)
    wrapper.make_debug_cursor = lambda cursor: _CountsToo(cursor, wrapper, asked)
    put = wrapper.ask

    def ask(text: str, values: Any) -> Any:
        asked.append(text)
        return put(text, values)

    wrapper.ask = ask
    try:
        yield asked
    finally:
        for name in ("make_cursor", "make_debug_cursor", "ask"):
            wrapper.__dict__.pop(name, None)


def counted(asked: Sequence[str]) -> list[str]:
    """Those statements that do not depend on what was done before."""
    return [
        text
        for text in asked
        if not text.startswith(FRAME) and not any(word in text for word in REMEMBERED)
    ]


def hold(operation: str, sent: Any, content: bytes, asked: list[str]) -> None:
    """Note what a good answer of a door asked; fails where that is more than is allowed."""
    if threading.current_thread() is not threading.main_thread():
        return  # who races with others asks again
    put, of = counted(asked), things(sent, content)
    if is_list(operation):
        assert not [text for text in put if "COUNT(" in text.upper()], put
    kind = SET if of > 1 else ONE
    raise_to(NEWS, operation, kind, Most(len(put), of))
    if WRITES:
        return
    allowed = figures().get(operation, {}).get(kind)
    said = "nothing" if allowed is None else f"at most {allowed.questions}"
    told = f"{operation} asks {len(put)} for {of}, and {FILE.name} allows {said}; {__doc__}"
    assert allowed is not None, told
    assert len(put) <= allowed.questions + SLACK, "\n".join((told, *(text[:300] for text in put)))


def things(sent: Any, content: bytes) -> int:
    """How many things a call was about: the longest list that was sent or answered."""
    lists = [sent] if isinstance(sent, list) else []
    if isinstance(sent, dict):
        lists += [part for part in sent.values() if isinstance(part, list)]
    most = max(map(len, lists), default=0)
    if isinstance(sent, str):  # lines under a head
        most = len(sent.strip().splitlines()) - 1
    if content.startswith(b"{"):
        parts = orjson.loads(content).values()
        found = [part for part in parts if isinstance(part, list) and part]
        most = max((most, *(len(part) for part in found if isinstance(part[0], dict))))
    return max(most, 1)


@cache
def is_list(operation: str) -> bool:
    """Whether a door answers page by page."""
    from api.door import DOORS

    return DOORS[operation].lists is not None


def raise_to(found: Figures, operation: str, kind: str, most: Most) -> None:
    """Have a figure stand for at least this much."""
    held = found.setdefault(operation, {})
    before = held.get(kind, Most(0, 0))
    held[kind] = Most(max(before.questions, most.questions), max(before.of, most.of))


# --- the file -------------------------------------------------------------------------------------


@cache
def _read() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def exact() -> dict[str, int]:
    """What each list asks, no less and no more."""
    return {name: told for name, told in _read().items() if isinstance(told, int)}


def grows() -> dict[str, str]:
    """Why a set may ask many questions more than one thing of it."""
    return dict(_read().get("grows", {}))


@cache
def figures() -> Figures:
    """The most that every other door may ask."""
    return {
        name: {
            kind: Most(told[kind], told.get("of", 1) if kind == SET else 1)
            for kind in (ONE, SET)
            if kind in told
        }
        for name, told in _read()["doors"].items()
    }


def write(found: Figures, *, whole: bool) -> None:
    """Put figures into the file; what a part of the suite found may only raise what is there."""
    kept: Figures = {} if whole else {name: dict(told) for name, told in figures().items()}
    for operation, kinds in found.items():
        for kind, most in kinds.items():
            raise_to(kept, operation, kind, most)
    head = FILE.read_text(encoding="utf-8").partition("\n[")[0].rstrip()
    lines = [head, "", "[doors]"]
    lines += [f"{name} = {{ {_told(kept[name])} }}" for name in sorted(kept)]
    lines += ["", "[grows]", *(f"{name} = {json.dumps(why)}" for name, why in grows().items())]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _told(kinds: dict[str, Most]) -> str:
    parts = [f"{kind} = {kinds[kind].questions}" for kind in (ONE, SET) if kind in kinds]
    return ", ".join(parts + ([f"of = {kinds[SET].of}"] if SET in kinds else []))


# --- the suite ------------------------------------------------------------------------------------


class Counts:
    """A pytest plugin; with several workers each sends what it saw to the one that writes."""

    def __init__(self) -> None:
        self.found: Figures = {}

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Send what this test saw along with its report."""
        told = [
            [operation, kind, *most]
            for operation, kinds in NEWS.items()
            for kind, most in kinds.items()
        ]
        NEWS.clear()
        if told:
            item.user_properties.append((KEY, told))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in what a test saw, also in another process."""
        for key, told in report.user_properties:
            if key == KEY:
                rows: Any = told
                for operation, kind, count, of in rows:
                    raise_to(self.found, operation, kind, Most(count, of))

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Write the figures, or say which of them nobody needs any more."""
        if not self.found:
            return
        whole = is_whole(config)
        if WRITES:
            write(self.found, whole=whole)
            return
        terminalreporter.section("counts")
        terminalreporter.write_line(f"doors that a call of these tests opened: {len(self.found)}")
        unseen = sorted(set(figures()) - set(self.found)) if whole else []
        if unseen:
            terminalreporter.write_line(f"figures that no call needs: {', '.join(unseen)}")


def is_whole(config: pytest.Config) -> bool:
    """Whether every test was asked for."""
    chosen = config.option.keyword or config.option.markexpr
    return not chosen and config.args_source is pytest.Config.ArgsSource.TESTPATHS

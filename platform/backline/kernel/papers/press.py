"""The press: a template and its facts become a PDF.

Facts reach a template as JSON, never as markup, so no text in them can become an instruction.

Typst starts threads on its first print, and a process forked after that would wait for threads it
does not have. So the press is set up on first use in each process, and a process whose parent had
already printed hands its work to a helper of its own.
"""

import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import typst

from backline.kernel.papers.wording import worded

if TYPE_CHECKING:
    from typst import PDFStandard

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STANDARDS: "list[PDFStandard]" = ["a-3a", "ua-1"]
SIZE = struct.Struct(">?I")


class Press(Protocol):
    """Whatever turns a template, its facts and its day into a PDF."""

    def print(self, template: str, facts: str, stamp: int) -> bytes:
        """Print one paper."""


def render(template: str, facts: Mapping[str, Any]) -> bytes:
    """Print one paper: the facts of a template are documented in `facts.py`.

    `facts["country"]` decides the sheet and how days are written, `facts["dated"]` is the day of
    the paper: the file carries that day and no other, so the same facts give the same bytes.
    """
    if not template.isalpha() or not (TEMPLATES / f"{template}.typ").is_file():
        raise LookupError(f"there is no paper called {template}")
    dated: date = facts["dated"]
    stamp = datetime(dated.year, dated.month, dated.day, tzinfo=UTC)
    written = json.dumps(worded(facts, facts["country"]), ensure_ascii=False)
    with _here.lock:
        return _press().print(template, written, int(stamp.timestamp()))


class _Own:
    """The press of this process."""

    def __init__(self) -> None:
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[HERE / "fonts"])
        self.compiler = typst.Compiler(root=TEMPLATES, font_paths=fonts)

    def print(self, template: str, facts: str, stamp: int) -> bytes:
        try:
            return self._pdf(template, facts, stamp, STANDARDS)
        except typst.TypstError as wrong:
            # A name in letters the fonts lack still gets its payslip; only the promise that
            # every letter can be shown, which the standards make, is dropped.
            if "could not be displayed" not in wrong.message:
                raise
            return self._pdf(template, facts, stamp, [])

    def _pdf(self, template: str, facts: str, stamp: int, standards: "list[PDFStandard]") -> bytes:
        printed = self.compiler.compile(
            TEMPLATES / f"{template}.typ",
            format="pdf",
            sys_inputs={"facts": facts},
            pdf_standards=standards,
            timestamp=stamp,
        )
        if not isinstance(printed, bytes):
            raise TypeError("a paper is one file")
        return printed


class _Helper:
    """A press in a process of its own, started afresh and not forked from a user of threads."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backline.kernel.papers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    def print(self, template: str, facts: str, stamp: int) -> bytes:
        orders, papers = self.process.stdin, self.process.stdout
        if orders is None or papers is None:
            raise RuntimeError("the helper has no pipes")
        orders.write(json.dumps([template, facts, stamp]).encode() + b"\n")
        orders.flush()
        head = papers.read(SIZE.size)
        if len(head) < SIZE.size:
            _here.press = None  # the next paper gets a new helper
            raise RuntimeError("the helper stopped")
        good, size = SIZE.unpack(head)
        paper = papers.read(size)
        if not good:
            raise RuntimeError(paper.decode())
        return paper


class _Here:
    """What this process has: its press, and whether it may print by itself."""

    def __init__(self, is_forked: bool) -> None:
        self.lock = threading.Lock()
        self.press: Press | None = None
        self.is_forked = is_forked


_here = _Here(is_forked=False)


def _press() -> Press:
    if _here.press is None:
        _here.press = _Helper() if _here.is_forked else _Own()
    return _here.press


def _after_fork() -> None:
    global _here  # noqa: PLW0603 - a fork is the one thing that happens to a whole process
    _here = _Here(is_forked=_here.is_forked or _here.press is not None)


os.register_at_fork(after_in_child=_after_fork)


def serve() -> None:
    """Print what is asked for on standard input until it ends."""
    own = _Own()
    for order in sys.stdin.buffer:
        try:
            paper, good = own.print(*json.loads(order)), True
        except Exception as wrong:  # noqa: BLE001 - said to the one who ordered, not swallowed
            paper, good = str(wrong).encode(), False
        sys.stdout.buffer.write(SIZE.pack(good, len(paper)) + paper)
        sys.stdout.buffer.flush()

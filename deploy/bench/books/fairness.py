"""Fairness: how long one firm's work waits while another has twenty times its own to do.

Real worker processes attend to all of them. Every firm asks for its pay to be worked out, which can
be asked again and again, and waits from its commit until the operation has ended.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from uuid import UUID

import psycopg
from celery import current_app

from backline.payroll import actions as payroll
from backline.payroll.models import PayRun
from deploy import processes
from deploy.bench.books import workweeks
from deploy.bench.books.workweeks import Agency
from deploy.bench.measuring import Differs, Row, Work
from tenants import bells, tenancy, turns
from tenants.bootstrap import connections

OTHERS = 6
LOAD = 20  # times its own
ASKS = 36  # of the others together in one round
PAUSE = 0.05  # seconds between two asks of the others
PATIENCE = 120.0


@dataclass(slots=True)
class Office:
    """One agency with a run that is worked out anew whenever somebody asks."""

    agency: Agency
    run: UUID
    schema: str
    operation: UUID | None = None


@dataclass(slots=True)
class Waits:
    """The p95 of what the others waited, added up: the clock that the row is measured by."""

    seconds: float = 0.0
    raw: psycopg.Connection | None = field(default=None, repr=False)

    def clock(self) -> float:
        """How much it is so far."""
        return self.seconds


WAITED = Waits()


def prepare(workers: int) -> Work:
    """So many workers a firm, and one firm with twenty times as many."""
    others = [_opened(f"fair-{n}", workers) for n in range(OTHERS)]
    even, heavy = _opened("fair-even", workers), _opened("fair-heavy", workers * LOAD)
    current_app.control.purge()  # what rows before this one rang for is theirs
    for one in (*others, even, heavy):
        turns.forget_bell(bells.ATTEND, one.agency.ref)
    WAITED.raw = psycopg.connect(**connections.parameters(connections.OWNER_ALIAS), autocommit=True)
    worker = _worker()  # the last thing that can fail here: from now on `after` ends it

    def agree() -> None:
        for one in (*others, even, heavy):
            _ask(one)
        _until(lambda: all(_is_at_rest(one) for one in (*others, even, heavy)), worker)

    def beside(other: Office, every: int) -> None:
        WAITED.seconds += _p95(_waits(others, other, every, worker))

    return Work(
        units=1,
        floor=lambda: beside(even, OTHERS),  # it asks as often as they do
        ours=lambda: beside(heavy, 1),  # asks as soon as it may
        agree=agree,
        before=lambda: _until(lambda: _is_at_rest(heavy) and _is_at_rest(even), worker),
        after=worker.stop,
    )


def _opened(key: str, workers: int) -> Office:
    one = Agency("GB", workers, key=key)
    workweeks.begins(one)
    workweeks.works(one)
    workweeks.follows(one)
    with one.books():
        payroll.open_due(one.tuesday.date(), actor=workweeks.people()[0], at=one.tuesday)
        run = PayRun.objects.filter(state="open").latest("ends_on").pk
    workweeks.follows(one)
    return Office(one, run, tenancy.place(one.ref).schema)


def _worker() -> processes.Process:
    logs = Path(tempfile.mkdtemp(prefix="bench-"))
    worker = processes.planned(dict(os.environ), logs=logs).worker
    worker.start()
    return worker


def _waits(
    others: Sequence[Office], beside: Office, every: int, worker: processes.Process
) -> list[float]:
    """What each of many asks of the others waited, while one more firm asks beside them."""
    waits = []
    for n in range(ASKS):
        if n % every == 0 and _is_at_rest(beside):
            _ask(beside)
        one = others[n % len(others)]
        began = time.perf_counter()
        _ask(one)
        _until(lambda one=one: _is_at_rest(one), worker)  # type: ignore[misc]  # bound at once
        waits.append(time.perf_counter() - began)
        time.sleep(PAUSE)
    return waits


def _ask(one: Office) -> None:
    """Ask for the run to be worked out again; the commit rings for the firm."""
    with one.agency.books():
        asked = payroll.calculate(one.run, actor=workweeks.people()[0], at=one.agency.tuesday)
        one.operation = asked.pk


def _is_at_rest(one: Office) -> bool:
    if one.operation is None or WAITED.raw is None:
        return True
    text = f'SELECT state FROM "{one.schema}".kernel_operation WHERE id = %s'  # noqa: S608  # ours
    row = WAITED.raw.execute(text.encode(), [one.operation]).fetchone()
    return row is not None and row[0] == "succeeded"


def _until(holds: Callable[[], bool], worker: processes.Process) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > until or not worker.is_running:
            raise Differs(f"The worker does not do what it was asked: {worker.last_words()}")
        time.sleep(0.004)


def _p95(waits: Sequence[float]) -> float:
    return quantiles(waits, n=20)[-1]


ROW = Row(
    name="fairness",
    what="p95 of others' wait beside a firm with 20 times their work, against one like them",
    unit="wait",
    scale=20,
    goal=0.8,
    never_below=0.5,
    prepare=prepare,
    clock=WAITED.clock,
    rounds=5,
)

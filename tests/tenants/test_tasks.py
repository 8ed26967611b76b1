"""Does a task work for the firm its message names, and for no other, and leave nothing open?"""

from __future__ import annotations

import multiprocessing
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app, shared_task
from django.db import connection

from backline.kernel import here
from backline.kernel.actors import SYSTEM
from backline.kernel.models import Counter
from deploy import schedule
from tenants import bells, sealed, tasks, tenancy
from tenants.agencies import actions
from tenants.agencies.models import Firm
from tenants.bells import Bells

NOON = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
RAN: list[tuple[str, str]] = []
LEFT: list[AbstractContextManager[object]] = []


@shared_task(base=tasks.FirmTask, name="tests.note", bind=True)
def note(self: tasks.FirmTask, firm: str, key: str = "") -> None:
    """Note whose books were open."""
    with tenancy.firm(firm):
        Counter.objects.create(name=f"task-{uuid4()}", last=1)
        RAN.append((here.firm(), key))


@shared_task(base=tasks.FirmTask, name="tests.forget", bind=True)
def forget(self: tasks.FirmTask, firm: str, key: str = "") -> None:
    """Leave a firm open, as a careless task would."""
    wrapper: Any = connection
    LEFT.append(wrapper.seated(tenancy.place(firm).seat))
    LEFT[-1].__enter__()


@pytest.fixture(autouse=True)
def _nothing_ran(twins, settings) -> Iterator[None]:
    RAN.clear()
    # What the stages and the API start is proved beside them.
    settings.HOUR_STARTS = settings.DAY_STARTS = settings.OUTWARD = settings.OUTWARD_DUE = []
    yield
    assert not tenancy.is_open()


def delivered(task: tasks.FirmTask, **message: str) -> object:
    """Run a message as a worker does, and give back what it raised."""
    return task.apply(kwargs=message).result


def whole(task: tasks.FirmTask, firm: str, key: str = "k") -> dict[str, str]:
    return {"firm": firm, "key": key, "seal": sealed.of(task.name, firm, key)}


def test_a_task_works_for_the_firm_it_names(twins):
    for name in ("agency", "other_agency", "agency"):
        delivered(note, **whole(note, twins[name].ref))
    assert [ref for ref, _ in RAN] == [twins[n].ref for n in ("agency", "other_agency", "agency")]


def test_a_task_called_in_process_needs_no_seal(twins):
    note(twins["agency"].ref, "k")
    assert [(twins["agency"].ref, "k")] == RAN


def test_what_newer_senders_add_does_no_harm(twins):
    delivered(note, **whole(note, twins["agency"].ref), since="tomorrow")
    assert len(RAN) == 1


@pytest.mark.parametrize("change", ["firm", "key", "seal", "task"])
def test_a_forged_message_is_refused(twins, change):
    message = whole(forget if change == "task" else note, twins["agency"].ref)
    forged = {
        "firm": {"firm": twins["other_agency"].ref},
        "key": {"key": "another"},
        "seal": {"seal": "0" * 64},
        "task": {},
    }[change]
    assert isinstance(delivered(note, **message | forged), tasks.Refused)
    assert RAN == []


def test_a_message_without_a_seal_is_refused(twins):
    assert isinstance(delivered(note, firm=twins["agency"].ref), tasks.Refused)
    assert RAN == []


def test_a_firm_that_never_was_is_refused():
    for ref in ("agy_00000000000000000000000000", "pub", "", "t_nobody"):
        assert isinstance(delivered(note, **whole(note, ref)), tasks.Refused)
    assert RAN == []


def test_a_suspended_firm_is_not_worked_for(twins):
    us = twins["us_agency"]
    key = us_key(us.ref)
    with tenancy.shared():
        actions.suspend(key, reason="unpaid", actor=SYSTEM, at=NOON)
    assert delivered(note, **whole(note, us.ref)) is None
    assert RAN == []
    with tenancy.shared():
        actions.restore(key, reason="paid", actor=SYSTEM, at=NOON)
    delivered(note, **whole(note, us.ref))
    assert len(RAN) == 1


def test_a_firm_whose_books_were_dropped_is_an_error_and_nothing_else(twins, superuser):
    """Its place is remembered by this process; the server knows better."""
    us = twins["us_agency"]
    superuser.execute(f'ALTER SCHEMA "{us.schema}" RENAME TO t_away')
    try:
        outcome = delivered(note, **whole(note, us.ref))
    finally:
        superuser.execute(f'ALTER SCHEMA t_away RENAME TO "{us.schema}"')
    assert isinstance(outcome, Exception)
    assert RAN == []


def test_a_task_that_finds_a_firm_open_does_not_run(twins):
    with tenancy.firm(twins["other_agency"].ref):
        Counter.objects.create(name="before", last=1)
        outcome = delivered(note, **whole(note, twins["agency"].ref))
        assert isinstance(outcome, tasks.NotClean)
        assert RAN == []
        # The connection was dropped, so what was open is lost rather than mixed.
    with tenancy.firm(twins["other_agency"].ref):
        assert not Counter.objects.filter(name="before").exists()


def test_a_task_that_leaves_a_firm_open_is_told_and_cleaned_up_after(twins):
    assert isinstance(delivered(forget, **whole(forget, twins["agency"].ref)), tasks.NotClean)
    delivered(note, **whole(note, twins["other_agency"].ref))
    assert [(twins["other_agency"].ref, "k")] == RAN


def us_key(ref: str):
    with tenancy.shared():
        return Firm.objects.get(order="us_agency").pk


# --- provisioning by task, and the bells -------------------------------------------------------


def test_an_order_is_finished_by_its_task(twins, monkeypatch):
    rung: list[str] = []
    monkeypatch.setattr(tasks.provision, "ring", lambda firm, key="": rung.append(firm))
    with tenancy.shared():
        firm = actions.order(
            name="Ordered",
            country="GB",
            partner=Firm.objects.get(order="partner").pk,
            key=str(uuid4()),
            actor=SYSTEM,
            at=NOON,
        )
    tasks.sweep()
    assert rung == [firm.public_id]
    assert isinstance(delivered(tasks.provision, firm=firm.public_id, key="k"), tasks.Refused)
    for _ in range(2):
        assert delivered(tasks.provision, **whole(tasks.provision, firm.public_id)) is None
    with tenancy.firm(firm.public_id):
        assert Firm.objects.get().state == Firm.State.ACTIVE
    assert isinstance(delivered(tasks.provision, **whole(tasks.provision, "odd")), tasks.Refused)


def test_schemas_are_kept_ready_for_the_next_agencies(twins, settings):
    settings.SPARE_FIRMS = 2
    assert tasks.keep_spares() == 2
    assert tasks.keep_spares() == 0
    with tenancy.shared():
        actions.order(
            name="Acorn Staffing",
            country="GB",
            partner=Firm.objects.get(order="partner").pk,
            key=str(uuid4()),
            actor=SYSTEM,
            at=NOON,
        )
    assert tasks.keep_spares() == 1


def test_what_is_done_to_a_firm_rings_for_it_once_it_is_true(twins, monkeypatch):
    rung: list[tuple[str, str]] = []
    monkeypatch.setattr(bells, "ring", lambda task, firm, key: rung.append((task, firm)))
    with tenancy.shared():
        partner = Firm.objects.get(order="partner").pk
        firm = actions.order(
            name="New", country="GB", partner=partner, key=str(uuid4()), actor=SYSTEM, at=NOON
        )
        assert rung == []
    assert rung == [(bells.PROVISION, firm.public_id)]
    rung.clear()
    actions.provision(firm.pk, at=NOON)
    assert rung[-1] == (bells.ATTEND, firm.public_id)


def test_a_bell_goes_once_for_all_who_asked_before_it_went():
    sent: list[tuple[str, str]] = []
    first, may_go = threading.Event(), threading.Event()

    def send(task: str, firm: str, key: str) -> None:
        sent.append((firm, key))
        first.set()
        may_go.wait(10)

    ringing = Bells(send)
    ringing.ring("t", "a", "1")
    assert first.wait(10)
    for key in ("2", "3"):
        ringing.ring("t", "a", key)
        ringing.ring("t", "b", key)
    may_go.set()
    assert ringing.wait(10)
    assert sent == [("a", "1"), ("a", "2"), ("b", "2")]


def test_a_broker_that_is_away_delays_nobody_and_loses_one_bell():
    tried: list[str] = []
    away = threading.Event()

    def send(task: str, firm: str, key: str) -> None:
        tried.append(firm)
        if firm == "a":
            away.wait(10)
            raise ConnectionError

    ringing = Bells(send)
    ringing.ring("t", "a", "")
    ringing.ring("t", "b", "")
    assert not ringing.wait(0.01)
    away.set()
    assert ringing.wait(10)
    assert tried == ["a", "b"]


def test_a_forked_process_rings_its_own_bells_and_not_its_parents():
    reader, writer = os.pipe()
    hold = threading.Event()

    def send(task: str, firm: str, key: str) -> None:
        if os.getpid() == parent:
            hold.wait(10)
        os.write(writer, f"{firm} ".encode())

    parent, ringing = os.getpid(), Bells(send)
    ringing.ring("t", "of-parent", "")
    ringing.ring("t", "waiting", "")
    child = multiprocessing.get_context("fork").Process(target=_ring_and_wait, args=[ringing])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Celery forks with threads, too
        child.start()
    child.join(20)
    assert child.exitcode == 0
    assert os.read(reader, 100) == b"of-child "
    hold.set()
    assert ringing.wait(10)


def _ring_and_wait(ringing: Bells) -> None:
    ringing.ring("t", "of-child", "")
    os._exit(0 if ringing.wait(10) else 1)


@pytest.mark.parametrize("row", schedule.TABLE.values(), ids=list(schedule.TABLE))
def test_what_the_clock_starts_is_there_and_runs_where_no_firm_is_open(twins, settings, row):
    settings.SPARE_FIRMS = 0

    started = current_app.tasks[row["task"]].apply(kwargs={"since": "tomorrow"})

    assert started.successful(), started.result

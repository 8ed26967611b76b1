"""Does each firm have one bell in the queue and one process at work, whatever it has to do?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backline.kernel.events import Fact
from tenants import attending, bells, tasks, tenancy, turns
from tests.tenants.test_attending import happen


class Rung(Fact):
    """Something that rings."""

    name = "test.rung"


@pytest.fixture(autouse=True)
def _alone(twins, settings) -> Iterator[None]:
    settings.HOUR_STARTS = settings.DAY_STARTS = settings.OUTWARD = settings.OUTWARD_DUE = []
    for firm in ("agency", "other_agency"):
        turns.forget_bell(bells.ATTEND, twins[firm].ref)
    yield
    assert not tenancy.is_open()


@pytest.fixture
def rung(monkeypatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(tasks.attend, "ring", lambda firm, key="": found.append(firm))
    return found


def test_a_firm_that_rings_often_has_one_bell_waiting_and_no_other_firm_waits_for_it(twins):
    mine, theirs = twins["agency"].ref, twins["other_agency"].ref
    assert [turns.may_ring(bells.ATTEND, mine) for _ in range(3)] == [True, False, False]
    assert turns.may_ring(bells.ATTEND, theirs)
    with turns.taken(bells.ATTEND, mine):  # heard: what happens from here on rings anew
        assert turns.may_ring(bells.ATTEND, mine)
    turns.forget_bell(bells.ATTEND, mine)
    assert turns.may_ring(bells.ATTEND, mine)


def test_a_second_process_leaves_a_firm_to_the_first_which_then_rings_again(twins, rung):
    mine, theirs = twins["agency"].ref, twins["other_agency"].ref
    with turns.taken(bells.ATTEND, mine) as turn:
        assert turn.is_ours
        happen(mine, Rung)
        happen(theirs, Rung)
        rung.clear()  # the commits'
        tasks.attend(mine)
        tasks.attend(theirs)
        assert attending.is_due(mine)
        assert not attending.is_due(theirs)
    assert turn.was_wanted
    assert rung == []
    tasks.attend(mine)
    assert not attending.is_due(mine)


def test_the_first_process_rings_for_what_came_while_it_was_at_work(twins, rung, monkeypatch):
    mine = twins["agency"].ref

    def attend(firm: str) -> bool:
        monkeypatch.undo()
        monkeypatch.setattr(tasks.attend, "ring", lambda firm, key="": rung.append(firm))
        tasks.attend(firm)  # another process, which finds the turn taken
        return False

    monkeypatch.setattr(attending, "attend", attend)
    tasks.attend(mine)
    assert rung == [mine]


def test_a_firm_with_more_than_a_share_goes_to_the_end_of_the_queue(twins, rung, monkeypatch):
    mine = twins["agency"].ref
    happen(mine, Rung)
    rung.clear()  # the commit's
    monkeypatch.setattr(attending, "SHARE", 0.0)
    tasks.attend(mine)
    assert rung == [mine]
    assert attending.is_due(mine)


def test_without_valkey_everybody_rings_and_everybody_attends(twins, settings, rung):
    mine = twins["agency"].ref
    happen(mine, Rung)
    rung.clear()  # the commit's
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"  # where nobody listens
    assert turns.may_ring(bells.ATTEND, mine)
    assert turns.may_ring(bells.ATTEND, mine)
    with turns.taken(bells.ATTEND, mine):
        tasks.attend(mine)
    assert not attending.is_due(mine)
    assert rung == []

"""Does what waits for the next message arrive once, in its own firm, or not at all?"""

from __future__ import annotations

import dataclasses

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from backline.kernel import later
from backline.kernel.models import Counter
from tenants import tenancy
from tenants.backend.errors import NotInTransaction, NotSeated, WrongState

ADD = "INSERT INTO kernel_counter (name, last) VALUES (%s, %s)"
READ = "SELECT last FROM kernel_counter WHERE name LIKE %s ORDER BY name"


def kept(word: str) -> list[str]:
    """What of a test is in the books that are open: the rows stay for all tests of this file."""
    rows = Counter.objects.filter(name__startswith=f"{word} ").order_by("name")
    return [name.removeprefix(f"{word} ") for name in rows.values_list("name", flat=True)]


def test_what_waits_is_seen_by_the_next_question_and_kept_by_the_commit(twins):
    with tenancy.firm(twins["agency"].ref):
        later.put_off(ADD, ["seen asked", 1])
        assert kept("seen") == ["asked"]
        later.put_off(ADD, ["seen committed", 1])
    with tenancy.firm(twins["agency"].ref):
        assert kept("seen") == ["asked", "committed"]
    with tenancy.firm(twins["other_agency"].ref):
        assert kept("seen") == []


def test_what_waits_is_forgotten_with_its_transaction_and_reaches_no_other_firm(twins):
    def fails() -> None:
        later.put_off(ADD, ["lost row", 1])
        raise KeyError

    with pytest.raises(KeyError), tenancy.firm(twins["agency"].ref):
        fails()
    for name in ("other_agency", "agency"):
        with tenancy.firm(twins[name].ref):
            assert kept("lost") == []


def test_what_waits_goes_with_a_savepoint_that_is_rolled_back(twins):
    def fails() -> None:
        later.put_off(ADD, ["point inside", 1])
        raise KeyError

    with tenancy.firm(twins["agency"].ref):
        later.put_off(ADD, ["point before", 1])
        with pytest.raises(KeyError), transaction.atomic():
            fails()
        assert kept("point") == ["before"]


@pytest.mark.parametrize("is_asked", [True, False])
def test_what_is_wrong_is_raised_by_the_next_message_and_nothing_is_kept(twins, is_asked):
    def twice() -> None:
        for last in (1, 2):
            later.put_off(ADD, ["twice row", last])
        if is_asked:
            kept("twice")

    with pytest.raises(IntegrityError), tenancy.firm(twins["agency"].ref):
        twice()
    with tenancy.firm(twins["agency"].ref):
        assert kept("twice") == []


def test_each_half_of_a_pair_writes_into_its_own_books(twins):
    agency, partner = twins["agency"].ref, twins["agency"].partner
    with tenancy.pair(agency, partner) as both:
        with both.agency():
            later.put_off(ADD, ["half agency", 1])
        with both.partner():
            later.put_off(ADD, ["half partner", 1])
    for firm, found in ((agency, "agency"), (partner, "partner")):
        with tenancy.firm(firm):
            assert kept("half") == [found]


def test_a_question_sees_what_was_put_off_before_it_and_nothing_of_what_came_after(twins):
    found = {}
    for last, name in enumerate(("agency", "other_agency"), start=1):
        with tenancy.firm(twins[name].ref):
            later.put_off(ADD, ["soon before", last])
            early = later.ask(READ, ["soon %"])
            later.put_off(ADD, ["soon between", last])
            late = later.ask(READ, ["soon %"])
            later.put_off(ADD, ["soon after", last])
            assert len(late()) == 2
            assert kept("soon") == ["after", "before", "between"]
        found[name] = early()  # told when the others were, and kept
    assert found == {"agency": [(1,)], "other_agency": [(2,)]}


def test_a_question_is_told_by_the_commit_and_never_after_a_rollback(twins):
    with tenancy.firm(twins["agency"].ref):
        later.put_off(ADD, ["told row", 7])
        asked = later.ask(READ, ["told %"])
    assert asked() == [(7,)]

    def fails() -> None:
        left.append(later.ask(READ, ["told %"]))
        raise KeyError

    left: list[later.Rows] = []
    with pytest.raises(KeyError), tenancy.firm(twins["agency"].ref):
        fails()
    with tenancy.firm(twins["other_agency"].ref), pytest.raises(NotInTransaction):
        left[0]()


def test_what_is_wrong_with_a_question_is_raised_by_whoever_asks_next(twins):
    def asks() -> None:
        later.ask("SELECT 1 / %s::int", [0])
        kept("wrong")

    with pytest.raises(DataError), tenancy.firm(twins["agency"].ref):
        asks()


def test_nothing_waits_where_no_firm_is_open(twins):
    with pytest.raises(NotSeated):
        later.put_off(ADD, ["nowhere row", 1])
    with pytest.raises(NotSeated):
        later.ask(READ, ["nowhere row"])


def test_nothing_is_done_in_a_seat_that_the_server_does_not_confirm(twins, monkeypatch):
    """Its own role, but a path that leads nowhere: the row would be looked for in what is next."""
    place = twins["agency"]

    def asks() -> None:
        later.put_off("SELECT 1 / 0 FROM access_firm", [])  # would be refused, were it done
        kept("seat")

    lost = dataclasses.replace(place, schema="t_nowhere")
    with monkeypatch.context() as patch:
        patch.setitem(tenancy._PLACES, place.ref, lost)
        with pytest.raises(WrongState), tenancy.firm(place.ref):
            asks()
    with tenancy.firm(place.ref):
        assert kept("seat") == []


def test_a_question_of_who_is_calling_is_over_with_its_answer(twins):
    with tenancy.asking():
        for _ in range(2):
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_user")
                assert cursor.fetchone() == ("bo_auth",)
                assert connection.connection.info.transaction_status.name == "IDLE"
                cursor.execute("SELECT current_user")  # no question of ours: nobody is seated
                assert cursor.fetchone() == ("bo_app",)
            connection.connection.rollback()
            assert later.ask("SELECT current_user", [])() == [("bo_auth",)]
            assert connection.connection.info.transaction_status.name == "IDLE"

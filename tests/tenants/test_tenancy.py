"""Are there other ways to the database than the three, and does each refuse what it must?"""

from __future__ import annotations

import threading
from contextlib import suppress
from contextvars import copy_context
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from backline.kernel import here
from backline.kernel.models import Counter
from tenants import tenancy
from tenants.agencies.models import Firm
from tenants.backend.errors import NotInTransaction, NotSeated, SeatChanged


def count() -> int:
    return Counter.objects.filter(name__startswith="inv-").count()


def whose() -> set[int]:
    return set(Counter.objects.filter(name__startswith="inv-").values_list("last", flat=True))


def test_each_firm_sees_its_own_books(twins):
    for n, name in enumerate(("agency", "other_agency"), start=1):
        with tenancy.firm(twins[name].ref):
            assert whose() == {n}
            assert here.firm() == twins[name].ref


def test_a_firm_may_be_named_by_its_schema(twins):
    with tenancy.firm(twins["agency"].schema) as place:
        assert place.ref == twins["agency"].ref


def test_nothing_is_asked_without_a_firm(twins):
    with pytest.raises(NotSeated), transaction.atomic():
        count()


def test_nothing_is_asked_outside_a_transaction(twins):
    wrapper: Any = connection
    with (
        wrapper.seated(twins["agency"].seat),
        pytest.raises(NotInTransaction),
    ):
        count()


def test_a_query_made_in_a_firm_and_read_outside_is_refused(twins):
    with tenancy.firm(twins["agency"].ref):
        rows = Counter.objects.all()
    with pytest.raises(NotSeated):
        list(rows)


def test_a_firm_is_not_opened_inside_another(twins):
    with tenancy.firm(twins["agency"].ref):
        with pytest.raises(SeatChanged), tenancy.firm(twins["other_agency"].ref):
            pass
        with pytest.raises(SeatChanged), tenancy.shared():
            pass
        assert whose() == {1}


def test_a_firm_is_not_opened_inside_a_bare_transaction(twins):
    with transaction.atomic(), pytest.raises(SeatChanged), tenancy.firm(twins["agency"].ref):
        pass


def test_a_firm_that_does_not_exist_has_no_books(twins):
    for name in ("t_nobody", "agy_00000000000000000000000000", "public", "pub", "bo_owner", "'"):
        with pytest.raises(tenancy.NoSuchFirm), tenancy.firm(name):
            pass


def test_the_firm_is_left_after_an_error(twins):
    with pytest.raises(ZeroDivisionError), tenancy.firm(twins["agency"].ref):
        Counter.objects.create(name="lost", last=1 // 0)
    assert not tenancy.is_open()
    with pytest.raises(here.NoFirm):
        here.firm()


def test_a_thread_has_no_firm_unless_it_opens_one(twins):
    """Neither the connection nor anything of it is inherited, even with the context copied."""
    seen: list[object] = []

    def look() -> None:
        try:
            with transaction.atomic():
                seen.append(count())
        except NotSeated as error:
            seen.append(error)
        finally:
            connection.close()

    with tenancy.firm(twins["agency"].ref):
        thread = threading.Thread(target=copy_context().run, args=[look])
        thread.start()
        thread.join(10)
    assert [type(found) for found in seen] == [NotSeated]


def test_two_threads_keep_their_firms_apart(twins):
    """Each waits inside its firm until the other has opened its own."""
    both = threading.Barrier(2, timeout=10)
    seen: dict[str, set[int]] = {}

    def look(name: str) -> None:
        try:
            with tenancy.firm(twins[name].ref):
                both.wait()
                seen[name] = whose()
                both.wait()
        finally:
            connection.close()

    threads = [threading.Thread(target=look, args=[name]) for name in ("agency", "other_agency")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seen == {"agency": {1}, "other_agency": {2}}


def test_what_waits_for_the_commit_knows_its_firm(twins):
    heard: list[str] = []
    with tenancy.firm(twins["agency"].ref):
        here.after_commit(lambda: heard.append(here.firm()))
        assert heard == []
    assert heard == [twins["agency"].ref]


def test_what_waits_for_the_commit_may_not_ask_the_database(twins):
    """The transaction is over, so there is nothing it could ask in."""
    refused: list[Exception] = []

    def ask() -> None:
        try:
            count()
        except NotInTransaction as error:
            refused.append(error)

    with tenancy.firm(twins["agency"].ref):
        here.after_commit(ask)
    assert len(refused) == 1


def test_a_bell_is_rung_once_a_transaction(twins):
    rung: list[str] = []

    def bell() -> None:
        rung.append(here.firm())

    with tenancy.firm(twins["agency"].ref):
        for _ in range(3):
            here.after_commit(bell, once=True)
    assert rung == [twins["agency"].ref]


def test_a_transaction_that_fails_rings_no_bell(twins):
    rung: list[str] = []
    with suppress(ZeroDivisionError), tenancy.firm(twins["agency"].ref):
        here.after_commit(lambda: rung.append(here.firm()))
        raise ZeroDivisionError
    assert rung == []


# --- the shared schema -------------------------------------------------------------------------


def test_a_firm_sees_its_own_row_of_the_registry_alone(twins):
    with tenancy.firm(twins["agency"].ref):
        assert list(Firm.objects.values_list("schema", flat=True)) == [twins["agency"].schema]


def test_a_firm_may_not_change_the_registry(twins):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        tenancy.firm(twins["agency"].ref),
    ):
        Firm.objects.update(name="Mine")


def test_the_shared_schema_sees_no_books(twins):
    for way in (tenancy.shared, tenancy.signing_in):
        with pytest.raises(ProgrammingError, match="does not exist"), way():
            count()
        theirs = f'SELECT * FROM "{twins["agency"].schema}".kernel_counter'
        with pytest.raises(ProgrammingError, match="permission denied"), way():
            connection.cursor().execute(theirs)


def test_signing_in_may_not_change_the_registry(twins):
    with pytest.raises(ProgrammingError, match="permission denied"), tenancy.signing_in():
        Firm.objects.update(name="Mine")


# --- the pair ----------------------------------------------------------------------------------


def test_a_pair_writes_both_halves_in_one_transaction(twins):
    agency, partner = twins["agency"], twins["partner"]
    with tenancy.pair(agency.ref, partner.ref) as both:
        with both.agency():
            Counter.objects.create(name="pair", last=1)
            assert here.firm() == agency.ref
        with both.partner():
            Counter.objects.create(name="pair", last=2)
            assert here.firm() == partner.ref
    for place, last in ((agency, 1), (partner, 2)):
        with tenancy.firm(place.ref):
            assert Counter.objects.get(name="pair").last == last


def test_a_pair_that_fails_keeps_neither_half(twins):
    agency, partner = twins["agency"], twins["partner"]
    with suppress(ZeroDivisionError), tenancy.pair(agency.ref, partner.ref) as both:
        with both.agency():
            Counter.objects.create(name="half", last=1)
        with both.partner():
            Counter.objects.create(name="half", last=1 // 0)
    for place in (agency, partner):
        with tenancy.firm(place.ref):
            assert not Counter.objects.filter(name="half").exists()


def test_the_agencys_half_comes_first_and_each_once(twins):
    agency, partner = twins["agency"].ref, twins["partner"].ref
    with tenancy.pair(agency, partner) as both:
        with pytest.raises(SeatChanged), both.partner():
            pass
        with both.agency():
            pass
        with pytest.raises(SeatChanged), both.agency():
            pass
        with both.partner():
            pass
        with pytest.raises(SeatChanged), both.partner():
            pass


def test_after_the_partners_half_the_agencys_books_stay_shut(twins):
    agency, partner = twins["agency"].ref, twins["partner"].ref
    with tenancy.pair(agency, partner) as both:
        with both.agency():
            count()
        with both.partner():
            count()
        with pytest.raises(SeatChanged):
            count()


def test_a_pair_is_an_agency_and_its_own_partner(twins):
    agency, other, partner = (twins[n].ref for n in ("agency", "other_agency", "partner"))
    for first, second in ((agency, other), (partner, agency), (agency, agency), (partner, partner)):
        with pytest.raises(SeatChanged), tenancy.pair(first, second):
            pass


def test_the_partners_half_is_not_opened_inside_a_savepoint(twins):
    agency, partner = twins["agency"].ref, twins["partner"].ref
    with tenancy.pair(agency, partner) as both:
        with both.agency():
            count()
        with transaction.atomic(), pytest.raises(SeatChanged), both.partner():
            pass


def test_a_connection_that_served_many_firms_begins_anew(twins, settings):
    """The server's memory of tables goes with its process, whose number tells them apart."""

    def process(name: str) -> int:
        with tenancy.firm(twins[name].ref), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    settings.FIRMS_A_CONNECTION = 2
    tenancy.abandon()
    first = process("agency")
    assert process("other_agency") == process("agency") == first
    second = process("us_agency")
    assert second != first
    with tenancy.shared(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] == second

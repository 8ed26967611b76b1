"""Is what the server keeps planned asked in its own firm, and made anew when it is gone?"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection

from backline.kernel import later
from tenants import tenancy
from tenants.backend import ready
from tenants.bootstrap import connections

ADD = "INSERT INTO kernel_counter (name, last) VALUES (%s, %s)"
READ = "SELECT last FROM kernel_counter WHERE name = %s"
KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"


@pytest.fixture(autouse=True)
def fresh() -> None:
    """A connection that keeps nothing yet."""
    connection.close()


def read(name: str) -> list[Any]:
    """What a counter says, asked as what is asked again and again."""
    return [last for (last,) in later.ask(READ, [name])()]


def kept(beginning: str) -> int:
    """How many statements that begin so the server keeps."""
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [f"{beginning}%"])
        return int(cursor.fetchone()[0])


def test_what_is_asked_again_is_kept_once_for_each_firm_and_answers_for_that_firm(twins):
    firms = {twins["agency"].ref: [1], twins["other_agency"].ref: [2]}
    for ref, (last,) in firms.items():
        with tenancy.firm(ref):
            later.put_off(ADD, ["kept", last])
    for _ in range(7):  # from the sixth time on the server plans no more
        for ref, found in firms.items():
            with tenancy.firm(ref):
                assert read("kept") == found
    with tenancy.firm(twins["agency"].ref):
        assert kept("SELECT last FROM kernel_counter") == len(firms)


def test_what_came_after_a_fault_is_made_ready_the_next_time(twins):
    def adds() -> list[Any]:
        for _ in range(2):
            later.put_off(ADD, ["fault", 1])
        return read("fault")

    with tenancy.firm(twins["agency"].ref), pytest.raises(IntegrityError):
        adds()
    with tenancy.firm(twins["agency"].ref):
        assert read("fault") == []
        later.put_off(ADD, ["fault", 3])
        assert read("fault") == [3]


def test_what_waited_in_a_transaction_that_was_left_is_made_ready_the_next_time(twins):
    def leaves() -> None:
        later.put_off(ADD, ["left", 1])
        raise KeyError

    with pytest.raises(KeyError), tenancy.firm(twins["agency"].ref):
        leaves()
    with tenancy.firm(twins["agency"].ref):
        later.put_off(ADD, ["left", 2])
        assert read("left") == [2]


@pytest.mark.parametrize("limit", ["MOST", "LASTS"])
def test_no_more_is_kept_than_is_allowed_and_not_for_ever(twins, monkeypatch, limit):
    monkeypatch.setattr(ready, limit, 3)
    with tenancy.firm(twins["agency"].ref):
        for n in range(10):
            assert later.ask(f"SELECT {n} + %s::int", [1])() == [(n + 1,)]
        assert kept("SELECT") <= 4


def test_a_table_that_changed_ends_the_connection_and_the_next_call_goes_well(twins):
    place = twins["agency"]
    column = f"ALTER TABLE {place.schema}.kernel_counter ALTER COLUMN last TYPE"
    with tenancy.firm(place.ref):
        later.put_off(ADD, ["changed", 5])
        assert read("changed") == [5]
    try:
        with connections.owner() as raw:
            raw.execute(f"{column} numeric".encode())
        with pytest.raises(OperationalError), tenancy.firm(place.ref):
            read("changed")
        with tenancy.firm(place.ref):
            assert read("changed") == [5]
    finally:
        with connections.owner() as raw:
            raw.execute(f"{column} bigint".encode())


def test_nothing_is_kept_behind_a_pooler_that_would_not_know_it(twins, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "KEEPS_READY", False)
    for _ in range(2):
        with tenancy.firm(twins["agency"].ref):
            later.put_off("INSERT INTO kernel_counter VALUES (%s, 1) ON CONFLICT DO NOTHING", ["n"])
            assert read("nowhere") == []
            assert kept("SELECT last") == kept("INSERT") == 0
    connection.close()

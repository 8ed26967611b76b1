"""The control: the drills of test_leaks.py must leak behind the stock backend of django-tenants.

A drill that finds nothing there could find nothing here either, and would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from tests.tenants import drills


@pytest.fixture
def stock(twins) -> Iterator[drills.Stock]:
    """The stock way to the same database, with a login that may read every schema."""
    yield drills.Stock(twins)
    connections["owner"].close()


def test_it_works_while_nothing_happens(stock):
    tally = drills.switches(stock, 50, drills.Tally())
    assert (tally.right, tally.wrong, tally.errors) == (50, 0, 0)


def test_a_storm_of_cancelled_statements_leaks(stock, committed):
    """Its SET fails, the error is swallowed, and the query runs in the firm before."""
    url = committed.variables["ADMIN_DATABASE_URL"]
    assert drills.cancel_storm(stock, url, until_wrong=True).wrong


def test_a_transaction_ended_by_hand_leaks(stock, settings):
    """With fewer SETs it trusts a flag of its own that the server has dropped."""
    settings.TENANT_LIMIT_SET_CALLS = True
    assert drills.by_hand(stock).wrong


def test_a_schema_that_is_missing_is_no_error(stock, superuser):
    """The name falls through to the shared schema, and a write lands there."""
    superuser.execute("CREATE TABLE pub.kernel_counter (name text, last int)")
    superuser.execute("ALTER TABLE pub.kernel_counter OWNER TO bo_owner")
    owner: Any = connections["owner"]
    owner.set_schema("t_misspelt")
    owner.cursor().execute("INSERT INTO kernel_counter VALUES ('lost', 1)")
    assert superuser.execute("SELECT count(*) FROM pub.kernel_counter").fetchone() == (1,)
    superuser.execute("DROP TABLE pub.kernel_counter")


def test_its_login_reads_every_schema(stock, twins):
    """Whoever gets a statement in reads the neighbour."""
    with stock.firm("agency"):
        cursor = connections["owner"].cursor()
        cursor.execute(f'SELECT max(last) FROM "{twins["other_agency"].schema}".kernel_counter')
        assert cursor.fetchone() == (2,)


def test_an_idle_connection_stays_in_the_last_firm(stock):
    with stock.firm("agency"):
        stock.whose()
    row = connections["owner"].connection.execute("SELECT current_schema()").fetchone()
    assert row != (None,)

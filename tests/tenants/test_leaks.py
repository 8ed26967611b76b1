"""Does one firm ever see another's rows, whatever happens to the connection between them?

Real backend, real commits, two agencies whose rows look alike. The same drills run behind the stock
backend of django-tenants in test_the_stock_backend_leaks.py and must leak there.
"""

from __future__ import annotations

import pytest
from django.db import connection

from tests.tenants import drills
from tests.tenants.conftest import below


@pytest.fixture
def ours(twins) -> drills.Ours:
    """Our way to the database."""
    return drills.Ours(twins)


def test_no_leak_in_ordinary_use(ours):
    tally = drills.switches(ours, 200, drills.Tally())
    assert (tally.right, tally.wrong, tally.errors) == (200, 0, 0)


def test_no_leak_in_a_storm_of_cancelled_statements(ours, committed):
    tally = drills.cancel_storm(ours, committed.variables["ADMIN_DATABASE_URL"])
    assert tally.wrong == 0
    # A commit that is cancelled after the answer counts on both sides.
    assert tally.right + tally.errors >= drills.SWITCHES
    assert tally.errors, "the storm hit nothing"
    assert tally.right, "the storm hit everything"


@pytest.mark.parametrize("ending", drills.ENDINGS, ids=lambda ending: ending.__name__)
def test_no_leak_however_a_transaction_ends(ours, ending):
    tally = drills.undone(ours, ending)
    assert tally.wrong == 0
    assert tally.right >= 8


def test_no_leak_where_transactions_are_kept_by_hand(ours):
    tally = drills.by_hand(ours)
    assert (tally.right, tally.wrong) == (8, 0)


def test_no_leak_between_threads(ours):
    tally = drills.threads(ours)
    assert (tally.right, tally.wrong, tally.errors) == (160, 0, 0)


def test_a_backend_that_is_killed_answers_nothing_and_the_next_one_answers_right(ours, superuser):
    tally = drills.Tally()
    drills.switches(ours, 2, tally)
    superuser.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'bo_app' AND datname = current_database()"
    )
    drills.switches(ours, 1, tally)
    connection.close()
    drills.switches(ours, 2, tally)
    assert (tally.right, tally.wrong, tally.errors) == (4, 0, 1)


# --- what is left when all our code is bypassed -------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        'SELECT * FROM "{agency}".kernel_counter',
        "SELECT * FROM kernel_counter",
        "SELECT * FROM pub.agencies_firm",
        "CREATE TABLE mine (n int)",
        "CREATE TEMP TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE TABLE public.mine (n int)",
        "SET ROLE bo_owner",
        "SET SESSION AUTHORIZATION bo_owner",
    ],
)
def test_an_idle_connection_has_no_rights(twins, statement):
    with below() as raw, pytest.raises(Exception, match=r"permission denied|does not exist|schema"):
        raw.execute(statement.format(agency=twins["agency"].schema))


def test_after_a_transaction_the_connection_is_idle_again(ours):
    with ours.firm("agency"):
        ours.whose()
    raw = connection.connection
    row = raw.execute("SELECT current_user, current_schema()").fetchone()
    assert row == ("bo_app", None)


def test_a_role_that_code_wandered_into_ends_with_the_next_transaction(ours):
    with ours.firm("agency"):
        drills.wandering(connection)
    with ours.firm("other_agency"):
        assert ours.whose() == {2}
    assert connection.connection.execute("SELECT current_user").fetchone() == ("bo_app",)

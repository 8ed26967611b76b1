"""Two at the same moment, with real commits: one code lets one in, and every try is counted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from tenants import tenancy
from tenants.access import throttles
from tenants.access.models import Attempt
from tenants.access.refusals import NotSignedIn, TooManyTries
from tests.access.people import NOON, enrolled

pytestmark = pytest.mark.usefixtures("committed")


def at_once(deed: Callable[[], Any], count: int) -> list[Any]:
    """Do a thing in that many threads, each with a connection of its own."""

    def one(_: int) -> Any:
        try:
            return deed()
        except (NotSignedIn, TooManyTries) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_one_code_lets_one_in(agency):
    owner = enrolled(agency, "owner", "at.once@acorn.example")

    let_in = at_once(owner.signs_in, 6)

    assert [type(each) for each in let_in].count(str) == 1
    assert sum(isinstance(each, NotSignedIn) for each in let_in) == 5


def test_tries_at_once_are_all_counted_or_told_to_wait(agency):
    def tried() -> None:
        with tenancy.signing_in():
            throttles.claim(account="at.once@acorn.example", address="", at=NOON)

    told = at_once(tried, 8)

    assert sum(each is None for each in told) == 5
    assert sum(isinstance(each, TooManyTries) for each in told) == 3
    with tenancy.signing_in():
        assert Attempt.objects.get().count == 5

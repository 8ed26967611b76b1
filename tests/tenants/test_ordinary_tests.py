"""May an ordinary test, which rolls back, trust what it sees behind the backend's subclass?"""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.utils import Error

from backline.kernel import here
from backline.kernel.models import Counter
from tenants import tenancy
from tenants.backend import base, testing
from tenants.backend.errors import NotSeated, SeatChanged
from tenants.backend.testing.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


def test_it_is_the_subclass():
    assert testing.__doc__
    assert type(connections["default"]) is DatabaseWrapper
    assert issubclass(DatabaseWrapper, base.DatabaseWrapper)


@pytest.mark.parametrize("time", [1, 2])
def test_what_a_test_writes_is_gone_for_the_next(agency, time):
    with tenancy.firm(agency.ref):
        assert not Counter.objects.filter(name="written").exists()
        Counter.objects.create(name="written", last=time)


def test_firms_stay_apart_in_one_test(agency, other_agency):
    for place in (agency, other_agency, agency):
        with tenancy.firm(place.ref):
            Counter.objects.create(name=f"of {here.firm()}", last=1) if not seen() else None
            assert seen() == {f"of {place.ref}"}


def seen() -> set[str]:
    return set(Counter.objects.filter(name__startswith="of ").values_list("name", flat=True))


def test_after_a_refusal_in_one_firm_the_next_is_right(agency, other_agency):
    twice = [Counter(name="twice", last=n) for n in (1, 2)]
    with pytest.raises(IntegrityError), tenancy.firm(agency.ref):
        Counter.objects.bulk_create(twice)
    with tenancy.firm(other_agency.ref):
        Counter.objects.create(name="of other", last=1)
    with tenancy.firm(agency.ref):
        assert not Counter.objects.filter(name__in=["twice", "of other"]).exists()


def test_after_a_savepoint_is_rolled_back_the_firm_is_still_the_same(agency, other_agency):
    with tenancy.firm(other_agency.ref):
        Counter.objects.create(name="of other", last=1)
    with tenancy.firm(agency.ref):
        with pytest.raises(Error), transaction.atomic():
            connection.cursor().execute("SELECT 1/0")
        assert not Counter.objects.filter(name="of other").exists()


def test_the_walls_stand_in_ordinary_tests_too(agency, other_agency):
    with pytest.raises(NotSeated):
        Counter.objects.count()
    with tenancy.firm(agency.ref), pytest.raises(SeatChanged), tenancy.firm(other_agency.ref):
        pass
    theirs = f'SELECT * FROM "{other_agency.schema}".kernel_counter'
    with pytest.raises(Error, match="permission denied"), tenancy.firm(agency.ref):
        connection.cursor().execute(theirs)


def test_a_pair_works_in_an_ordinary_test(agency, partner):
    with tenancy.pair(agency.ref, partner.ref) as both:
        with both.agency():
            Counter.objects.create(name="of agency", last=1)
        with both.partner():
            assert not Counter.objects.filter(name="of agency").exists()
            Counter.objects.create(name="of partner", last=1)
    with tenancy.firm(agency.ref):
        assert seen() == {"of agency"}
    with tenancy.firm(partner.ref):
        assert seen() == {"of partner"}

"""Who came in is kept for as long as somebody may ask, then forgotten in slices; deeds stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.utils import ProgrammingError

from backline.kernel import forgetting as kernel
from backline.kernel.models import Event
from tenants import tenancy
from tenants.access import actions, forgetting
from tenants.access.models import ActingToken, Session
from tests.access.people import NOON, enrolled
from tests.access.test_visit_doors import REASON, entering

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
KEPT = timedelta(days=400)
OVER = NOON + timedelta(hours=1) + KEPT  # a visit lasts for an hour, and is kept from its end
A_DAY = timedelta(days=1)


def log_of(owner):
    return [entry["person_name"] for entry in owner.get("/v1/access-log").done()["data"]]


def sessions():
    with tenancy.signing_in():
        return Session.objects.count()


def forget(at, **more):
    with tenancy.signing_in():
        return forgetting.forget(at=at, **more)


def test_a_visit_of_long_ago_is_forgotten_and_what_the_agency_was_told_stays(
    owner, payroller, agency, other_agency, clock
):
    entering(payroller.calls(), agency, reason=REASON).done()
    clock.move_to(NOON + A_DAY)
    entering(payroller.calls(NOON + A_DAY), other_agency, reason=REASON).done()
    twin = enrolled(other_agency, "owner", "oscar@acorn.example")

    assert forget(OVER)["visit"] == 0  # of its last day, not older
    assert forget(OVER + timedelta(seconds=1))["visit"] == 1

    clock.move_to(OVER + A_DAY / 2)
    assert log_of(owner.calls(OVER + A_DAY / 2)) == []
    assert log_of(twin.calls(OVER + A_DAY / 2)) == ["Paula Payroll"]
    for place in (agency, other_agency):
        with tenancy.firm(place.ref):
            assert Event.objects.filter(name="agency.entered", reason=REASON).count() == 1


def test_a_session_goes_once_it_is_old_and_no_visit_came_from_it(
    owner, payroller, agency, other_agency
):
    staff = payroller.calls()
    entering(staff, agency, reason=REASON).done()
    entering(staff, other_agency, reason=REASON).done()
    owner.calls()
    over = NOON + actions.sessions.LASTS + KEPT

    assert (forget(over)["session"], sessions()) == (0, 2)
    late = over + timedelta(seconds=1)
    visits = [forget(late, most=1) for _ in range(3)]

    assert visits[0] == {"visit": 0, "session": 1}
    assert visits[1:] == [{"visit": 0, "session": 1}, {"visit": 0, "session": 0}]


def test_a_session_waits_for_the_last_visit_that_came_from_it(payroller, agency, other_agency):
    staff = payroller.calls()
    entering(staff, agency, reason=REASON).done()
    entering(staff, other_agency, reason=REASON).done()

    late = OVER + 30 * A_DAY
    gone = [forget(late, most=1) for _ in range(3)]

    assert [list(each.values()) for each in gone] == [[1, 0], [1, 1], [0, 0]]


def test_who_came_in_can_delete_no_trace_of_it(payroller, agency, partner):
    entering(payroller.calls(), agency, reason=REASON).done()

    for place in (agency, partner):
        for model in (ActingToken, Session):
            with pytest.raises(ProgrammingError), tenancy.firm(place.ref):
                model.objects.all()._raw_delete("default")
            with pytest.raises(ProgrammingError), tenancy.shared():
                model.objects.all()._raw_delete("default")

    with tenancy.firm(agency.ref):
        assert ActingToken.objects.count() == 1
    assert sessions() == 1


def test_all_that_is_forgotten_of_all_firms_has_a_span_and_a_reason():
    said = {one.what: one for one in kernel.kept()}

    assert all(said[what].days and said[what].why for what in forgetting.OLDER)
    assert not set(forgetting.OLDER) & set(kernel.OLDER)

"""What need not be kept is deleted in slices, by a clock that is an argument; the rest stays."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.apps import apps

from api.models import Answered, Delivery, Endpoint
from backline.kernel import forgetting, operations
from backline.kernel.actors import SYSTEM
from backline.kernel.events import Fact, record
from backline.kernel.ids import new_id
from backline.kernel.models import Event, Operation, OperationItem
from backline.kernel.operations import Done
from tests.backline.week import AT, in_books

pytestmark = pytest.mark.django_db
NINETY = timedelta(days=90)


class Kept(Fact):
    """Something that is never forgotten."""

    name = "test.kept"


@pytest.fixture(autouse=True)
def runner():
    operations.runs("test.forgotten", chunk=10)(lambda _work, items: [Done(i.n) for i in items])
    yield
    del operations.RUNNERS["test.forgotten"]


def works(key: str, count: int, at: datetime, *, done: bool = True) -> Operation:
    refs = [f"{key}-{n}" for n in range(count)]
    made = operations.accept("test.forgotten", key=key, refs=refs, actor=SYSTEM, at=at)
    while done and operations.run_chunk(made.pk, at):
        pass
    return made


def left() -> dict[str, int]:
    rows = OperationItem.objects.filter(operation__kind="test.forgotten")
    refs = list(rows.values_list("operation__key", flat=True))
    return {key: refs.count(key) for key in sorted(set(refs))}


def test_the_members_of_old_work_go_and_the_work_itself_stays(agency, other_agency):
    def world():
        works("old", 3, AT)
        works("young", 2, AT + timedelta(days=1))
        works("waits", 2, AT, done=False)
        record([Kept(subject=new_id())], actor=SYSTEM, at=AT)

    for place in (agency, other_agency):
        in_books(place, world)

    def forget():
        before = Event.objects.count()
        forgetting.forget(at=AT + NINETY)
        assert left() == {"old": 3, "waits": 2, "young": 2}  # of ninety days, not older
        forgetting.forget(at=AT + NINETY + timedelta(seconds=1))
        assert left() == {"waits": 2, "young": 2}
        forgetting.forget(at=AT + NINETY + timedelta(seconds=1))
        rows = Operation.objects.filter(kind="test.forgotten").order_by("key")
        assert dict(rows.values_list("key", "has_items")) == {
            "old": False, "waits": True, "young": True,
        }  # fmt: skip
        assert works("old", 3, AT).total == 3  # the same work again is the same work
        assert left() == {"waits": 2, "young": 2}
        assert Event.objects.count() == before

    in_books(agency, forget)
    assert in_books(other_agency, left) == {"old": 3, "waits": 2, "young": 2}


def test_no_more_than_a_slice_goes_at_once(agency, monkeypatch):
    def world():
        for n in range(3):
            works(f"old-{n}", 4, AT + timedelta(seconds=n))
        late = AT + NINETY + timedelta(days=1)
        gone = [forgetting.forget(at=late, most=5)["operation_item"] for _ in range(4)]
        assert gone == [5, 5, 2, 0]
        assert left() == {}

    in_books(agency, world)


def test_deliveries_that_are_over_go_and_one_that_waits_stays(agency):
    def world():
        endpoint = Endpoint.objects.create(
            url="https://told.example", secret="whsec_x", made_at=AT, made_by=SYSTEM.as_json()
        )
        for seq, state in enumerate(("delivered", "failed", "pending"), start=1):
            Delivery.objects.create(
                endpoint=endpoint, seq=seq, event=new_id(), name="test.kept", state=state,
                made_at=AT,
            )  # fmt: skip
        forgetting.forget(at=AT + NINETY)
        assert Delivery.objects.count() == 3
        forgetting.forget(at=AT + NINETY + timedelta(seconds=1))
        assert list(Delivery.objects.values_list("state", flat=True)) == ["pending"]

    in_books(agency, world)


def test_an_answer_goes_when_it_says_so_by_the_real_clock(agency):
    from api import clock

    def world():
        for key, until in (("old", -1), ("young", 1)):
            Answered.objects.create(
                caller="key:1", key=key, fingerprint="f",
                expires_at=clock.now() + timedelta(days=until),
            )  # fmt: skip
        forgetting.forget(at=AT + timedelta(days=3650))
        assert list(Answered.objects.values_list("key", flat=True)) == ["young"]

    in_books(agency, world)


def test_how_long_something_is_kept_is_what_was_said_by_that_day(monkeypatch):
    said = (
        forgetting.Kept("thing", date(2026, 1, 1), None, "At first for ever."),
        forgetting.Kept("thing", date(2027, 1, 1), 30, "Then for a month."),
    )
    monkeypatch.setattr(forgetting, "kept", lambda: said)
    assert forgetting.kept_for("thing", date(2025, 12, 31)) is None
    assert forgetting.kept_for("thing", date(2026, 12, 31)) is None
    assert forgetting.kept_for("thing", date(2027, 1, 1)) == timedelta(days=30)
    assert forgetting.kept_for("other", date(2027, 1, 1)) is None


def test_everything_that_is_forgotten_has_a_span_and_a_reason_and_the_right_to_go():
    from tenants.access import forgetting as of_all_firms
    from tenants.bootstrap import grants

    said = {one.what: one for one in forgetting.kept()}
    gone = {*forgetting.OLDER, *of_all_firms.OLDER}
    assert gone == {what for what, one in said.items() if one.days is not None}
    assert all(one.why.endswith(".") for one in said.values())
    for name in ("kernel.Event", "kernel.Feed", "integrations.Delivery", "desk.Message"):
        table = apps.get_model(name)._meta.db_table
        assert "delete" not in grants.of_firm_table(table), table

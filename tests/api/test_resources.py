"""One field table makes the query, the JSON and the component: are the three the same?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import jsonschema
import orjson
import pytest

from api import resource as kinds
from api.document.components import fixed, of_shape
from api.resource import Resource, Shape, as_json
from backline.kernel.actors import SYSTEM
from backline.kernel.errors import Missing
from backline.kernel.ids import new_id
from backline.kernel.models import Operation, OperationItem
from rulebook.money import Money
from tenants import tenancy

AT = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
KEY = UUID("019b76da-a800-7000-8000-000000000001")

MEMBER = Resource(
    "TrialMember",
    model=OperationItem,
    fields=(kinds.Whole("n"), kinds.Text("ref"), kinds.Json("outcome", {"type": "object"})),
    order="id",
)
WORK = Resource(
    "TrialWork",
    model=Operation,
    fields=(
        kinds.Id("opn"),
        kinds.Ref("subject", "run"),
        kinds.Choice("state", Operation.State),
        kinds.Instant("finished_at"),
        kinds.Derived(
            kinds.Flag("is_over"), of=("finished_at",), make=lambda moment: moment is not None
        ),
        kinds.Derived(
            kinds.Text("progress"), of=("done", "total"), make=lambda done, all_: f"{done}/{all_}"
        ),
        kinds.Many("members", MEMBER, by="operation", order="n"),
    ),
    filters=("state", "subject"),
)
WAGE = Shape(
    "TrialWage",
    (
        kinds.Amount("net"),
        kinds.Rate("rate"),
        kinds.Quantity("hours"),
        kinds.Share("share"),
        kinds.Day("on"),
        kinds.Amount("bonus", null=True),
        kinds.Words("notes"),
    ),
)


def valid(shape, body):
    """Hold a body to the shape's own component, closed."""
    schemas = fixed()["schemas"] | {"TrialMember": of_shape(MEMBER)}
    schema = of_shape(shape) | {"additionalProperties": False, "components": {"schemas": schemas}}
    jsonschema.validate(body, schema, cls=jsonschema.Draft202012Validator)
    return body


@pytest.fixture
def books(db, agency):
    with tenancy.firm(agency.ref):
        yield


def work(members=0, **facts):
    """One operation with so many members."""
    row = Operation.objects.create(
        kind="trial",
        key=str(new_id()),
        actor=SYSTEM.as_json(),
        accepted_at=AT,
        total=members,
        **facts,
    )
    OperationItem.objects.bulk_create(
        OperationItem(operation=row, n=n, ref=f"r{n}") for n in range(members)
    )
    return row.pk


def test_a_record_is_what_its_component_says(books):
    shown = WORK.one(work(2, subject=KEY, finished_at=AT))

    body = valid(WORK, orjson.loads(as_json(shown)))
    assert body["subject"] == "run_01kdvdna00e008000000000001"
    assert body["finished_at"] == "2026-06-01T08:30:00Z"
    assert (body["is_over"], body["progress"]) == (True, "0/2")
    assert [member["ref"] for member in body["members"]] == ["r0", "r1"]


def test_what_is_not_there_is_null_and_said_to_be(books):
    body = valid(WORK, orjson.loads(as_json(WORK.one(work()))))

    assert (body["subject"], body["finished_at"]) == (None, None)
    assert body["is_over"] is False
    assert body["members"] == []


def test_a_page_costs_two_queries_however_many_rows(books, django_assert_num_queries):
    for _ in range(5):
        work(3)

    with django_assert_num_queries(2):
        shown = WORK.several(Operation.objects.all())

    assert [str(row["members"]).count("ref") for row in shown] == [3] * 5


def test_an_id_nobody_has_is_missing(books):
    with pytest.raises(Missing):
        WORK.one(KEY)


def test_numbers_are_strings_with_their_places():
    body = WAGE.show(
        {
            "net": Money(Decimal("624.00"), "GBP"),
            "rate": (Decimal("15.3750"), "GBP"),
            "hours": Decimal("7.50"),
            "share": Decimal("0.150000"),
            "on": date(2026, 1, 5),
            "notes": ("late",),
        }
    )

    assert valid(WAGE, orjson.loads(as_json(body))) == {
        "net": {"amount": "624.00", "currency": "GBP"},
        "rate": {"amount": "15.375", "currency": "GBP"},
        "hours": "7.50",
        "share": "0.15",
        "on": "2026-01-05",
        "bonus": None,
        "notes": ["late"],
    }


@pytest.mark.parametrize("number", ["0E-10", "1E+3", "-0.00", "12345678901.23"])
def test_no_number_has_an_exponent(number):
    shown = kinds.Quantity("hours").show(Decimal(number))

    assert "E" not in shown
    assert Decimal(shown) == Decimal(number)


def test_what_has_no_place_on_the_wire_is_not_sent():
    with pytest.raises(TypeError):
        as_json({"who": object()})


def test_what_cannot_be_paged_or_filtered_is_not_declared():
    over = kinds.Derived(kinds.Flag("over"), of=("state",), make=bool)
    fields = (kinds.Id("opn"), kinds.Instant("finished_at"), over)

    with pytest.raises(TypeError, match="no column"):
        Resource("TrialA", model=Operation, fields=fields, filters=("over",))
    with pytest.raises(TypeError, match="may be null"):
        Resource("TrialB", model=Operation, fields=fields, sorts=("finished_at",))
    with pytest.raises(TypeError, match="currency"):
        Resource("TrialC", model=Operation, fields=(kinds.Amount("total"),))

"""/v1/workers/{worker}/tax-elections: tax codes, W-4s and certificates, each from a day."""

from uuid import UUID

from api import fields
from api.door import Call, door
from api.resource import Flag, Id, Instant, Json, Ref, Resource, Text
from api.v1.directory.words import FACTS, PEOPLE, SINCE, TAG, UNTIL, Facts, must_exist
from backline.directory import actions
from backline.directory.models import TaxElection, Worker

ELECTION = Resource(
    "TaxElection",
    model=TaxElection,
    fields=(
        Id("tax"),
        Ref("worker", "wrk"),
        Text(
            "kind",
            doc="gb_paye, gb_pension, gb_starter, gb_student_loan, gb_cis, us_w4 or us_state:IL.",
        ),
        Json("facts", FACTS, doc="As the country's rules read them."),
        SINCE,
        UNTIL,
        Text("source", doc="Where it came from: p45, starter_checklist, hmrc, w4 …"),
        Flag("withdrawn", doc="Replaced by another from the very same day."),
        Instant("set_at"),
        Json("set_by", PEOPLE),
    ),
    filters=("kind", "withdrawn"),
    doc="What decides a worker's tax from a day.",
)


class ElectionIn(fields.Input):
    """A tax code with its NI letter, a W-4, a state's certificate, and the day it holds from."""

    kind = fields.Text(
        longest=20,
        help_text="gb_paye, gb_pension, gb_starter, gb_student_loan, gb_cis, us_w4, us_state:IL.",
    )
    facts = Facts(
        help_text="For gb_paye: tax_code, tax_basis, ni_letter; for gb_cis, the result of HMRC's"
        " verification: standing (gross, registered, unregistered), verification_number, utr."
    )
    since = fields.Day()
    source = fields.Text(longest=40)  # type: ignore[assignment]  # a field's own word in DRF


@door(
    "GET",
    "/v1/workers/{worker:wrk}/tax-elections",
    "tax_elections_list",
    lists=ELECTION,
    scope="tax_elections:read",
    tag=TAG,
)
def listed(call: Call, worker: UUID) -> object:
    """List a worker's tax elections, those that were replaced included."""
    must_exist(Worker, worker)
    return ELECTION.page(call, TaxElection.objects.filter(worker=worker))


@door(
    "POST",
    "/v1/workers/{worker:wrk}/tax-elections",
    "tax_elections_set",
    body=ElectionIn,
    scope="tax_elections:write",
    answers=ELECTION,
    status=201,
    key="optional",
    tag=TAG,
)
def elect(call: Call, worker: UUID) -> object:
    """Let a tax code, a W-4 or a certificate hold from a day; the one before ends there."""
    body = call.body
    made = actions.elect(
        worker,
        body["kind"],
        facts=body["facts"],
        since=body["since"],
        source=body["source"],
        actor=call.actor,
        at=call.at,
    )
    return ELECTION.one(made.pk)

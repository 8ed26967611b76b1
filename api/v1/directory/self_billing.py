"""/v1/intermediaries/{intermediary}/self-billing: agreements that we write its invoices."""

from uuid import UUID

from api import fields
from api.door import Call, door
from api.resource import Flag, Id, Instant, Json, Ref, Resource, Text
from api.v1.directory.words import PEOPLE, SINCE, TAG, UNTIL, must_exist
from backline.directory import actions
from backline.directory.models import Intermediary, SelfBilling

SELF_BILLING = Resource(
    "SelfBillingAgreement",
    model=SelfBilling,
    fields=(
        Id("sba"),
        Ref("intermediary", "imy"),
        SINCE,
        UNTIL,
        Text("vat_number", doc="The company's number when it agreed; empty: not registered."),
        Ref("document", "doc"),
        Flag("withdrawn", doc="Replaced by another from the very same day."),
        Instant("agreed_at"),
        Json("agreed_by", PEOPLE),
    ),
    filters=("withdrawn",),
    doc="A company's agreement that its invoices are written by us, for a year at most.",
)


class SelfBillingIn(fields.Input):
    """From when until before which day."""

    since = fields.Day()
    until = fields.Day(help_text="The first day on which it no longer holds.")
    document = fields.PublicId("doc", required=False)


@door(
    "GET",
    "/v1/intermediaries/{intermediary:imy}/self-billing",
    "self_billing_list",
    scope="workers:read",
    lists=SELF_BILLING,
    tag=TAG,
)
def listed(call: Call, intermediary: UUID) -> object:
    """List a company's self-billing agreements, those that ended included."""
    must_exist(Intermediary, intermediary)
    return SELF_BILLING.page(call, SelfBilling.objects.filter(intermediary=intermediary))


@door(
    "POST",
    "/v1/intermediaries/{intermediary:imy}/self-billing",
    "self_billing_agree",
    scope="evidence:write",
    body=SelfBillingIn,
    answers=SELF_BILLING,
    status=201,
    key="optional",
    tag=TAG,
)
def agree(call: Call, intermediary: UUID) -> object:
    """Keep a company's agreement to be self-billed, with its VAT number of today."""
    made = actions.agree_self_billing(intermediary, **call.body, actor=call.actor, at=call.at)
    return SELF_BILLING.one(made.pk)

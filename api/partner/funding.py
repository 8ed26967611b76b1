"""/v1/partner/agencies/{agency}/…: money between the partner's books and one agency's."""

from datetime import datetime
from uuid import UUID

from api import clock, fields
from api.answers import RESULTS, results
from api.door import Call, door, reads
from api.partner.agencies import TAG, own
from api.resource import Id, Instant, Json, Ref, Resource, Shape, Text, Whole
from backline.collections.actions import NewReceipt
from backline.funding import actions as funding
from backline.funding import queries
from tenants import tenancy
from tenants.agencies import registry
from tenants.agencies.models import Firm
from tenants.facility import actions, reconciling
from tenants.facility.models import Reconciliation

FIGURES = {"type": "object", "additionalProperties": {"type": "string"}}
RECONCILIATION = Resource(
    "Reconciliation",
    model=Reconciliation,
    fields=(
        Id("rec"),
        Ref("agency", "agy"),
        Instant("checked_at"),
        Json(
            "breaks",
            {
                "type": "array",
                "items": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            doc="Every figure on which the two books differ; empty when they agree to the penny.",
        ),
    ),
    filters=("agency",),
    doc="A comparison of an agency's books with the partner's.",
)
TERMS = Shape(
    "FundingTermsAgreed",
    (Whole("version"), Text("currency"), Json("facts", {"type": "object"})),
    doc="The version of funding terms that was agreed.",
)
POSITION = Shape(
    "FundingPosition",
    (Json("availability", {"type": "object"}), Json("moved", FIGURES)),
    doc="What may be drawn now and why not more, and everything that ever moved, by kind.",
)
MOVED = Shape("Moved", (Whole("advances"), Whole("movements")), doc="How much was done.")

reads(
    RECONCILIATION,
    "/v1/partner/reconciliations",
    scope="facility:read",
    role="shared",
    tag=TAG,
    among=lambda call: Reconciliation.objects.filter(agency__partner=call.known().firm_id),
)


class TermsIn(fields.Input):
    """Funding terms from a day; numbers as decimal strings."""

    since = fields.Day()
    currency = fields.Choice(("GBP", "USD"))
    facts = fields.Anything()


@door("POST", "/v1/partner/agencies/{agency:agy}/funding-terms", "funding_terms_agree",
      scope="facility:write", body=TermsIn, answers=TERMS, status=201, fresh=True, role="apart",
      tag=TAG)  # fmt: skip
def agree_terms(call: Call, agency: UUID) -> object:
    """Agree funding terms with an agency from a day, as the next version."""
    ref, at = _ref(call, agency), _now(agency)
    with tenancy.firm(ref):
        row = funding.agree_terms(
            tenancy.place(ref).partner,
            call.body["facts"],
            since=call.body["since"],
            currency=call.body["currency"],
            actor=call.actor,
            at=at,
        )
    return TERMS.show({"version": row.version, "currency": row.currency, "facts": row.facts})


@door("GET", "/v1/partner/agencies/{agency:agy}/funding", "funding_position",
      scope="facility:read", answers=POSITION, role="apart", tag=TAG)  # fmt: skip
def position(call: Call, agency: UUID) -> object:
    """What an agency may draw now, what is left out of it and why, and everything that moved."""
    ref = _ref(call, agency)
    at = _now(agency)
    with tenancy.firm(ref):
        partner = tenancy.place(ref).partner
        moved = {kind: str(amount) for kind, amount in queries.totals(partner).items()}
        return POSITION.show(
            {"availability": queries.availability(partner, at.date()), "moved": moved}
        )


class ReceiptIn(fields.Input):
    """Client cash that landed in the partner's bank for this agency."""

    bank_reference = fields.Text(longest=80)
    amount = fields.MoneyIn()
    received_on = fields.Day()
    payer = fields.Text(longest=120, required=False)
    remittance = fields.Text(longest=300, required=False)
    client = fields.PublicId("cli", required=False)


class ReceiptsIn(fields.Input):
    """Up to 100 receipts."""

    receipts = fields.Many(ReceiptIn(), most=100)


@door("POST", "/v1/partner/agencies/{agency:agy}/receipts", "partner_receipts_hand_over",
      scope="receipts:write", body=ReceiptsIn, answers=RESULTS, status=207, key="required",
      role="apart", tag=TAG)  # fmt: skip
def hand_over(call: Call, agency: UUID) -> object:
    """Hand client cash over to the agency's books, mirrored in the partner's; matched there
    and nowhere else.
    """
    ref = _ref(call, agency)
    receipts = [
        NewReceipt(
            bank_reference=one["bank_reference"],
            amount=one["amount"].amount,
            currency=one["amount"].currency,
            received_on=one["received_on"],
            payer=one.get("payer", ""),
            remittance=one.get("remittance", ""),
            client=one.get("client"),
            held_by="partner",
        )
        for one in call.body["receipts"]
    ]
    return results(actions.hand_over(ref, receipts, actor=call.actor, at=_now(agency)), "rcp")


@door("POST", "/v1/partner/agencies/{agency:agy}/fund", "funding_fund", scope="funding:write",
      answers=MOVED, key="required", role="apart", tag=TAG)  # fmt: skip
def fund(call: Call, agency: UUID) -> object:
    """Decide on every final invoice that nothing was decided on yet; it happens by itself
    after each invoice.
    """
    half = actions.fund(_ref(call, agency), actor=call.actor, at=_now(agency))
    return MOVED.show({"advances": len(half.advances), "movements": len(half.moves)})


class WeekIn(fields.Input):
    """The first day of the week."""

    week_starts_on = fields.Day()


@door("POST", "/v1/partner/agencies/{agency:agy}/settle", "funding_settle", scope="funding:write",
      body=WeekIn, answers=MOVED, key="required", role="apart", tag=TAG)  # fmt: skip
def settle(call: Call, agency: UUID) -> object:
    """Settle a week in both books, with its statement and the wire it comes to."""
    week = call.body["week_starts_on"]
    half = actions.settle(_ref(call, agency), week, actor=call.actor, at=_now(agency))
    return MOVED.show({"advances": len(half.advances), "movements": len(half.moves)})


@door("POST", "/v1/partner/agencies/{agency:agy}/reconcile", "reconciliations_make",
      scope="funding:write", answers=RECONCILIATION, status=201, role="apart", tag=TAG)  # fmt: skip
def reconcile(call: Call, agency: UUID) -> object:
    """Compare the agency's books with the partner's; every difference is named and goes on a
    desk.
    """
    row = reconciling.reconcile(_ref(call, agency), at=_now(agency))
    with tenancy.shared():
        return RECONCILIATION.one(row.pk)


def _ref(call: Call, agency: UUID) -> str:
    with tenancy.shared():
        own(call, agency)
    return registry.ref(agency)


def _now(agency: UUID) -> datetime:
    """The time of that agency: a sandbox has its own."""
    with tenancy.shared():
        found = Firm.objects.filter(pk=agency).values_list("clock", flat=True).first()
    return found or clock.now()

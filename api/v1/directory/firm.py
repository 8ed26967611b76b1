"""/v1/firm: the firm as it appears on paper, its registrations, the accounts it pays from."""

from api import fields
from api.door import Call, door, reads
from api.resource import Choice, Flag, Id, Json, Resource, Text, Whole
from api.v1.directory.words import (
    ADDRESS,
    COUNTRIES,
    FACTS,
    SINCE,
    TAG,
    UNTIL,
    AddressIn,
    Email,
    Facts,
    Word,
)
from backline.directory import actions, queries
from backline.directory.models import FirmRecord, PayingAccount, Registration

RAILS = ("bacs", "ach")
HOLIDAYS = ("rolled_up", "accrued", "none")

FIRM = Resource(
    "Firm",
    model=FirmRecord,
    fields=(
        Id("frm"),
        Text("legal_name"),
        Text("trading_name"),
        Choice("country", COUNTRIES),
        Text("currency"),
        Text("time_zone"),
        Whole("week_starts", doc="0 is Monday."),
        Json("address", ADDRESS),
        Text("email"),
        Text("phone"),
        Text("company_number"),
        Text("vat_number"),
        Choice("holiday_method", HOLIDAYS),
        Json("settings", FACTS),
    ),
    doc="The firm as it appears on paper.",
)
REGISTRATION = Resource(
    "Registration",
    model=Registration,
    fields=(
        Id("reg"),
        Text("authority", doc="hmrc_paye, hmrc_vat, hmrc_cis, pension, irs or state:TX."),
        Text("reference", doc="The PAYE reference, the EIN, the state's account …"),
        Json("facts", FACTS, doc="Such as the firm's own unemployment rate in a state."),
        SINCE,
        UNTIL,
    ),
    filters=("authority",),
    doc="The firm at one authority, from a day.",
)
PAYING_ACCOUNT = Resource(
    "PayingAccount",
    model=PayingAccount,
    fields=(
        Id("pya"),
        Text("name"),
        Choice("rail", RAILS),
        Text("currency"),
        Text("account_last", doc="The last four; the rest is sealed."),
        Json("facts", FACTS, doc="Service user number and sort code, or routing and origin."),
        Flag("is_default"),
    ),
    filters=("rail", "currency", "is_default"),
    doc="A bank account that the firm pays from.",
)


@door("GET", "/v1/firm", "firm_retrieve", scope="firm:read", answers=FIRM, tag=TAG)
def retrieve(call: Call) -> object:  # noqa: ARG001  # every deed is given its call
    """Read the firm's own details."""
    return FIRM.one(queries.firm().pk)


class FirmChange(fields.Input):
    """What changes on the firm's paper."""

    legal_name = fields.Text(longest=120)
    trading_name = fields.Text(longest=120)
    time_zone = fields.Zone()
    week_starts = fields.Whole(most=6, help_text="0 is Monday.")
    address = AddressIn()
    email = Email()
    phone = Word(longest=40)
    company_number = Word(longest=40)
    vat_number = Word(longest=20)
    holiday_method = fields.Choice(HOLIDAYS)
    settings = Facts()


@door(
    "PATCH",
    "/v1/firm",
    "firm_update",
    scope="firm:write",
    body=FirmChange,
    answers=FIRM,
    match=True,
    tag=TAG,
)
def change(call: Call) -> object:
    """Change what stands on the firm's paper."""
    return FIRM.one(actions.change_firm(call.body, actor=call.actor, at=call.at).pk)


reads(REGISTRATION, "/v1/registrations", scope="firm:read", tag=TAG)


class RegistrationIn(fields.Input):
    """At which authority, under which reference, from when."""

    authority = fields.Text(
        longest=30, help_text="hmrc_paye, hmrc_vat, hmrc_cis, pension, irs, state:TX."
    )
    reference = fields.Text(longest=60)
    facts = Facts(required=False)
    since = fields.Day()


@door(
    "POST",
    "/v1/registrations",
    "registrations_set",
    scope="firm:write",
    body=RegistrationIn,
    answers=REGISTRATION,
    status=201,
    key="optional",
    tag=TAG,
)
def register(call: Call) -> object:
    """Note the firm's registration with an authority from a day; the one before ends there."""
    body = call.body
    made = actions.register(
        body["authority"],
        reference=body["reference"],
        facts=body.get("facts", {}),
        since=body["since"],
        actor=call.actor,
        at=call.at,
    )
    return REGISTRATION.one(made.pk)


reads(PAYING_ACCOUNT, "/v1/paying-accounts", scope="firm:read", tag=TAG)


class PayingAccountIn(fields.Input):
    """BACS needs sun and sort_code among its facts; ACH needs routing, origin and bank_name."""

    name = fields.Text(longest=80)
    rail = fields.Choice(RAILS)
    currency = fields.Choice(("GBP", "USD"))
    account = fields.Text(longest=20, help_text="The account number; sealed and never shown again.")
    facts = Facts(help_text='Such as {"sun": "123456", "sort_code": "404784"}.')


@door(
    "POST",
    "/v1/paying-accounts",
    "paying_accounts_add",
    scope="firm:write",
    body=PayingAccountIn,
    answers=PAYING_ACCOUNT,
    status=201,
    key="optional",
    tag=TAG,
)
def add_paying_account(call: Call) -> object:
    """Add the account the firm pays from by a rail; the one before is kept and no longer used."""
    made = actions.add_paying_account(**call.body, actor=call.actor, at=call.at)
    return PAYING_ACCOUNT.one(made.pk)

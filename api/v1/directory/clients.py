"""/v1/clients: the companies that workers are assigned to, and how each is billed from a day."""

from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import Amount, Choice, Flag, Id, Instant, Json, Ref, Resource, Text, Whole, Words
from api.v1.directory.words import (
    ADDRESS,
    COUNTRIES,
    SINCE,
    TAG,
    UNTIL,
    AddressIn,
    Email,
    Word,
    must_exist,
)
from backline.directory import actions
from backline.directory.actions.clients import GROUPINGS, MEANS, TREATMENTS
from backline.directory.models import Client, Terms
from backline.kernel import provenance
from backline.kernel.outcomes import one

OWNERSHIPS = ("public", "private")
STATES = ("prospect", "active", "on_hold", "closed")
CURRENCIES = ("GBP", "USD")

CLIENT = Resource(
    "Client",
    model=Client,
    fields=(
        Id("cli"),
        Text("reference", doc="The firm's own number for the client."),
        Text("legal_name"),
        Text("trading_name"),
        Choice("country", COUNTRIES),
        Choice("currency", CURRENCIES),
        Json("billing_address", ADDRESS),
        Text("vat_number"),
        Text("ownership", doc="public or private; empty: not known."),
        Choice("state", STATES),
        Amount("credit_limit"),
        Whole("version"),
        Instant("created_at"),
    ),
    filters=("state", "country", "currency", "reference", "created_at"),
    sorts=("legal_name",),
    doc="A company that workers are assigned to.",
)
TERMS = Resource(
    "Terms",
    model=Terms,
    fields=(
        Id("trm"),
        Ref("client", "cli"),
        SINCE,
        UNTIL,
        Whole("net_days", doc="Days to pay."),
        Flag("from_month_end", doc="The days are counted from the end of the month."),
        Words("group_by", doc="What makes another invoice: worker, week, po_number …"),
        Flag("split_by_month"),
        Flag("po_required"),
        Choice("tax_treatment", TREATMENTS),
        Flag("attach_timesheets"),
        Flag("overtime_billed"),
        Flag("penalties_billed", doc="The client is billed an hour for a break that was missed."),
        Choice("deliver_by", MEANS, doc="By mail, by post, or into the client's own portal."),
        Words("deliver_to", doc="The mail addresses that invoices go to."),
        Flag("wait_for_all", doc="Invoices wait until all time of the period is approved."),
    ),
    doc="How a client is billed from a day.",
)

reads(CLIENT, "/v1/clients", scope="clients:read", tag=TAG)


class ClientIn(fields.Input):
    """What is known of a client."""

    legal_name = fields.Text(longest=120)
    country = fields.Choice(COUNTRIES)
    currency = fields.Choice(CURRENCIES)
    trading_name = Word(longest=120)
    reference = Word(longest=40)
    billing_address = AddressIn(required=False)
    vat_number = Word(longest=20)
    ownership = fields.Choice(OWNERSHIPS, required=False)


class ClientChange(ClientIn):
    """What of a client changes."""

    state = fields.Choice(STATES)
    credit_limit = fields.MoneyIn(allow_null=True)


@door(
    "POST",
    "/v1/clients",
    "clients_add",
    scope="clients:write",
    body=ClientIn,
    answers=CLIENT,
    status=201,
    key="optional",
    tag=TAG,
)
def add(call: Call) -> object:
    """Add a client."""
    made = actions.add_clients([actions.NewClient(**call.body)], actor=call.actor, at=call.at)
    return CLIENT.one(one(made))


@door(
    "PATCH",
    "/v1/clients/{client:cli}",
    "clients_update",
    scope="clients:write",
    body=ClientChange,
    answers=CLIENT,
    match=True,
    tag=TAG,
)
def change(call: Call, client: UUID) -> object:
    """Change what is known of a client."""
    provenance.by_hand("client", client, call.body, actor=call.actor, at=call.at)
    actions.change_client(client, call.body, actor=call.actor, at=call.at)
    return CLIENT.one(client)


class TermsIn(fields.Input):
    """How the client is billed from a day."""

    since = fields.Day()
    net_days = fields.Whole(default=30, most=180)
    from_month_end = fields.Flag(default=False)
    group_by = fields.Many(fields.Choice(GROUPINGS), least=0, most=7, required=False)
    split_by_month = fields.Flag(default=False)
    po_required = fields.Flag(default=False)
    tax_treatment = fields.Choice(TREATMENTS, default="standard")
    attach_timesheets = fields.Flag(default=True)
    overtime_billed = fields.Flag(default=True)
    penalties_billed = fields.Flag(
        default=False,
        help_text="Bill an hour for a break that was missed; else the worker is paid.",
    )
    deliver_by = fields.Choice(MEANS, default="email")
    deliver_to = fields.Many(Email(), least=0, most=10, required=False)
    wait_for_all = fields.Flag(default=False)


@door(
    "GET",
    "/v1/clients/{client:cli}/terms",
    "terms_list",
    scope="clients:read",
    lists=TERMS,
    tag=TAG,
)
def terms(call: Call, client: UUID) -> object:
    """List how a client was and is billed."""
    must_exist(Client, client)
    return TERMS.page(call, Terms.objects.filter(client=client))


@door(
    "POST",
    "/v1/clients/{client:cli}/terms",
    "terms_agree",
    scope="clients:write",
    body=TermsIn,
    answers=TERMS,
    status=201,
    key="optional",
    tag=TAG,
)
def agree(call: Call, client: UUID) -> object:
    """Bill a client in a certain way from a day; the terms before end there."""
    made = actions.agree_terms(client, actions.NewTerms(**call.body), actor=call.actor, at=call.at)
    return TERMS.one(made.pk)

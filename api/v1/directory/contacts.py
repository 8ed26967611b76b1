"""/v1/contacts and /v1/sites: the people at clients, and the places where work is done."""

from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import Choice, Id, Json, Ref, Resource, Text, Whole, Words
from api.v1.directory.words import ADDRESS, COUNTRIES, TAG, AddressIn, Email, Word
from backline.directory import actions
from backline.directory.models import Contact, Site
from backline.kernel import provenance
from backline.kernel.outcomes import one

ROLES = ("timesheet_approver", "backup_approver", "billing", "statements")
STATES = ("active", "inactive")

CONTACT = Resource(
    "Contact",
    model=Contact,
    fields=(
        Id("con"),
        Ref("client", "cli"),
        Text("name"),
        Text("email"),
        Text("phone"),
        Text("job_title"),
        Words("roles"),
        Choice("state", STATES),
        Whole("version"),
    ),
    filters=("client", "state", "email"),
    doc="A person at a client: approves time, receives invoices.",
)
SITE = Resource(
    "Site",
    model=Site,
    fields=(
        Id("sit"),
        Ref("client", "cli"),
        Text("name"),
        Json("address", ADDRESS),
        Choice("country", COUNTRIES),
        Text("region", doc="The state in the US, the nation in the UK."),
        Text("locality", doc="The city or county, where it taxes."),
        Text("time_zone"),
        Whole("version"),
    ),
    filters=("client", "country", "region"),
    doc="Where work is done: it decides the time zone, the holidays and, in the US, the tax.",
)

reads(CONTACT, "/v1/contacts", scope="clients:read", tag=TAG)
reads(SITE, "/v1/sites", scope="clients:read", tag=TAG)


class ContactChange(fields.Input):
    """What of a contact changes."""

    name = fields.Text(longest=120)
    email = Email(required=False)
    phone = Word(longest=40)
    job_title = Word(longest=80)
    roles = fields.Many(fields.Choice(ROLES), least=0, most=4, required=False)
    state = fields.Choice(STATES, required=False)


class ContactIn(fields.Input):
    """A person at a client."""

    client = fields.PublicId("cli")
    name = fields.Text(longest=120)
    email = Email(required=False)
    phone = Word(longest=40)
    job_title = Word(longest=80)
    roles = fields.Many(fields.Choice(ROLES), least=0, most=4, required=False)


@door(
    "POST",
    "/v1/contacts",
    "contacts_add",
    scope="clients:write",
    body=ContactIn,
    answers=CONTACT,
    status=201,
    key="optional",
    tag=TAG,
)
def add_contact(call: Call) -> object:
    """Add a person at a client."""
    made = actions.add_contacts([actions.NewContact(**call.body)], actor=call.actor, at=call.at)
    return CONTACT.one(one(made))


@door(
    "PATCH",
    "/v1/contacts/{contact:con}",
    "contacts_update",
    scope="clients:write",
    body=ContactChange,
    answers=CONTACT,
    match=True,
    tag=TAG,
)
def change_contact(call: Call, contact: UUID) -> object:
    """Change what is known of a person at a client."""
    provenance.by_hand("contact", contact, call.body, actor=call.actor, at=call.at)
    actions.change_contact(contact, call.body, actor=call.actor, at=call.at)
    return CONTACT.one(contact)


class SiteChange(fields.Input):
    """What of a place of work changes."""

    name = fields.Text(longest=120)
    country = fields.Choice(COUNTRIES)
    time_zone = fields.Zone()
    region = Word(longest=10)
    locality = Word(longest=60)
    address = AddressIn(required=False)


class SiteIn(SiteChange):
    """A place of work of a client."""

    client = fields.PublicId("cli")


@door(
    "POST",
    "/v1/sites",
    "sites_add",
    scope="clients:write",
    body=SiteIn,
    answers=SITE,
    status=201,
    key="optional",
    tag=TAG,
)
def add_site(call: Call) -> object:
    """Add a place of work of a client."""
    made = actions.add_sites([actions.NewSite(**call.body)], actor=call.actor, at=call.at)
    return SITE.one(one(made))


@door(
    "PATCH",
    "/v1/sites/{site:sit}",
    "sites_update",
    scope="clients:write",
    body=SiteChange,
    answers=SITE,
    match=True,
    tag=TAG,
)
def change_site(call: Call, site: UUID) -> object:
    """Change what is known of a place of work."""
    provenance.by_hand("site", site, call.body, actor=call.actor, at=call.at)
    actions.change_site(site, call.body, actor=call.actor, at=call.at)
    return SITE.one(site)

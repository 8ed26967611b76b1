"""/v1/ledger: the accounts, what was posted, and what stands on each at the end of a day."""

from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from api import fields
from api.door import Call, door, reads
from api.resource import (
    Amount,
    Choice,
    Day,
    Flag,
    Id,
    Instant,
    Json,
    Many,
    Resource,
    Shape,
    Text,
    Whole,
)
from api.v1.directory.words import PEOPLE
from api.v1.events import Subject
from backline.ledger import queries
from backline.ledger.models import Account, Entry, Posting
from rulebook.money import NOTHING

TAG = "ledger"

ACCOUNT = Resource(
    "LedgerAccount",
    model=Account,
    fields=(
        Id("acc"),
        Text("code"),
        Text("name"),
        Choice("kind", Account.Kind),
        Text("currency"),
    ),
    filters=("code", "kind", "currency"),
    sorts=("code",),
    order="code",
    doc="An account of the chart, in one currency.",
)
SUBJECT = "What the leg is about; after ref_ it reads as in the thing's own id."
ENTRY = Resource(
    "LedgerEntry",
    model=Entry,
    fields=(
        Whole("id"),
        Id("pst", "posting", "posting_id"),
        Whole("n", doc="Its place in the posting."),
        Text("debit", doc="The code of the account."),
        Id("ref", "debit_subject", doc=SUBJECT),
        Text("credit"),
        Id("ref", "credit_subject", doc=SUBJECT),
        Amount("amount"),
        Day("effective_on"),
    ),
    filters=("effective_on", Text("currency")),
    sorts=("effective_on",),
    doc="One debit, one credit, one positive amount.",
)
POSTING = Resource(
    "Posting",
    model=Posting,
    fields=(
        Id("pst"),
        Text("key", doc="The business event's own key; it is posted once."),
        Text("kind"),
        Day("effective_on"),
        Instant("posted_at"),
        Id("pst", "reverses", "reverses_id"),
        Text("narrative"),
        Json("actor", PEOPLE),
        Many("entries", ENTRY, by="posting", order="n"),
    ),
    filters=("kind", "key", "effective_on", "posted_at"),
    sorts=("effective_on",),
    doc="A business event in the books, with its entries.",
)
BALANCE = Shape(
    "Balance",
    (
        Text("code"),
        Text("name"),
        Choice("kind", Account.Kind),
        Amount("debits"),
        Amount("credits"),
        Amount("balance", doc="On the side that grows this kind of account."),
    ),
    doc="What stands on one account.",
)
TRIAL_BALANCE = Shape(
    "TrialBalance",
    (
        Day("on", doc="At the end of this day."),
        Flag("is_balanced", doc="Debits and credits are equal in every currency."),
        Json("accounts", {"type": "array", "items": BALANCE.ref()}),
    ),
    doc="Every account with anything on it, as of the end of a day.",
)

reads(ACCOUNT, "/v1/ledger/accounts", scope="ledger:read", tag=TAG)
reads(POSTING, "/v1/ledger/postings", scope="ledger:read", tag=TAG)


class EntriesQuery(fields.Input):
    """Of which thing, on which account."""

    subject = Subject(required=False, help_text="An invoice, a worker, a receipt: either leg.")
    account = fields.Text(longest=12, required=False, help_text="The code of the account.")


@door(
    "GET",
    "/v1/ledger/entries",
    "ledger_entries_list",
    scope="ledger:read",
    tag=TAG,
    query=EntriesQuery,
    lists=ENTRY,
)
def entries(call: Call) -> object:
    """List entries, of one thing or account if asked: a sub-ledger."""
    rows = Entry.objects.all()
    subject: UUID | None = call.query.get("subject")
    if subject is not None:
        rows = rows.filter(Q(debit_subject=subject) | Q(credit_subject=subject))
    if "account" in call.query:
        code = call.query["account"]
        rows = rows.filter(Q(debit=code) | Q(credit=code))
    return ENTRY.page(call, rows)


class BalanceQuery(fields.Input):
    """At the end of which day."""

    on = fields.Day(required=False, help_text="Left out, today.")


@door(
    "GET",
    "/v1/ledger/trial-balance",
    "ledger_trial_balance",
    scope="ledger:read",
    tag=TAG,
    query=BalanceQuery,
    answers=TRIAL_BALANCE,
)
def trial_balance(call: Call) -> object:
    """Read what stands on every account at the end of a day; each figure is a sum of entries."""
    on = call.query.get("on", call.on)
    rows = queries.trial_balance(on)
    differences: dict[str, Decimal] = {}
    for row in rows:
        standing = differences.get(row.currency, NOTHING)
        differences[row.currency] = standing + row.debits - row.credits
    accounts = [
        BALANCE.show(
            {
                "code": row.code,
                "name": row.name,
                "kind": row.kind,
                "debits": (row.debits, row.currency),
                "credits": (row.credits, row.currency),
                "balance": (row.amount, row.currency),
            }
        )
        for row in rows
    ]
    told = TRIAL_BALANCE.show({"on": on, "is_balanced": not any(differences.values())})
    return told | {"accounts": accounts}

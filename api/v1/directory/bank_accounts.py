"""/v1/bank-accounts: where workers and companies are paid; proposed by one, approved by another."""

from uuid import UUID

from api import fields
from api.answers import RESULTS, results
from api.door import Call, door, reads
from api.resource import Choice, Id, Instant, Json, Ref, Resource, Shape, Text
from api.v1.directory.words import PEOPLE, TAG
from backline.directory import actions
from backline.directory.models import BankAccount
from backline.kernel.outcomes import one

RAILS = ("bacs", "ach")

BANK_ACCOUNT = Resource(
    "BankAccount",
    model=BankAccount,
    fields=(
        Id("bnk"),
        Ref("worker", "wrk"),
        Ref("intermediary", "imy"),
        Choice("rail", RAILS),
        Text("holder"),
        Text("account_last", doc="The last four; the rest is sealed."),
        Text("account_type"),
        Choice("state", BankAccount.State),
        Json("proposed_by", PEOPLE),
        Instant("proposed_at"),
        Json("decided_by", PEOPLE),
        Instant("decided_at"),
    ),
    filters=("worker", "intermediary", "state", "proposed_at"),
    doc="Where a payee is paid; nothing is paid there before a second person approves.",
)

reads(BANK_ACCOUNT, "/v1/bank-accounts", scope="bank_accounts:read", tag=TAG)


class BankAccountIn(fields.Input):
    """Whose account it is, and its numbers, which are sealed and never shown again."""

    worker = fields.PublicId("wrk", required=False)
    intermediary = fields.PublicId("imy", required=False)
    rail = fields.Choice(RAILS)
    holder = fields.Text(longest=80)
    routing = fields.Text(longest=12, help_text="The sort code, or the ABA routing number.")
    account = fields.Text(longest=20)
    account_type = fields.Choice(("checking", "savings"), required=False)

    def validate(self, given: dict[str, object]) -> dict[str, object]:
        """One payee."""
        if ("worker" in given) == ("intermediary" in given):
            raise fields.wrong(
                "worker", "one_payee", "Name a worker or a company, and not both of them."
            )
        return given


class RefuseIn(fields.Input):
    """Why."""

    reason = fields.Text(longest=300)


class ApproveManyIn(fields.Input):
    """Which proposals."""

    bank_accounts = fields.Many(fields.PublicId("bnk"))


@door(
    "POST",
    "/v1/bank-accounts",
    "bank_accounts_propose",
    scope="bank_accounts:write",
    body=BankAccountIn,
    answers=BANK_ACCOUNT,
    status=201,
    key="optional",
    tag=TAG,
)
def propose(call: Call) -> object:
    """Say where a worker or a company is to be paid, for somebody else to approve."""
    made = actions.propose(**call.body, actor=call.actor, at=call.at)
    return BANK_ACCOUNT.one(made.pk)


@door(
    "POST",
    "/v1/bank-accounts/{bank_account:bnk}/approve",
    "bank_accounts_approve",
    scope="bank_accounts:approve",
    answers=BANK_ACCOUNT,
    key="optional",
    fresh=True,
    tag=TAG,
)
def approve(call: Call, bank_account: UUID) -> object:
    """Approve a bank account that somebody else proposed; the one before is replaced."""
    one(actions.approve([bank_account], actor=call.actor, at=call.at))
    return BANK_ACCOUNT.one(bank_account)


@door(
    "POST",
    "/v1/bank-accounts/approve",
    "bank_accounts_approve_many",
    body=ApproveManyIn,
    scope="bank_accounts:approve",
    answers=RESULTS,
    status=207,
    key="optional",
    fresh=True,
    tag=TAG,
)
def approve_many(call: Call) -> object:
    """Approve many bank accounts that others proposed; one that is refused stops no other."""
    made = actions.approve(call.body["bank_accounts"], actor=call.actor, at=call.at)
    return results(made, "bnk")


@door(
    "POST",
    "/v1/bank-accounts/{bank_account:bnk}/refuse",
    "bank_accounts_refuse",
    scope="bank_accounts:approve",
    body=RefuseIn,
    answers=BANK_ACCOUNT,
    key="optional",
    fresh=True,
    tag=TAG,
)
def refuse(call: Call, bank_account: UUID) -> object:
    """Turn a proposed bank account down."""
    told = {"reason": call.body["reason"], "actor": call.actor, "at": call.at}
    one(actions.refuse([bank_account], **told))
    return BANK_ACCOUNT.one(bank_account)


NUMBERS = Shape(
    "BankAccountNumbers",
    (Id("bnk"), Text("routing"), Text("account")),
    doc="The numbers of a bank account, shown once to somebody who said why.",
)


class RevealIn(fields.Input):
    """Why they must be seen."""

    reason = fields.Text(longest=200)


@door(
    "POST",
    "/v1/bank-accounts/{bank_account:bnk}/reveal",
    "bank_accounts_reveal",
    scope="sensitive:reveal",
    body=RevealIn,
    answers=NUMBERS,
    fresh=True,
    tag=TAG,
)
def reveal(call: Call, bank_account: UUID) -> object:
    """Show the numbers of a bank account; who saw them, and why, stays on record."""
    told = {"reason": call.body["reason"], "actor": call.actor, "at": call.at}
    shown = actions.reveal(BankAccount, bank_account, ("routing", "account"), **told)
    return NUMBERS.show({"id": bank_account, **shown})

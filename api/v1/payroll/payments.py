"""/v1/payments and /v1/payment-files: money to payees, the bank's files, and what came of them."""

from uuid import UUID

from api import fields
from api.answers import RESULTS, line_results, results
from api.door import Answer, Call, File, door, reads
from api.lines import Line
from api.resource import Amount, Choice, Day, Id, Instant, Ref, Resource, Text, Whole
from api.v1.payroll.words import CURRENCIES, RAILS, TAG
from backline.kernel import documents
from backline.kernel.errors import Invalid, Missing
from backline.payroll import actions, papers
from backline.payroll.actions import Return
from backline.payroll.models import Payment, PaymentFile

PAPER = "application/pdf"
REVERSAL_REASONS = ("duplicate", "wrong_amount", "wrong_account")

PAYMENT = Resource(
    "Payment",
    model=Payment,
    fields=(
        Id("pmt"),
        Ref("run", "run"),
        Ref("worker", "wrk"),
        Ref("intermediary", "imy", doc="The company that is paid, where there is one."),
        Choice("rail", RAILS),
        Amount("amount"),
        Choice("currency", CURRENCIES),
        Choice("state", Payment.State),
        Text("reference", doc="What the payee sees, and what a return of Bacs names."),
        Text("number", doc="The number of the company's remittance or self-billed invoice."),
        Text("trace", doc="What the rail calls it; a return of ACH names it."),
        Ref("bank_account", "bnk"),
        Text("account_last", "bank_account__account_last", null=True),
        Ref("file", "fil"),
        Day("arrives_on", "file__process_on", null=True),
        Ref("replaces", "pmt", doc="The returned payment that this one repeats."),
        Text("return_code"),
        Text("return_reason"),
        Text("reversal_reason", doc="Why it was asked back; empty when it was not."),
        Instant("sent_at"),
        Instant("settled_at"),
        Instant("reversing_since"),
    ),
    filters=("run", "worker", "intermediary", "state", "file", "reference"),
    doc="Money to one payee of one run.",
)
PAYMENT_FILE = Resource(
    "PaymentFile",
    model=PaymentFile,
    fields=(
        Id("fil"),
        Ref("run", "run"),
        Choice("rail", RAILS),
        Whole("serial", doc="Its place among all files of this rail."),
        Whole("batch"),
        Whole("count"),
        Amount("amount"),
        Choice("currency", CURRENCIES),
        Day("process_on", doc="The day on which the money is there."),
        Text("sha256", doc="The hash of its bytes; a file that differs is not handed out."),
        Instant("made_at"),
    ),
    filters=("run", "rail", "process_on"),
    doc="A bank file: made once, kept as it was made.",
)

reads(PAYMENT, "/v1/payments", scope="payments:read", tag=TAG)
reads(PAYMENT_FILE, "/v1/payment-files", scope="payments:read", tag=TAG)


class SettleIn(fields.Input):
    """Which payments left the bank, and on which day."""

    payments = fields.Many(fields.PublicId("pmt"), most=1000)
    on = fields.Day(required=False)


class ReturnIn(fields.Input):
    """One payment that came back."""

    payment = fields.PublicId("pmt")
    code = fields.Text(longest=10)
    reason = fields.Text(longest=200, blank=True, default="")


class ReturnsIn(fields.Input):
    """Payments that came back."""

    returns = fields.Many(ReturnIn(), most=1000)
    on = fields.Day(required=False)


class ReturnFileIn(fields.Input):
    """A bank's own report: a NACHA return file, or unapplied Bacs credits as CSV."""

    format = fields.Choice(("nacha", "arucs"))
    content = fields.Anything(help_text="The text of the file, as it came.")
    on = fields.Day(required=False)

    def validate(self, given: dict[str, object]) -> dict[str, object]:
        """The content is text."""
        if not isinstance(given["content"], str) or not given["content"]:
            raise fields.wrong("content", "not_a_string", "Send the text of the file.")
        return given


class ReverseIn(fields.Input):
    """Why a payment is asked back."""

    reason = fields.Choice(REVERSAL_REASONS)
    note = fields.Text(longest=200, blank=True, default="")


@door(
    "POST",
    "/v1/payments/settle",
    "payments_settle",
    scope="payments:write",
    body=SettleIn,
    answers=RESULTS,
    status=207,
    key="optional",
    tag=TAG,
)
def settle(call: Call) -> object:
    """Note that payments left the bank; one that is settled already stays so."""
    on = call.body.get("on") or call.on
    made = actions.settle(call.body["payments"], on=on, actor=call.actor, at=call.at)
    return results(made, "pmt")


@door(
    "POST",
    "/v1/payments/returns",
    "payments_return",
    scope="payments:write",
    body=ReturnsIn,
    answers=RESULTS,
    status=207,
    key="optional",
    tag=TAG,
)
def give_back(call: Call) -> object:
    """Note that the bank sent payments back; the same return again changes nothing."""
    returns = [Return(one["payment"], one["code"], one["reason"]) for one in call.body["returns"]]
    on = call.body.get("on") or call.on
    return results(actions.return_payments(returns, on=on, actor=call.actor, at=call.at), "pmt")


@door(
    "POST",
    "/v1/payments/return-files",
    "payments_read_returns",
    scope="payments:write",
    body=ReturnFileIn,
    answers=RESULTS,
    status=207,
    key="optional",
    tag=TAG,
)
def read_returns(call: Call) -> object:
    """Take a bank's return file; a line that cannot be read or placed never stops the others."""
    read = actions.read_returns(
        call.body["content"],
        format=call.body["format"],
        on=call.body.get("on") or call.on,
        actor=call.actor,
        at=call.at,
    )
    lines = [Line(n, one.line, None, one.faults) for n, one in enumerate(read)]
    became = {n: one.became for n, one in enumerate(read) if one.became is not None}
    if not lines:
        raise Invalid("nothing_in_file", "There is no return in this file.", pointer="/content")
    return line_results(lines, became, "pmt")


@door(
    "POST",
    "/v1/payments/{payment:pmt}/repay",
    "payments_repay",
    scope="pay_runs:release",
    answers=PAYMENT,
    status=201,
    key="required",
    fresh=True,
    tag=TAG,
)
def repay(call: Call, payment: UUID) -> object:
    """Pay a returned payment again, to details that were approved since; once only."""
    return PAYMENT.one(actions.repay(payment, actor=call.actor, at=call.at).pk)


@door(
    "POST",
    "/v1/payments/{payment:pmt}/reverse",
    "payments_reverse",
    scope="pay_runs:release",
    body=ReverseIn,
    answers=PAYMENT,
    key="required",
    fresh=True,
    tag=TAG,
)
def reverse(call: Call, payment: UUID) -> object:
    """Ask the bank for a sent payment back, for a lawful reason and before the rail's deadline."""
    actions.reverse(payment, **call.body, actor=call.actor, at=call.at)
    return PAYMENT.one(payment)


@door(
    "GET",
    "/v1/payments/{payment:pmt}/document",
    "payments_document",
    scope="payslips:read",
    answers=PAPER,
    tag=TAG,
)
def document(call: Call, payment: UUID) -> object:
    """Fetch the remittance or self-billed invoice of a company's payment as PDF."""
    paper = papers.of_payment(payment, actor=call.actor, at=call.at)
    held = documents.content(paper)
    return Answer(File(held, PAPER, paper.name), headers={"ETag": f'"{paper.sha256}"'})


@door(
    "GET",
    "/v1/payment-files/{payment_file:fil}/content",
    "payment_files_content",
    scope="payment_files:read",
    answers="text/plain",
    tag=TAG,
)
def content(call: Call, payment_file: UUID) -> object:
    """Fetch the bytes of a bank file; one that was altered since it was made is refused."""
    file = PaymentFile.objects.select_related("document").filter(pk=payment_file).first()
    if file is None:
        raise Missing("not_found", "There is no such record, or not for you.")
    held = documents.content(file.document)
    actions.note_file_reading(file.pk, actor=call.actor, at=call.at)
    return Answer(
        File(held, "text/plain", file.document.name), headers={"ETag": f'"{file.sha256}"'}
    )

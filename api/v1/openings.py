"""/v1/openings: what workers, clients and the books bring along from another system."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from rest_framework import serializers

from api import fields
from api.answers import RESULT, line_results
from api.door import Call, door
from api.lines import Line, Lines
from api.resource import Amount, Flag, Json, Shape, Text, Whole
from api.spelling import DECIMAL, a_decimal
from api.v1.directory.words import Word
from backline.integrations.actions import openings
from backline.integrations.actions.lines import found_by_reference
from backline.integrations.actions.openings import OpenBalance, OpenWorker
from backline.invoicing.actions.bringing import OpenInvoice
from backline.invoicing.models import Invoice
from backline.kernel.errors import Missing, Refusal
from backline.kernel.outcomes import Outcome
from backline.ledger import queries as books
from backline.payroll.models import OpeningFigure
from rulebook.money import Money

TAG = "integrations"
MOST_FIGURES = 200
LONGEST_KEY = 60
Became = UUID | Refusal


class Figures(fields.Own):
    """Year-to-date amounts by the country's own keys: {"gb.pay": "5200.00"}."""

    def to_internal_value(self, data: Any) -> dict[str, Decimal]:
        """Each amount, exact; every one that is not is told."""
        if not isinstance(data, Mapping) or len(data) > MOST_FIGURES:
            raise serializers.ValidationError("Write an object of amounts.", code="not_an_object")
        read: dict[str, Decimal] = {}
        faults: dict[str, Any] = {}
        for key, text in data.items():
            try:
                number = a_decimal(text if isinstance(text, str) else "")
                read[key] = fields.bounded(number, 2, None, Decimal("99999999.99"))
            except ValueError as error:
                faults[key] = [serializers.ErrorDetail(str(error), "invalid_amount")]
            if len(key) > LONGEST_KEY:
                faults[key] = [serializers.ErrorDetail("There is no such key.", "unknown_key")]
        if faults:
            raise serializers.ValidationError(faults)
        return read

    def to_representation(self, value: Any) -> Any:
        """The amounts."""
        return value

    def schema(self) -> dict[str, Any]:
        """An object of decimal strings."""
        return {
            "type": "object",
            "additionalProperties": {"type": "string", "pattern": DECIMAL},
            "examples": [{"gb.pay": "5200.00", "gb.taxable": "5200.00", "gb.tax": "208.20"}],
        }


class OpenWorkerLine(fields.Input):
    """A worker's figures of the tax year so far, and holiday not yet taken."""

    worker = fields.Text(longest=40, help_text="The id, or the firm's own reference.")
    figures = Figures(required=False, help_text="As the pack of the worker's country names them.")
    holiday_hours = fields.DecimalText(required=False, least=None, most="9999")


class OpenInvoiceLine(fields.Input):
    """An invoice that was issued elsewhere and is still open."""

    client = fields.Text(longest=40, help_text="The id, or the firm's own reference.")
    number = fields.Text(longest=20, help_text="Its own; our series goes on as it was.")
    issued_on = fields.Day()
    due_on = fields.Day()
    net = fields.MoneyIn()
    tax = fields.MoneyIn(required=False)
    open_amount = fields.MoneyIn(help_text="What of it is not paid.")
    po_number = Word(longest=40)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """One currency."""
        given.setdefault("tax", Money(Decimal("0.00"), given["net"].currency))
        if len({given[name].currency for name in ("net", "tax", "open_amount")}) > 1:
            raise fields.wrong("net", "two_currencies", "An invoice is in one currency.")
        return given


class OpenBalanceLine(fields.Input):
    """What stands on an account of the ledger: a debit or a credit."""

    account = fields.Text(longest=12, help_text="The code of the account.")
    debit = fields.MoneyIn(required=False, most="99999999999.99")
    credit = fields.MoneyIn(required=False, most="99999999999.99")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """One side."""
        if ("debit" in given) == ("credit" in given):
            raise fields.wrong("debit", "one_side", "Give a debit or a credit.")
        return given


class OpeningIn(fields.Input):
    """An opening position as of the end of a day, whole or in parts."""

    as_of = fields.Day(help_text="The last day that the other system kept the books.")
    workers = Lines(OpenWorkerLine, most=5_000, required=False)
    invoices = Lines(OpenInvoiceLine, most=5_000, required=False)
    balances = Lines(OpenBalanceLine, most=500, required=False)


LEFT = Shape(
    "OpeningDifference",
    (Text("currency"), Amount("amount", doc="Debits less credits that were brought in.")),
    doc="What balances everything that was brought in; in a whole position it is nothing.",
)
OPENED_LINES = {"type": "array", "items": RESULT.ref()}
OPENED = Shape(
    "OpeningResults",
    (
        Whole("done"),
        Whole("refused"),
        Json("workers", OPENED_LINES),
        Json("invoices", OPENED_LINES),
        Json("balances", OPENED_LINES),
        Json("difference", {"type": "array", "items": LEFT.ref()}),
    ),
    doc="What became of each line of an opening position.",
)
POSITION = Shape(
    "Opening",
    (
        Flag("is_open", doc="False once the first pay run was released."),
        Whole("workers", doc="Workers who brought figures along."),
        Whole("invoices", doc="Open invoices that were brought in."),
        Json("difference", {"type": "array", "items": LEFT.ref()}),
    ),
    doc="What was brought in so far.",
)


@door("GET", "/v1/openings", "openings_retrieve", scope="openings:read", answers=POSITION, tag=TAG)
def retrieve(call: Call) -> object:  # noqa: ARG001  # every deed is given its call
    """Read what was brought in so far, and whether more may be."""
    told = POSITION.show(
        {
            "is_open": not openings.is_closed(),
            "workers": OpeningFigure.objects.values("worker").distinct().count(),
            "invoices": Invoice.objects.filter(group_key__startswith="opening:").count(),
        }
    )
    return told | {"difference": _difference()}


@door(
    "POST",
    "/v1/openings",
    "openings_bring",
    scope="openings:write",
    body=OpeningIn,
    answers=OPENED,
    key="optional",
    dry_run=True,
    tag=TAG,
)
def bring(call: Call) -> object:
    """Bring in workers' figures and holiday, open invoices and ledger balances.

    Each line is by itself: good ones are kept, bad ones say why. Sent again, a line replaces what
    it said before. Refused once the first pay run was released. A dry run keeps nothing.
    """
    body = call.body
    workers = _Lines(body.get("workers", ()), "worker", _worker)
    invoices = _Lines(body.get("invoices", ()), "client", _invoice)
    balances = _Lines(body.get("balances", ()), "", _balance)
    made = openings.bring_position(
        as_of=body["as_of"],
        workers=workers.good,
        invoices=invoices.good,
        balances=balances.good,
        actor=call.actor,
        at=call.at,
    )
    told = {
        "workers": workers.results(made.workers, "wrk"),
        "invoices": invoices.results(made.invoices, "inv"),
        "balances": balances.results(made.balances, "acc"),
    }
    return {
        "done": sum(int(str(each["done"])) for each in told.values()),
        "refused": sum(int(str(each["refused"])) for each in told.values()),
        **{name: each["results"] for name, each in told.items()},
        "difference": _difference(),
    }


class _Lines:
    """The lines of one list: what each stands for, and what became of it."""

    def __init__(self, sent: Sequence[Line], noun: str, read: Any) -> None:
        self.sent, self.good, self.places = sent, [], list[int]()
        self.became: dict[int, Became] = {}
        fit = [line for line in sent if line.values is not None]
        found = (
            found_by_reference(noun, {(line.values or {})[noun] for line in fit}) if noun else {}
        )
        for line in fit:
            values = dict(line.values or {})
            if noun and values[noun] not in found:
                told = f"There is no {noun} {values[noun]!r}, or more than one."
                self.became[line.n] = Missing("not_found", told, pointer=f"/{noun}")
                continue
            if noun:
                values[noun] = found[values[noun]]
            self.good.append(read(values))
            self.places.append(line.n)

    def results(self, outcomes: Sequence[Outcome], prefix: str) -> dict[str, object]:
        """Each line in the order sent."""
        for n, outcome in zip(self.places, outcomes, strict=True):
            self.became[n] = outcome.refusal or outcome.id
        return line_results(self.sent, self.became, prefix)


def _worker(values: Mapping[str, Any]) -> OpenWorker:
    return OpenWorker(**values)


def _invoice(values: Mapping[str, Any]) -> OpenInvoice:
    own = dict(values)
    currency = own["net"].currency
    amounts = {name: own.pop(name).amount for name in ("net", "tax", "open_amount")}
    return OpenInvoice(**own, **amounts, currency=currency)


def _balance(values: Mapping[str, Any]) -> OpenBalance:
    side: Money = values.get("debit") or -values["credit"]
    return OpenBalance(account=values["account"], currency=side.currency, amount=side.amount)


def _difference() -> list[dict[str, object]]:
    """What stands on the opening account: the other side of everything that was brought in."""
    return [
        LEFT.show({"currency": currency, "amount": (-amount, currency)})
        for (code, currency), amount in sorted(books.opened().items())
        if code == openings.OPENING
    ]

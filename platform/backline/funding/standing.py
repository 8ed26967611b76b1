"""Standing: where each funded invoice stands in the books, and the movements from there to where
it ought to stand.

Every figure has a target worked out from all that is known, and what moves is the target less what
moved so far. So the order in which things were told makes no difference, and the same told again
moves nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Sum

from backline.funding.mirror import Move
from backline.funding.models import Advance, Movement
from backline.invoicing.models import Invoice
from backline.ledger import queries as ledger
from rulebook import advance as rules
from rulebook.advance import Funded, FundingTerms, accrued, read_terms
from rulebook.money import NOTHING, to_penny

DIRECT, ASSIGNED = "1100", "1105"
SoFar = Mapping[tuple[UUID, str], tuple[int, Decimal]]


@dataclass(frozen=True, slots=True)
class Paid:
    """The client's money that the partner holds for an invoice, set against it while it was
    funded, as (day, amount); and the day of the last thing set against it.
    """

    cash: tuple[tuple[date, Decimal], ...] = ()
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One invoice in the agency's books: what is open, whose it is, what stands on either
    account.
    """

    open_amount: Decimal
    gross: Decimal
    net: Decimal
    is_funded: bool
    direct: Decimal
    assigned: Decimal
    moved: Mapping[str, tuple[int, Decimal]] = field(default_factory=dict)

    @property
    def is_closed(self) -> bool:
        """Whether nothing is open on it."""
        return self.open_amount == NOTHING

    def so_far(self, kind: str) -> Decimal:
        """What moved of a kind."""
        return self.moved.get(kind, (0, NOTHING))[1]


def standings(invoices: Iterable[UUID]) -> dict[UUID, Standing]:
    """Read where these invoices stand."""
    wanted = list(invoices)
    direct = ledger.balances_by_subject(DIRECT, wanted)
    assigned = ledger.balances_by_subject(ASSIGNED, wanted)
    moved: dict[UUID, dict[str, tuple[int, Decimal]]] = {}
    rows = Movement.objects.filter(invoice__in=wanted).values_list("invoice", "kind")
    for invoice, kind, count, amount in rows.annotate(count=Count("id"), amount=Sum("amount")):
        if invoice is not None:
            moved.setdefault(invoice, {})[kind] = (count, amount)
    return {
        row.pk: Standing(
            row.open_amount,
            row.gross,
            row.net,
            row.is_funded,
            direct.get(row.pk, NOTHING),
            assigned.get(row.pk, NOTHING),
            moved.get(row.pk, {}),
        )
        for row in Invoice.objects.filter(pk__in=wanted)
    }


def bring_up_to_date(row: Advance, now: Standing, paid: Paid, on: date) -> list[Move]:
    """Work out where an advance stands with everything that is known, and return the movements
    that bring both books there.

    The advance is repaid by the client's money first; what is more is the agency's. Once nothing is
    open, or the invoice was given back, the fees are due, and what the client's money did not repay
    is taken from what the agency is due: nobody else will pay it.
    """
    terms = read_terms(str(row.terms_id), row.terms.facts)
    _assign(row, now)
    found = rules.settle(funded(row, now, paid), terms, _counted_to(now, paid, on),
                         is_closed=now.is_closed)  # fmt: skip
    row.collected, row.repaid = found.collected, found.repaid
    row.released = found.collected - found.repaid
    is_over = now.is_closed or not now.is_funded
    row.charged_back = row.advanced - row.repaid if is_over else NOTHING
    if now.is_funded:
        due = found.fees if is_over else up_front(row, now, terms)
        row.fee = sum((one.amount for one in due), NOTHING)
        row.fee_tax = sum((one.vat for one in due), NOTHING)
    row.state = _state(row, now)
    return _moves(row, now, on)


def funded(row: Advance, now: Standing, paid: Paid) -> Funded:
    """An advance as the rulebook settles it; the net is that of the part that was assigned."""
    net = now.net if row.face == now.gross else to_penny(now.net * row.face / now.gross)
    return Funded(row.invoice, row.face, net, row.advanced, row.advanced_on or date.min, paid.cash)


def up_front(row: Advance, now: Standing, terms: FundingTerms) -> tuple[rules.FeeCharge, ...]:
    """The fees that are taken when the advance is paid."""
    whole = funded(row, now, Paid())
    return tuple(
        accrued(
            fee,
            face=whole.face,
            net=whole.net,
            advanced=whole.advanced,
            funded_on=whole.funded_on,
            received=(),
            until=whole.funded_on,
        )
        for fee in terms.fees
        if fee.is_up_front
    )


def over_advance(row: Advance, now: Standing) -> Decimal:
    """By how much what is still out exceeds the share of what is still open that was advanced."""
    out: Decimal = row.advanced - row.repaid - row.charged_back
    allowed = to_penny(max(now.open_amount, NOTHING) * row.advanced / row.face)
    return max(out - allowed, NOTHING)


def net_of(pieces: Sequence[tuple[date, Decimal]]) -> tuple[tuple[date, Decimal], ...]:
    """Money by its day, what was taken back taken off: a day on which nothing stays is no day."""
    sums: dict[date, Decimal] = {}
    for day, amount in pieces:
        sums[day] = sums.get(day, NOTHING) + amount
    return tuple((day, amount) for day, amount in sorted(sums.items()) if amount)


def _assign(row: Advance, now: Standing) -> None:
    """What came back onto an invoice that is assigned whole belongs to the assignment."""
    if now.is_funded and now.direct:
        row.face += now.direct
        row.unfunded += now.direct


def _counted_to(now: Standing, paid: Paid, on: date) -> date:
    """The day that fees run to where no cash closed the invoice, the same whenever it is asked."""
    last = max((day for day, _ in paid.cash), default=None)
    if now.is_closed and last is None:
        return paid.last_on or on
    return max(on, last) if last is not None else on


def _state(row: Advance, now: Standing) -> str:
    """The state follows from the figures: money taken back moves it back."""
    if not now.is_funded:
        return Advance.State.CHARGED_BACK
    if now.is_closed:
        return Advance.State.RELEASED
    if row.repaid == row.advanced:
        return Advance.State.REPAID
    return Advance.State.PART_REPAID if row.repaid else Advance.State.ADVANCED


def _moves(row: Advance, now: Standing, on: date) -> list[Move]:
    taken = now.direct if now.is_funded else NOTHING
    given = NOTHING if now.is_funded else now.assigned
    assigned = now.so_far("assigned") + taken
    reassigned = now.so_far("reassigned") + given
    left = now.assigned + taken - given
    targets = {
        "assigned": assigned,
        "reassigned": reassigned,
        "collected": assigned - reassigned - left,
        "repaid": row.repaid,
        "released": row.released,
        "fee": row.fee,
        "fee_tax": row.fee_tax,
        "charged_back": row.charged_back,
    }
    moves = []
    for kind, target in targets.items():
        count, amount = now.moved.get(kind, (0, NOTHING))
        key = f"{kind}:{row.invoice}:{count + 1}"
        moves.append(
            Move(key, kind, target - amount, row.currency, on, row.invoice, row.invoice_number)
        )
    return [move for move in moves if move.amount]

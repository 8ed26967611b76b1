"""Bill: from the bill side of charges to invoices, taxed, totalled and due."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from rulebook.money import NOTHING, to_penny
from rulebook.periods import month_of, week_starts
from rulebook.rates import Ref
from rulebook.taxes import TaxRate, TaxTable

INVOICE, CREDIT_NOTE = "invoice", "credit_note"
FROM_INVOICE, FROM_MONTH_END, TO_MONTH_END = "invoice_date", "month_end", "to_month_end"


class BillLine(NamedTuple):
    """The bill side of one charge, with everything an invoice may be grouped or ordered by.

    `amount` is the charge's, in pennies, never worked out again; `tax` is a treatment's code.
    """

    charge: Ref
    client: Ref
    assignment: Ref
    worker: Ref
    day: date
    code: str
    quantity: Decimal
    rate: Decimal
    amount: Decimal
    currency: str
    tax: str = "standard"
    unit: str = "hour"
    factor: Decimal = Decimal(1)
    label: str = ""
    worker_name: str = ""
    po_number: str = ""
    cost_centre: str = ""
    site: str = ""
    charge_type: str = "time"


GROUPINGS: Mapping[str, Callable[[BillLine, int], str]] = {
    "worker": lambda line, _: str(line.worker),
    "assignment": lambda line, _: str(line.assignment),
    "week": lambda line, starts: week_starts(line.day, starts).isoformat(),
    "month": lambda line, _: month_of(line.day).starts.isoformat(),
    "po_number": lambda line, _: line.po_number,
    "cost_centre": lambda line, _: line.cost_centre,
    "site": lambda line, _: line.site,
    "charge_type": lambda line, _: line.charge_type,
}


@dataclass(frozen=True, slots=True)
class Due:
    """When an invoice falls due: so many days, counted from where.

    From the invoice date, from the end of its month, or from the invoice date and then to the end
    of the month that day lies in.
    """

    days: int = 30
    counted: str = FROM_INVOICE

    def on(self, issued_on: date) -> date:
        """The day by which an invoice of this date is to be paid."""
        starts = month_of(issued_on).last_day if self.counted == FROM_MONTH_END else issued_on
        due = starts + timedelta(self.days)
        return month_of(due).last_day if self.counted == TO_MONTH_END else due


@dataclass(frozen=True, slots=True)
class Terms:
    """How a client is billed: what makes a new invoice, what is summed on a line, when it is due.

    `split_by` names GROUPINGS (none: everything on one invoice); client and currency always split.
    A line is one charge; `is_summed` makes it all charges of one worker, week, code and rate.
    """

    split_by: tuple[str, ...] = ()
    due: Due = Due()
    is_summed: bool = False
    first_weekday: int = 0

    def __post_init__(self) -> None:
        unknown = set(self.split_by) - GROUPINGS.keys()
        if unknown:
            raise ValueError(f"invoices cannot be split by {', '.join(sorted(unknown))}")


class DraftLine(NamedTuple):
    """One line of an invoice: the charges behind it, their quantities and amounts added up."""

    charges: tuple[Ref, ...]
    assignment: Ref
    worker: Ref
    worker_name: str
    starts_on: date
    ends_on: date
    code: str
    label: str
    quantity: Decimal
    unit: str
    rate: Decimal
    factor: Decimal
    amount: Decimal
    tax: str
    po_number: str = ""
    cost_centre: str = ""
    site: str = ""
    charge_type: str = "time"


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """The tax of one treatment on one invoice: worked out on the sum of its lines, to the penny."""

    rate: TaxRate
    net: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice before it has a number; a credit note has every sign turned.

    `about` says what it was split by, in the order of the terms.
    """

    kind: str
    client: Ref
    currency: str
    issued_on: date
    due_on: date
    about: tuple[tuple[str, str], ...]
    lines: tuple[DraftLine, ...]
    taxes: tuple[TaxTotal, ...]

    @property
    def net(self) -> Decimal:
        """The sum of the lines, before tax."""
        return sum((line.amount for line in self.lines), NOTHING)

    @property
    def tax(self) -> Decimal:
        """The sum of the tax rows."""
        return sum((row.amount for row in self.taxes), NOTHING)

    @property
    def gross(self) -> Decimal:
        """What the client owes: net and tax."""
        return self.net + self.tax

    @property
    def charges(self) -> tuple[Ref, ...]:
        """Every charge on it, in the order of its lines."""
        return tuple(charge for line in self.lines for charge in line.charges)

    @property
    def group_key(self) -> str:
        """What it was split by, in words that are the same for the next draft of the same group."""
        split = (f"{name}={what}" for name, what in self.about)
        return "|".join((str(self.client), self.currency, *split))

    @property
    def legends(self) -> tuple[str, ...]:
        """What the law wants printed beside its tax (reverse charge, exemption), each once."""
        return tuple(dict.fromkeys(row.rate.legend for row in self.taxes if row.rate.legend))


def drafts(
    lines: Iterable[BillLine], terms: Terms, taxes: TaxTable, issued_on: date
) -> tuple[Draft, ...]:
    """Make invoices of bill lines, each line on exactly one; their order does not matter.

    Line amounts are kept as charged; tax is worked out once per treatment on the sum of its lines,
    rounded half away from zero (EN 16931, BR-CO-17). So the net is the same whatever the split, and
    the tax is within half a penny per invoice and rate. What comes out below zero is a credit note.
    NoRule when a treatment has no rate on the day of issue.
    """
    groups: dict[tuple[Ref, str, tuple[str, ...]], list[BillLine]] = {}
    splits = [GROUPINGS[name] for name in terms.split_by]
    for line in lines:
        split = tuple([told(line, terms.first_weekday) for told in splits]) if splits else ()
        groups.setdefault((line.client, line.currency, split), []).append(line)
    in_order = sorted(groups.items(), key=_by_words) if len(groups) > 1 else groups.items()
    return tuple([_draft(own, key[2], terms, taxes, issued_on) for key, own in in_order])


def _by_words(group: tuple[tuple[Ref, str, tuple[str, ...]], object]) -> tuple[str, ...]:
    client, currency, split = group[0]
    return (str(client), currency, *split)


def _draft(
    lines: Sequence[BillLine], split: Sequence[str], terms: Terms, taxes: TaxTable, issued_on: date
) -> Draft:
    printed = _printed(lines, terms)
    return Draft(
        CREDIT_NOTE if sum(line.amount for line in printed) < 0 else INVOICE,
        lines[0].client,
        lines[0].currency,
        issued_on,
        terms.due.on(issued_on),
        tuple(zip(terms.split_by, split, strict=True)),
        printed,
        taxed(printed, taxes, issued_on),
    )


def _printed(lines: Iterable[BillLine], terms: Terms) -> tuple[DraftLine, ...]:
    rows: dict[tuple[object, ...], list[BillLine]] = {}
    for line in lines:
        rows.setdefault(_printed_with(line, terms), []).append(line)
    # what is printed as one differs by its day and amount alone, so each is put in order by itself
    for many in rows.values():
        many.sort(key=_by_day)
    return tuple([_summed(many) for many in sorted(rows.values(), key=_in_order)])


def _by_day(line: BillLine) -> tuple[object, ...]:
    return (line.day, line.amount, str(line.charge))


def _in_order(many: Sequence[BillLine]) -> tuple[object, ...]:
    """The order in which a client checks them: order number, cost centre, site, worker, day."""
    line = many[0]
    return (
        line.po_number,
        line.cost_centre,
        line.site,
        line.worker_name,
        str(line.worker),
        str(line.assignment),
        line.day,
        line.charge_type != "time",
        line.charge_type,
        line.code,
        line.rate,
        line.factor,
        line.amount,
        str(line.charge),
    )


def _printed_with(line: BillLine, terms: Terms) -> tuple[object, ...]:
    """What lines must share to be printed as one; what is taken back is never netted away."""
    if not terms.is_summed:
        return (str(line.charge),)
    return (
        line.po_number,
        line.cost_centre,
        line.site,
        line.worker,
        line.assignment,
        week_starts(line.day, terms.first_weekday),
        line.charge_type,
        line.code,
        line.label,
        line.unit,
        line.rate,
        line.factor,
        line.tax,
        line.amount < 0,
    )


def _summed(lines: Sequence[BillLine]) -> DraftLine:
    first = lines[0]
    starts_on = ends_on = first.day
    quantity, amount = first.quantity, first.amount
    for line in lines[1:]:
        starts_on, ends_on = min(starts_on, line.day), max(ends_on, line.day)
        quantity, amount = quantity + line.quantity, amount + line.amount
    return DraftLine(
        tuple([line.charge for line in lines]), first.assignment, first.worker, first.worker_name,
        starts_on, ends_on, first.code, first.label, quantity, first.unit, first.rate, first.factor,
        amount, first.tax, first.po_number, first.cost_centre, first.site, first.charge_type,
    )  # fmt: skip


def taxed(lines: Iterable[DraftLine], taxes: TaxTable, on: date) -> tuple[TaxTotal, ...]:
    """The tax rows of lines on a tax point, by code: rate x sum of the lines, to the penny."""
    nets: dict[str, Decimal] = {}
    for line in lines:
        nets[line.tax] = nets.get(line.tax, NOTHING) + line.amount
    rates = {code: taxes.on(code, on) for code in sorted(nets)}
    return tuple(
        TaxTotal(rate, nets[code], to_penny(nets[code] * rate.share))
        for code, rate in rates.items()
    )


def credit_note(issued: Draft, issued_on: date) -> Draft:
    """The exact mirror of an invoice: every line and tax row with its sign turned, due at once."""
    return replace(
        issued,
        kind=INVOICE if issued.kind == CREDIT_NOTE else CREDIT_NOTE,
        issued_on=issued_on,
        due_on=issued_on,
        lines=tuple(
            line._replace(quantity=-line.quantity, amount=-line.amount) for line in issued.lines
        ),
        taxes=tuple(replace(row, net=-row.net, amount=-row.amount) for row in issued.taxes),
    )


def adjustment(
    issued: Sequence[Draft],
    differences: Sequence[BillLine],
    terms: Terms,
    taxes: TaxTable,
    issued_on: date,
) -> Draft | None:
    """Invoice (or credit) only the difference to what was issued; None when there is none.

    Tax is that of the corrected whole less what was charged, at the rates of the original, so that
    a difference and a reversal with a new invoice leave the same ledger. `issued` is the original
    and every adjustment to it so far, the original first.
    """
    if not differences:
        return None
    original = issued[0]
    printed = _printed(differences, terms)
    rows = []
    for row in taxed(printed, taxes, original.issued_on):
        standing = [
            old for draft in issued for old in draft.taxes if old.rate.code == row.rate.code
        ]
        rate = standing[0].rate if standing else row.rate
        whole = row.net + sum((old.net for old in standing), NOTHING)
        charged = sum((old.amount for old in standing), NOTHING)
        rows.append(TaxTotal(rate, row.net, to_penny(whole * rate.share) - charged))
    net = sum((line.amount for line in printed), NOTHING)
    return Draft(
        CREDIT_NOTE if net < 0 else INVOICE,
        original.client,
        original.currency,
        issued_on,
        terms.due.on(issued_on),
        original.about,
        printed,
        tuple(rows),
    )


def net_by(
    lines: Iterable[BillLine], *names: str, first_weekday: int = 0
) -> dict[tuple[str, ...], Decimal]:
    """Add net amounts up by any GROUPINGS, keyed by their values and the currency last."""
    sums: dict[tuple[str, ...], Decimal] = {}
    for line in lines:
        values = tuple(GROUPINGS[name](line, first_weekday) for name in names)
        key = (*values, line.currency)
        sums[key] = sums.get(key, NOTHING) + line.amount
    return dict(sorted(sums.items()))

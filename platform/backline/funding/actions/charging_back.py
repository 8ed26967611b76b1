"""Invoices that were not paid in time given back to the agency, with a warning before."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backline.desk import actions as desk
from backline.funding import pool
from backline.funding.actions.halves import Half
from backline.funding.actions.repaying import bring
from backline.funding.models import Advance
from backline.funding.standing import Paid, funded, standings
from backline.invoicing.models import Invoice
from backline.kernel.actors import Actor
from rulebook import advance as rules
from rulebook.advance import Recourse, read_terms
from rulebook.money import NOTHING

State = Advance.State
AT_RISK = (State.ADVANCED, State.PART_REPAID)


def charge_back(
    counterparty: str, paid: Mapping[UUID, Paid], *, actor: Actor, at: datetime
) -> Half:
    """Give those of these invoices back whose recourse days are over; the agency's half.

    What is still out, and the fees up to the recourse day, are taken from what the agency is due;
    the whole claim is the agency's again, and so is all that the client pays on it from here on.
    One that is not due, paid or given back already, is left alone.
    """
    pool.hold()
    wanted = list(paid)
    # the books must not move under a claim that changes hands
    list(Invoice.objects.select_for_update().filter(pk__in=wanted).order_by("id").values_list("pk"))
    now = standings(wanted)
    rows = [
        row
        for row, found in _at_risk(counterparty, at)
        if found.is_due and row.invoice in paid and not now[row.invoice].is_closed
    ]
    for row in rows:
        here = now[row.invoice]
        row.fee, row.fee_tax = _fees(row, funded(row, here, paid[row.invoice]))
    Invoice.objects.filter(pk__in=[row.invoice for row in rows]).update(is_funded=False)
    half = bring(counterparty, rows, paid, actor=actor, at=at)
    desk.open_exceptions((_given_back(row) for row in rows), actor=actor, at=at)
    return half


def warn_of_charge_backs(counterparty: str, *, actor: Actor, at: datetime) -> int:
    """Put on a desk which invoices will go back soon, when so many days are left as the notice
    says; returns for how many of them that is news.
    """
    return desk.open_exceptions(
        (
            _due_soon(row, found)
            for row, found in _at_risk(counterparty, at)
            if found.notice is not None and not found.is_due
        ),
        actor=actor,
        at=at,
    )


def due(counterparty: str, at: datetime) -> list[UUID]:
    """The invoices whose recourse days are over and that were not given back."""
    return [row.invoice for row, found in _at_risk(counterparty, at) if found.is_due]


def _at_risk(counterparty: str, at: datetime) -> Iterator[tuple[Advance, Recourse]]:
    rows = (
        Advance.objects.select_for_update(of=("self",))
        .filter(counterparty=counterparty, state__in=AT_RISK)
        .select_related("terms")
        .order_by("id")
    )
    for row in rows:
        terms = read_terms(str(row.terms_id), row.terms.facts)
        found = rules.recourse(terms, row.advanced_on, at.date()) if row.advanced_on else None
        if found is not None:
            yield row, found


def _fees(row: Advance, of: rules.Funded) -> tuple[Decimal, Decimal]:
    """Fees up to the recourse day, however late it is noticed."""
    terms = read_terms(str(row.terms_id), row.terms.facts)
    last = rules.recourse(terms, of.funded_on, of.funded_on)
    fees = rules.settle(of, terms, last.due_on, is_closed=False).fees if last else ()
    return (
        sum((one.amount for one in fees), NOTHING),
        sum((one.vat for one in fees), NOTHING),
    )


def _given_back(row: Advance) -> desk.Found:
    taken = row.charged_back + row.fee + row.fee_tax
    return desk.Found(
        kind="charged_back",
        key=f"charged_back:{row.invoice}",
        title=f"{row.invoice_number} of {row.debtor} was given back: it was not paid in time",
        detail=f"{taken} {row.currency} is taken from what the agency is due.",
        about_kind="invoice",
        about=row.invoice,
        stops="money",
        at_stake=taken,
        currency=row.currency,
        suggested="Collect it; what the client pays on it is the agency's alone.",
    )


def _due_soon(row: Advance, found: Recourse) -> desk.Found:
    out = row.advanced - row.repaid
    return desk.Found(
        kind="charge_back_due",
        key=f"charge_back_due:{row.invoice}",
        title=f"{row.invoice_number} goes back to the agency after {found.due_on.isoformat()}",
        detail=(
            f"{row.debtor} has not paid it. {found.notice} days or fewer are left; then"
            f" {out} {row.currency} and the fees are taken from what the agency is due."
        ),
        about_kind="invoice",
        about=row.invoice,
        stops="money",
        at_stake=out,
        currency=row.currency,
        suggested="Ask the client to pay before that day.",
    )

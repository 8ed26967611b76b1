"""Posting: a released run, its bank files and what comes of them, as entries of the ledger.

Every payslip passes through net-pay clearing: wages come in, tax and deductions go out, and what is
left
there is what the bank file takes away, to the penny.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from backline.ledger.actions import EntrySet, Leg
from backline.payroll import owed as balances
from backline.payroll.banking import Sending
from backline.payroll.models import (
    Liability,
    Payment,
    PaymentFile,
    PayRun,
    Payslip,
    Recovery,
)
from backline.payroll.statements import Figure, Statement
from rulebook.money import NOTHING

CLEARING, COMPANIES, TRANSIT, BANK = "2200", "2250", "1090", "1020"
WAGES, HOLIDAY, EMPLOYER_TAX, PENSION_COST, LEVIES = "5100", "5110", "5120", "5130", "5140"
COMPENSATION, CONTRACTORS, EXPENSES, VAT_IN = "5150", "5160", "5170", "2310"
TAX, PENSION, ORDERS, OVERPAID = "2210", "2220", "2225", "1600"
OF_THE_WORKER = frozenset({CLEARING, OVERPAID})
COMPENSATED, COVER = "us.comp.", "2240"


def released(run: PayRun, legs: Iterable[Leg]) -> EntrySet:
    """The entries of a run, of the legs of its statements."""
    return EntrySet(
        key=f"payrun:{run.pk}",
        kind="pay_run",
        effective_on=run.pay_on,
        currency=run.currency,
        legs=tuple(legs),
        narrative=f"Pay of {run.starts_on.isoformat()} to {run.ends_on.isoformat()}",
    )


def sent(run: PayRun, file: PaymentFile, payments: Iterable[Sending]) -> EntrySet:
    """The entries of a bank file: clearing is emptied into transit."""
    return EntrySet(
        key=f"file:{file.pk}",
        kind="payment_file",
        effective_on=file.process_on,
        currency=run.currency,
        legs=tuple(
            Leg(owed_on(payment), TRANSIT, payment.amount, payee(payment), payment.id)
            for payment in payments
        ),
    )


def overpaid(run: PayRun, copy: Payslip, who: UUID) -> EntrySet:
    """The entry of a void whose money has left: what was paid is now owed by whom it went to."""
    cleared = COMPANIES if copy.intermediary_id else CLEARING
    return EntrySet(
        key=f"overpaid:{copy.pk}",
        kind="pay_run",
        effective_on=run.pay_on,
        currency=run.currency,
        legs=(Leg(OVERPAID, cleared, -copy.net, who, who),),
        narrative=run.reason,
    )


def year_corrected(key: UUID, slip: Statement, lines: Iterable[Figure], on: date) -> EntrySet:
    """The entries of a statement taken out of a year that is over: costs and taxes turned round,
    and what was paid by it owed by the worker.
    """
    who = slip.worker_id
    back = [leg._replace(amount=-leg.amount) for leg in legs(slip, lines)]
    return EntrySet(
        key=f"year_correction:{key}",
        kind="year_correction",
        effective_on=on,
        currency=slip.currency,
        legs=(*back, Leg(OVERPAID, CLEARING, slip.net, who, who)),
        narrative=f"Statement of {slip.pay_on.isoformat()} taken out of {slip.tax_year}",
    )


def overpayment(row: Recovery, on: date) -> EntrySet:
    """The entry of pay that was too much: no cost of the firm's, but owed by the worker."""
    return _owed_back(row, f"recovery:{row.pk}", on, Leg(OVERPAID, WAGES, row.amount))


def repaid(row: Recovery, amount: Decimal, on: date) -> EntrySet:
    """The entry of a transfer by which a worker paid something back."""
    return _owed_back(row, f"repaid:{row.pk}:{row.owed}", on, Leg(BANK, OVERPAID, amount))


def given_back(row: Recovery, amount: Decimal, on: date) -> EntrySet:
    """The entry of a payment that a voided statement had made and the bank gave back: nobody is
    owed it any more, and nobody owes it.
    """
    return _owed_back(row, f"given_back:{row.pk}", on, Leg(CLEARING, OVERPAID, amount))


def written_off(row: Recovery, amount: Decimal, on: date) -> EntrySet:
    """The entry of what is asked for no more: it was a cost after all."""
    return _owed_back(row, f"written_off:{row.pk}", on, Leg(WAGES, OVERPAID, amount))


def _owed_back(row: Recovery, key: str, on: date, leg: Leg) -> EntrySet:
    who = row.worker_id
    own = leg._replace(
        debit_subject=who if leg.debit in OF_THE_WORKER else None,
        credit_subject=who if leg.credit in OF_THE_WORKER else None,
    )
    return EntrySet(
        key=key,
        kind="recovery",
        effective_on=on,
        currency=row.currency,
        legs=(own,),
        narrative=row.reason,
    )


def dues_paid(liability: Liability, on: date) -> EntrySet:
    """The entry of a liability that was paid from the bank, or that came back."""
    of = liability.run_id or liability.correction_id
    return EntrySet(
        key=f"liability:{liability.pk}",
        kind="liability",
        effective_on=on,
        currency=liability.currency,
        legs=(Leg(owed(liability.kind), BANK, liability.amount, of, None),),
        narrative=f"{liability.kind} to {liability.payee}",
    )


def settled(payment: Payment, on: date) -> EntrySet:
    """The entry of a payment that left the bank."""
    return EntrySet(
        key=f"settled:{payment.pk}",
        kind="payment",
        effective_on=on,
        currency=payment.currency,
        legs=(Leg(TRANSIT, BANK, payment.amount, payment.pk, None),),
    )


def returned(payment: Payment, on: date, *, was_settled: bool) -> EntrySet:
    """The entry of a payment that came back: it is owed again."""
    from_account = BANK if was_settled else TRANSIT
    return EntrySet(
        key=f"returned:{payment.pk}",
        kind="payment_return",
        effective_on=on,
        currency=payment.currency,
        legs=(
            Leg(
                from_account,
                owed_on(payment),
                payment.amount,
                None if was_settled else payment.pk,
                payee(payment),
            ),
        ),
    )


def payee(payment: Payment | Sending) -> UUID | None:
    """The one whose money it is, as the sub-ledger names them."""
    return payment.intermediary_id or payment.worker_id


def owed_on(payment: Payment | Sending) -> str:
    """The account on which it is owed until it is sent."""
    return COMPANIES if payment.intermediary_id else CLEARING


def legs(slip: Statement, lines: Iterable[Figure]) -> Iterator[Leg]:
    """What one statement moves: wages and costs against clearing and what is owed."""
    who = slip.intermediary_id or slip.worker_id
    if slip.intermediary_id is not None:
        yield Leg(CONTRACTORS, COMPANIES, slip.gross, None, who)
        yield Leg(VAT_IN, COMPANIES, slip.vat, None, who)
        for line in lines:  # of work inside the off-payroll rules
            if line.kind == "tax" and line.amount:
                yield Leg(COMPANIES, owed(line.code), line.amount, who, None)
            if line.kind == "employer" and line.amount:
                yield Leg(_cost(line.code), owed(line.code), line.amount)
        return
    sums: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        pair = _accounts(slip.route, line.kind, line.code)
        if pair is not None:
            sums[pair] = sums.get(pair, NOTHING) + line.amount
    for (debit, credit), amount in sums.items():
        yield Leg(
            debit,
            credit,
            amount,
            who if debit in OF_THE_WORKER else None,
            who if credit in OF_THE_WORKER else None,
        )


@lru_cache(4096)
def _accounts(route: str, kind: str, code: str) -> tuple[str, str] | None:
    if code == balances.CARRIED or code.startswith((balances.RECOVERY, balances.ADVANCE)):
        return (CLEARING, OVERPAID) if kind == "deduction" else (OVERPAID, CLEARING)
    if kind == "earning":
        if route in {"1099", "cis"}:
            return CONTRACTORS, CLEARING
        cost = {"holiday": HOLIDAY, "expense": EXPENSES}.get(code, WAGES)
        return cost, CLEARING
    if kind in {"tax", "deduction"}:
        return CLEARING, owed(code, kind)
    if kind == "employer":
        return _cost(code), owed(code)
    return None


def owed(code: str, kind: str = "") -> str:
    """The account on which a tax, a contribution or a deduction is owed to its payee.

    What a worker agreed to have taken for somebody else stands with the orders.
    """
    if any(word in code for word in ("pension", "401k", "section_125", "hsa", "fsa", "benefit")):
        return PENSION
    if ".order." in code:
        return ORDERS
    if code.startswith(COMPENSATED):
        return COVER
    of_law = code.startswith(("gb.", "us."))
    return TAX if of_law and kind != "deduction" else ORDERS


def _cost(code: str) -> str:
    if "pension" in code or "401k" in code:
        return PENSION_COST
    if code.startswith(COMPENSATED):
        return COMPENSATION
    return LEVIES if "levy" in code else EMPLOYER_TAX

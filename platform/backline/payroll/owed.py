"""Owed: what a payslip pays and takes besides work and tax: advances, balances from before, and
standing deductions as one run has them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, Sum

from backline.charges import waiting
from backline.payroll import earning, standing
from backline.payroll.balances import Override, Recovery
from backline.payroll.earning import PaySide, tax_year
from backline.payroll.models import PayRun
from rulebook.money import NOTHING
from rulebook.pack import Deduction, Earning

CARRIED, ADVANCE, RECOVERY = "carried", "advance.", "recovery."
EARLY = "Drawn before the pay day"
BONUS = ("bonus", "commission")
# What an off-cycle run is for; a bonus is paid whole but for tax and what a court ordered.
PURPOSES = ("correction", "bonus", "advance", "other")


def code_of(row: Recovery, prefix: str = RECOVERY) -> str:
    """The code of a balance on payslips, its own for ever."""
    return f"{prefix}{row.pk.hex[-6:]}"


def of_run(run: PayRun, workers: Sequence[UUID]) -> dict[UUID, list[Recovery]]:
    """What a run takes back from each worker, or pays them in advance, in order of priority."""
    if run.purpose == "bonus":
        return {}
    rows = Recovery.objects.filter(worker__in=workers, currency=run.currency).filter(
        Q(run=run, statement__isnull=True)
        | Q(agreed_at__isnull=False, way="pay", since__lte=run.pay_on, statement__isnull=False)
        | Q(agreed_at__isnull=False, way="pay", since__lte=run.pay_on, kind="overpayment"),
        owed__gt=0,
    )
    found: dict[UUID, list[Recovery]] = {}
    for row in rows.order_by("priority", "id"):
        found.setdefault(row.worker_id, []).append(row)
    return found


def advanced(run: PayRun) -> list[tuple[UUID, str]]:
    """The workers to whom a run pays an advance, with the country that taxes them."""
    rows = Recovery.objects.filter(run=run, kind="advance", statement__isnull=True, owed__gt=0)
    return list(rows.order_by("id").values_list("worker_id", "country"))


def approved_and_unpaid(worker: UUID, currency: str, on: date) -> Decimal:
    """What a worker has approved up to a day and on no payslip yet."""
    rows = waiting.to_pay(worker=worker).filter(
        pay_currency=currency,
        engagement__in=("paye", "w2"),
        worked_on__lte=on,
    )
    return rows.aggregate(amount=Sum("pay_amount"))["amount"] or NOTHING


def drawn(worker: UUID) -> Decimal:
    """What a worker drew early and still owes."""
    rows = Recovery.objects.filter(worker=worker, kind="advance", reason=EARLY)
    return rows.aggregate(amount=Sum("owed"))["amount"] or NOTHING


def overrides(run: PayRun) -> dict[UUID, Decimal]:
    """What a run takes instead of what stands, by the order or recovery."""
    found: dict[UUID, Decimal] = {}
    for row in Override.objects.filter(run=run):
        key = row.order_id if row.recovery_id is None else row.recovery_id
        if key is not None:
            found[key] = row.amount
    return found


def earned(
    charges: Sequence[PaySide],
    balances: Iterable[Recovery],
    run: PayRun,
    instead: dict[UUID, Decimal],
) -> tuple[Earning, ...]:
    """What was earned, less what is taken back before tax, with what is paid in advance.

    Where corrections take back more than was earned nothing is paid, and the rest is carried as a
    balance.
    """
    found = earning.earnings(charges)
    whole = sum((one.amount for one in found), NOTHING)
    if whole < 0:
        return tuple(_carried(charges, -whole))
    room = sum((one.amount for one in found if one.taxable), NOTHING)
    place = max(found, key=lambda one: one.amount).place if found else ""
    for row in balances:
        if row.run_id == run.pk:
            code = code_of(row, ADVANCE)
            found.append(Earning(code, "advance", row.amount, taxable=False))
        elif is_before_tax(row, run.pay_on):
            taken = min(_asked(row, instead), max(room, NOTHING))
            if taken:
                room -= taken
                found.append(Earning(code_of(row), "recovery", -taken, place=place))
    return tuple(found)


def taken_after_tax(
    orders: Iterable[standing.Standing],
    balances: Iterable[Recovery],
    run: PayRun,
    instead: dict[UUID, Decimal],
) -> tuple[Deduction, ...]:
    """What is taken of net pay: orders, what was agreed, and balances of an earlier tax year."""
    found: list[Deduction] = []
    for key, one in orders:
        if one.kind != "order" and run.purpose in {"bonus", "advance"}:
            continue
        amount = instead.get(key)
        if amount is None:
            found.append(one)
        elif amount:
            found.append(replace(one, amount=amount, cap=amount))
    found += [
        Deduction(code_of(row), "advance", asked, row.priority, balance=row.owed, cap=asked)
        for row in balances
        if row.run_id != run.pk
        and not is_before_tax(row, run.pay_on)
        and (asked := _asked(row, instead))
    ]
    return tuple(found)


def is_before_tax(row: Recovery, pay_on: date) -> bool:
    """Whether a balance is taken back before tax: only in the tax year in which it was paid."""
    return row.method == Recovery.Method.GROSS and row.tax_year == tax_year(row.country, pay_on)


def _asked(row: Recovery, instead: dict[UUID, Decimal]) -> Decimal:
    most: Decimal | None = instead.get(row.pk, row.cap)
    left: Decimal = row.owed
    return left if most is None else min(left, most)


def _carried(charges: Sequence[PaySide], owed: Decimal) -> list[Earning]:
    """Pay with its corrections, and what they take back beyond it carried."""
    given = [one for one in charges if one.pay_amount >= 0]
    back = earning.earnings(one for one in charges if one.pay_amount < 0)
    most = min(back, key=lambda one: one.amount)
    return [
        *earning.earnings(given),
        *(
            replace(one, kind="correction" if one.taxable else one.kind, hours=NOTHING)
            for one in back
        ),
        Earning(CARRIED, "carried", owed, place=most.place),
    ]

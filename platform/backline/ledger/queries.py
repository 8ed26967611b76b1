"""Questions to the ledger: every figure is a sum of entries, never a stored balance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from backline.ledger.models import Entry

NOTHING = Decimal("0.00")
GROWS_BY_DEBIT = frozenset({"asset", "expense", "memo"})


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on one account: debits and credits, and the balance on the side that grows it."""

    code: str
    name: str
    kind: str
    currency: str
    debits: Decimal
    credits: Decimal

    @property
    def amount(self) -> Decimal:
        """The balance, positive on the side that grows this kind of account."""
        difference = self.debits - self.credits
        return difference if self.kind in GROWS_BY_DEBIT else -difference


TRIAL_BALANCE = """
SELECT a.code, a.name, a.kind, a.currency, sum(l.debit), sum(l.credit)
FROM ledger_account a
JOIN (
    SELECT debit AS code, currency, amount AS debit, 0 AS credit
    FROM ledger_entry WHERE effective_on <= %s
    UNION ALL
    SELECT credit, currency, 0, amount FROM ledger_entry WHERE effective_on <= %s
) l ON l.code = a.code AND l.currency = a.currency
GROUP BY a.code, a.name, a.kind, a.currency
ORDER BY a.currency, a.code
"""


def trial_balance(on: date) -> list[Balance]:
    """Every account with anything on it, at the end of a day."""
    with connection.cursor() as cursor:
        cursor.execute(TRIAL_BALANCE, [on, on])
        return [Balance(*row) for row in cursor.fetchall()]


def out_of_balance(on: date) -> dict[str, Decimal]:
    """The difference of debits and credits a currency, for those that have one; empty in
    sound books.
    """
    totals: dict[str, Decimal] = {}
    for balance in trial_balance(on):
        totals[balance.currency] = (
            totals.get(balance.currency, NOTHING) + balance.debits - balance.credits
        )
    return {currency: amount for currency, amount in totals.items() if amount}


def balance(code: str, currency: str, subject: UUID | None = None) -> Decimal:
    """Debits less credits of an account, of one subject when given."""
    debits = Entry.objects.filter(debit=code, currency=currency)
    credits_ = Entry.objects.filter(credit=code, currency=currency)
    if subject is not None:
        debits, credits_ = (
            debits.filter(debit_subject=subject),
            credits_.filter(credit_subject=subject),
        )
    return _sum(debits) - _sum(credits_)


def opened(kind: str = "opening") -> dict[tuple[str, str], Decimal]:
    """What the opening balances say of each account: debits less credits, by code and currency."""
    sums: dict[tuple[str, str], Decimal] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        rows = Entry.objects.filter(posting__kind=kind).values_list(side, "currency")
        for code, currency, amount in rows.annotate(s=Sum("amount")):
            sums[code, currency] = sums.get((code, currency), NOTHING) + sign * amount
    return sums


def balances_by_subject(code: str, subjects: Iterable[UUID] | None = None) -> dict[UUID, Decimal]:
    """Debits less credits of an account for each subject that has anything on it, zeros
    included.
    """
    wanted = None if subjects is None else list(subjects)
    sums: dict[UUID, Decimal] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        rows = Entry.objects.filter(**{side: code, f"{side}_subject__isnull": False})
        if wanted is not None:
            rows = rows.filter(**{f"{side}_subject__in": wanted})
        for subject, amount in rows.values_list(f"{side}_subject").annotate(s=Sum("amount")):
            sums[subject] = sums.get(subject, NOTHING) + sign * amount
    return sums


def balance_under(keys: str, code: str, currency: str) -> Decimal:
    """Debits less credits of an account by the postings whose keys begin so."""
    rows = Entry.objects.filter(posting__key__startswith=keys, currency=currency)
    return _sum(rows.filter(debit=code)) - _sum(rows.filter(credit=code))


def subjects_under(keys: str, code: str) -> dict[UUID, Decimal]:
    """Debits less credits of an account for each subject, by the postings whose keys begin so."""
    sums: dict[UUID, Decimal] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        rows = Entry.objects.filter(
            **{side: code, f"{side}_subject__isnull": False},
            posting__key__startswith=keys,
        )
        for subject, amount in rows.values_list(f"{side}_subject").annotate(s=Sum("amount")):
            sums[subject] = sums.get(subject, NOTHING) + sign * amount
    return sums


@dataclass(frozen=True, slots=True)
class Crossing:
    """What one posting moved from one account to another: its key, its day, the amount (negative
    when it was taken back) and whom it is about on either side.
    """

    key: str
    on: date
    amount: Decimal
    source: UUID | None
    target: UUID


def crossings(debit: str, credit: str, targets: Iterable[UUID]) -> list[Crossing]:
    """Everything that was moved between two accounts about these subjects of the credited one,
    the reversals among them, in the order it was posted.
    """
    wanted = list(targets)
    told = ("posting__key", "effective_on", "amount")
    there = Entry.objects.filter(debit=debit, credit=credit, credit_subject__in=wanted).values_list(
        "id", *told, "debit_subject", "credit_subject"
    )
    back = Entry.objects.filter(debit=credit, credit=debit, debit_subject__in=wanted).values_list(
        "id", *told, "credit_subject", "debit_subject"
    )
    rows = [(*row[:3], row[3], *row[4:]) for row in there]
    rows += [(*row[:3], -row[3], *row[4:]) for row in back]
    return [Crossing(*row[1:]) for row in sorted(rows, key=lambda row: row[0])]


def _sum(entries: QuerySet[Entry]) -> Decimal:
    total: Decimal | None = entries.aggregate(s=Sum("amount"))["s"]
    return NOTHING if total is None else total

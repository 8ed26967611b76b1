"""Matching: which invoices a receipt pays, posted by itself only when there is one answer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations

from rulebook.money import NOTHING, PENNY, to_penny
from rulebook.rates import Ref
from rulebook.remittance import Read, read

AUTO, PROPOSE, PARK, QUEUE = "auto", "propose", "park", "queue"
# How a match was found, strongest first.
STRENGTHS = ("structured", "reference", "sole_amount", "oldest_twin", "statement", "sum", "amount")


@dataclass(frozen=True, slots=True)
class Item:
    """One open invoice or credit of a debtor (a credit's `remaining` is below zero).

    `discount` may be taken by a payment up to `discount_until`; `cis` is the tax a client in
    construction is expected to keep back.
    """

    ref: Ref
    number: str
    debtor: Ref
    invoiced_on: date
    due_on: date
    remaining: Decimal
    currency: str
    week: str = ""
    po_number: str = ""
    discount: Decimal = NOTHING
    discount_until: date | None = None
    cis: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money in: how much, when, and what the bank said about who and what for.

    `debtor` is known from a virtual account or the payer's learned account, else None.
    `references` are structured (creditor reference, lockbox, payment id); `text` is free.
    """

    ref: Ref
    amount: Decimal
    currency: str
    received_on: date
    text: str = ""
    references: tuple[str, ...] = ()
    debtor: Ref | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be posted without a person, and how much may be missing for which reason.

    A bank charge is at most `bank_charge` and at most `bank_charge_share` of what is paid. Sums are
    searched over at most `most_open` items, `most_summed` at a time.
    """

    bank_charge: Decimal = Decimal("25.00")
    bank_charge_share: Decimal = Decimal("0.005")
    rounding: Decimal = Decimal("0.05")
    twins_oldest_first: bool = False
    most_open: int = 16
    most_summed: int = 5


@dataclass(frozen=True, slots=True)
class Application:
    """So much of a receipt against one invoice (below zero: a credit used)."""

    invoice: Ref
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Deduction:
    """What a payer left out: bank_charge, rounding, discount and cis settle the invoice; short_pay
    leaves it open and is asked about.
    """

    invoice: Ref
    code: str
    amount: Decimal

    @property
    def is_settling(self) -> bool:
        """True when the invoice is closed by it."""
        return self.code != "short_pay"


@dataclass(frozen=True, slots=True)
class Match:
    """What to do with a receipt: post it, propose it, park it or queue it, and why.

    receipt = applications + unapplied. `others` are further answers that fit too, at most three.
    """

    receipt: Ref
    verdict: str
    strength: str
    reason: str
    applications: tuple[Application, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    unapplied: Decimal = NOTHING
    others: tuple[tuple[Ref, ...], ...] = ()


def match(
    receipt: Receipt,
    items: Iterable[Item],
    policy: Policy = Policy(),
    closed: Sequence[str] = (),
) -> Match:
    """Find what a receipt pays, strongest evidence first; only one unambiguous answer is automatic.

    Items of another currency, and of another debtor when it is known, are not looked at. A receipt
    that names a paid invoice (`closed` numbers) is parked as a possible duplicate, never spent on
    another one.
    """
    open_items = [
        item
        for item in items
        if item.currency == receipt.currency
        and item.remaining
        and receipt.debtor in (None, item.debtor)
    ]
    open_items.sort(key=lambda item: (item.due_on, item.invoiced_on, item.number))
    by_number = {item.number: item for item in open_items}
    for strength, text in (
        ("structured", " / ".join(receipt.references)),
        ("reference", receipt.text),
    ):
        named = read(text, (*by_number, *closed))
        found = _by_reference(receipt, named, by_number, policy, strength)
        if found is not None:
            return found
    if receipt.debtor is None:
        return _unknown_payer(receipt, open_items)
    for attempt in (_by_sole_amount, _by_statement, _by_sum):
        found = attempt(receipt, open_items, policy)
        if found is not None:
            return found
    return _left_alone(receipt, QUEUE, "nothing fits")


def _by_reference(
    receipt: Receipt, named: Read, by_number: dict[str, Item], policy: Policy, strength: str
) -> Match | None:
    listed = [by_number[number] for number in named.listed if number in by_number]
    ranged = [by_number[number] for number in named.ranged if number in by_number]
    exact = next(
        (some for some in (ranged, listed) if some and _owed(some) == receipt.amount), None
    )
    strong = [number for number in named.listed if number not in named.weak]
    chosen = exact or [by_number[number] for number in strong if number in by_number]
    if not chosen:
        if strong:
            return _left_alone(receipt, PARK, "possible duplicate")
        return _left_alone(receipt, QUEUE, "reference fits several") if named.is_doubtful else None
    is_clear = not named.is_doubtful and all(number in by_number for number in strong)
    one_debtor = len({item.debtor for item in chosen}) == 1
    return _paid(receipt, chosen, policy, strength, is_clear and one_debtor)


def _paid(
    receipt: Receipt, chosen: Sequence[Item], policy: Policy, strength: str, is_clear: bool
) -> Match:
    """Apply a receipt to the invoices it names: exact, over, or short with a reason."""
    owed = _owed(chosen)
    verdict = AUTO if is_clear else PROPOSE
    if owed <= 0:
        return _left_alone(receipt, QUEUE, "credits exceed invoices")
    whole = tuple(Application(item.ref, item.remaining) for item in chosen)
    if receipt.amount >= owed:
        over = receipt.amount - owed
        reason = "overpaid" if over else "exact"
        return Match(receipt.ref, verdict, strength, reason, whole, unapplied=over)
    short = owed - receipt.amount
    last = next(item for item in reversed(chosen) if item.remaining > 0)
    settled = _allowed(receipt, chosen, short, policy)
    if settled is not None and settled.amount <= last.remaining:
        reduced = tuple(
            Application(item.ref, item.remaining - (short if item is last else NOTHING))
            for item in chosen
        )
        deduction = Deduction(last.ref, settled.code, short)
        return Match(receipt.ref, verdict, strength, settled.code, reduced, (deduction,))
    if len(chosen) == 1:
        part = (Application(last.ref, receipt.amount),)
        left_out = (Deduction(last.ref, "short_pay", short),)
        return Match(receipt.ref, verdict, strength, "short", part, left_out)
    applied, _ = by_oldest(receipt.amount, chosen)
    return Match(receipt.ref, PROPOSE, strength, "short over several", applied)


def _allowed(
    receipt: Receipt, chosen: Sequence[Item], short: Decimal, policy: Policy
) -> Deduction | None:
    """The tolerance that explains exactly this shortfall, if one does."""
    ref = chosen[-1].ref
    in_time = [
        item.discount
        for item in chosen
        if item.discount_until is not None and receipt.received_on <= item.discount_until
    ]
    if in_time and short == sum(in_time, NOTHING):
        return Deduction(ref, "discount", short)
    if short == sum((item.cis for item in chosen), NOTHING):
        return Deduction(ref, "cis", short)
    if short <= policy.rounding:
        return Deduction(ref, "rounding", short)
    owed = receipt.amount + short
    if short <= min(policy.bank_charge, to_penny(owed * policy.bank_charge_share)):
        return Deduction(ref, "bank_charge", short)
    return None


def _by_sole_amount(receipt: Receipt, items: Sequence[Item], policy: Policy) -> Match | None:
    """The one item of this amount, unless a few others add up to it as well."""
    twins = [item for item in items if item.remaining == receipt.amount]
    if not twins:
        return None
    applied = (Application(twins[0].ref, receipt.amount),)
    sums = _other_sums(receipt.amount, items, policy)
    others = [(item.ref,) for item in twins[1:]] + [_refs(answer) for answer in sums]
    if not others:
        return Match(receipt.ref, AUTO, "sole_amount", "exact", applied)
    strength = "oldest_twin" if len(twins) > 1 else "sole_amount"
    verdict = AUTO if policy.twins_oldest_first and not sums else PROPOSE
    reason = "several answers fit"
    return Match(receipt.ref, verdict, strength, reason, applied, others=tuple(others[:3]))


def _by_statement(receipt: Receipt, items: Sequence[Item], policy: Policy) -> Match | None:
    """A sum that a payer would make: everything, all due by a day, one week, one purchase order."""
    sets = {
        tuple(group): name
        for name, group in _statements(items)
        if len(group) > 1 and _owed(group) == receipt.amount
    }
    if not sets:
        return None
    chosen, *rest = sets
    amounts = {item.remaining for item in chosen}
    twin_left_out = any(item.remaining in amounts for item in items if item not in chosen)
    sums = [
        answer
        for answer in _other_sums(receipt.amount, items, policy)
        if set(answer) != set(chosen)
    ]
    is_sole = not rest and not sums and not twin_left_out
    return Match(
        receipt.ref,
        AUTO if is_sole else PROPOSE,
        "statement",
        sets[chosen] if is_sole else "several answers fit",
        tuple(Application(item.ref, item.remaining) for item in chosen),
        others=tuple(dict.fromkeys(map(_refs, (*rest, *sums))))[:3],
    )


def _other_sums(
    amount: Decimal, items: Sequence[Item], policy: Policy
) -> tuple[tuple[Item, ...], ...]:
    """A few sums that make the amount; with too many items open, pairs alone are looked at."""
    most = policy.most_summed if len(items) <= policy.most_open else 2
    return sums_to(amount, items, most, stop_at=4)


def _refs(items: Iterable[Item]) -> tuple[Ref, ...]:
    return tuple(item.ref for item in items)


def _statements(items: Sequence[Item]) -> Iterable[tuple[str, list[Item]]]:
    yield "everything open", list(items)
    for day in sorted({item.due_on for item in items}):
        yield f"due by {day.isoformat()}", [item for item in items if item.due_on <= day]
    keys: tuple[tuple[str, Callable[[Item], str]], ...] = (
        ("week", lambda item: item.week),
        ("purchase order", lambda item: item.po_number),
    )
    for name, key in keys:
        for value in sorted({key(item) for item in items} - {""}):
            yield f"{name} {value}", [item for item in items if key(item) == value]


def _by_sum(receipt: Receipt, items: Sequence[Item], policy: Policy) -> Match | None:
    """The one handful of items that adds up; a second answer makes it a proposal."""
    if len(items) > policy.most_open:
        return _left_alone(receipt, QUEUE, "too many open to be sure")
    answers = sums_to(receipt.amount, items, policy.most_summed, stop_at=4)
    if not answers:
        return None
    return Match(
        receipt.ref,
        AUTO if len(answers) == 1 else PROPOSE,
        "sum",
        "the only sum" if len(answers) == 1 else "several answers fit",
        tuple(Application(item.ref, item.remaining) for item in answers[0]),
        others=tuple(tuple(item.ref for item in answer) for answer in answers[1:]),
    )


def sums_to(
    amount: Decimal, items: Sequence[Item], most: int, *, stop_at: int
) -> tuple[tuple[Item, ...], ...]:
    """Sets of two to `most` items that add up to an amount, smallest first, up to `stop_at`."""
    pennies = [int(item.remaining / PENNY) for item in items]
    wanted = int(amount / PENNY)
    found: list[tuple[Item, ...]] = []
    for size in range(2, min(most, len(items)) + 1):
        for chosen in combinations(range(len(items)), size):
            if sum(pennies[n] for n in chosen) == wanted:
                found.append(tuple(items[n] for n in chosen))
                if len(found) == stop_at:
                    return tuple(found)
    return tuple(found)


def by_oldest(amount: Decimal, items: Sequence[Item]) -> tuple[tuple[Application, ...], Decimal]:
    """Use credits, then pay the oldest first until the money ends; the rest is unapplied."""
    oldest = sorted(items, key=lambda item: (item.due_on, item.invoiced_on, item.number))
    applied = [Application(item.ref, item.remaining) for item in oldest if item.remaining < 0]
    left = amount - sum((use.amount for use in applied), NOTHING)
    for item in oldest:
        part = min(max(item.remaining, NOTHING), left)
        if part > 0:
            applied.append(Application(item.ref, part))
            left -= part
    return tuple(applied), left


def oldest_run(amount: Decimal, items: Sequence[Item]) -> tuple[Item, ...]:
    """The oldest items, without a gap, that add up exactly; none when they do not."""
    oldest = sorted(items, key=lambda item: (item.due_on, item.invoiced_on, item.number))
    for size in range(1, len(oldest) + 1):
        if _owed(oldest[:size]) == amount:
            return tuple(oldest[:size])
    return ()


def _unknown_payer(receipt: Receipt, items: Sequence[Item]) -> Match:
    twins = [item for item in items if item.remaining == receipt.amount]
    if not twins:
        return _left_alone(receipt, QUEUE, "unknown payer")
    applied = (Application(twins[0].ref, receipt.amount),)
    others = tuple((item.ref,) for item in twins[1:4])
    return Match(receipt.ref, PROPOSE, "amount", "unknown payer", applied, others=others)


def _left_alone(receipt: Receipt, verdict: str, reason: str) -> Match:
    return Match(receipt.ref, verdict, "", reason, unapplied=receipt.amount)


def _owed(items: Iterable[Item]) -> Decimal:
    return sum((item.remaining for item in items), NOTHING)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A receipt not matched yet, and the funding that matching it would free."""

    receipt: Receipt
    unlocks: Decimal


def waiting(
    receipts: Iterable[Receipt], unlocks: Callable[[Receipt], Decimal]
) -> tuple[Waiting, ...]:
    """Receipts to match by hand, the most funding freed first, then the oldest."""
    rows = [Waiting(receipt, unlocks(receipt)) for receipt in receipts]
    return tuple(
        sorted(rows, key=lambda row: (-row.unlocks, row.receipt.received_on, str(row.receipt.ref)))
    )

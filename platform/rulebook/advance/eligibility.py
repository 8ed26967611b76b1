"""Eligibility: which pound of which open invoice may be funded, and the first reason why not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal

from rulebook.advance.terms import NET, FundingTerms
from rulebook.money import NOTHING, PENNY, to_penny
from rulebook.rates import Ref


@dataclass(frozen=True, slots=True)
class Ledgered:
    """One open invoice as the funder sees it.

    `open` is its gross remainder, below zero for a credit; `net` the part of `face` without VAT.
    `flags` are reasons that the facts settle: unverified, no_po, duplicate_evidence, affiliate ...
    """

    invoice: Ref
    debtor: Ref
    invoiced_on: date
    due_on: date
    face: Decimal
    open: Decimal
    net: Decimal
    disputed: Decimal = NOTHING
    kind: str = "temp"
    worked_until: date | None = None
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Debtor:
    """What a funder knows of a debtor: its limit (gross; None: none), what we owe it, its flags."""

    ref: Ref
    limit: Decimal | None = None
    contra: Decimal = NOTHING
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Excluded:
    """So much of one invoice is not funded, for one reason."""

    invoice: Ref
    debtor: Ref
    reason: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Fundable:
    """What of one open invoice may be funded, what may not, and the first reason of the latter."""

    item: Ledgered
    eligible: Decimal
    excluded: tuple[Excluded, ...]

    @property
    def reason(self) -> str:
        """The first reason that left a part of it out; '' when all of it is eligible."""
        return self.excluded[0].reason if self.excluded else ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The borrowing base: open invoices, what is left out of them by reason, and what remains."""

    on: date
    terms: FundingTerms
    invoices: tuple[Fundable, ...]

    @property
    def gross(self) -> Decimal:
        """Everything open, credits taken off."""
        return sum((row.item.open for row in self.invoices), NOTHING)

    @property
    def by_reason(self) -> dict[str, Decimal]:
        """What is left out, by reason, in the order of the agreement."""
        found: dict[str, Decimal] = {}
        for reason in self.terms.order:
            amount = sum(
                (
                    out.amount
                    for row in self.invoices
                    for out in row.excluded
                    if out.reason == reason
                ),
                NOTHING,
            )
            if amount:
                found[reason] = amount
        return found

    @property
    def eligible(self) -> Decimal:
        """What remains: gross less everything left out."""
        return sum((row.eligible for row in self.invoices), NOTHING)

    def eligible_of(self, debtor: Ref) -> Decimal:
        """What remains of one debtor."""
        return sum((row.eligible for row in self.invoices if row.item.debtor == debtor), NOTHING)

    @property
    def base(self) -> Decimal:
        """What remains times the advance shares, to the penny, before reserves."""
        return to_penny(sum((borne(row, self.terms) for row in self.invoices), NOTHING))

    @property
    def limit(self) -> Decimal:
        """The base less the reserves, at most the facility, never below zero."""
        ceiling = max(self.base - self.terms.reserves, NOTHING)
        facility = self.terms.facility_limit
        return ceiling if facility is None else min(ceiling, facility)

    def availability(self, funds_in_use: Decimal, commitments: Decimal = NOTHING) -> Decimal:
        """The limit less funds in use and commitments; below zero is an over-advance."""
        return self.limit - funds_in_use - commitments

    def over_advance(self, funds_in_use: Decimal, commitments: Decimal = NOTHING) -> Decimal:
        """By how much funding exceeds the limit; 0 when it does not."""
        return max(-self.availability(funds_in_use, commitments), NOTHING)


def borne(row: Fundable, terms: FundingTerms) -> Decimal:
    """The advance one invoice bears by itself, whatever else is drawn; unrounded."""
    item = row.item
    eligible = row.eligible
    if terms.advance_base == NET and item.face:
        eligible = eligible * item.net / item.face
    return eligible * terms.share_of(item.kind)


@dataclass(slots=True)
class Pool:
    """The waterfall while it runs, oldest invoice first: what is left of each, what is left out."""

    on: date
    terms: FundingTerms
    items: tuple[Ledgered, ...]
    debtors: Mapping[Ref, Debtor]
    left: list[Decimal] = field(default_factory=list)
    out: list[list[Excluded]] = field(default_factory=list)

    def take(self, n: int, reason: str, amount: Decimal) -> None:
        """Leave an amount of the n-th invoice out for a reason."""
        if amount:
            item = self.items[n]
            self.left[n] -= amount
            self.out[n].append(Excluded(item.invoice, item.debtor, reason, amount))

    def of_debtor(self) -> dict[Ref, list[int]]:
        """The invoices of each debtor, newest first: the ones a limit leaves out first."""
        groups: dict[Ref, list[int]] = {}
        for n in reversed(range(len(self.items))):
            groups.setdefault(self.items[n].debtor, []).append(n)
        return groups

    def remaining(self, numbers: Iterable[int]) -> Decimal:
        """What is left of these invoices together, credits taken off."""
        return sum((self.left[n] for n in numbers), NOTHING)

    def take_off(self, numbers: Iterable[int], reason: str, amount: Decimal) -> None:
        """Leave an amount out over several invoices, in the order given, none below zero."""
        for n in numbers:
            part = min(max(self.left[n], NOTHING), amount)
            self.take(n, reason, part)
            amount -= part

    def is_aged(self, item: Ledgered) -> bool:
        """True for a debt older than the agreement allows; credits do not age."""
        if item.open <= 0:
            return False
        by_invoice, by_due = self.terms.aged_after_invoice, self.terms.aged_after_due
        return (by_invoice is not None and (self.on - item.invoiced_on).days > by_invoice) or (
            by_due is not None and (self.on - item.due_on).days > by_due
        )


def certificate(
    items: Iterable[Ledgered], debtors: Iterable[Debtor], terms: FundingTerms, on: date
) -> Certificate:
    """Run the waterfall over every open invoice, each step on what the one before it left.

    Each pound is left out once, for the first reason that finds it. Old credits stay against their
    debtor and never shrink what is aged. The concentration cap is a share of the pool as it stands
    before that step. A debtor that is not listed has no limit, no contra and no flags.
    """
    ordered = tuple(sorted(items, key=lambda item: (item.invoiced_on, str(item.invoice))))
    pool = Pool(on, terms, ordered, {debtor.ref: debtor for debtor in debtors})
    pool.left = [item.open for item in ordered]
    pool.out = [[] for _ in ordered]
    for reason in terms.order:
        STEPS.get(reason, _flagged)(pool, reason)
    return Certificate(
        on,
        terms,
        tuple(
            Fundable(item, left, tuple(out))
            for item, left, out in zip(ordered, pool.left, pool.out, strict=True)
        ),
    )


def _flagged(pool: Pool, reason: str) -> None:
    for n, item in enumerate(pool.items):
        debtor = pool.debtors.get(item.debtor)
        if reason in item.flags or (debtor is not None and reason in debtor.flags):
            pool.take(n, reason, max(pool.left[n], NOTHING))


def _not_yet_worked(pool: Pool, reason: str) -> None:
    for n, item in enumerate(pool.items):
        if item.worked_until is not None and item.worked_until > pool.on:
            pool.take(n, reason, max(pool.left[n], NOTHING))


def _aged(pool: Pool, reason: str) -> None:
    for n, item in enumerate(pool.items):
        if pool.is_aged(item):
            pool.take(n, reason, max(pool.left[n], NOTHING))


def _disputed(pool: Pool, reason: str) -> None:
    for n, item in enumerate(pool.items):
        pool.take(n, reason, min(max(pool.left[n], NOTHING), item.disputed))


def _cross_aged(pool: Pool, reason: str) -> None:
    """A debtor whose aged share of what it owes is above the threshold is out altogether."""
    threshold = pool.terms.cross_age_share
    if threshold is None:
        return
    for numbers in pool.of_debtor().values():
        owed = [pool.items[n] for n in numbers if pool.items[n].open > 0]
        whole = sum((item.open for item in owed), NOTHING)
        aged = sum((item.open for item in owed if pool.is_aged(item)), NOTHING)
        if whole and aged > threshold * whole:
            for n in numbers:
                pool.take(n, reason, pool.left[n])


def _contra(pool: Pool, reason: str) -> None:
    for ref, numbers in pool.of_debtor().items():
        debtor = pool.debtors.get(ref)
        if debtor is not None:
            pool.take_off(
                numbers, reason, min(debtor.contra, max(pool.remaining(numbers), NOTHING))
            )


def _over_limit(pool: Pool, reason: str) -> None:
    for ref, numbers in pool.of_debtor().items():
        debtor = pool.debtors.get(ref)
        if debtor is not None and debtor.limit is not None:
            over = pool.remaining(numbers) - debtor.limit
            pool.take_off(numbers, reason, max(over, NOTHING))


def _concentrated(pool: Pool, reason: str) -> None:
    """Above its share of the pool, counted before this step, a debtor's newest invoices are out."""
    cap = pool.terms.concentration_share
    if cap is None:
        return
    groups: Sequence[list[int]] = list(pool.of_debtor().values())
    most = (cap * pool.remaining(range(len(pool.items)))).quantize(PENNY, ROUND_DOWN)
    for numbers, standing in [(numbers, pool.remaining(numbers)) for numbers in groups]:
        pool.take_off(numbers, reason, max(standing - most, NOTHING))


STEPS: Mapping[str, Callable[[Pool, str], None]] = {
    "not_yet_worked": _not_yet_worked,
    "aged": _aged,
    "disputed": _disputed,
    "cross_aged": _cross_aged,
    "contra": _contra,
    "over_limit": _over_limit,
    "concentration": _concentrated,
}

"""Model: what the books ought to say, worked out from documents alone and as simply as can be.

It knows nothing of entries, movements or states: only papers, cash, time and what was agreed. Where
it and the product differ, one of the two is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

PENNY, NOTHING = Decimal("0.01"), Decimal(0)
SHARE, FEE, VAT, RECOURSE = Decimal("0.90"), Decimal("0.01"), Decimal("0.20"), 60


def pennies(amount: Decimal) -> Decimal:
    """Rounded as the house rounds."""
    return amount.quantize(PENNY, ROUND_HALF_UP)


def week_of_work(hours: Decimal, rate: Decimal) -> Decimal:
    """What a week comes to on one side: above forty hours at one and a half."""
    over = max(hours - 40, NOTHING)
    return (hours - over) * rate + over * rate * Decimal("1.5")


@dataclass
class Put:
    """So much set against a paper: whether by the partner's cash, and whose the paper was then."""

    amount: Decimal
    is_cash_of_partner: bool
    era: str  # before it was funded, while it was, or after it was given back


@dataclass
class Paper:
    """One final invoice or credit note, and its funding if it has one."""

    gross: Decimal
    puts: list[Put] = field(default_factory=list)
    used: Decimal = NOTHING  # of a credit note: what of it was set against invoices
    funded_on: date | None = None
    advanced: Decimal = NOTHING
    given_back_with: Decimal | None = None  # the fee that was due when it was given back

    @property
    def open(self) -> Decimal:
        """What is still to be paid."""
        return self.gross + self.used - sum((put.amount for put in self.puts), NOTHING)

    @property
    def face(self) -> Decimal:
        """What was assigned: all but what was set against it before."""
        before = (put.amount for put in self.puts if put.era == "before")
        return self.gross - sum(before, NOTHING)

    @property
    def is_assigned(self) -> bool:
        """Whether the debt is the partner's."""
        return self.funded_on is not None and self.given_back_with is None

    def is_funded(self, on: date, eligible: Decimal, advanced: Decimal, reason: str) -> None:
        """It was decided what is paid for it: a share of what is eligible, or less where more is
        out on other papers than they bear.
        """
        most = pennies(eligible * SHARE)
        assert eligible <= self.face
        assert advanced == most or (advanced < most and reason), (advanced, most, reason)
        self.funded_on, self.advanced = on, advanced

    @property
    def repaid(self) -> Decimal:
        """What the client's money repaid."""
        cash = (put.amount for put in self.puts if put.era == "funded" and put.is_cash_of_partner)
        return min(sum(cash, NOTHING), self.advanced)

    @property
    def taken(self) -> Decimal:
        """What the agency has to repay itself: nobody else will."""
        is_over = self.open == 0 or self.given_back_with is not None
        return self.advanced - self.repaid if is_over else NOTHING

    @property
    def fee(self) -> Decimal:
        """The fee that is due, before VAT."""
        if self.given_back_with is not None:
            return self.given_back_with
        return pennies(self.face * FEE) if self.funded_on and self.open == 0 else NOTHING

    def day_passes(self, on: date) -> None:
        """Give it back when its days are over and something is still out."""
        if self.funded_on is None or not self.is_assigned or not self.open:
            return
        if on > self.funded_on + timedelta(days=RECOURSE) and self.repaid < self.advanced:
            self.given_back_with = pennies(self.face * FEE)


@dataclass
class Cash:
    """One receipt: what it holds, what of it is placed, and in whose bank it lies."""

    amount: Decimal
    placed: Decimal
    at_partner: bool


def balances(
    papers: Mapping[UUID, Paper], cash: Mapping[UUID, Cash], wired: Decimal
) -> dict[str, Decimal]:
    """Debits less credits that the agency's books, and the partner's (p), ought to show."""
    rows = papers.values()
    out = sum((row.advanced - row.repaid - row.taken for row in rows), NOTHING)
    fees = sum((row.fee for row in rows), NOTHING)
    vat = sum((pennies(row.fee * VAT) for row in rows), NOTHING)
    assigned = sum((row.open for row in rows if row.is_assigned), NOTHING)
    waiting = {
        at: sum((one.amount - one.placed for one in cash.values() if one.at_partner == at), NOTHING)
        for at in (True, False)
    }
    landed = sum((one.amount for one in cash.values() if one.at_partner), NOTHING)
    due = landed - wired - fees - vat + out
    return {
        "1100": sum((row.open for row in rows), NOTHING) - assigned,
        "1105": assigned,
        "2500": -out,
        "2400": -waiting[True] - waiting[False],
        "1510": due,
        "6200": fees,
        "p1500": out,
        "p9000": assigned,
        "p1030": landed,
        "p2600": -waiting[True],
        "p2610": waiting[True] - due,
        "p4100": -fees,
        "p2300": -vat,
        "p1020": -wired,
    }

"""That pay, bill, ledger, funding and margin agree to the cent, asked over HTTP alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from deploy.demo.clerk import total
from deploy.demo.week import DAY
from deploy.demo.world import MONDAY

if TYPE_CHECKING:
    from deploy.demo.clerk import Clerk

WAGES = ("5100", "5110")
RECEIVABLE = ("1100", "1105")
END = "2026-12-31"  # wages stand in the books as of their pay day, which may be to come


def all_agree(clerk: Clerk) -> None:
    """Everything that was charged is paid and billed, once, and every book says so."""
    charges, statements = clerk.charges(), clerk.statements()
    papers = clerk.invoices(state="finalized")
    paid, billed = total(charges, "pay_amount"), total(charges, "bill_amount")

    assert total(statements, "gross") == paid
    assert total(papers, "net") == billed
    assert sum(total(one["charges"], "amount") for one in statements) == paid

    assert clerk.trial_balance(END)["is_balanced"]
    assert sum(clerk.balance(code, END) for code in WAGES) == paid
    assert clerk.balance("4000", END) == billed
    assert clerk.balance("2200", END) == 0
    assert sum(clerk.balance(code, END) for code in RECEIVABLE) == total(papers, "open_amount")

    margin = margins(clerk)
    assert Decimal(margin["pay"]["amount"]) == paid
    assert Decimal(margin["bill"]["amount"]) == billed
    assert Decimal(margin["burden"]["amount"]) == total(statements, "employer_cost")
    left = billed - paid - total(statements, "employer_cost")
    assert Decimal(margin["margin"]["amount"]) == left

    assert clerk.reconciles() == []


def margins(clerk: Clerk) -> dict[str, Any]:
    """The totals of two weeks."""
    asked = {"by": "week", "from": MONDAY.isoformat(), "to": (MONDAY + 20 * DAY).isoformat()}
    (row,) = clerk.office.owner.get("/v1/margins", **asked)["totals"]
    return dict(row)


@contextmanager
def untouched(other: Clerk) -> Iterator[None]:
    """Nothing that happens meanwhile reaches the other agency: its feed and books stand still."""
    before = _all_of(other)
    yield
    assert _all_of(other) == before


def _all_of(clerk: Clerk) -> list[Any]:
    clerk.settle()
    feed: list[Any] = []
    while True:
        after = feed[-1]["seq"] if feed else 0
        page = clerk.office.owner.get("/v1/events", after=after, limit=500)
        feed += page["data"]
        if not page["has_more"]:
            break
    return [
        feed,
        clerk.trial_balance(END),
        clerk.charges(),
        clerk.invoices(),
        clerk.exceptions(),
    ]

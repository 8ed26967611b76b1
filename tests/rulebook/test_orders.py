"""Orders: a purchase order is used up, runs out and expires, and never by a penny too much."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.bill import BillLine
from rulebook.money import NOTHING
from rulebook.orders import Order, checked

pytestmark = pytest.mark.rulebook

D = Decimal
MONDAY = date(2026, 9, 7)


def line(charge: str, amount: str, day: int = 0, po_number: str = "PO-7") -> BillLine:
    facts: dict[str, Any] = {"po_number": po_number}
    worked = MONDAY + timedelta(day)
    return BillLine(
        charge, "Acme", "asg", "Ada", worked, "regular", D(1), D(amount), D(amount), "GBP", **facts
    )


def test_an_order_burns_to_the_last_penny_and_the_next_line_is_held() -> None:
    lines = [line("one", "600.00"), line("two", "400.00", 1), line("three", "0.01", 2)]
    found = checked(lines, [Order("PO-7", D("1000.00"))])
    assert [row.charge for row in found.billable] == ["one", "two"]
    assert [(row.line.charge, row.reason) for row in found.held] == [("three", "po_exhausted")]
    assert found.burns[0].left == NOTHING


def test_the_owner_is_warned_once_at_four_fifths() -> None:
    order = Order("PO-7", D("1000.00"), used=D("700.00"))
    assert not checked([line("one", "99.99")], [order]).burns[0].needs_warning
    assert checked([line("one", "100.00")], [order]).burns[0].needs_warning
    later = Order("PO-7", D("1000.00"), used=D("800.00"))
    assert not checked([line("two", "50.00")], [later]).burns[0].needs_warning


@pytest.mark.parametrize(
    ("po_number", "day", "reason"),
    [
        ("", 0, "po_missing"),
        ("PO-9", 0, "po_unknown"),
        ("PO-7", 5, "po_expired"),
        ("PO-7", -1, "po_expired"),
    ],
)
def test_a_line_without_a_valid_order_is_held(po_number: str, day: int, reason: str) -> None:
    order = Order("PO-7", starts_on=MONDAY, ends_on=MONDAY + timedelta(4))
    found = checked([line("one", "10.00", day, po_number)], [order])
    assert [row.reason for row in found.held] == [reason]


def test_a_client_without_orders_is_billed_all_the_same() -> None:
    found = checked([line("one", "10.00", po_number="")], [], is_required=False)
    assert (len(found.billable), found.held) == (1, ())


def test_what_is_taken_back_gives_room_again() -> None:
    lines = [line("back", "-100.00"), line("new", "80.00", 1)]
    found = checked(lines, [Order("PO-7", D("1000.00"), used=D("1000.00"))])
    assert (len(found.billable), found.burns[0].used) == (2, D("980.00"))


@given(
    amounts=st.lists(st.decimals(min_value="-50", max_value="500", places=2), max_size=12),
    limit=st.decimals(min_value="0", max_value="1500", places=2),
)
def test_an_order_is_never_overdrawn_and_no_line_is_lost(
    amounts: list[Decimal], limit: Decimal
) -> None:
    lines = [line(f"chg_{n}", str(amount), n % 5) for n, amount in enumerate(amounts)]
    found = checked(lines, [Order("PO-7", limit)])
    assert len(found.billable) + len(found.held) == len(lines)
    assert found.burns[0].used <= max(limit, NOTHING)
    assert found.burns[0].used == sum((row.amount for row in found.billable), NOTHING)

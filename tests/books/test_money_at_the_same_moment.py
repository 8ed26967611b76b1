"""Money that comes in twice or meets itself at the same moment: is each pound used once?"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from backline.collections.actions import NewReceipt
from backline.kernel.errors import Conflict, Invalid, Refusal
from backline.kernel.outcomes import one
from tenants.facility import actions as facility
from tests.books.together import TRIES, at_once, one_did, raised
from tests.books.trade import Trade


def test_two_allocations_of_one_receipt(real_trade: Trade) -> None:
    trade = real_trade
    job = trade.engages(trade.client())
    for n in range(TRIES):
        first, second = trade.bills(job, "100.00"), trade.bills(job, "100.00")
        receipt = _receipt(trade, f"B{n}", "120.00")
        one_did(
            at_once(
                partial(trade.allocates, receipt, first, "120.00"),
                partial(trade.allocates, receipt, second, "120.00"),
            ),
            Invalid,
        )
        opened = [trade.invoice(key).open_amount for key in (first, second)]
        assert sorted(opened) == [0, Decimal("120.00")]
    assert trade.balance("2400") == 0


def test_two_receipts_of_one_invoice(real_trade: Trade) -> None:
    """Both are recorded; one pays, and the other waits for a person."""
    trade = real_trade
    job = trade.engages(trade.client())
    for n in range(TRIES):
        invoice = trade.bills(job, "100.00")
        number = trade.invoice(invoice).number
        found = at_once(
            partial(_receipt, trade, f"B{n}a", "120.00", number),
            partial(_receipt, trade, f"B{n}b", "120.00", number),
        )
        assert raised(found) == []
        assert trade.invoice(invoice).open_amount == 0
    assert trade.balance("2400") == Decimal("-120.00") * TRIES


def test_one_bank_line_told_twice_at_once(real_trade: Trade) -> None:
    trade = real_trade
    trade.client()
    for n in range(TRIES):
        found = at_once(*[partial(_receipt, trade, f"B{n}", "10.00")] * 3)
        assert raised(found) == []
        assert len(set(found)) == 1
    assert trade.balance("1020") == Decimal("10.00") * TRIES


def test_a_credit_note_and_a_receipt_meet_on_an_invoice(real_trade: Trade) -> None:
    from backline.collections import actions as collections

    trade = real_trade
    job = trade.engages(trade.client())
    for n in range(TRIES):
        invoice = trade.bills(job, "100.00")
        note = trade.credits(invoice)
        receipt = _receipt(trade, f"B{n}", "120.00")

        def uses_credit(note: UUID = note.pk) -> None:
            with trade.inside():
                collections.use_credit([note], **trade.told)

        found = at_once(uses_credit, partial(trade.allocates, receipt, invoice, "120.00"))
        assert all(isinstance(no, Refusal) for no in raised(found)), found
        assert trade.invoice(invoice).open_amount == 0


def test_an_allocation_taken_back_twice_at_once(real_trade: Trade) -> None:
    trade = real_trade
    job = trade.engages(trade.client())
    for n in range(TRIES):
        invoice = trade.bills(job, "100.00")
        _receipt(trade, f"B{n}", "120.00", trade.invoice(invoice).number)
        found = at_once(*[partial(trade.takes_back, invoice)] * 2)
        others = raised(found)
        assert len(others) == 1, found
        assert isinstance(others[0], (Conflict, IndexError))  # gone before it was looked for
        assert trade.invoice(invoice).open_amount == Decimal("120.00")


def test_everything_of_the_facility_at_once(real_trade: Trade) -> None:
    """Following, funding by hand, cash handed over, a settlement and a comparison: the limit of
    the facility is kept, nothing moves twice, and the comparison sees no half of anything.
    """
    trade = real_trade
    trade.agrees_funding(
        {"advance_share": "0.90", "facility_limit": "3000.00", "recourse_days": None}
    )
    job = trade.engages(trade.client())
    for n in range(TRIES):
        invoices = [trade.bills(job, "1000.00") for _ in range(2)]
        _numbered(trade)
        oldest = trade.invoice(invoices[0]).number
        cash = NewReceipt(
            bank_reference=f"LOCKBOX {n}",
            amount=Decimal("1200.00"),
            currency="GBP",
            received_on=trade.on,
            remittance=oldest,
        )
        found = at_once(
            partial(facility.follow, trade.agency.ref, at=trade.at),
            partial(facility.follow, trade.agency.ref, at=trade.at),
            partial(facility.fund, trade.agency.ref, at=trade.at),
            partial(_handed_over, trade, cash),
            partial(_handed_over, trade, cash),
            trade.settles,
            trade.settles,
            trade.breaks,
        )
        assert raised(found) == []
        assert found[-1] == []
        assert -trade.balance("2500") <= Decimal("3000.00")
        assert found[3] == found[4]
        trade.catches_up()
        assert trade.breaks() == []
        trade.goes_on(7)
    assert trade.open_troubles("consumer_gave_up") == []


def _receipt(trade: Trade, reference: str, amount: str, remittance: str = "") -> UUID:
    from backline.collections import actions as collections

    new = NewReceipt(
        bank_reference=reference,
        amount=Decimal(amount),
        currency="GBP",
        received_on=trade.on,
        remittance=remittance,
    )
    with trade.inside():
        return one(collections.receive([new], **trade.told))


def _handed_over(trade: Trade, cash: NewReceipt) -> UUID:
    return one(facility.hand_over(trade.agency.ref, [cash], **trade.told))


def _numbered(trade: Trade) -> None:
    from backline.kernel import feed

    with trade.inside():
        feed.number()


@pytest.fixture(autouse=True)
def _patient(settings: Any) -> None:
    settings.OUTWARD = settings.OUTWARD_DUE = []

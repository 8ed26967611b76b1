"""An invoice from its advance to the last penny of it, in the agency's books and the partner's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.backline.test_a_british_week import ANN, LATER, at_work, is_billed, works_a_week

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.databases import Database

PAID = datetime(2026, 7, 20, 9, 0, tzinfo=UTC)
TERMS = {
    "advance_share": "0.90",
    "fees": [{"code": "service", "kind": "flat", "share": "0.01", "vat_share": "0.20"}],
}


def billed(agency: Place) -> None:
    """A final invoice of 997.50 and VAT in the agency's books, and terms to fund it."""
    from backline.funding import actions as funding

    works_a_week(at_work())
    is_billed()
    funding.agree_terms(
        agency.partner, TERMS, since=date(2026, 1, 1), currency="GBP", actor=ANN, at=LATER
    )


def follow(agency: Place, at: datetime) -> None:
    """Number what happened and let the facility follow it to the end."""
    from backline.kernel import feed
    from tenants import tenancy
    from tenants.facility import actions

    with tenancy.firm(agency.ref):
        feed.number()
    while actions.follow(agency.ref, at=at):
        pass


def stands(place: Place, **balances: str) -> None:
    """Check what stands on accounts of a firm, debits less credits: stands(agency, a1020="…")."""
    from backline.ledger import queries as ledger
    from tenants import tenancy

    with tenancy.firm(place.ref):
        found = {name: ledger.balance(name[1:], "GBP") for name in balances}
        assert found == {name: Decimal(amount) for name, amount in balances.items()}
        assert ledger.out_of_balance(date(2026, 7, 31)) == {}


def test_both_books_agree_from_advance_to_settlement(
    committed: Database, agency: Place, partner: Place
) -> None:
    from backline.collections.actions import NewReceipt
    from backline.kernel.outcomes import one
    from tenants import tenancy
    from tenants.facility import actions, reconciling

    with tenancy.firm(agency.ref):
        billed(agency)
    follow(agency, LATER)
    stands(agency, a2500="-1077.30", a1105="1197.00")  # 90 % of 1,197.00
    stands(partner, a1500="1077.30")
    assert reconciling.reconcile(agency.ref, at=LATER).breaks == []

    cash = NewReceipt(
        bank_reference="LOCKBOX-1",
        amount=Decimal("1197.00"),
        currency="GBP",
        received_on=date(2026, 7, 20),
        remittance="INV-000001",
        held_by="partner",
    )
    one(actions.hand_over(agency.ref, [cash], actor=ANN, at=PAID))
    one(actions.hand_over(agency.ref, [cash], actor=ANN, at=PAID))  # told twice, recorded once
    follow(agency, PAID)
    stands(agency, a2500="0", a1105="0")
    stands(partner, a1500="0", a1030="1197.00")
    assert reconciling.reconcile(agency.ref, at=PAID).breaks == []

    actions.settle(agency.ref, date(2026, 6, 8), actor=ANN, at=PAID)
    actions.settle(agency.ref, date(2026, 7, 20), actor=ANN, at=PAID)
    # the agency has its 1,197.00 less 1 % and VAT on that
    stands(agency, a1510="0", a1020="1182.64")
    stands(partner, a2610="0", a2600="0")
    assert reconciling.reconcile(agency.ref, at=PAID).breaks == []

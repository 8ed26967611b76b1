"""An invoice from its advance to the last penny of it, in the agency's books and the partner's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.backline.test_a_british_week import LATER, at_work, person

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.databases import Database

PAID = datetime(2026, 7, 20, 9, 0, tzinfo=UTC)
TERMS = {
    "advance_share": "0.90",
    "fees": [{"code": "service", "kind": "flat", "share": "0.01", "vat_share": "0.20"}],
}


def billed(agency: Place) -> None:
    """A final invoice of 997.50 and VAT in the agency's books."""
    from backline.funding import actions as funding
    from backline.invoicing import actions as invoicing
    from backline.kernel.outcomes import one
    from backline.timesheets import actions as timesheets
    from backline.timesheets.models import Timesheet

    ann, bob = person("ann"), person("bob")
    key = at_work(agency)
    timesheets.open_due(date(2026, 6, 1), actor=ann, at=LATER)
    entries = [
        timesheets.NewEntry(worked_on=date(2026, 6, day), quantity=Decimal("9"))
        for day in range(1, 6)
    ]
    new = timesheets.NewSheet(
        assignment=key, starts_on=date(2026, 6, 1), entries=entries, submit=True
    )
    one(timesheets.enter([new], actor=ann, at=LATER))
    sheet = Timesheet.objects.get(starts_on=date(2026, 6, 1))
    one(timesheets.approve([sheet.pk], actor=bob, at=LATER))
    (draft,) = invoicing.draft([sheet.assignment.client_id], actor=ann, at=LATER)
    one(invoicing.finalize([draft], actor=ann, at=LATER))
    funding.agree_terms(
        agency.partner, TERMS, since=date(2026, 1, 1), currency="GBP", actor=ann, at=LATER
    )


def test_both_books_agree_from_advance_to_settlement(
    committed: Database, agency: Place, partner: Place
) -> None:
    from backline.collections.actions import NewReceipt
    from backline.kernel import feed
    from backline.kernel.outcomes import one
    from backline.ledger import queries as ledger
    from tenants import tenancy
    from tenants.facility import actions, reconciling

    ann = person("ann")
    with tenancy.firm(agency.ref):
        billed(agency)
    with tenancy.firm(agency.ref):
        feed.number()
    while actions.follow(agency.ref, at=LATER):
        pass
    with tenancy.firm(agency.ref):
        assert ledger.balance("2500", "GBP") == Decimal("-1077.30")  # 90 % of 1,197.00
        assert ledger.balance("1105", "GBP") == Decimal("1197.00")
    with tenancy.firm(partner.ref):
        assert ledger.balance("1500", "GBP") == Decimal("1077.30")
    assert reconciling.reconcile(agency.ref, at=LATER).breaks == []

    cash = NewReceipt(
        bank_reference="LOCKBOX-1",
        amount=Decimal("1197.00"),
        currency="GBP",
        received_on=date(2026, 7, 20),
        remittance="INV-000001",
        held_by="partner",
    )
    one(actions.hand_over(agency.ref, [cash], actor=ann, at=PAID))
    one(actions.hand_over(agency.ref, [cash], actor=ann, at=PAID))  # told twice, recorded once
    with tenancy.firm(agency.ref):
        feed.number()
    while actions.follow(agency.ref, at=PAID):
        pass
    with tenancy.firm(agency.ref):
        assert ledger.balance("2500", "GBP") == 0
        assert ledger.balance("1105", "GBP") == 0
    with tenancy.firm(partner.ref):
        assert ledger.balance("1500", "GBP") == 0
        assert ledger.balance("1030", "GBP") == Decimal("1197.00")
    assert reconciling.reconcile(agency.ref, at=PAID).breaks == []

    actions.settle(agency.ref, date(2026, 6, 8), actor=ann, at=PAID)
    actions.settle(agency.ref, date(2026, 7, 20), actor=ann, at=PAID)
    with tenancy.firm(agency.ref):
        assert ledger.balance("1510", "GBP") == 0
        # the agency has its 1,197.00 less 1 % and VAT on that
        assert ledger.balance("1020", "GBP") == Decimal("1182.64")
        assert ledger.out_of_balance(date(2026, 7, 31)) == {}
    with tenancy.firm(partner.ref):
        assert ledger.balance("2610", "GBP") == 0
        assert ledger.balance("2600", "GBP") == 0
        assert ledger.out_of_balance(date(2026, 7, 31)) == {}
    assert reconciling.reconcile(agency.ref, at=PAID).breaks == []

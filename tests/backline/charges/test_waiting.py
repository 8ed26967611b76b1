"""What waits for pay and for a bill is known by rows of its own: they go when a payslip or a final
invoice takes the charge, come back when it is given up, and can be made anew from the books.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.db import connection

from tests.backline.test_a_british_week import ANN, LATER, at_work, is_billed, is_paid, works_a_week

if TYPE_CHECKING:
    from tenants.backend.seats import Place

pytestmark = pytest.mark.django_db

Waits = tuple[set[tuple[UUID, UUID]], set[tuple[UUID, UUID]]]


def waits() -> Waits:
    """The charges that wait for pay with their workers, and for a bill with their clients."""
    from backline.charges.models import UnbilledCharge, UnpaidCharge

    unpaid = UnpaidCharge.objects.values_list("charge_id", "worker")
    unbilled = UnbilledCharge.objects.values_list("charge_id", "client")
    return set(unpaid), set(unbilled)


def made_anew() -> Waits:
    """The same as an older release's books are filled."""
    fills = (
        import_module("backline.payroll.migrations.0008_what_waits_for_pay").FILL,
        import_module("backline.invoicing.migrations.0003_what_waits_for_a_bill").FILL,
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM charges_unpaidcharge")
        cursor.execute("DELETE FROM charges_unbilledcharge")
        for fill in fills:
            cursor.execute(fill)
    return waits()


def sides() -> Waits:
    """Every side of every charge."""
    from backline.charges.models import Charge

    to_pay = Charge.objects.filter(pay_amount__isnull=False)
    to_bill = Charge.objects.filter(bill_amount__isnull=False)
    return (
        set(to_pay.values_list("pk", "worker_id")),
        set(to_bill.values_list("pk", "client_id")),
    )


def test_a_week_waits_until_it_is_paid_and_billed(agency: Place, other_agency: Place) -> None:
    from tenants import tenancy

    with tenancy.firm(other_agency.ref):
        works_a_week(at_work())
        others = sides()
    with tenancy.firm(agency.ref):
        works_a_week(at_work())
        whole = sides()
        assert waits() == whole == made_anew()
        is_billed()
        assert waits() == (whole[0], set()) == made_anew()
        is_paid()
        assert waits() == (set(), set()) == made_anew()
    with tenancy.firm(other_agency.ref):
        assert waits() == others == made_anew()


def test_what_a_cancelled_run_had_and_what_was_credited_waits_again(agency: Place) -> None:
    from backline.charges.models import Charge
    from backline.invoicing import actions as invoicing
    from backline.invoicing.models import Invoice
    from backline.kernel import operations
    from backline.payroll import actions as payroll
    from backline.payroll.models import PayRun
    from tenants import tenancy

    with tenancy.firm(agency.ref):
        works_a_week(at_work())
        whole = sides()
        payroll.open_due(LATER.date(), actor=ANN, at=LATER)
        run = PayRun.objects.get().pk
        for _ in range(2):  # and again: what it had is taken out first
            operation = payroll.calculate(run, actor=ANN, at=LATER)
            while operations.run_chunk(operation.pk, LATER):
                pass
            assert waits() == (set(), whole[1]) == made_anew()
        payroll.cancel(run, reason="too early", actor=ANN, at=LATER)
        assert waits() == whole == made_anew()

        invoice = is_billed()
        invoicing.credit(invoice.pk, reason="wrong", reinstate=True, actor=ANN, at=LATER)
        again = set(Charge.objects.filter(kind="reinstated").values_list("pk", "client_id"))
        assert len(again) == invoice.billed_charges.count()
        assert waits() == (whole[0], again) == made_anew()
        assert Invoice.objects.filter(state="draft").count() == 1

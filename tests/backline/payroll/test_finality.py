"""What was paid is never edited: not by an action, and not by a hand at the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tenants import tenancy
from tests.backline.payday import BOB, CAT, TUESDAY, opened, staffed
from tests.backline.week import ANN, attend, in_books

pytestmark = pytest.mark.django_db

FORBIDDEN = (
    "UPDATE payroll_payslip SET net = net + 1",
    "UPDATE payroll_payslip SET situation = '{}'",
    "UPDATE payroll_payslipline SET amount = amount + 1",
    "UPDATE payroll_payline SET amount = amount + 1",
    "UPDATE payroll_payment SET amount = amount + 1",
    "UPDATE payroll_payment SET bank_account_id = bank_account_id",
    "DELETE FROM payroll_payment",
    "UPDATE payroll_paymentfile SET sha256 = 'x'",
    "DELETE FROM payroll_paymentfile",
    "UPDATE payroll_releasepolicy SET preparer_may_release = true",
    "UPDATE charges_charge SET pay_amount = 0",
    "UPDATE ledger_entry SET amount = amount + 1",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_firms_own_role_cannot_change_what_was_paid(agency, statement):
    with (
        tenancy.firm(agency.ref),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_released_run_cannot_be_moved_back(agency):
    from backline.kernel import ids
    from backline.kernel.errors import Conflict
    from backline.payroll import actions

    in_books(agency, lambda: staffed(agency))
    run = ids.parse("run", opened(agency))
    assert run is not None
    told: dict[str, Any] = {"actor": ANN, "at": TUESDAY}
    in_books(agency, lambda: actions.calculate(run, **told))
    attend(agency)

    def release():
        actions.submit(run, **told)
        actions.approve(run, actor=BOB, at=TUESDAY)
        actions.release(run, actor=CAT, at=TUESDAY)

    in_books(agency, release)

    for deed in (
        lambda: actions.calculate(run, **told),
        lambda: actions.submit(run, **told),
        lambda: actions.approve(run, actor=BOB, at=TUESDAY),
        lambda: actions.reject(run, reason="late", actor=BOB, at=TUESDAY),
        lambda: actions.withdraw(run, reason="late", actor=BOB, at=TUESDAY),
        lambda: actions.cancel(run, reason="late", **told),
        lambda: actions.release(run, actor=CAT, at=TUESDAY),
    ):
        with pytest.raises(Conflict):
            in_books(agency, deed)

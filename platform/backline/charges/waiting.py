"""Waiting: what is still to be paid and billed, found by rows of its own, so that what is done
already is never looked at again, however long the books are.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet

from backline.charges.models import Charge, UnbilledCharge, UnpaidCharge
from backline.kernel import copying, rows


def to_pay(**of: Any) -> QuerySet[Charge]:
    """The charges that wait for pay, all or those of a `worker`, or of `worker__among` several.

    Each is looked up by its key: an array of keys is short, whatever the server thinks of a join.
    """
    return _of(UnpaidCharge.objects.filter(**of))


def to_bill(**of: Any) -> QuerySet[Charge]:
    """The charges that wait to be billed, all or those of `client__among` several."""
    return _of(UnbilledCharge.objects.filter(**of))


def _of(waiting: QuerySet[Any]) -> QuerySet[Charge]:
    return Charge.objects.filter(pk__among=ArraySubquery(waiting.values("charge")))


def begin(charges: Iterable[Sequence[Any]]) -> None:
    """Let the sides of charges wait: each a charge's id, its worker and its client, and the amounts
    to pay and to bill.
    """
    unpaid, unbilled = [], []
    for key, worker, client, pay, bill in charges:
        if pay is not None:
            unpaid.append((key, worker))
        if bill is not None and client is not None:
            unbilled.append((key, client))
    copying.add(UnpaidCharge, ("charge", "worker"), unpaid)
    copying.add(UnbilledCharge, ("charge", "client"), unbilled)


def taken_to_pay(charges: Iterable[UUID]) -> None:
    """Let these charges wait for pay no longer: a payslip has them."""
    rows.remove(UnpaidCharge, "charge", charges)


def given_back(charges: Iterable[tuple[UUID, UUID]]) -> None:
    """Let charges, each with its worker, wait for pay again: their payslip was none in the end."""
    copying.add(UnpaidCharge, ("charge", "worker"), charges)

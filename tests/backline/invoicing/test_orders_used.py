"""What an order has carried is read from what names it, however much else was billed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tests.backline.payday import TUESDAY
from tests.backline.week import ANN, MONDAY, TOLD, client_of, in_books, posts
from tests.plans import rows_read

pytestmark = pytest.mark.django_db


def billed(place: Any, here: Any, weeks: int, number: str, first: int) -> None:
    """Weeks of 84.00 that were billed under a number."""
    from backline.assignments import actions as assignments
    from backline.charges import agreed
    from backline.invoicing import actions
    from backline.invoicing.models import Invoice

    (post,) = posts(place, at=here)
    assignments.set_billing_reference(
        post.assignment, since=MONDAY, po_number=number, cost_centre="", project="", **TOLD
    )
    bill = agreed.Agreed(Decimal(4), Decimal(21), Decimal(84), "GBP", "standard")
    agreed.post_agreed(
        [
            agreed.NewCharge(
                key=f"{number}:{n}", kind="agreed", assignment=post.assignment,
                worked_on=MONDAY + timedelta(weeks=n), code="regular", label="Regular",
                reason="worked", unit="hour", bill=bill,
            )
            for n in range(first, first + weeks)
        ],
        **TOLD,
    )  # fmt: skip
    actions.draft([here[0]], actor=ANN, at=TUESDAY)
    drafts = Invoice.objects.filter(client=here[0], state="draft").values_list("pk", flat=True)
    actions.finalize(list(drafts), actor=ANN, at=TUESDAY)


def test_what_other_orders_carried_is_not_read(agency, other_agency):
    from backline.invoicing import ordering

    def play(place: Any) -> tuple[int, int]:
        here = client_of(place)
        billed(place, here, 3, "PO-NEW", 0)
        client = here[0]
        before: list[int] = []
        with rows_read(before):
            assert ordering.used_of([(client, "PO-NEW")]) == {(client, "PO-NEW"): Decimal(252)}
        billed(place, here, 60, "PO-OLD", 10)
        after: list[int] = []
        with rows_read(after):
            assert ordering.used_of([(client, "PO-NEW")]) == {(client, "PO-NEW"): Decimal(252)}
        both = ordering.used_of([(client, "PO-NEW"), (client, "PO-OLD"), (client, "PO-NONE")])
        assert both == {(client, "PO-NEW"): Decimal(252), (client, "PO-OLD"): Decimal(5040)}
        assert ordering.used_of([]) == {}
        return sum(before), sum(after)

    for place in (agency, other_agency):
        read_before, read_after = in_books(place, partial(play, place))
        assert read_after == read_before

"""A run that is too long to be held: read some at a time, it comes to what it comes to at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from backline.kernel import rows
from tests.backline.payday import (
    clock,
    company,
    earns,
    employer,
    opened,
    payable,
    released,
    sums,
    three,
    through,
)
from tests.backline.week import in_books, posts

pytestmark = pytest.mark.django_db


def staff(place: Any) -> None:
    """Two employed workers, two through one umbrella, one through another."""
    from backline.assignments.models import Assignment

    employer()
    clear, plain = (
        company("umbrella", legal_name="Clear Ltd"),
        company("umbrella", legal_name="Plain Ltd", vat_registered=False, vat_number=""),
    )
    first, second, third, ada, eve = posts(place, 5, engagement="paye")
    between = {first: clear, second: plain, third: clear}
    for post, firm in between.items():
        through(post, firm)
    Assignment.objects.filter(pk__in=[post.assignment for post in between]).update(
        engagement="umbrella"
    )
    payable([ada.worker, eve.worker], [clear, plain])
    earns([first, second, third, ada, eve])


def comes_to(place: Any, partner: Any) -> dict[str, Any]:
    """What a released run of them left: payments, the bank file, the books, what is owed."""
    in_books(place, lambda: staff(place))
    clock(place)
    people = three(place, partner)
    run = opened(place)
    released(place, people, run)
    wire = people.preparer
    (file,) = wire.every("/v1/payment-files", run=run)
    content = wire.get(f"/v1/payment-files/{file['id']}/content").done().content.decode()
    paid = sorted(wire.every("/v1/payments", run=run), key=lambda row: row["reference"])
    return {
        "paid": [
            (row["reference"], row["amount"]["amount"], row["number"], row["trace"]) for row in paid
        ],
        "file": (file["count"], file["amount"]),
        "credits": [line[35:64] for line in content.splitlines() if len(line) == 100],
        "books": sums(place),
        "owed": sorted(
            (row["payee"], row["kind"], row["amount"]["amount"], row["due_on"])
            for row in wire.every("/v1/liabilities", run=run)
        ),
    }


def test_a_run_read_one_by_one_comes_to_what_it_comes_to_at_once(
    agency, other_agency, partner, monkeypatch
):
    at_once = comes_to(other_agency, partner)
    monkeypatch.setattr(rows, "SOME", 1)

    one_by_one = comes_to(agency, partner)

    assert one_by_one == at_once
    nets = [Decimal(amount) for _, amount, _, _ in one_by_one["paid"]]
    assert nets[:2] == nets[:1] * 2  # the two who are employed earned the same
    assert nets[2:] == [Decimal("1440.00"), Decimal("600.00")]  # two with VAT at a fifth, and one
    assert [number for _, _, number, _ in one_by_one["paid"]] == ["", "", *["SB-000001"] * 2]

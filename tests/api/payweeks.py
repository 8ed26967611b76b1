"""Weeks of pay, for tests that follow one worker through several of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from backline.kernel import ids
from tests.backline.payday import TUESDAY, earns, opened, released, staffed
from tests.backline.week import MONDAY, Post, in_books

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.backline.payday import Three
    from tests.wire import Reply, Wire

WEEK = timedelta(days=7)


def amount(told: Any) -> Decimal:
    """The figure of money on the wire."""
    return Decimal(told["amount"])


def weeks_of(place: Place, count: int, *, country: str = "GB", pay: str = "600.00") -> Post:
    """One worker with so many weeks earned."""
    currency = "GBP" if country == "GB" else "USD"

    def world() -> Post:
        (post,) = staffed(place, 1, country=country, earned={"pay": pay})
        for n in range(1, count):
            earns([post], pay, on=MONDAY + n * WEEK, key=f"week{n}", currency=currency)
        return post

    made: Post = in_books(place, world)
    return made


def paid_week(place: Place, people: Three, n: int) -> Reply:
    """The statement of the worker's n-th week, released; with all its lines."""
    run = opened(place, TUESDAY + n * WEEK)
    released(place, people, run)
    (slip,) = people.preparer.every("/v1/pay-statements", run=run)
    return people.preparer.get(f"/v1/pay-statements/{slip['id']}").done()


def lines_of(slip: Any, kind: str) -> list[tuple[str, str]]:
    """The code, without its own tail, and the amount of each line of a kind, in order."""
    return [
        (line["code"].rpartition(".")[0] or line["code"], line["amount"]["amount"])
        for line in slip["lines"]
        if line["kind"] == kind
    ]


def order(wire: Wire, post: Post, kind: str, priority: int, **facts: Any) -> str:
    """A standing deduction that the worker agreed to."""
    body = {
        "worker": ids.public("wrk", post.worker),
        "kind": kind,
        "payee": facts.pop("payee", kind.title()),
        "case_number": "C1",
        "priority": priority,
        "facts": {"kind": facts.pop("is_a", "loan"), **facts},
        "since": "2026-01-01",
    }
    return str(wire.post("/v1/orders", body).done()["id"])

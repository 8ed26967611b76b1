"""Sources in the tests: one that is connected, and placements in its words."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenants.backend.seats import Place

MORNING = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)

PLACEMENT: dict[str, Any] = {
    "worker": {
        "external_id": "C-1",
        "given_name": "Ada",
        "family_name": "Byron",
        "country": "GB",
        "email": "ada@example.com",
        "phone": "+44 20 7946 0001",
    },
    "client": {
        "external_id": "K-1",
        "legal_name": "Widgets Ltd",
        "country": "GB",
        "currency": "GBP",
    },
    "approver": {"external_id": "M-1", "name": "Meg Manager", "email": "meg@example.com"},
    "site": {
        "external_id": "S-1",
        "name": "Works",
        "country": "GB",
        "time_zone": "Europe/London",
    },
    "engagement": "paye",
    "starts_on": "2026-06-01",
    "pay_frequency": "weekly",
    "job_title": "Fitter",
    "rates": [
        {
            "rates": [
                {
                    "code": "regular",
                    "pay_rate": {"amount": "15.00", "currency": "GBP"},
                    "bill_rate": {"amount": "21.00", "currency": "GBP"},
                }
            ]
        }
    ],
    "source_version": 1,
}


def placement(**more: Any) -> dict[str, Any]:
    """A whole placement, with some of it said otherwise; None leaves a field out."""
    made = deepcopy(PLACEMENT) | deepcopy(more)
    return {name: each for name, each in made.items() if each is not None}


def rates(*sets: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Sets of rates: from which day, what is paid, what is billed."""
    return [
        {
            "since": since,
            "rates": [
                {
                    "code": "regular",
                    "pay_rate": {"amount": pay, "currency": "GBP"},
                    "bill_rate": {"amount": bill, "currency": "GBP"},
                }
            ],
        }
        for since, pay, bill in sets
    ]


def at_work(place: Place, assignment: str, status: str = "active") -> None:
    """Let an assignment have begun, as onboarding and the clock do."""
    from backline.assignments import actions
    from backline.assignments.models import Assignment
    from backline.kernel import ids
    from backline.kernel.actors import SYSTEM
    from backline.kernel.outcomes import one
    from tenants import tenancy

    key = ids.parse("asg", assignment)
    assert key is not None
    with tenancy.firm(place.ref):
        one(actions.clear([key], actor=SYSTEM, at=MORNING))
        row = Assignment.objects.get(pk=key)
        actions.start_due(row.starts_on, actor=SYSTEM, at=MORNING)
        if status == "ended" and row.ends_on is not None:
            actions.end_past(row.ends_on + timedelta(days=1), actor=SYSTEM, at=MORNING)

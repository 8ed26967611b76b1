"""The firms of every test: a partner, and two agencies that look alike on each side of the sea.

Made once, in the template; each test finds them as they were on the first morning.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from backline.kernel.actors import SYSTEM
from tenants import tenancy
from tenants.agencies import actions
from tenants.agencies.models import Firm
from tenants.backend.seats import Place

FIRST_MORNING = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)

FIRMS = {
    "partner": ("Northstar Partners", "GB"),
    "agency": ("Acorn Staffing", "GB"),
    "other_agency": ("Acorn Staffing", "GB"),
    "us_agency": ("Acorn Staffing of Texas", "US"),
    "other_us_agency": ("Acorn Staffing of Texas", "US"),
}


def make() -> None:
    """Make the firms in the database that Django is pointed at."""
    partner: UUID | None = None
    for key in FIRMS:
        made = _open(key, partner)
        partner = partner or made


def places() -> dict[str, Place]:
    """Look up where each firm's books lie."""
    with tenancy.shared():
        schemas = dict(Firm.objects.filter(order__in=FIRMS).values_list("order", "schema"))
    return {key: tenancy.place(schemas[key]) for key in FIRMS}


def _open(key: str, partner: UUID | None) -> UUID:
    name, country = FIRMS[key]
    with tenancy.shared():
        firm = actions.order(
            name=name,
            country=country,
            partner=partner,
            key=key,
            livemode=False,
            clock=FIRST_MORNING,
            actor=SYSTEM,
            at=FIRST_MORNING,
        )
    return actions.provision(firm.pk, at=FIRST_MORNING).pk

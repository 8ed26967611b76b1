"""Firms: the partner and the agencies that rows work in."""

from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from backline.kernel.actors import SYSTEM
from tenants import tenancy
from tenants.agencies import actions
from tenants.agencies.models import Firm

FIRST_MORNING = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


@cache
def partner() -> UUID:
    """The partner, made when first asked for."""
    return actions.provision(_ordered("partner", None, "GB").pk, at=FIRST_MORNING).pk


def ordered(key: str, country: str = "GB") -> Firm:
    """An agency of the partner that is ordered, and no more."""
    return _ordered(key, partner(), country)


def agency(key: str, country: str = "GB") -> Firm:
    """An agency of the partner with its books open."""
    return actions.provision(ordered(key, country).pk, at=FIRST_MORNING)


def _ordered(key: str, of: UUID | None, country: str) -> Firm:
    with tenancy.shared():
        return actions.order(
            name=f"Bench {key}",
            country=country,
            partner=of,
            key=key,
            livemode=False,
            clock=FIRST_MORNING,
            actor=SYSTEM,
            at=FIRST_MORNING,
        )

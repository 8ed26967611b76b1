"""The registry as the walls read it: where a firm's books lie, and whether it may be entered."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from backline.kernel import ids
from tenants.agencies.models import Firm
from tenants.backend.seats import Place

PREFIX = Firm.PREFIX


def place(name: str) -> Place | None:
    """Where a firm's books lie, by its reference or its schema; None where there are none."""
    key = ids.parse(PREFIX, name)
    named = Q(pk=key) if key else Q(schema=name)
    row = (
        Firm.objects.filter(named)
        .exclude(release="")
        .exclude(state=Firm.State.SPARE)  # what it will be is not known yet
        .values_list("pk", "schema", "role", "kind", "partner_id", "release")
        .first()
    )
    if row is None:
        return None
    key, schema, role, kind = row[:4]
    partner: UUID | None = row[4]
    return Place(ref(key), schema, role, kind, ref(partner) if partner else "", row[5])


def place_of(firm: Firm) -> Place:
    """Where the books of a firm lie that was just read from the registry, or just made."""
    partner = ref(firm.partner_id) if firm.partner_id else ""
    return Place(ref(firm.pk), firm.schema, firm.role, firm.kind, partner, firm.release)


def ref(key: UUID) -> str:
    """The opaque reference of a firm."""
    return ids.public(PREFIX, key)


def state(firm: str) -> str | None:
    """The state of a firm; asked in its own books, where it sees its own row alone."""
    key = ids.parse(PREFIX, firm)
    return Firm.objects.filter(pk=key).values_list("state", flat=True).first() if key else None


def clock(firm: str) -> datetime | None:
    """A sandbox's own clock, or None where the real one counts; asked in the firm's books."""
    key = ids.parse(PREFIX, firm)
    return Firm.objects.filter(pk=key).values_list("clock", flat=True).first() if key else None


def key(ref_: str) -> UUID:
    """The key behind a firm's reference; LookupError for anything else."""
    found = ids.parse(PREFIX, ref_)
    if found is None:
        raise LookupError(f"{ref_!r} is no reference of a firm")
    return found

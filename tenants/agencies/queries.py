"""Questions about firms. Asked in the shared schema."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from backline.kernel import ids
from backline.kernel.errors import Missing
from tenants.agencies.models import Firm


def reachable() -> QuerySet[Firm]:
    """The firms that may be entered, oldest first."""
    return Firm.objects.filter(state=Firm.State.ACTIVE).order_by("id")


def agencies_of(partner: UUID) -> QuerySet[Firm]:
    """A partner's agencies, oldest first, without ready spares."""
    return Firm.objects.filter(partner=partner, kind=Firm.Kind.AGENCY).order_by("id")


def active_refs() -> Sequence[str]:
    """The references of all firms that may be entered, oldest first."""
    return [ids.public(Firm.PREFIX, key) for key in reachable().values_list("pk", flat=True)]


def by_ref(ref: str) -> Firm:
    """The firm of that reference; raises Missing."""
    key = ids.parse(Firm.PREFIX, ref)
    found = Firm.objects.exclude(state=Firm.State.SPARE).filter(pk=key).first() if key else None
    if found is None:
        raise Missing("not_found", "There is no such agency.")
    return found


def time_at(firm: Firm, real: datetime) -> datetime:
    """What time it is for a firm: a sandbox's own clock, else the real one."""
    return firm.clock or real

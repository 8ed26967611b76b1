"""Opening: what a new firm's books begin with, written in its own role; again changes nothing."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from backline.directory import actions as directory
from backline.kernel import sealing
from backline.kernel.actors import SYSTEM
from tenants.agencies.models import Firm

ZONES = {"GB": "Europe/London", "US": "America/New_York"}


def open_books(firm: Firm, *, at: datetime) -> None:
    """Open the books of a firm, and let every seeder of the settings add what it begins with."""
    facts = firm.facts
    sealing.make_keys()
    directory.open_books(
        legal_name=facts.get("legal_name", firm.name),
        trading_name=firm.name,
        country=firm.country,
        time_zone=facts.get("time_zone", ZONES.get(firm.country, "UTC")),
        week_starts=facts.get("week_starts", 0),
        actor=SYSTEM,
        at=at,
    )
    for seeder in getattr(settings, "SEEDERS", ()):
        import_string(seeder)(country=firm.country, actor=SYSTEM, at=at)

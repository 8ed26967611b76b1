"""Callers: who is calling, for which firm, and whether this door is theirs."""

from collections.abc import Mapping
from datetime import date, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

from api import limits
from api.door import Door
from api.errors import Refused, Unknown
from backline.kernel.errors import Forbidden
from tenants import tenancy
from tenants.access import queries, roles

if TYPE_CHECKING:
    from tenants.access.queries import Credential

LONGEST_TOKEN = 512
ZONES = {"GB": "Europe/London", "US": "America/New_York"}


def identify(request: HttpRequest, at: datetime) -> "Credential":
    """The credential behind the bearer token; raises Unknown, or Refused to who keeps guessing."""
    try:
        return _found(_token(request), at, address(request))
    except Unknown:
        limits.check(address(request), "address")
        raise


def _found(token: str, at: datetime, address: str) -> "Credential":
    with tenancy.asking():
        found = queries.credential(token, at, address=address)
    if found is None:
        raise Unknown(
            "credential_unknown", "This key or token is unknown, has ended or was withdrawn."
        )
    return found


def _token(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unknown(
            "not_authenticated", "Send the header Authorization: Bearer, and your key or token."
        )
    if len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise Unknown("credential_unknown", "This is not a key or token of ours.")
    return token


def address(request: HttpRequest) -> str:
    """Where the call comes from: the peer, or what the outermost proxy of ours saw.

    TRUSTED_PROXIES says how many of ours stand in front; each appends whom it heard. What lies
    further left was written by the caller and proves nothing.
    """
    proxies: int = getattr(settings, "TRUSTED_PROXIES", 0)
    heard = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(heard) >= proxies:
        try:
            return str(ip_address(heard[-proxies]))
        except ValueError:
            pass
    return str(request.META.get("REMOTE_ADDR", ""))


def admit(request: HttpRequest, door: Door, caller: "Credential", at: datetime) -> None:
    """Let a caller through this door; raises Forbidden, or Refused with 403 for a stale factor."""
    named = request.headers.get("Agency")
    if named is not None and named.strip() != caller.firm:
        raise Forbidden(
            "agency_mismatch",
            "The Agency header names another agency than this credential opens; use that agency's"
            " own credential, or leave the header out.",
        )
    if door.scope not in caller.scopes and not (door.own and door.scope in caller.limited):
        raise Forbidden(
            "scope_missing",
            f"This needs {door.scope}, which this credential does not hold.",
            scope=door.scope,
        )
    if (door.fresh or roles.needs_fresh(door.scope)) and not caller.is_fresh(at):
        raise Refused(
            403,
            "fresh_factor_required",
            "Show your second factor again; it counts for five minutes. A key cannot do this.",
        )


def within_limits(caller: "Credential") -> Mapping[str, str]:
    """The RateLimit headers of one more call; raises Refused with 429."""
    policy = "person" if caller.actor.kind == "person" else "key"
    return limits.check(f"{caller.firm}:{caller.actor.id}", policy)


def local_day(caller: "Credential", at: datetime) -> date:
    """The firm's own day."""
    return at.astimezone(ZoneInfo(ZONES.get(caller.country, "UTC"))).date()

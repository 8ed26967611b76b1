"""What a source may send: the fields of each kind of record, which must be there, and who owns
each until the firm decides otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from backline.assignments.engagements import ENGAGEMENTS

OWNERS = ("source", "platform", "seed", "proposal")
STATUSES = ("approved", "pending", "ended", "cancelled")
CONTACT_ROLES = ("timesheet_approver", "backup_approver", "billing", "statements")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, whether it must be there, its first owner.

    A field that `may_default` is taken from the source's settings where a record leaves it out;
    what a `secret` field says is never kept. `facts` are what the kind needs to know.
    """

    name: str
    kind: str = "words"
    is_required: bool = False
    owner: str = "source"
    may_default: bool = False
    is_secret: bool = False
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record, as its address names it, and the prefix of what of ours it becomes."""

    name: str
    plural: str
    prefix: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """The field of this name."""
        return next((each for each in self.fields if each.name == name), None)


def _words(name: str, longest: int, **more: Any) -> Field:
    return Field(name, "words", facts=MappingProxyType({"longest": longest}), **more)


def _choice(name: str, *words: str, **more: Any) -> Field:
    return Field(name, "choice", facts=MappingProxyType({"words": words}), **more)


def _ref(name: str, kind: str, **more: Any) -> Field:
    return Field(name, "reference", facts=MappingProxyType({"record": kind}), **more)


FREQUENCIES = ("weekly", "fortnightly", "biweekly", "four_weekly", "semimonthly", "monthly")

WORKER = Kind(
    "worker",
    "workers",
    "wrk",
    (
        _words("given_name", 80, is_required=True),
        _words("family_name", 80, is_required=True),
        Field("country", "country", is_required=True, owner="seed", may_default=True),
        _words("preferred_name", 80),
        Field("email", "email"),
        _words("phone", 40),
        Field("address", "address"),
        _words("reference", 40),
        _choice("state", "active", "inactive"),
        _words("born_on", 10, owner="platform", is_secret=True),
        _words("tax_id", 20, owner="platform", is_secret=True),
    ),
)
CLIENT = Kind(
    "client",
    "clients",
    "cli",
    (
        _words("legal_name", 120, is_required=True),
        Field("country", "country", is_required=True, owner="seed", may_default=True),
        Field("currency", "currency", is_required=True, owner="seed", may_default=True),
        _words("trading_name", 120),
        _words("reference", 40),
        Field("billing_address", "address", owner="seed"),
        _words("vat_number", 20, owner="platform"),
        _choice("state", "prospect", "active", "on_hold", "closed", owner="platform"),
    ),
)
CONTACT = Kind(
    "contact",
    "contacts",
    "con",
    (
        _ref("client", "client", is_required=True),
        _words("name", 120, is_required=True),
        Field("email", "email"),
        _words("phone", 40),
        _words("job_title", 80),
        Field("roles", "roles", owner="seed"),
        _choice("state", "active", "inactive"),
    ),
)
SITE = Kind(
    "site",
    "sites",
    "sit",
    (
        _ref("client", "client", is_required=True),
        _words("name", 120, is_required=True),
        Field("country", "country", is_required=True, may_default=True),
        Field("time_zone", "zone", is_required=True, may_default=True),
        _words("region", 10),
        _words("locality", 60),
        Field("address", "address"),
    ),
)
INTERMEDIARY = Kind(
    "intermediary",
    "intermediaries",
    "imy",
    (
        _choice("kind", "umbrella", "limited", is_required=True),
        _words("legal_name", 120, is_required=True),
        _words("company_number", 20),
        Field("email", "email"),
        Field("address", "address"),
    ),
)
PLACEMENT = Kind(
    "placement",
    "placements",
    "asg",
    (
        _ref("worker", "worker", is_required=True),
        _ref("client", "client", is_required=True),
        _ref("approver", "contact", is_required=True),
        _ref("site", "site", is_required=True),
        _ref("intermediary", "intermediary"),
        _choice("engagement", *ENGAGEMENTS, is_required=True, owner="proposal", may_default=True),
        Field("engagement_since", "day", owner="proposal"),
        Field("starts_on", "day", is_required=True),
        Field("ends_on", "day"),
        _choice("status", *STATUSES),
        Field("rates", "rates", is_required=True, owner="proposal"),
        _choice("pay_frequency", *FREQUENCIES, is_required=True, owner="seed", may_default=True),
        _words("job_title", 120),
        _words("reference", 40),
        Field("week_starts", "weekday", owner="seed", may_default=True),
        _choice("time_unit", "hour", "day", owner="seed"),
        _words("consultant", 80),
        _words("service_line", 40),
        Field("overtime", "overtime", owner="seed"),
        _words("workers_comp_class", 10, owner="platform"),
        _words("po_number", 40),
        _words("cost_centre", 40),
        _words("project", 40),
        Field("po_since", "day"),
        _words("cancelled_because", 200),
    ),
)
TIMESHEET = Kind(
    "timesheet",
    "timesheets",
    "tsh",
    (
        _ref("placement", "placement", is_required=True),
        Field("starts_on", "day", is_required=True),
        Field("entries", "entries", is_required=True),
        Field("submit", "flag"),
        _words("po_number", 40),
    ),
)

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (CLIENT, WORKER, INTERMEDIARY, CONTACT, SITE, PLACEMENT, TIMESHEET)
}  # in the order in which they depend on each other
BY_PLURAL = {kind.plural: kind for kind in KINDS.values()}
# Kept as they are sent, until a placement needs them; no address of their own.
CONTEXT = ("job", "change", "rate_card", "rate_card_version", "rate_card_group", "rate_card_line")
ORDER = {
    name: place
    for place, name in enumerate(
        ("client", "worker", "intermediary", "contact", "site", "job", "placement", *CONTEXT[1:],
         "timesheet")
    )
}  # fmt: skip


def default_owners() -> dict[tuple[str, str], str]:
    """Who owns each field of each kind of record before anybody decides."""
    return {(kind.name, each.name): each.owner for kind in KINDS.values() for each in kind.fields}

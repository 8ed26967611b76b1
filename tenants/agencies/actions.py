"""Everything that is done to a firm in the registry. Called in the shared schema.

`order` takes a ready spare, or a place in the registry. `provision` then builds what is missing,
opens the books and activates; it may be killed anywhere and called again, and opens transactions of
its own. Until its last step nobody can enter: only active firms let people and keys in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from backline.kernel import copying, later
from backline.kernel.actors import SYSTEM, Actor
from backline.kernel.errors import Conflict, Invalid, Missing
from tenants import bells, tenancy
from tenants.agencies import building, opening, registry, template
from tenants.agencies.models import MOVES, Firm, Step

State = Firm.State


def order(
    *,
    name: str,
    country: str,
    partner: UUID | None,
    key: str,
    livemode: bool = True,
    clock: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
    actor: Actor,
    at: datetime,
) -> Firm:
    """Order an agency of that partner, or a partner; the same key is the same firm."""
    wanted = {
        "name": name,
        "country": country,
        "livemode": livemode,
        "clock": clock,
        "facts": dict(facts or {}),
    }
    if not name.strip() or len(country) != 2:
        raise Invalid("invalid_firm", "A firm needs a name and a country of two letters.")
    # Both in one question: the partner itself, and what it ordered by this key.
    either = Q(pk=partner, kind=Firm.Kind.PARTNER) | Q(partner=partner, order=key)
    found = {firm.pk: firm for firm in Firm.objects.filter(either)}
    if partner is not None and found.pop(partner, None) is None:
        raise Missing("not_found", "There is no such partner.", pointer="/partner")
    known = next(iter(found.values()), None)
    if known is not None:
        if {field: getattr(known, field) for field in ("name", "country")} != {
            "name": name,
            "country": country,
        }:
            raise Conflict("order_differs", "This order was placed before with other facts.")
        return known
    firm = _spare() or Firm(schema=(new := building.new_schema()), role=new)
    is_new = firm._state.adding
    firm.kind = Firm.Kind.AGENCY if partner else Firm.Kind.PARTNER
    firm.partner_id = partner
    firm.order, firm.ordered_at, firm.state = key, at, State.PROVISIONING
    for field, value in wanted.items():
        setattr(firm, field, value)
    firm.save(force_insert=is_new)
    _note(firm, "order", State.SPARE, actor, at)
    _ring(firm, bells.PROVISION)
    return firm


def _spare() -> Firm | None:
    """A ready schema nobody uses yet; two orders never take the same."""
    return (
        Firm.objects.select_for_update(skip_locked=True)
        .filter(state=State.SPARE, release=template.release())
        .order_by("id")
        .first()
    )


def provision(firm: UUID, *, at: datetime) -> Firm:
    """Build what is missing, open the books, let people in; a repeat finishes what failed."""
    with tenancy.shared():
        found = _found(firm)
    if found.state != State.PROVISIONING:
        return found
    if not found.release:
        found.release = building.build(found.schema)
    tenancy.learn(registry.place_of(found))
    with tenancy.firm(found.schema):
        _alone(found.schema)
        opening.open_books(found, at=found.clock or at)
    with tenancy.shared():
        return _move(firm, "activate", State.ACTIVE, actor=SYSTEM, at=at, opened_at=at)


def _alone(schema: str) -> None:
    """Let one opening of these books run at a time; a second waits and finds them open."""
    later.put_off("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"open|{schema}"])


def make_spares(wanted: int) -> int:
    """Have that many ready spares; returns how many were made. Opens its own transactions."""
    with tenancy.shared():
        spares = list(Firm.objects.filter(state=State.SPARE).values_list("schema", "release"))
        unbuilt = [schema for schema, release in spares if not release]
        for _ in range(wanted - len(spares)):
            name = building.new_schema()
            Firm.objects.create(schema=name, role=name)
            unbuilt.append(name)
    for schema in unbuilt:
        building.build(schema)
    return len(unbuilt)


def suspend(firm: UUID, *, reason: str, actor: Actor, at: datetime) -> Firm:
    """Close the doors of a firm for now; its books stay."""
    return _move(firm, "suspend", State.SUSPENDED, reason=reason, actor=actor, at=at)


def restore(firm: UUID, *, reason: str, actor: Actor, at: datetime) -> Firm:
    """Open the doors of a suspended firm again."""
    return _move(firm, "restore", State.ACTIVE, reason=reason, actor=actor, at=at)


def close(firm: UUID, *, reason: str, actor: Actor, at: datetime) -> Firm:
    """Close a suspended firm for good; its books stay until they may be dropped."""
    return _move(firm, "close", State.CLOSED, reason=reason, actor=actor, at=at)


def set_clock(firm: UUID, *, clock: datetime, actor: Actor, at: datetime) -> Firm:
    """Move a sandbox's own clock forward; refuses for a firm that lives by the real one."""
    found = _found(firm)
    if found.livemode or found.clock is None:
        raise Conflict("real_clock", "This firm lives by the real clock.")
    if clock < found.clock:
        raise Invalid("clock_backwards", "A clock moves forward only.", pointer="/clock")
    found.clock = clock
    found.save(update_fields=["clock"])
    _note(found, "set_clock", found.state, actor, at, reason=clock.isoformat())
    _ring(found, bells.ATTEND)
    return found


def _move(
    firm: UUID,
    deed: str,
    to: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
    opened_at: datetime | None = None,
) -> Firm:
    found = _found(firm)
    was = found.state
    if was == to:
        return found
    if to not in MOVES[was]:
        raise Conflict("firm_state", f"A firm that is {was} cannot become {to}.", state=was)
    found.state = to
    found.opened_at = found.opened_at or opened_at
    found.save(update_fields=["state", "opened_at"])
    _note(found, deed, was, actor, at, reason=reason)
    if to == State.ACTIVE:
        _ring(found, bells.ATTEND)
    return found


def _ring(firm: Firm, task: str) -> None:
    """Have the worker come once this is true."""
    tenancy.after_commit(lambda: bells.ring(task, firm.public_id, firm.state))


def _found(firm: UUID) -> Firm:
    found = Firm.objects.select_for_update().filter(pk=firm).first()
    if found is None:
        raise Missing("not_found", "There is no such agency.")
    return found


def _note(firm: Firm, deed: str, was: str, actor: Actor, at: datetime, *, reason: str = "") -> None:
    step = Step(
        firm=firm,
        deed=deed,
        was=was,
        became=firm.state,
        reason=reason,
        actor=actor.as_json(),
        at=at,
    )
    copying.create([step])

"""Attending to one firm: everything outstanding is done, each step in a transaction of its own.

The order is that of cause and effect: what the clock starts, then committed events get their places
in the feed and every consumer reads on, then operations go on chunk by chunk, then the outside is
told. A step that fails is tried piece by piece, and the piece that cannot be taken is set aside.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.module_loading import import_string

from backline.kernel import consumers, feed, operations
from backline.kernel.errors import Refusal
from tenants import clock, tenancy
from tenants.agencies import registry

# For one bell. What is left is rung for again, behind the firms that are waiting by then.
SHARE = 2.0  # seconds

# The server's trouble (a lock held too long, a server that died), never an event's or a member's.
TROUBLE = (OperationalError, InterfaceError)

log = logging.getLogger(__name__)


class Outward(Protocol):
    """Tells the outside of one firm (mail, webhooks): claims, calls and reports by itself."""

    def __call__(self, firm: str, *, at: datetime) -> bool:
        """Do a share of it; True while more is due now."""


def attend(firm: str) -> bool:
    """Do a share of what is outstanding for one firm; True when something may be left.

    The outside is told once nothing else moves, and at the end of a share that did not come so far:
    what it is told is read from all that happened, so each telling costs the same.
    """
    until = time.monotonic() + SHARE
    while time.monotonic() < until:
        at = now(firm)
        if not _moves(firm, at) and not _tell_outside(firm, at):
            return False
    _tell_outside(firm, now(firm))
    return True


def _moves(firm: str, at: datetime) -> bool:
    """Do the next of everything inside the firm; True when there was any of it."""
    with tenancy.firm(firm):
        strikes, waits = clock.is_behind(at), feed.is_waiting()
    moved = [strikes and clock.play(firm, at), waits and _number(firm)]
    with tenancy.firm(firm):
        late, due = consumers.late(), operations.next_due()
    moved += [_run_consumer(firm, name) for name in late]
    moved.append(due is not None and _run_chunk(firm, due, at))
    return any(moved)


def is_due(firm: str) -> bool:
    """Whether anything is outstanding for a firm."""
    at = now(firm)
    with tenancy.firm(firm):
        return (
            clock.is_behind(at)
            or feed.is_waiting()
            or any(consumers.behind().values())
            or operations.next_due() is not None
            or any(import_string(name)(at=at) for name in _listed("OUTWARD_DUE"))
        )


def now(firm: str) -> datetime:
    """What time it is for a firm."""
    with tenancy.firm(firm):
        return registry.clock(firm) or datetime.now(UTC)


# --- the feed and its consumers ------------------------------------------------------------------


def _number(firm: str) -> bool:
    try:
        with tenancy.firm(firm):
            return feed.number() > 0
    except Exception as error:  # noqa: BLE001  # whatever it is, the others go on
        _note(firm, "number", error)
        return False


def _run_consumer(firm: str, name: str) -> bool:
    """Let a consumer take the next set; what fails as a set is taken one by one."""
    try:
        with tenancy.firm(firm):
            return consumers.run(name) > 0
    except Exception as error:  # noqa: BLE001  # whatever it is, the others go on
        _note(firm, f"consumer {name}", error)
    return _one_by_one(firm, name)


def _one_by_one(firm: str, name: str) -> bool:
    moved = 0
    while True:
        try:
            with tenancy.firm(firm):
                if not consumers.run(name, limit=1):
                    return moved > 0
                moved += 1
        except TROUBLE as error:  # later again
            _note(firm, f"consumer {name}", error)
            return moved > 0
        except Exception as error:  # noqa: BLE001  # the one that cannot be taken is set aside
            why = _note(firm, f"consumer {name}", error)
            with tenancy.firm(firm):
                consumers.give_up(name, why)
            return True


# --- operations --------------------------------------------------------------------------------


def _run_chunk(firm: str, due: UUID, at: datetime) -> bool:
    """Treat a chunk; if it fails, its next member alone; if that fails, set the member aside.

    What the server could not do now (a deadlock, a lock held too long) is no member's fault.
    """
    why: str | Refusal = ""
    for one_by_one in (False, True):
        try:
            with tenancy.firm(firm):
                # Still due and nothing left to us: a twin holds it.
                return operations.run_chunk(due, at, one_by_one=one_by_one) or (
                    operations.next_due() != due
                )
        except TROUBLE as error:
            why = _note(firm, "operation", error)
            if one_by_one:
                return False
        except Refusal as refusal:
            why = refusal
        except Exception as error:  # noqa: BLE001  # whatever it is, the others go on
            why = _note(firm, "operation", error)
    with tenancy.firm(firm):
        operations.fail_next(due, why, at)
    return True


# --- the outside ---------------------------------------------------------------------------------


def _tell_outside(firm: str, at: datetime) -> bool:
    moved = False
    for name in _listed("OUTWARD"):
        try:
            moved = cast(Outward, import_string(name))(firm, at=at) or moved
        except Exception as error:  # noqa: BLE001  # one way out must not close the others
            _note(firm, name, error)
    return moved


# --- each of them ------------------------------------------------------------------------------


def _note(firm: str, what: str, error: Exception) -> str:
    """Log the failure without what the database or the caller said, which may quote people."""
    why = type(error).__name__
    log.error("attending_failed", extra={"firm": firm, "consumer": what}, exc_info=error)
    return why


def _listed(setting: str) -> tuple[str, ...]:
    return tuple(getattr(settings, setting, ()))

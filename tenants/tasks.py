"""Tasks: the bell of one firm, the round that rings whoever has something due, and provisioning.

The broker carries bells, never work: what is to be done stands in the database, so a bell that is
lost, doubled or late does no harm.
"""

from __future__ import annotations

import logging
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any, ClassVar

from celery import Task, shared_task
from django.conf import settings

from backline.kernel import here, ids
from tenants import attending, bells, sealed, tenancy, turns
from tenants.access import forgetting, throttles
from tenants.agencies import actions, registry, template
from tenants.agencies.models import Firm

log = logging.getLogger(__name__)


class Refused(Exception):
    """A message that is not ours, or names a firm that may not be worked for."""


class NotClean(RuntimeError):
    """The process came to a task, or left one, with a firm still open."""


class FirmTask(Task):  # type: ignore[type-arg]  # Celery ships no types of its own
    """A task for one firm: the message names the firm and the work under our seal.

    Before and after, the process must be clean; the firm must be in a state to be worked for. The
    firm's books are opened by what runs, one transaction a step.
    """

    wants: ClassVar[frozenset[str]] = frozenset({Firm.State.ACTIVE})
    typing = False  # Celery would refuse the seal, which what runs does not take

    def ring(self, firm: str, key: str = "") -> None:
        """Have the message sent; if it is lost, the round finds what is due."""
        bells.ring(self.name, firm, key)

    def __call__(self, firm: str, key: str = "", seal: str = "", **_from_newer_senders: Any) -> Any:
        """Check the message and the firm, then run."""
        _must_be_clean()
        if not self.request.called_directly and not sealed.is_whole(seal, self.name, firm, key):
            raise Refused(f"{self.name}: this message is not ours")
        if not self._may_run(firm):
            return None
        try:
            # In a context of its own, so that nothing it leaves set is found by the next task.
            return copy_context().run(self.run, firm, key)
        finally:
            _must_be_clean()

    def _may_run(self, firm: str) -> bool:
        try:
            with tenancy.firm(firm):
                state = registry.state(firm)
        except tenancy.NotRaised:
            return False  # the round rings again
        except tenancy.NoSuchFirm:
            state = None
        if state is None:
            raise Refused(f"{self.name}: there is no such firm")
        return state in self.wants


class OrderTask(FirmTask):
    """A task for a firm that was ordered and has no books to look into yet."""

    def _may_run(self, firm: str) -> bool:
        try:
            key = registry.key(firm)
        except LookupError as error:
            raise Refused(f"{self.name}: there is no such firm") from error
        with tenancy.shared():
            return Firm.objects.filter(pk=key, state=Firm.State.PROVISIONING).exists()


def _must_be_clean() -> None:
    """Raise where a firm is open, after dropping the connection that it was open on."""
    is_open = tenancy.is_open()
    try:
        here.firm()
    except here.NoFirm:
        if not is_open:
            return
    tenancy.abandon()
    raise NotClean("a firm was open where none may be")


@shared_task(base=FirmTask, name=bells.ATTEND, bind=True)
def attend(self: FirmTask, firm: str, key: str = "") -> None:
    """Do a share of what is outstanding for one firm, and ring again for what is left."""
    is_left = False
    with turns.taken(self.name, firm) as turn:
        if turn.is_ours:
            is_left = attending.attend(firm)
    if is_left or turn.was_wanted:
        self.ring(firm, key)


@shared_task(name="tenants.sweep")
def sweep(**_from_newer_senders: Any) -> int:
    """Ring every firm with something due, and finish what provisioning left; returns how many."""
    _must_be_clean()
    with tenancy.shared():
        rows = Firm.objects.filter(state__in=[Firm.State.ACTIVE, Firm.State.PROVISIONING])
        rows = rows.filter(release__in=["", template.release()])  # the others wait to be raised
        firms = list(rows.order_by("id").values_list("id", "state"))
    rung = 0
    for pk, state in firms:
        ref = ids.public(Firm.PREFIX, pk)
        if state == Firm.State.PROVISIONING:
            provision.ring(ref, "sweep")
        elif _is_due(ref):
            attend.ring(ref, "sweep")
        else:
            continue
        rung += 1
    return rung


@shared_task(name="tenants.keep_spares")
def keep_spares(**_from_newer_senders: Any) -> int:
    """Have as many schemas ready for the next agencies as the settings say; returns how many were
    made.
    """
    _must_be_clean()
    return actions.make_spares(settings.SPARE_FIRMS)


@shared_task(name="tenants.forget_tries")
def forget_tries(**_from_newer_senders: Any) -> int:
    """Forget the tries to sign in that no wait depends on any more."""
    _must_be_clean()
    with tenancy.signing_in():
        return throttles.forget(at=datetime.now(UTC))


@shared_task(name="tenants.forget_visits")
def forget_visits(**_from_newer_senders: Any) -> int:
    """Forget the sessions and visits that need not be kept any more; returns how many."""
    _must_be_clean()
    with tenancy.signing_in():
        return sum(forgetting.forget(at=datetime.now(UTC)).values())


def _is_due(firm: str) -> bool:
    try:
        return attending.is_due(firm)
    except Exception:  # one firm's trouble must not keep the others waiting
        log.exception("sweep_failed", extra={"firm": firm})
        return True


@shared_task(base=OrderTask, name=bells.PROVISION, bind=True)
def provision(self: FirmTask, firm: str, key: str = "") -> None:  # noqa: ARG001  # a task's shape
    """Finish a firm that was ordered."""
    actions.provision(registry.key(firm), at=datetime.now(UTC))


def ring_here() -> None:
    """Ring for the firm whose books are open; the kernel does this after every commit."""
    attend.ring(here.firm(), "commit")

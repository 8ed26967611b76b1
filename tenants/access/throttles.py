"""Throttles: a sign-in that was tried too often waits, longer each time, and nobody is locked out.

A try is counted and committed before it is judged: a thousand tries at once are a thousand counted.
The account is counted whether it exists or not. Its wait stays under a minute: who knows an e-mail
can slow its owner down, never shut them out. An address may be an office: it is given more tries,
and then waits longer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tenants.access import tokens
from tenants.access.models import Attempt
from tenants.access.refusals import TooManyTries


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries are free, and how long the wait after them may grow."""

    free: int
    longest: timedelta
    forgotten_after: timedelta

    def wait_after(self, count: int) -> timedelta:
        """Work out the wait after that many tries: a second, doubled each time."""
        if count < self.free:
            return timedelta(0)
        return min(self.longest, timedelta(seconds=2 ** min(count - self.free, 20)))


ACCOUNT: Final = Limit(5, timedelta(seconds=60), timedelta(hours=24))
ADDRESS: Final = Limit(50, timedelta(minutes=15), timedelta(hours=1))


def claim(*, account: str, address: str, at: datetime) -> None:
    """Count a try before it is judged; refuse it when the account or the address has to wait."""
    limits = _limits(account, address)
    rows = _locked(list(limits), at)
    wait = max((row.blocked_until - at for row in rows if row.blocked_until), default=timedelta(0))
    if wait > timedelta(0):
        raise TooManyTries(-(-wait // timedelta(seconds=1)))
    for row in rows:
        limit = limits[bytes(row.key)]
        row.count = 1 if at - row.last_at > limit.forgotten_after else row.count + 1
        row.last_at = at
        row.blocked_until = at + limit.wait_after(row.count)
    Attempt.objects.bulk_update(rows, ["count", "last_at", "blocked_until"])


def succeeded(*, account: str, address: str) -> None:
    """Forget the tries of an account that got in, and give its address this one back."""
    for key, limit in _limits(account, address).items():
        if limit is ACCOUNT:
            Attempt.objects.filter(key=key).update(count=0, blocked_until=None)
        else:
            row = Attempt.objects.select_for_update().filter(key=key).first()
            if row is not None:
                row.count = max(0, row.count - 1)
                row.blocked_until = None
                row.save(update_fields=["count", "blocked_until"])


def forget(*, at: datetime, most: int = 20_000) -> int:
    """Delete tries that no wait depends on any more, at most so many; returns how many."""
    longest = max(ACCOUNT.forgotten_after, ADDRESS.forgotten_after)
    old = Attempt.objects.filter(last_at__lt=at - longest).order_by("last_at")
    some = list(old.values_list("pk", flat=True)[:most])
    return Attempt.objects.filter(pk__in=some, last_at__lt=at - longest).delete()[0]


def _limits(account: str, address: str) -> dict[bytes, Limit]:
    limits = {tokens.blurred(f"account|{account}"): ACCOUNT}
    if address:
        limits[tokens.blurred(f"address|{address}")] = ADDRESS
    return limits


def _locked(keys: Sequence[bytes], at: datetime) -> list[Attempt]:
    fresh = [Attempt(key=key, last_at=at) for key in keys]
    Attempt.objects.bulk_create(fresh, ignore_conflicts=True)
    return list(Attempt.objects.select_for_update().filter(key__in=keys).order_by("key"))

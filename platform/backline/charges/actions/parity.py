"""Parity across the sea: who has worked so long for one client, in a state whose law then asks for
the pay of the client's own people, and is not known to get it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from backline.assignments.models import EqualTerms
from backline.charges.models import Charge
from backline.charges.weeks import TIME
from backline.desk import actions as desk
from backline.desk.models import Trouble
from backline.directory import queries as directory
from backline.directory.models import Worker
from backline.kernel import dated, ids
from backline.kernel.actors import Actor
from rulebook.hours import NOT_WORKED
from rulebook.money import NOTHING
from rulebook.packs.us.parity import parity_hours, reaches_back, states
from rulebook.timeline import NoRule

NO_WORK = frozenset({"premium", *NOT_WORKED})
ALWAYS = date.min
A_WEEK = timedelta(days=7)  # a window begins within a week, and charges are found by their week
Stint = tuple[UUID, UUID, str]  # worker, client, state


@dataclass(slots=True)
class _Worked:
    """What a worker did for a client in a state: hours by day, the assignment worked on last."""

    hours: dict[date, Decimal] = field(default_factory=dict)
    last: date = date.min
    heard: date = date.min  # the last day of which anything is known, though it was taken back
    assignment: UUID | None = None


def watch_parity(since: Mapping[UUID, date], *, actor: Actor, at: datetime) -> int:
    """Open an exception for each of these workers whose hours at a client are beyond a state's
    limit and whose pay is not known to be that of the client's own people; close those that no
    longer are. Each is looked at from the first day of which something new is known, and where
    that is all that is known, from `ALWAYS`. Returns how many are new.
    """
    if not since or directory.firm().country != "US":
        return 0
    worked = _judged(since)
    terms = _terms(one.assignment for one in worked.values() if one.assignment)
    people = Worker.objects.in_bulk({worker for worker, _, _ in worked})
    found, gone = [], []
    for stint, own in worked.items():
        beyond = _beyond(stint[2], own)
        if beyond <= 0 or _is_equal(own, terms):
            gone.append(_key(stint))
        else:
            found.append(_found(stint, own, people[stint[0]], beyond))
    # who was looked at and found not to be concerned is not asked about again
    settled = Trouble.objects.filter(key__in=[one.key for one in found], state="dismissed")
    known = set(settled.values_list("key", flat=True))
    told = "Nobody is owed more by these hours and what is known of the client's own people."
    desk.close_for(gone, resolution=told, actor=actor, at=at)
    return desk.open_exceptions((one for one in found if one.key not in known), actor=actor, at=at)


def _judged(since: Mapping[UUID, date]) -> dict[Stint, _Worked]:
    """The work at each client of which something new is known, as far back as hours may count.

    What stands of other clients was told when their own time was charged, and counts back from it.
    """
    first = min(since.values())
    worked = _worked(since, first if first == ALWAYS else reaches_back(first) - A_WEEK)
    # all that was new of a client was taken back: the last day worked there lies further back
    back = {key[0] for key, own in worked.items() if own.heard >= since[key[0]] > own.last}
    if back:
        worked |= _worked(back, ALWAYS)
    return {key: own for key, own in worked.items() if own.heard >= since[key[0]]}


def _worked(workers: Iterable[UUID], first: date) -> dict[Stint, _Worked]:
    rows = (
        Charge.objects.filter(
            worker__among=set(workers), week_starts_on__gte=first, kind=TIME, unit="hour",
            engagement="w2", region__in=states(), client__isnull=False, pay_quantity__isnull=False,
        )
        .exclude(code__in=NO_WORK)
        .order_by("worked_on", "id")
    )  # fmt: skip
    found: dict[Stint, _Worked] = {}
    for worker, client, state, assignment, day, hours in rows.values_list(
        "worker_id", "client_id", "region", "assignment_id", "worked_on", "pay_quantity"
    ):
        own = found.setdefault((worker, client, state), _Worked())
        own.heard = day
        own.hours[day] = own.hours.get(day, NOTHING) + hours
        if own.hours[day]:
            own.last, own.assignment = day, assignment
    return found


def _beyond(state: str, own: _Worked) -> Decimal:
    """The hours beyond the limit on the last day worked; none before there was such a law."""
    try:
        return parity_hours(state, own.hours, own.last) or NOTHING
    except NoRule:
        return NOTHING


def _terms(assignments: Iterable[UUID]) -> Mapping[UUID, list[EqualTerms]]:
    found: dict[UUID, list[EqualTerms]] = {}
    for row in EqualTerms.objects.filter(assignment__in=set(assignments), withdrawn=False):
        found.setdefault(row.assignment_id, []).append(row)
    return found


def _is_equal(own: _Worked, terms: Mapping[UUID, Sequence[EqualTerms]]) -> bool:
    """Whether the last day's straight pay is no less than what the client's own people get."""
    if own.assignment is None:
        return False
    held = dated.in_force(terms.get(own.assignment, ()), own.last)
    if held is None:
        return False
    theirs = max(Decimal(one["pay_rate"]) for one in held.rates if one["code"] == "regular")
    paid = Charge.objects.filter(
        assignment=own.assignment, worked_on=own.last, kind=TIME, unit="hour", pay_factor=1
    ).exclude(code__in=NO_WORK)
    return all(rate >= theirs for rate in paid.values_list("pay_rate", flat=True) if rate)


def _key(stint: Stint) -> str:
    worker, client, state = stint
    return f"parity_due:{worker}:{client}:{state}"


def _found(stint: Stint, own: _Worked, worker: Worker, beyond: Decimal) -> desk.Found:
    state, who = stint[2], f"{worker.given_name} {worker.family_name}"
    assignment = ids.public("asg", own.assignment) if own.assignment else ""
    return desk.Found(
        kind="parity_due",
        key=_key(stint),
        title=f"{who} is owed the pay of the client's own people in {state}",
        detail=(
            f"{beyond} hours at this client lie beyond those after which {state} asks for equal"
            " pay, where the occupation is one that its law designates. What the client's own"
            " people get is not held for this assignment, or is more than is paid."
        ),
        about_kind="assignment",
        about=own.assignment,
        stops="money",
        evidence=[{"assignment": assignment, "hours_beyond": str(beyond)}],
        suggested="Keep what the client's own people get as equal terms, and agree rates no lower.",
    )

"""What charges do when something happened upstream: price inside the approval, correct after
a rate change, count equal treatment again.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from backline.assignments import actions as assignments
from backline.assignments.events import (
    AbsenceNoted,
    AbsenceWithdrawn,
    EqualTermsAgreed,
    HirerLinked,
    RatesAgreed,
    RoleSet,
    WeeksBrought,
)
from backline.assignments.models import Assignment
from backline.charges import actions
from backline.charges.events import ChargesPosted
from backline.directory import queries as directory
from backline.kernel.actors import SYSTEM
from backline.kernel.consumers import reacts_to
from backline.kernel.events import Told
from backline.timesheets import actions as timesheets
from backline.timesheets.events import TimesheetApproved

timesheets.price_with(actions.price)
assignments.price_milestones_with(actions.charge_milestones)


@reacts_to(RatesAgreed)
def correct_priced_weeks(events: Sequence[Told]) -> None:
    """Work weeks that were priced out again where rates changed under them."""
    concerned = actions.concerned({event.subject for event in events})
    for event in (event for event in events if event.subject in concerned):
        until = event.facts.get("until")
        actions.follow_rates(
            event.subject,
            since=date.fromisoformat(event.facts["since"]),
            until=date.fromisoformat(until) if until else None,
            version=event.facts["version"],
            actor=SYSTEM,
            at=event.at,
        )


@reacts_to(TimesheetApproved)
def count_agency_weeks(events: Sequence[Told]) -> None:
    """Correct the weeks after time that became known late, and ask for terms in good time."""
    asked = Assignment.objects.filter(
        pk__among={UUID(event.facts["assignment"]) for event in events}
    )
    workers = dict(asked.values_list("id", "worker_id"))
    since: dict[UUID, date] = {}
    for event in events:
        worker = workers[UUID(event.facts["assignment"])]
        ends_on = date.fromisoformat(event.facts["ends_on"])
        since[worker] = min(since.get(worker, ends_on), ends_on)
    last = events[-1]
    _recount(last, since, "Time of an earlier week became known")
    newest = max(date.fromisoformat(event.facts["ends_on"]) for event in events)
    actions.ask_for_terms(since, newest, actor=SYSTEM, at=last.at)


@reacts_to(ChargesPosted, EqualTermsAgreed)
def watch_parity(events: Sequence[Told]) -> None:
    """Ask for the pay of a client's own people where a state's law wants it for long work."""
    agreed = {event.subject for event in events if event.name == EqualTermsAgreed.name}
    since: dict[UUID, date] = {}
    for event in events:
        if event.name == ChargesPosted.name:
            week = date.fromisoformat(event.facts["week_starts_on"])
            since[event.subject] = min(since.get(event.subject, week), week)
    told = Assignment.objects.filter(pk__in=agreed).values_list("worker_id", flat=True)
    since |= dict.fromkeys(told, date.min)
    actions.watch_parity(since, actor=SYSTEM, at=events[-1].at)


@reacts_to(EqualTermsAgreed)
def treat_equally(events: Sequence[Told]) -> None:
    """Correct what was priced before it was known what the hirer's own people get."""
    for event in events:
        worker = Assignment.objects.values_list("worker_id", flat=True).get(pk=event.subject)
        _recount(event, {worker: date.min}, "What the hirer's own people get became known")


@reacts_to(AbsenceNoted, AbsenceWithdrawn, RoleSet, WeeksBrought)
def count_again(events: Sequence[Told]) -> None:
    """Correct the weeks of a worker whose clock was told something about the past."""
    for event in events:
        worker = UUID(event.facts.get("worker") or str(event.subject))
        _recount(event, {worker: date.min}, "The weeks of equal treatment were counted again")
        actions.ask_for_terms([worker], directory.day_of(event.at), actor=SYSTEM, at=event.at)


@reacts_to(HirerLinked)
def count_linked(events: Sequence[Told]) -> None:
    """Correct the weeks of everybody at a hirer whose records were linked or parted."""
    for event in events:
        clients = [event.subject, *filter(None, [event.facts["client"]])]
        rows = Assignment.objects.filter(client__in=clients, equal_terms__isnull=False)
        since = dict.fromkeys(rows.values_list("worker_id", flat=True), date.min)
        _recount(event, since, "Records of one hirer were linked")


def _recount(event: Told, since: Mapping[UUID, date], reason: str) -> None:
    key = f"equal_treatment:{event.id}"
    actions.recount(since, reason=reason, key=key, actor=SYSTEM, at=event.at)

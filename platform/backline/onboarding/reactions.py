"""What onboarding does when something happened: look again at the assignments it concerns."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from backline.assignments.events import AssignmentAdded, AssignmentChanged, AssignmentConfirmed
from backline.desk import actions as desk
from backline.directory.events import (
    BankAccountApproved,
    BankAccountRefused,
    ClientChanged,
    ElectionSet,
    IntermediaryChanged,
    StandingDecided,
)
from backline.kernel.actors import SYSTEM
from backline.kernel.consumers import reacts_to
from backline.kernel.events import Told
from backline.onboarding import actions, lapsing, queries
from backline.onboarding.events import EvidenceReceived, EvidenceWithdrawn, RequirementSet

AT_ONCE = 1000


@reacts_to(AssignmentConfirmed, AssignmentChanged)
def look_at_confirmed(events: Sequence[Told]) -> None:
    """Clear what was just confirmed, if nothing is missing."""
    _look(Q(pk__in=[event.subject for event in events]), events)


@reacts_to(EvidenceReceived, EvidenceWithdrawn)
def look_again(events: Sequence[Told]) -> None:
    """Look again at the work that a paper came or went for; stop chasing what is renewed."""
    _look(_named(events, ("worker", "assignment", "intermediary")), events)
    at = events[-1].at
    keys = [lapsing.expiry_key(key) for key in lapsing.renewed(event.subject for event in events)]
    keys += [
        lapsing.expiry_key(event.subject)
        for event in events
        if event.name == EvidenceWithdrawn.name
    ]
    told = "The paper was renewed, or does not count any more."
    desk.close_for(keys, resolution=told, actor=SYSTEM, at=at)


@reacts_to(BankAccountApproved, BankAccountRefused)
def look_at_the_payee(events: Sequence[Told]) -> None:
    """Look again at the work of those whose bank account was decided."""
    _look(_named(events, ("worker", "intermediary")), events)


@reacts_to(ElectionSet)
def look_at_the_worker(events: Sequence[Told]) -> None:
    """Look again at the work of those whose tax form came in."""
    _look(Q(worker__in={event.subject for event in events}), events)


@reacts_to(IntermediaryChanged, StandingDecided)
def look_at_the_company(events: Sequence[Told]) -> None:
    """Look again at the work through companies that changed, or were decided on."""
    companies = {event.subject for event in events}
    _look(Q(intermediary__in=companies), events)
    actions.flag_umbrellas(companies=companies, actor=SYSTEM, at=events[-1].at)


@reacts_to(AssignmentAdded, AssignmentChanged)
def look_at_the_umbrella(events: Sequence[Told]) -> None:
    """Say at once when work is to go through an umbrella that is not on the register."""
    rows = [event.subject for event in events]
    actions.flag_umbrellas(assignments=rows, actor=SYSTEM, at=events[-1].at)


@reacts_to(ClientChanged)
def look_at_the_client(events: Sequence[Told]) -> None:
    """Look again at the work for clients that changed: other papers may be called for."""
    _look(Q(client__in={event.subject for event in events}), events)


@reacts_to(RequirementSet)
def look_at_everybody(events: Sequence[Told]) -> None:
    """Look again at all live work: something must be on file from now on, or no longer."""
    _look(Q(), events)


def _named(events: Sequence[Told], kinds: Iterable[str]) -> Q:
    about = Q(pk__in=[])
    for kind in kinds:
        keys = {UUID(event.facts[kind]) for event in events if event.facts.get(kind)}
        about |= Q(**{f"{'pk' if kind == 'assignment' else kind}__in": keys})
    return about


def _look(about: Q, events: Sequence[Told]) -> None:
    keys = list(queries.live(about).order_by("id").values_list("pk", flat=True))
    for first in range(0, len(keys), AT_ONCE):
        actions.look(keys[first : first + AT_ONCE], actor=SYSTEM, at=events[-1].at)

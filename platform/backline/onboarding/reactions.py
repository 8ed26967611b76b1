"""What onboarding does when something happened: look again at the assignments it concerns."""

from collections.abc import Sequence

from django.db.models import Q

from backline.assignments.events import AssignmentChanged, AssignmentConfirmed
from backline.assignments.models import Assignment
from backline.kernel.actors import SYSTEM
from backline.kernel.consumers import reacts_to
from backline.kernel.events import Told
from backline.onboarding import actions
from backline.onboarding.events import EvidenceReceived, EvidenceWithdrawn


@reacts_to(AssignmentConfirmed, AssignmentChanged)
def look_at_confirmed(events: Sequence[Told]) -> None:
    """Clear what was just confirmed, if nothing is missing."""
    actions.look([event.subject for event in events], actor=SYSTEM, at=events[-1].at)


@reacts_to(EvidenceReceived, EvidenceWithdrawn)
def look_again(events: Sequence[Told]) -> None:
    """Look again at every assignment that evidence came or went for."""
    named = {
        kind: {event.facts[kind] for event in events if event.facts[kind]}
        for kind in ("worker", "assignment", "intermediary")
    }
    touched = Assignment.objects.filter(
        Q(worker__in=named["worker"])
        | Q(pk__in=named["assignment"])
        | Q(intermediary__in=named["intermediary"])
    ).values_list("pk", flat=True)
    actions.look(list(touched), actor=SYSTEM, at=events[-1].at)

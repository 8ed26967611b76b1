"""What invoicing does when something happened upstream: draft as soon as there is something
to bill.
"""

from collections.abc import Sequence
from uuid import UUID

from backline.charges.events import ChargesPosted
from backline.desk.events import MessageFailed, MessageSent
from backline.directory.events import TermsAgreed
from backline.invoicing import actions
from backline.kernel.actors import SYSTEM
from backline.kernel.consumers import reacts_to
from backline.kernel.events import Told


@reacts_to(ChargesPosted)
def draft_at_once(events: Sequence[Told]) -> None:
    """Draft the clients that have charges to be billed."""
    clients = {client for event in events for client in event.facts["clients"]}
    actions.draft(map(UUID, clients), actor=SYSTEM, at=events[-1].at)


@reacts_to(TermsAgreed)
def draft_by_new_terms(events: Sequence[Told]) -> None:
    """Draft again the clients whose terms changed."""
    actions.draft({event.subject for event in events}, actor=SYSTEM, at=events[-1].at)


@reacts_to(MessageSent, MessageFailed)
def note_delivery(events: Sequence[Told]) -> None:
    """Let an invoice say whether its mail left; one that did not is on somebody's desk."""
    actions.note_delivery(
        {event.subject: event.name == MessageFailed.name for event in events},
        actor=SYSTEM,
        at=events[-1].at,
    )

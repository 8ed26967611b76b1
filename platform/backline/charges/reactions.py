"""What charges do when something happened upstream: price inside the approval, correct after
a rate change.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backline.assignments.events import RatesAgreed
from backline.charges import actions
from backline.kernel.actors import SYSTEM
from backline.kernel.consumers import reacts_to
from backline.kernel.events import Told
from backline.timesheets import actions as timesheets

timesheets.price_with(actions.price)


@reacts_to(RatesAgreed)
def correct_priced_weeks(events: Sequence[Told]) -> None:
    """Work weeks that were priced out again where rates changed under them."""
    for event in events:
        until = event.facts.get("until")
        actions.follow_rates(
            UUID(str(event.subject)),
            since=date.fromisoformat(event.facts["since"]),
            until=date.fromisoformat(until) if until else None,
            version=event.facts["version"],
            actor=SYSTEM,
            at=event.at,
        )

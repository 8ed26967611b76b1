"""What collections do when something happened upstream: credit notes are set against what
they adjust.
"""

from collections.abc import Sequence

from backline.collections import actions, queries
from backline.invoicing.events import InvoiceFinalized
from backline.kernel.actors import SYSTEM
from backline.kernel.consumers import reacts_to
from backline.kernel.events import Told


@reacts_to(InvoiceFinalized)
def use_credit_notes(events: Sequence[Told]) -> None:
    """Set new credit notes against the invoices they adjust."""
    notes = [event.subject for event in events if event.facts["kind"] == "credit_note"]
    actions.use_credit(notes, actor=SYSTEM, at=events[-1].at)


@reacts_to(InvoiceFinalized)
def match_what_waits(events: Sequence[Told]) -> None:
    """Look again at receipts that were waiting for their invoice."""
    waiting = queries.to_match().values_list("pk", flat=True)
    actions.match(list(waiting), actor=SYSTEM, at=events[-1].at)

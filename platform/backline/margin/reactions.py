"""What margin does when something happened upstream: say what a correction costs, and close what
was paid and billed.
"""

from collections.abc import Sequence

from backline.charges.events import WeekCorrected
from backline.invoicing.events import InvoiceFinalized
from backline.kernel.actors import SYSTEM
from backline.kernel.consumers import reacts_to
from backline.kernel.events import Told
from backline.margin import following
from backline.payroll.events import PayRunReleased


@reacts_to(WeekCorrected)
def put_corrections_on_desk(events: Sequence[Told]) -> None:
    """Open an exception for each week that was corrected, with what it costs."""
    following.open_corrections([event.subject for event in events], actor=SYSTEM, at=events[-1].at)


@reacts_to(PayRunReleased, InvoiceFinalized)
def close_what_is_done(events: Sequence[Told]) -> None:
    """Close the exceptions whose charges are paid and billed now."""
    following.close_done(actor=SYSTEM, at=events[-1].at)

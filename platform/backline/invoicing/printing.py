"""Printing: the papers of final invoices made chunk by chunk, and sent as soon as they are made."""

from collections.abc import Sequence
from uuid import UUID

from backline.invoicing import actions, papers
from backline.invoicing.actions.finalizing import PAPERS
from backline.invoicing.models import Invoice
from backline.kernel import operations
from backline.kernel.operations import Done, Item, Work


@operations.runs(PAPERS, chunk=40)
def print_chunk(work: Work, items: Sequence[Item]) -> Sequence[Done]:
    """Make the papers of a chunk of final invoices and send each to its readers, once."""
    keys = [UUID(item.ref) for item in items]
    rows = list(
        Invoice.objects.filter(pk__in=keys, document__isnull=True)
        .select_related("client", "terms", "adjusts")
        .order_by("id")
    )
    papers.make(rows, actor=work.actor, at=work.at)
    unsent = Invoice.objects.filter(pk__in=keys, delivery="").values_list("pk", flat=True)
    # one without a reader is on somebody's desk by this; its paper is made all the same
    actions.send(list(unsent), actor=work.actor, at=work.at)
    made = dict(Invoice.objects.filter(pk__in=keys).values_list("pk", "document_id"))
    return [Done(item.n, {"document": str(made[UUID(item.ref)])}) for item in items]

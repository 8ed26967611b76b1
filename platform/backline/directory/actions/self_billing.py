"""Self-billing: a company's agreement that its invoices are written here, for a year at most."""

from datetime import date, datetime, timedelta
from uuid import UUID

from backline.directory.events import SelfBillingAgreed
from backline.directory.models import Intermediary, SelfBilling
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Missing, refuse_if
from backline.kernel.events import record
from backline.kernel.models import Document

LONGEST = timedelta(days=366)  # VAT Notice 700/62: twelve months, then it is agreed anew


def agree_self_billing(
    intermediary: UUID,
    *,
    since: date,
    until: date,
    document: UUID | None = None,
    actor: Actor,
    at: datetime,
) -> SelfBilling:
    """Keep a company's agreement from a day until before another, with its VAT number of today.

    A number that changes, or a registration that ends, needs a new agreement.
    """
    row = Intermediary.objects.select_for_update().filter(pk=intermediary).first()
    if row is None:
        raise Missing("not_found", "There is no such company.")
    if not row.self_billing:
        raise Conflict("bills_itself", "This company writes its own invoices.")
    faults = []
    if not since < until <= since + LONGEST:
        told = "It ends after it begins, and within twelve months."
        faults.append(Fault("longer_than_a_year", told, "/until"))
    if document is not None and not Document.objects.filter(pk=document).exists():
        faults.append(Fault("not_found", "There is no such document.", "/document"))
    refuse_if(faults)
    later = dated.replace(SelfBilling.objects.filter(intermediary=row, withdrawn=False), since)
    made = SelfBilling.objects.create(
        intermediary=row,
        valid=dated.since(since, min(until, later) if later else until),
        vat_number=row.vat_number if row.vat_registered else "",
        document_id=document,
        agreed_at=at,
        agreed_by=actor.as_json(),
    )
    fact = SelfBillingAgreed(
        subject=row.pk,
        since=since.isoformat(),
        until=until.isoformat(),
        vat_number=made.vat_number,
    )
    record([fact], actor=actor, at=at)
    return made

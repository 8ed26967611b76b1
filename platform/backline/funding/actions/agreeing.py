"""Funding terms agreed, version after version."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from backline.funding.events import FundingTermsAgreed
from backline.funding.models import FundingTerms
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid, refuse_if
from backline.kernel.events import record
from rulebook.advance import UnfitTerms, read_terms


def agree_terms(
    counterparty: str,
    facts: Mapping[str, Any],
    *,
    since: date,
    currency: str,
    actor: Actor,
    at: datetime,
) -> FundingTerms:
    """Agree funding terms from a day as the next version; what was priced before keeps its
    version.
    """
    try:
        read_terms("new", facts)
    except UnfitTerms as no:
        refuse_if([Fault(code, detail, f"/facts{pointer}") for pointer, code, detail in no.faults])
    same = FundingTerms.objects.filter(counterparty=counterparty)
    if same.filter(valid__startswith=since).exists():
        raise Invalid("terms_exist", "Terms from that day are agreed already.", pointer="/since")
    newest = same.order_by("-version").first()
    row = FundingTerms.objects.create(
        counterparty=counterparty,
        version=newest.version + 1 if newest else 1,
        valid=dated.since(since, dated.succeed(same, since)),
        facts=dict(facts),
        currency=currency,
        agreed_at=at,
        agreed_by=actor.as_json(),
    )
    fact = FundingTermsAgreed(subject=row.pk, version=row.version, since=since.isoformat())
    record([fact], actor=actor, at=at)
    return row

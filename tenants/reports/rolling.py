"""Rolling up: an agency's sums read in its own role, then written where the partner may read them.

Reading, writing and noting how far it came are three transactions in that order: whatever dies in
between is
done again, and the same sums written twice are the same sums.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from backline.charges.models import Charge
from backline.desk import queries as desk
from backline.directory import queries as directory
from backline.funding import queries as funding
from backline.invoicing.models import InvoiceLine
from backline.kernel import feed, here
from backline.kernel.events import plain
from backline.kernel.models import Offset
from backline.ledger import queries as ledger
from backline.margin import queries as margin
from backline.payroll.models import PayRun
from backline.timesheets.models import Timesheet
from rulebook.periods import week_of
from tenants import tenancy
from tenants.agencies import registry
from tenants.reports.models import AgencyPosition, AgencyWeek

CONSUMER = "reports"
WEEKS = 10
WEEK = timedelta(days=7)
NOTHING = Decimal("0.00")
FIGURES = ("bill", "pay", "burden", "hours", "margin")


def roll(firm: str, *, at: datetime) -> bool:
    """Publish an agency's sums if anything happened since the last time; True when they moved."""
    place = tenancy.place(firm)
    if place.kind != "agency":
        return False
    with tenancy.firm(firm):
        end = feed.last()
        if end <= _seen():
            return False
        weeks = week_sums(at.date())
        position = standing(place.partner, at.date())
    _publish(firm, end, at, weeks, position)
    with tenancy.firm(firm):
        Offset.objects.update_or_create(consumer=CONSUMER, defaults={"seq": end})
    return True


def is_behind(*, at: datetime) -> bool:  # noqa: ARG001 - asked by the clock
    """Whether the agency whose books are open has news that were not published."""
    return tenancy.place(here.firm()).kind == "agency" and feed.last() > _seen()


def week_sums(on: date) -> list[dict[str, Any]]:
    """The sums of the last weeks of the agency whose books are open, a row a week and currency."""
    starts = directory.firm().week_starts
    since = week_of(on, starts).starts - WEEK * WEEKS
    found: dict[tuple[date, str], dict[str, Any]] = {}
    for key, sums in margin.facts_since(since).items():
        found[key] = {name: getattr(sums, name) for name in FIGURES}
    for row in _workers(since):
        found.setdefault((row["week"], row["currency"]), {})["workers"] = row["workers"]
    currency = directory.firm().currency
    for sheet in _sheets(since):
        week = found.setdefault((week_of(sheet["starts_on"], starts).starts, currency), {})
        week["sheets"] = week.get("sheets", 0) + sheet["all"]
        week["sheets_approved"] = week.get("sheets_approved", 0) + sheet["approved"]
    for billed in _invoiced(since):
        key = (week_of(billed["starts_on"], starts).starts, billed["invoice__currency"])
        week = found.setdefault(key, {})
        week["invoiced"] = week.get("invoiced", NOTHING) + billed["amount"]
    for run in PayRun.objects.filter(starts_on__gte=since).exclude(state="cancelled"):
        week = found.setdefault((week_of(run.starts_on, starts).starts, run.currency), {})
        told = {"state": run.state, "pay_on": run.pay_on, "net": run.net, "run": run.public_id}
        week["runs"] = [*week.get("runs", ()), plain(told)]
        if run.released_at is not None:
            week["paid_out"] = week.get("paid_out", NOTHING) + run.net
    return [
        {"week_starts_on": week, "currency": currency, **sums}
        for (week, currency), sums in sorted(found.items())
    ]


def standing(partner: str, on: date) -> dict[str, Any]:
    """Where the agency whose books are open stands now, and with the partner that funds it."""
    currency = directory.firm().currency
    return {
        "currency": currency,
        "receivable": ledger.balance("1100", currency) + ledger.balance("1105", currency),
        "in_use": -ledger.balance("2500", currency),
        "headroom": _headroom(partner, on, currency),
        "unapplied": -ledger.balance("2400", currency),
        "exceptions": plain(desk.open_by_kind()),
    }


def _headroom(partner: str, on: date, currency: str) -> Decimal | None:
    """What may still be drawn, below zero when too much was; None without such terms."""
    told = funding.availability(partner, on)
    if told.get("currency") != currency:
        return None
    return Decimal(told["available"]) - Decimal(told["over_advance"])


def _seen() -> int:
    found = Offset.objects.filter(consumer=CONSUMER).values_list("seq", flat=True).first()
    return found or 0


def _workers(since: date) -> Iterable[dict[str, Any]]:
    """How many people worked in each week; their figures are those that margin tells."""
    rows = (
        Charge.objects.filter(week_starts_on__gte=since)
        .annotate(
            week=F("week_starts_on"),
            # a charge that is paid alone, as holiday is, names no currency to bill in
            currency=Coalesce(NullIf("bill_currency", Value("")), "pay_currency"),
        )
        .values("week", "currency")
        .annotate(workers=Count("worker_id", distinct=True))
    )
    return [dict(row) for row in rows]


def _sheets(since: date) -> Iterable[dict[str, Any]]:
    rows = (
        Timesheet.objects.filter(starts_on__gte=since, corrects__isnull=True)
        .exclude(status="voided")
        .values("starts_on")
        .annotate(
            all=Count("id"), approved=Count("id", filter=Q(status__in=["approved", "not_worked"]))
        )
    )
    return [dict(row) for row in rows]


def _invoiced(since: date) -> Iterable[dict[str, Any]]:
    rows = (
        InvoiceLine.objects.filter(invoice__state="finalized", starts_on__gte=since)
        .values("starts_on", "invoice__currency")
        .annotate(amount=Sum("amount"))
    )
    return [dict(row) for row in rows]


def _publish(
    firm: str, seq: int, at: datetime, weeks: list[dict[str, Any]], position: dict[str, Any]
) -> None:
    agency = registry.key(firm)
    names = sorted({name for week in weeks for name in week} | {"seq", "as_of"})
    unique = ["agency", "week_starts_on", "currency"]
    defaults = AgencyWeek(agency_id=agency)
    rows = [
        AgencyWeek(agency_id=agency, seq=seq, as_of=at, **week)
        for week in weeks
        if week["currency"]
    ]
    updated = [name for name in names if name not in unique and hasattr(defaults, name)]
    with tenancy.shared():
        AgencyWeek.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=unique, update_fields=updated
        )
        AgencyPosition.objects.update_or_create(
            agency_id=agency, defaults={**position, "seq": seq, "as_of": at}
        )

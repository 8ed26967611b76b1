"""Weeks: everything that pricing a set of workers' weeks needs, read in a few queries, as
plain values.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from backline.assignments import queries as assignments
from backline.assignments.models import Assignment, BillingReference
from backline.charges.models import Charge
from backline.directory import queries as directory
from backline.directory.models import Terms
from backline.kernel import dated
from backline.timesheets.models import TimeEntry, Timesheet
from rulebook.corrections import Posted
from rulebook.hours import Worked
from rulebook.pack import worktime
from rulebook.periods import Period, week_of
from rulebook.pricing import DatedRate, Job
from rulebook.rates import Priced, Rate, Side

Key = tuple[UUID, date]
ROLLED_UP = frozenset({"paye"})
TIME = "time"


@dataclass(slots=True)
class Weeks:
    """The weeks of some workers: time, jobs, what was charged already, and what lines need
    beside prices.
    """

    week_starts: int
    country: str
    keys: frozenset[Key]
    worked: dict[Key, list[Worked]] = field(default_factory=dict)
    sheets: dict[tuple[UUID, date], UUID] = field(default_factory=dict)
    posted: dict[Key, list[Posted]] = field(default_factory=dict)
    assignments: dict[UUID, Assignment] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    references: dict[UUID, list[BillingReference]] = field(default_factory=dict)
    terms: dict[UUID, list[Terms]] = field(default_factory=dict)
    burden_shares: Mapping[str, Decimal] = field(default_factory=dict)

    def starts_of(self, day: date) -> date:
        """The first day of the firm's workweek around a day."""
        return week_of(day, self.week_starts).starts


def touched_by(sheets: Iterable[Timesheet], week_starts: int) -> frozenset[Key]:
    """The workers' weeks that these sheets reach into."""
    keys = set()
    for sheet in sheets:
        day = week_of(sheet.starts_on, week_starts).starts
        while day <= sheet.ends_on:
            keys.add((sheet.assignment.worker_id, day))
            day = week_of(day, week_starts).ends
    return frozenset(keys)


def load(keys: frozenset[Key], *, approving: Iterable[UUID] = ()) -> Weeks:
    """Read these weeks: approved sheets, and those being approved now, the newest of each
    chain alone.
    """
    firm = directory.firm()
    shares = {
        engagement: Decimal(str(share))
        for engagement, share in firm.settings.get("burden_shares", {}).items()
    }
    weeks = Weeks(firm.week_starts, firm.country, keys, burden_shares=shares)
    _read_charges(weeks)
    entries = _read_entries(weeks, list(approving))
    _read_assignments(weeks, {entry.timesheet.assignment_id for entry in entries})
    rolls_up = firm.holiday_method == "rolled_up" and bool(keys)
    first = min((day for _, day in keys), default=date.min)
    _read_jobs(weeks, worktime(firm.country).holiday_share(first) if rolls_up else Decimal(0))
    for entry in entries:
        key = (entry.timesheet.assignment.worker_id, weeks.starts_of(entry.worked_on))
        if key not in keys:
            continue
        weeks.sheets[entry.timesheet.assignment_id, entry.worked_on] = entry.timesheet_id
        weeks.worked.setdefault(key, []).append(_worked(entry, weeks))
    return weeks


def _read_charges(weeks: Weeks) -> None:
    rows = Charge.objects.filter(
        worker__in={worker for worker, _ in weeks.keys},
        week_starts_on__in={day for _, day in weeks.keys},
        kind=TIME,
    ).order_by("id")
    for row in rows:
        key = (row.worker_id, row.week_starts_on)
        if key in weeks.keys:
            weeks.posted.setdefault(key, []).append(Posted(row.pk, as_priced(row)))


def _read_entries(weeks: Weeks, approving: Sequence[UUID]) -> list[TimeEntry]:
    if not weeks.keys:
        return []
    first = min(day for _, day in weeks.keys)
    last = max(week_of(day, weeks.week_starts).last_day for _, day in weeks.keys)
    counted = Q(status=Timesheet.Status.APPROVED) | Q(pk__in=approving)
    chains = list(
        Timesheet.objects.filter(
            counted,
            assignment__worker__in={worker for worker, _ in weeks.keys},
            starts_on__lte=last,
            ends_on__gte=first,
        ).order_by("revision", "id")
    )
    newest = {(sheet.assignment_id, sheet.starts_on): sheet.pk for sheet in chains}
    return list(
        TimeEntry.objects.filter(
            timesheet__in=newest.values(), worked_on__gte=first, worked_on__lte=last
        )
        .select_related("timesheet__assignment")
        .order_by("worked_on", "id")
    )


def _read_assignments(weeks: Weeks, used: set[UUID]) -> None:
    charged = {
        UUID(str(posted.charge.assignment)) for many in weeks.posted.values() for posted in many
    }
    rows = Assignment.objects.select_related("site", "worker", "client").in_bulk(used | charged)
    weeks.assignments = dict(rows)
    weeks.references = assignments.billing_references(rows)
    clients = {row.client_id for row in rows.values()}
    for terms in Terms.objects.filter(client__in=clients):
        weeks.terms.setdefault(terms.client_id, []).append(terms)


def _read_jobs(weeks: Weeks, holiday_share: Decimal) -> None:
    agreed = assignments.agreed_rates(weeks.assignments)
    for key, row in weeks.assignments.items():
        rates = agreed.get(key, [])
        terms = dated.in_force(weeks.terms.get(row.client_id, ()), row.starts_on)
        weeks.jobs[str(key)] = Job(
            str(key),
            tuple(
                DatedRate(
                    Rate(
                        rate.code,
                        rate.agreement,
                        rate.unit,
                        rate.pay_rate,
                        rate.bill_rate,
                        rate.pay_currency,
                        rate.bill_currency,
                        pay_tax="work",
                        bill_tax=terms.tax_treatment if terms else "standard",
                    ),
                    rate.since,
                    rate.until,
                )
                for rate in rates
            ),
            is_overtime_billed=all(rate.overtime_billed for rate in rates)
            and (terms is None or terms.overtime_billed),
            holiday_share=holiday_share if row.engagement in ROLLED_UP else Decimal(0),
            unit=row.time_unit,
        )


def _worked(entry: TimeEntry, weeks: Weeks) -> Worked:
    row = weeks.assignments[entry.timesheet.assignment_id]
    place = row.site.region if row.site is not None and row.site.country == "US" else ""
    return Worked(
        str(row.pk),
        entry.worked_on,
        entry.code,
        entry.quantity,
        entry.unit,
        entry.started_at,
        entry.ended_at,
        entry.break_minutes,
        place,
    )


def as_priced(row: Charge) -> Priced:
    """A stored charge as the rulebook's value."""
    return Priced(
        str(row.assignment_id),
        row.worked_on,
        row.code,
        row.agreement_id or "",
        _side(row, "pay"),
        _side(row, "bill"),
        row.label,
    )


def _side(row: Charge, name: str) -> Side | None:
    amount = getattr(row, f"{name}_amount")
    if amount is None:
        return None
    return Side(
        getattr(row, f"{name}_quantity"),
        row.unit,
        getattr(row, f"{name}_rate"),
        amount,
        getattr(row, f"{name}_currency"),
        getattr(row, f"{name}_factor"),
        getattr(row, f"{name}_treatment"),
    )


def days_of(key: Key, weeks: Weeks) -> Period:
    """The days of a week."""
    return week_of(key[1], weeks.week_starts)

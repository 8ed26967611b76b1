"""What can be done with margin: close a week, and put a cost or a gain to margin alone."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from backline.assignments import queries as assignments
from backline.assignments.models import Assignment
from backline.charges.models import Charge
from backline.directory import queries as directory
from backline.directory.models import FirmRecord
from backline.kernel import copying
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record
from backline.margin.events import MarginAdjusted, WeekClosed
from backline.margin.models import ClosedWeek, MarginAdjustment, WeekMargin
from backline.margin.queries import closed_through
from backline.margin.sums import FIGURES, Key, Sums, added, late, live
from rulebook.money import NOTHING, Money
from rulebook.periods import Period, week_of

COLUMNS = ("week", "assignment", "client", "worker", *FIGURES, "margin", "late")


def close_week(day: date, *, actor: Actor, at: datetime) -> list[ClosedWeek]:
    """Report the week around a day and freeze it, one row a currency; weeks are closed in order.

    What comes for it later, and what is found late for earlier weeks, stands in the first week
    that is still open.
    """
    firm = directory.firm()
    # one closing at a time
    FirmRecord.objects.select_for_update().get(pk=firm.pk)
    week = week_of(day, firm.week_starts)
    through = closed_through()
    _refuse_out_of_order(week, through, directory.day_of(at, firm))
    behind = late("assignment", through)
    found = added((live("assignment", Q(week_starts_on=week.starts)), behind))
    by_currency: dict[str, dict[Key, Sums]] = {firm.currency: {}}
    for key, sums in found.items():
        if not sums.is_nothing:
            by_currency.setdefault(key[1], {})[key] = sums
    closed = [
        _closed(week.starts, currency, own, behind, actor=actor, at=at)
        for currency, own in sorted(by_currency.items())
    ]
    ClosedWeek.objects.bulk_create(closed)
    _write_rows(closed, by_currency, behind)
    record((_told(row) for row in closed), actor=actor, at=at)
    return closed


def adjust(
    assignment: UUID, *, worked_on: date, amount: Money, reason: str, actor: Actor, at: datetime
) -> MarginAdjustment:
    """Put a cost (negative) or a gain to the margin of an assignment's week; nobody is paid or
    billed for it.
    """
    row = Assignment.objects.filter(pk=assignment).first()
    if row is None:
        raise Missing("not_found", "There is no such assignment.", pointer="/assignment")
    refuse_if(_faults(row, worked_on, amount, reason), Invalid)
    made = MarginAdjustment.objects.create(
        assignment=row,
        client_id=row.client_id,
        worker_id=row.worker_id,
        week_starts_on=week_of(worked_on, directory.firm().week_starts).starts,
        amount=amount.amount,
        currency=amount.currency,
        reason=reason[:200],
        made_at=at,
        made_by=actor.as_json(),
    )
    record([_told_of(made, reason)], actor=actor, at=at)
    return made


def _faults(row: Assignment, worked_on: date, amount: Money, reason: str) -> list[Fault]:
    faults = []
    if not reason.strip():
        faults.append(Fault("reason_missing", "Say what it is for.", "/reason"))
    if not amount.amount:
        faults.append(Fault("nothing_to_put", "Nothing is put to margin.", "/amount"))
    if not row.starts_on <= worked_on <= (row.ends_on or worked_on):
        told = "The day lies outside the assignment."
        faults.append(Fault("outside_assignment", told, "/worked_on"))
    spoken = {
        currency
        for rate in assignments.agreed_rates([row.pk]).get(row.pk, ())
        for currency in (rate.pay_currency, rate.bill_currency)
    }
    if spoken and amount.currency not in spoken:
        told = f"This assignment is in {' and '.join(sorted(spoken))}."
        faults.append(Fault("currency_differs", told, "/amount/currency"))
    return faults


def _refuse_out_of_order(week: Period, through: date | None, on: date) -> None:
    if week.ends > on:
        told = f"This week ends on {week.last_day}; it is closed once it is over."
        raise Conflict("week_not_over", told)
    if through is not None and week.starts <= through:
        raise Conflict("week_closed", "This week was closed; what comes later is in the open one.")
    earlier = Q(week_starts_on__lt=week.starts)
    if through is not None:
        earlier &= Q(week_starts_on__gt=through)
    days = [
        *Charge.objects.filter(earlier)
        .order_by("week_starts_on")
        .values_list("week_starts_on", flat=True)[:1],
        *MarginAdjustment.objects.filter(earlier)
        .order_by("week_starts_on")
        .values_list("week_starts_on", flat=True)[:1],
    ]
    if days:
        first = min(days)
        told = f"The week of {first} is open; weeks are closed in order."
        raise Conflict("earlier_week_open", told, week_starts_on=first.isoformat())


def _closed(
    week: date,
    currency: str,
    rows: Mapping[Key, Sums],
    behind: Mapping[Key, Sums],
    *,
    actor: Actor,
    at: datetime,
) -> ClosedWeek:
    whole = Sums()
    for sums in rows.values():
        whole.add(sums)
    return ClosedWeek(
        week_starts_on=week,
        currency=currency,
        **{name: getattr(whole, name) for name in FIGURES},
        margin=whole.margin,
        late=sum((_late(behind, key) for key in rows), NOTHING),
        digest=_digest(week, currency, rows),
        closed_at=at,
        closed_by=actor.as_json(),
    )


def _write_rows(
    closed: list[ClosedWeek],
    by_currency: Mapping[str, Mapping[Key, Sums]],
    behind: Mapping[Key, Sums],
) -> None:
    keys = {value for rows in by_currency.values() for value, _ in rows}
    known = {
        key: (client, worker)
        for key, client, worker in Assignment.objects.filter(pk__in=keys).values_list(
            "pk", "client_id", "worker_id"
        )
    }
    copying.write(
        WeekMargin,
        COLUMNS,
        (
            (
                row.pk, key[0], *known[key[0]],
                *(getattr(sums, name) for name in FIGURES), sums.margin, _late(behind, key),
            )
            for row in closed
            for key, sums in by_currency[row.currency].items()
        ),
    )  # fmt: skip


def _late(behind: Mapping[Key, Sums], key: Key) -> Decimal:
    return behind[key].margin if key in behind else NOTHING


def _digest(week: date, currency: str, rows: Mapping[Key, Sums]) -> str:
    """What the rows of a closed week hash to, so that a change would be seen."""
    digest = hashlib.sha256(f"{week.isoformat()}|{currency}".encode())
    for key in sorted(rows, key=str):
        figures = "|".join(str(getattr(rows[key], name)) for name in FIGURES)
        digest.update(f"\n{key[0]}|{figures}".encode())
    return digest.hexdigest()


def _told_of(row: MarginAdjustment, reason: str) -> MarginAdjusted:
    return MarginAdjusted(
        subject=row.pk,
        assignment=str(row.assignment_id),
        week_starts_on=row.week_starts_on.isoformat(),
        amount=row.amount,
        currency=row.currency,
        reason=reason,
    )


def _told(row: ClosedWeek) -> WeekClosed:
    return WeekClosed(
        subject=row.pk,
        week_starts_on=row.week_starts_on.isoformat(),
        currency=row.currency,
        bill=row.bill,
        pay=row.pay,
        burden=row.burden,
        margin=row.margin,
        digest=row.digest,
    )

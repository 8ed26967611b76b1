"""Following money through: a correction or late time is on a desk until all of it is paid on a
final payslip and billed on a final invoice.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from backline.charges.models import Charge, Correction
from backline.charges.queries import corrected_before, of_corrections, of_sheets
from backline.desk import actions as desk
from backline.desk.models import Trouble
from backline.directory.models import Worker
from backline.invoicing.models import Invoice
from backline.kernel import ids
from backline.kernel.actors import Actor
from backline.margin.queries import consumed
from backline.timesheets.models import Timesheet

CORRECTIONS = {
    "rate_change": ("rate_changed_before_pay", "retroactive_rate"),
    "corrected_time": ("time_corrected", "time_corrected"),
}
KINDS = ("late_timesheet", "rate_changed_before_pay", "retroactive_rate", "time_corrected")
TITLES = {
    "rate_changed_before_pay": "Rates changed before pay",
    "retroactive_rate": "Rates changed after pay or bill",
    "time_corrected": "Approved time was corrected",
}


def open_corrections(corrections: Sequence[UUID], *, actor: Actor, at: datetime) -> None:
    """Open an exception for each correction: before pay where nothing of the week was paid or
    billed when it was made, retroactive otherwise.
    """
    rows = list(Correction.objects.filter(pk__in=corrections).order_by("id"))
    workers = Worker.objects.in_bulk({row.worker_id for row in rows})
    found = [_found(row, workers[row.worker_id]) for row in rows]
    desk.open_exceptions(found, actor=actor, at=at)


def close_done(*, actor: Actor, at: datetime) -> int:
    """Close the exceptions about late time and corrections whose charges are all paid and billed;
    returns how many.
    """
    waiting = Trouble.objects.filter(kind__in=KINDS, state__in=desk.OPEN).values_list(
        "kind", "key", "about"
    )
    sheets = {about: key for kind, key, about in waiting if kind == "late_timesheet" and about}
    corrections = {
        UUID(key.removeprefix("correction:")): key
        for kind, key, _ in waiting
        if key.startswith("correction:")
    }
    done = [
        *(sheets[one] for one in _done_sheets(sheets)),
        *(corrections[one] for one in _done_corrections(corrections)),
    ]
    told = "All of it is paid and billed."
    return desk.close_for(done, resolution=told, actor=actor, at=at) if done else 0


def _done_sheets(sheets: Iterable[UUID]) -> set[UUID]:
    """The sheets that were approved and whose charges are all done with."""
    approved = Timesheet.objects.filter(pk__in=list(sheets), status=Timesheet.Status.APPROVED)
    decided = set(approved.values_list("pk", flat=True))
    return decided - _open(dict(of_sheets(decided).values_list("pk", "timesheet_id")))


def _done_corrections(corrections: Iterable[UUID]) -> set[UUID]:
    asked = set(corrections)
    return asked - _open(dict(of_corrections(asked).values_list("pk", "correction")))


def _open(owners: Mapping[UUID, UUID | None]) -> set[UUID]:
    """The owners of charges that are not done with."""
    left = owners.keys() - consumed(owners)
    return {owner for key in left if (owner := owners[key]) is not None}


def _found(row: Correction, worker: Worker) -> desk.Found:
    before, after = CORRECTIONS.get(row.kind, ("retroactive_rate", "retroactive_rate"))
    kind = after if _was_out(row) else before
    week = row.week_starts_on.isoformat()
    who = f"{worker.given_name} {worker.family_name}"
    return desk.Found(
        kind=kind,
        key=f"correction:{row.pk}",
        title=f"{TITLES[kind]}: {who}, week of {week}",
        detail=(
            f"{row.reason}: pay changes by {row.pay_difference} {row.pay_currency}, the bill by"
            f" {row.bill_difference} {row.bill_currency}."
        ),
        about_kind="correction",
        about=row.pk,
        stops="money",
        at_stake=abs(row.pay_difference) + abs(row.bill_difference),
        currency=row.pay_currency or row.bill_currency,
        evidence=[
            {
                "correction": ids.public("cor", row.pk),
                "week_starts_on": week,
                "pay": str(row.pay_difference),
                "bill": str(row.bill_difference),
            }
        ],
        suggested="See that the next run pays the difference and the next invoice bills it.",
    )


def _was_out(row: Correction) -> bool:
    """Whether anything of the week had been paid or billed when it was corrected."""
    paid = Q(
        pay_line__payslip__run__is_final=True,
        pay_line__payslip__run__released_at__lte=row.corrected_at,
    )
    billed = Q(
        billed__invoice__state=Invoice.State.FINALIZED,
        billed__invoice__finalized_at__lte=row.corrected_at,
    )
    rows: Iterable[Charge] = corrected_before(row).filter(paid | billed)[:1]
    return bool(list(rows))

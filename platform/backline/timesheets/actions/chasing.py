"""Reminders: one call reminds whoever holds each sheet up, by mail or text, and counts how
often.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max

from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.kernel import links
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Refusal
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order
from backline.timesheets.actions.approving import LINK
from backline.timesheets.events import TimesheetChased
from backline.timesheets.models import Chase, Timesheet
from backline.timesheets.queries import WAITING, holder

SHEET_LINK = "timesheet.enter"
LASTS = timedelta(days=14)
Address = Callable[[str, str], str]


def chase(
    timesheets: Sequence[UUID],
    *,
    address: Address,
    actor: Actor,
    at: datetime,
    channel: str = "email",
) -> list[Outcome]:
    """Remind whoever holds each sheet up, with a link that lets them do their part; nobody else is
    written to.

    `address(purpose, token)` gives the page's address for a link. A sheet that nobody holds up, or
    whose
    holder cannot be reached by this channel, is refused and the others are sent.
    """
    rows = list(
        Timesheet.objects.select_for_update(of=("self",))
        .select_related("assignment__worker", "assignment__client", "approver")
        .filter(pk__in=timesheets)
        .order_by("id")
    )
    firm = directory.firm()
    counts = dict(
        Chase.objects.filter(timesheet__in=rows).values_list("timesheet_id").annotate(n=Max("n"))
    )
    refusals: dict[UUID, Refusal] = {}
    letters, facts, chases = [], [], []
    for row in rows:
        name, reach = _reach(row, channel)
        if row.status not in WAITING:
            refusals[row.pk] = Conflict(
                "nobody_to_chase", f"This sheet is {row.status}; nobody holds it up."
            )
            continue
        if not reach:
            refusals[row.pk] = Conflict(
                "unreachable", f"There is no {channel} address for {name or 'the approver'}."
            )
            continue
        n = counts.get(row.pk, 0) + 1
        letter = _letter(row, name, reach, n, channel, firm.trading_name, address, at)
        letters.append(letter)
        chases.append(
            Chase(
                timesheet=row,
                n=n,
                channel=channel,
                to_kind=holder(row),
                to_name=name,
                chased_at=at,
                chased_by=actor.as_json(),
            )
        )
        facts.append(TimesheetChased(subject=row.pk, n=n, to_kind=holder(row), channel=channel))
    messages = desk.write(letters, at=at)
    for entry, message in zip(chases, messages, strict=True):
        entry.message = message
    Chase.objects.bulk_create(chases)
    record(facts, actor=actor, at=at)
    return in_order(timesheets, refusals)


def _reach(row: Timesheet, channel: str) -> tuple[str, str]:
    if holder(row) == "worker":
        worker = row.assignment.worker
        name = worker.preferred_name or worker.given_name
        return name, worker.email if channel == "email" else worker.phone
    if row.approver is None:
        return "", ""
    return row.approver.name, row.approver.email if channel == "email" else row.approver.phone


def _letter(  # noqa: PLR0917 - one reminder needs all of it
    row: Timesheet,
    name: str,
    reach: str,
    n: int,
    channel: str,
    firm: str,
    address: Address,
    at: datetime,
) -> desk.Letter:
    worker = row.assignment.worker
    of = f"{worker.given_name} {worker.family_name}"
    period = f"{row.starts_on:%d %b} to {row.ends_on:%d %b %Y}"
    purpose = SHEET_LINK if holder(row) == "worker" else LINK
    token = links.issue(
        purpose=purpose,
        subject=row.pk,
        recipient={"name": name, "address": reach},
        at=at,
        expires_at=at + LASTS,
        facts={"revision": row.revision},
    )
    if purpose == SHEET_LINK:
        title = f"Your hours for {period}"
        body = f"Hello {name},\n\nyour hours for {period} are not in yet. Enter them here:\n"
    else:
        title = f"Hours of {of}, {period}, wait for you"
        time = f"{row.total} {row.unit}s for {period}"
        body = f"Hello {name},\n\n{of} reported {time}. Look and decide:\n"
    return desk.Letter(
        key=f"chase:{row.pk}:{n}",
        kind="timesheet_chase",
        to_address=reach,
        to_name=name,
        subject_line=title,
        body=f"{body}\n{address(purpose, token)}\n\n{firm}\n",
        channel=channel,
        about=row.pk,
    )

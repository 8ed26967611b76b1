"""Letters that ask for time or for approval, each with a link that lets its reader do just that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.kernel import ids, links
from backline.timesheets.actions.moving import APPROVAL, ENTRY, held
from backline.timesheets.models import Timesheet
from backline.timesheets.queries import holder

LASTS = timedelta(days=14)
PAGES = {APPROVAL: "a", ENTRY: "w"}
Status = Timesheet.Status


@dataclass(frozen=True, slots=True)
class Ask:
    """A letter to write about a sheet: its key, its kind, to whom and by which channel."""

    row: Timesheet
    key: str
    kind: str
    channel: str
    name: str
    reach: str


def address(purpose: str, token: str) -> str:
    """Where the page of a link lies."""
    return f"{settings.SITE_URL}/{PAGES[purpose]}/{token}"


def reach_of(row: Timesheet, channel: str) -> tuple[str, str]:
    """Name and address of whoever holds a sheet up; empty where there is none."""
    if holder(row) == "worker":
        worker = row.assignment.worker
        name = f"{worker.preferred_name or worker.given_name} {worker.family_name}"
        return name, worker.email if channel == "email" else worker.phone
    if row.approver is None:
        return "", ""
    return row.approver.name, row.approver.email if channel == "email" else row.approver.phone


def write(asks: Sequence[Ask], *, at: datetime) -> list[UUID]:
    """Write the letters with their links: a few statements however many there are."""
    firm = directory.firm().trading_name
    tokens = links.issue_all([_link(ask, at) for ask in asks], at=at)
    return desk.write(
        (_letter(ask, token, firm) for ask, token in zip(asks, tokens, strict=True)), at=at
    )


def ask_approvers(timesheets: Sequence[UUID], *, at: datetime) -> int:
    """Write to the approvers of sheets that were just handed in; returns how many letters.

    Who has no e-mail is not written to: the overdue list shows the sheet in time.
    """
    asks = []
    # what was decided meanwhile, which most of it is where many are, is not read whole
    waiting = Timesheet.objects.filter(pk__among=timesheets, status=Status.SUBMITTED)
    for row in held(waiting.values_list("pk", flat=True)):
        name, reach = reach_of(row, "email")
        if row.status == Status.SUBMITTED and reach:
            key = f"approval:{row.pk}:{row.revision}:{row.approver_id}"
            asks.append(Ask(row, key, "timesheet_approval", "email", name, reach))
    return len(write(asks, at=at))


def ask_worker_again(rows: Sequence[Timesheet], *, at: datetime) -> int:
    """Write to the workers whose time was rejected, with the reason and a link to mend it."""
    asks = []
    for row in rows:
        name, reach = reach_of(row, "email")
        if reach:
            key = f"rejected:{row.pk}:{row.revision}"
            asks.append(Ask(row, key, "timesheet_rejected", "email", name, reach))
    return len(write(asks, at=at))


def _link(ask: Ask, at: datetime) -> links.NewLink:
    row = ask.row
    is_workers = holder(row) == "worker"
    person = row.assignment.worker if is_workers else row.approver
    prefix, title = (
        ("wrk", "") if is_workers else ("con", row.approver.job_title if row.approver else "")
    )
    return links.NewLink(
        purpose=ENTRY if is_workers else APPROVAL,
        subject=row.pk,
        recipient={
            "id": ids.public(prefix, person.pk) if person else "",
            "name": ask.name,
            "address": ask.reach,
            "email": person.email if person else "",
            "job_title": title,
        },
        expires_at=at + LASTS,
        facts={"revision": row.revision},
    )


def _letter(ask: Ask, token: str, firm: str) -> desk.Letter:
    row = ask.row
    worker = row.assignment.worker
    of = f"{worker.given_name} {worker.family_name}"
    period = f"{row.starts_on:%d %b} to {row.ends_on:%d %b %Y}"
    if holder(row) == "approver":
        title = f"Hours of {of}, {period}, wait for you"
        body = f"{of} reported {row.total} {row.unit}s for {period}. Look and decide:"
        purpose = APPROVAL
    elif row.status == Status.REJECTED:
        title = f"Your hours for {period} came back"
        body = f"your hours for {period} were not approved: {row.reject_reason}\n\nMend them here:"
        purpose = ENTRY
    else:
        title = f"Your hours for {period}"
        body = f"your hours for {period} are not in yet. Enter them here:"
        purpose = ENTRY
    return desk.Letter(
        key=ask.key,
        kind=ask.kind,
        to_address=ask.reach,
        to_name=ask.name,
        subject_line=title,
        body=f"Hello {ask.name},\n\n{body}\n\n{address(purpose, token)}\n\n{firm}\n",
        channel=ask.channel,
        about=row.pk,
    )

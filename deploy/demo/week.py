"""The week: sheets that opened by themselves, time entered, handed in, approved or sent back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.demo.caller import Caller
from deploy.demo.office import AT_ONCE, Desk, Record, ended_well, shares
from deploy.demo.world import MONDAY, Agency, Job

DAY = timedelta(days=1)


class Week(Desk):
    """A clerk who sees a week's time through."""

    def moves_clock(self, moment: str) -> None:
        """Let time pass in the sandbox; what falls due on the way happens in order."""
        self.office.key.post("/v1/sandbox/clock", {"now": moment})
        self.settle()

    def sheets(self, **query: Any) -> dict[str, Record]:
        """The sheets of the week, by assignment."""
        asked = {"starts_on": MONDAY.isoformat(), **query}
        rows = self.every(self.office.key, "/v1/timesheets", **asked)
        return {row["assignment"]: row for row in rows if not row["corrects"]}

    def waits_for_sheets(self, count: int) -> dict[str, Record]:
        """The week's sheets, once all of them have opened by themselves."""

        def opened() -> dict[str, Record] | None:
            found = self.sheets()
            return found if len(found) >= count else None

        found: dict[str, Record] = self.until(f"{count} sheets open", opened)
        return found

    def reports_all(self, sheets: Sequence[Mapping[str, Any]]) -> None:
        """Write many periods' time down and hand it in."""
        for share in shares(sheets, AT_ONCE):
            ended_well(self.office.key.post("/v1/timesheets/batch", {"timesheets": share}))

    def approves_all(self, sheets: Sequence[str], by: Caller | None = None, po: str = "") -> None:
        """Approve submitted time; each share is priced in one transaction."""
        more = {"po_number": po} if po else {}
        self.in_hundreds(
            by or self.office.key, "/v1/timesheets/approve", "timesheets", list(sheets), **more
        )

    def rejects(self, sheet: str, reason: str) -> None:
        """Send one sheet back."""
        self.office.key.post(f"/v1/timesheets/{sheet}/reject", {"reason": reason})

    def chases(self, sheets: Sequence[str]) -> None:
        """Remind whoever holds these up, with a link that lets them do it."""
        body = {"timesheets": list(sheets), "channel": "email"}
        ended_well(self.office.key.post("/v1/timesheets/chase", body))


def sheet_of(agency: Agency, job: Job, assignment: str) -> dict[str, Any]:
    """The week of one job as it is reported: days, hours, or from and to with a break."""
    zone = ZoneInfo(agency.site_zone(job))
    po_number = agency.clients[job.client].po_number
    return {
        "assignment": assignment,
        "starts_on": MONDAY.isoformat(),
        "external_id": f"demo-{job.n:04d}-{MONDAY.isoformat()}",
        "entries": list(_entries(job, zone)),
        "submit": True,
        **({"po_number": po_number} if po_number else {}),
    }


def _entries(job: Job, zone: ZoneInfo) -> list[dict[str, Any]]:
    if job.clock is None:
        return [
            {"worked_on": (MONDAY + n * DAY).isoformat(), "unit": job.unit, "quantity": str(each)}
            for n, each in enumerate(job.days)
        ]
    began, ended, pause = job.clock
    return [
        {
            "worked_on": day.isoformat(), "unit": "hour", "started_at": _moment(day, began, zone),
            "ended_at": _moment(day, ended, zone), "break_minutes": pause,
        }
        for day in (MONDAY + n * DAY for n in range(5))
    ]  # fmt: skip


def _moment(day: date, clock: str, zone: ZoneInfo) -> str:
    hour, minute = (int(part) for part in clock.split(":"))
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return local.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")

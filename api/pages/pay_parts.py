"""Parts of a pay run's page: stages, figures, what stands in its way, statements and files."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from api.pages import look, wording
from api.pages.board_parts import RUN_TONES, RUN_WORDS
from api.pages.frame import Visitor
from api.pages.pay_differences import Line, worked
from api.pages.wording import NONE
from backline.directory.models import Worker
from backline.kernel.models import Event
from backline.payroll import deadlines
from backline.payroll.models import PaymentFile, PayRun

FIRST_STATEMENTS: Final = 12
MOST_STATEMENTS: Final = 2_000
NOTHING: Final = Decimal("0.00")
CHECKED: Final = frozenset(
    {"submitted", "approved", "releasing", "released", "settled", "partly_paid"}
)
RELEASED: Final = frozenset({"released", "settled", "partly_paid"})
KINDS: Final[Mapping[str, str]] = {"off_cycle": "Off-cycle", "void": "Void"}


def chip(state: str) -> dict[str, str]:
    """The state of a run, with how it feels."""
    return {
        "label": {**RUN_WORDS, "cancelled": "Cancelled"}[state],
        "tone": RUN_TONES.get(state, "plain"),
    }


def title(run: PayRun, country: str) -> str:
    """A run as people speak of it."""
    period = wording.period(run.starts_on, run.ends_on, country)
    kind = f"{KINDS[run.kind]}, " if run.kind in KINDS else ""
    return f"{kind}{run.calendar.name}, {period}"


def rail(run: PayRun) -> str:
    """By which rail its money goes."""
    return deadlines.RAIL[run.currency].upper()


def head(run: PayRun, country: str) -> dict[str, Any]:
    """What stands over the page."""
    statements = f"{run.payslips} pay statement{'' if run.payslips == 1 else 's'}"
    return {
        "title": title(run, country),
        "number": run.public_id.partition("_")[2][-8:].upper(),
        "says": f"{statements}, paid {wording.weekday(run.pay_on, country)} by {rail(run)}"
        + (f". {run.reason}" if run.reason else ""),
        "chip": chip(run.state),
        "is_calculating": run.state == "calculating",
        "note": f"Sent back: {run.reject_reason}" if run.state == "rejected" else "",
    }


def names(run: PayRun) -> dict[str, str]:
    """The names of those who had a hand in a run, by their ids, as its events kept them."""
    rows = Event.objects.filter(subject=run.pk).values_list("actor", flat=True)
    return {str(actor.get("id", "")): str(actor.get("name", "")) for actor in rows}


def stages(visitor: Visitor, run: PayRun, who: Mapping[str, str]) -> list[dict[str, str]]:
    """Check, approve, release: who did it and when, or who is to."""

    def done(by: str, at: Any) -> str:
        return ", ".join(filter(None, (who.get(by, ""), visitor.moment(at) if at else "")))

    is_checked, is_approved = run.state in CHECKED, bool(run.approved_at)
    is_released = run.state in RELEASED
    now = "release" if is_approved else "approve" if is_checked else "check"
    last = deadlines.approve_by(run.pay_on, run.currency, run.calendar.holidays)
    told = (
        ("Check", is_checked, done(run.prepared_by, run.submitted_at), "worked out and handed in"),
        (
            "Approve",
            is_approved,
            done(run.approved_by, run.approved_at),
            f"another person, by {wording.weekday(last, visitor.country)}",
        ),
        ("Release", is_released, done(run.released_by, run.released_at), "a third person"),
    )
    return [
        {
            "label": label,
            "says": said if is_past else says,
            "state": "past" if is_past else "now" if label.lower() == now else "",
        }
        for label, is_past, said, says in told
    ]


def figures(run: PayRun, last: PayRun | None) -> list[dict[str, str]]:
    """Gross to net, each beside last time."""
    return [
        {
            "label": label,
            "value": look.money(getattr(run, name), run.currency),
            "sub": _beside(getattr(run, name), getattr(last, name) if last else None, run.currency),
        }
        for label, name in (
            ("Gross pay", "gross"),
            ("Deductions", "taken"),
            ("Employer costs", "employer_cost"),
            ("Net pay", "net"),
        )
    ]


def _beside(now: Decimal, before: Decimal | None, currency: str) -> str:
    if before is None:
        return "the first of its calendar"
    moved = now - before
    if not moved:
        return "as last time"
    return f"{'+' if moved > 0 else ''}{look.money(moved, currency)} on last time"


def blockers(run: PayRun) -> dict[str, Any] | None:
    """What keeps workers, or the whole run, from being paid."""
    if not run.blockers or run.state in RELEASED:
        return None
    by_worker: dict[str, list[str]] = defaultdict(list)
    for one in run.blockers:
        by_worker[one["worker"] or ""].append(one["detail"])
    known = {
        str(key): f"{given} {family}"
        for key, given, family in Worker.objects.filter(
            pk__in=[UUID(key) for key in by_worker if key]
        ).values_list("pk", "given_name", "family_name")
    }
    faults = []
    for key, details in by_worker.items():
        who = f"{known.get(key, 'A worker')}: " if key else ""
        faults.append({"detail": who + " ".join(dict.fromkeys(details)), "href": ""})
    count = len([key for key in by_worker if key])
    people = f"{count} worker{'' if count == 1 else 's'} cannot be paid yet"
    return {"title": "The run is held" if "" in by_worker else people, "faults": faults}


def statements(run: PayRun, every: Sequence[Line], *, all_: bool, may_read: bool) -> dict[str, Any]:
    """The pay statements, the largest differences first."""
    shown = every[: MOST_STATEMENTS if all_ else FIRST_STATEMENTS]
    rows = [_row(run, line, may_read=may_read) for line in shown]
    last_time = sum((line.last_time or NOTHING for line in every), NOTHING)
    total = (
        f"All {len(every)}",
        "",
        look.money(run.gross, run.currency),
        look.money(run.net, run.currency),
        look.money(last_time, run.currency) if last_time else NONE,
    )
    columns = (
        ("Worker", False),
        ("Worked", True),
        ("Gross", True),
        ("Net", True),
        ("Last time", True),
    )
    caption = "Pay statements" if all_ or len(every) <= FIRST_STATEMENTS else "Largest differences"
    return look.table(caption, columns, rows, total=total if rows else ())


def _row(run: PayRun, line: Line, *, may_read: bool) -> Sequence[str | dict[str, Any]]:
    slip = line.slip
    through = f"through {slip.intermediary.legal_name}" if slip.intermediary else ""
    sub = through or slip.worker.reference
    href = ""
    if may_read and run.is_final and slip.intermediary_id is None:
        href = f"/pay-runs/{run.public_id}/statements/{slip.public_id}"
    return (
        {"text": line.name, "sub": sub, "href": href},
        worked(line),
        look.money(slip.gross, run.currency),
        look.money(slip.net, run.currency),
        look.money(line.last_time, run.currency) if line.last_time is not None else NONE,
    )


def files(visitor: Visitor, run: PayRun) -> list[dict[str, str]]:
    """The bank files of a released run."""
    return [
        {
            "rail": row.rail.upper(),
            "number": f"serial {row.serial:06d}",
            "count": str(row.count),
            "amount": look.money(row.amount, row.currency),
            "sha256": row.sha256,
            "process_on": wording.weekday(row.process_on, visitor.country),
            "href": f"/pay-runs/{run.public_id}/files/{row.public_id}"
            if visitor.holds("payment_files:read")
            else "",
        }
        for row in PaymentFile.objects.filter(run=run).order_by("batch")
    ]

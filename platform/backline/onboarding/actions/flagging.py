"""Umbrellas off the register, flagged while there is time: before the work, not on pay day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from backline.assignments.models import Assignment
from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.directory.models import Intermediary
from backline.kernel import ids
from backline.kernel.actors import Actor

Status = Assignment.Status
OVER = (Status.ENDED, Status.CANCELLED)


def flag_umbrellas(
    *, assignments: Iterable[UUID] = (), companies: Iterable[UUID] = (), actor: Actor, at: datetime
) -> int:
    """Open an exception for each of these assignments whose umbrella may not be used, from its
    first day or today; close it where it may. Returns how many were found.
    """
    rows = Assignment.objects.filter(engagement="umbrella").select_related("intermediary", "worker")
    named = rows.filter(pk__in=set(assignments)) | rows.filter(intermediary__in=set(companies))
    on = directory.day_of(at)
    found, fine = [], []
    for row in named.order_by("id"):
        company = row.intermediary
        if company is None:
            continue
        if row.status in OVER or _may_be_used(company, max(on, row.starts_on)):
            fine.append(_key(row))
        else:
            found.append(_found(row, company, max(on, row.starts_on)))
    desk.open_exceptions(found, actor=actor, at=at)
    _close(fine, actor, at)
    return len(found)


def _close(keys: Sequence[str], actor: Actor, at: datetime) -> None:
    told = "The umbrella is on the register, or the work is over."
    desk.close_for(keys, resolution=told, actor=actor, at=at)


def _may_be_used(company: Intermediary, on: date) -> bool:
    since, until = company.approved_from, company.approved_until
    return since is not None and since <= on and (until is None or on <= until)


def _found(row: Assignment, company: Intermediary, on: date) -> desk.Found:
    who = f"{row.worker.given_name} {row.worker.family_name}"
    return desk.Found(
        kind="company_off_register",
        key=_key(row),
        title=f"{company.legal_name} is not on the register",
        detail=(
            f"{who} is to be paid through it from {on.isoformat()} on. Pay will be held, and what"
            " the umbrella does not pay HMRC can be asked of the agency."
        ),
        about_kind="assignment",
        about=row.pk,
        stops="pay",
        evidence=[{"intermediary": ids.public("imy", company.pk)}],
        suggested="Approve it with its evidence, or pay the worker another way.",
    )


def _key(row: Assignment) -> str:
    return f"company_off_register:{row.pk}"

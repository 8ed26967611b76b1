"""Equal treatment: what the hirer's own people get, and what the clock of twelve weeks runs by
besides time: roles, hirers, weeks elsewhere, absences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from backline.assignments.actions.pricing import NewRate
from backline.assignments.events import (
    AbsenceNoted,
    AbsenceWithdrawn,
    EqualTermsAgreed,
    HirerLinked,
    RoleSet,
    WeeksBrought,
)
from backline.assignments.models import (
    Absence,
    Assignment,
    EqualTerms,
    HirerLink,
    RoleTold,
    WeekElsewhere,
)
from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.directory.models import Client, Worker
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record
from rulebook.packs.gb.agencyweeks import REASONS

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEqualTerms:
    """What the hirer's own people get from a day: prices by code, a holiday share where theirs is
    more, and who they are.
    """

    since: date
    rates: Sequence[NewRate]
    holiday_share: Decimal | None = None
    comparator: str = ""

    def faults(self) -> list[Fault]:
        """Everything that is wrong with it."""
        faults = []
        codes = [rate.code for rate in self.rates]
        if "regular" not in codes:
            faults.append(Fault("regular_rate_missing", "Say the rate called regular.", "/rates"))
        for n, rate in enumerate(self.rates):
            if codes.index(rate.code) != n:
                told = f"{rate.code} is said twice."
                faults.append(Fault("rate_twice", told, f"/rates/{n}/code"))
            if rate.pay_rate is None or rate.pay_rate < 0:
                told = "Say what they are paid."
                faults.append(Fault("pay_rate_missing", told, f"/rates/{n}/pay_rate"))
            if rate.bill_rate is not None and rate.bill_rate < 0:
                told = "A rate is not negative."
                faults.append(Fault("rate_negative", told, f"/rates/{n}/bill_rate"))
        return faults


def due_key(assignment: UUID) -> str:
    """What the trouble of an assignment without equal terms is known by."""
    return f"equal_treatment_due:{assignment}"


def agree_equal_terms(
    assignment: UUID, new: NewEqualTerms, *, actor: Actor, at: datetime
) -> EqualTerms:
    """Keep what the hirer's own people get from a day; what held before ends there."""
    refuse_if(new.faults())
    if not Assignment.objects.select_for_update().filter(pk=assignment).exists():
        raise Missing("not_found", "There is no such assignment.")
    same = EqualTerms.objects.filter(assignment_id=assignment, withdrawn=False)
    currency = directory.firm().currency
    row = EqualTerms.objects.create(
        assignment_id=assignment,
        valid=dated.since(new.since, dated.replace(same, new.since)),
        rates=[
            {
                "code": rate.code,
                "currency": currency,
                "pay_rate": str(rate.pay_rate),
                "bill_rate": None if rate.bill_rate is None else str(rate.bill_rate),
            }
            for rate in new.rates
        ],
        holiday_share=new.holiday_share,
        comparator=new.comparator,
        agreed_at=at,
        agreed_by=actor.as_json(),
    )
    record([EqualTermsAgreed(subject=assignment, since=str(new.since))], actor=actor, at=at)
    told = "What the hirer's own people get is known."
    desk.close_for([due_key(assignment)], resolution=told, actor=actor, at=at)
    return row


def set_role(
    assignment: UUID, *, role: str, told_on: date | None, reason: str, actor: Actor, at: datetime
) -> RoleTold:
    """Count an assignment's weeks in a role of that name; assignments of one name are linked.

    Work is another role only where it differs in substance and the worker was told so in writing,
    which has its day; an empty name counts it with all other work for the hirer again.
    """
    row = Assignment.objects.select_for_update().filter(pk=assignment).first()
    if row is None:
        raise Missing("not_found", "There is no such assignment.")
    if role.strip() and told_on is None:
        told = "Say on which day the worker was told in writing that the role differs."
        raise Invalid("not_told_in_writing", told, pointer="/told_on")
    made = RoleTold.objects.create(
        assignment=row,
        role=role.strip(),
        told_on=told_on,
        reason=reason,
        set_at=at,
        set_by=actor.as_json(),
    )
    fact = RoleSet(subject=row.pk, worker=str(row.worker_id), role=made.role, reason=reason)
    record([fact], actor=actor, at=at)
    return made


def link_hirer(
    client: UUID, *, hirer: UUID | None, reason: str, actor: Actor, at: datetime
) -> HirerLink:
    """Say that two records of clients are one hirer, so that weeks count together; None parts
    them.
    """
    for key, where in ((client, ""), (hirer, "/hirer")):
        if key is not None and not Client.objects.filter(pk=key).exists():
            raise Missing("not_found", "There is no such client.", pointer=where)
    if client == hirer:
        raise Invalid("linked_to_itself", "Name another record.", pointer="/hirer")
    made = HirerLink.objects.create(
        client_id=client, hirer_id=hirer, reason=reason, set_at=at, set_by=actor.as_json()
    )
    fact = HirerLinked(subject=client, client=str(hirer or ""), reason=reason)
    record([fact], actor=actor, at=at)
    return made


def bring_weeks(
    worker: UUID,
    *,
    client: UUID,
    weeks: Sequence[date],
    through: str,
    role: str = "",
    actor: Actor,
    at: datetime,
) -> list[WeekElsewhere]:
    """Take in weeks that a worker worked for a hirer through another agency; one that is known
    stays as it is.
    """
    if not Worker.objects.filter(pk=worker).exists():
        raise Missing("not_found", "There is no such worker.")
    if not Client.objects.filter(pk=client).exists():
        raise Missing("not_found", "There is no such client.", pointer="/client")
    faults = [
        Fault("not_over_yet", "That week is not over.", f"/weeks/{n}")
        for n, week in enumerate(weeks)
        if week + WEEK > at.date()
    ]
    refuse_if(faults)
    same = WeekElsewhere.objects.filter(worker=worker, client=client, role=role)
    known = set(same.values_list("week_starts_on", flat=True))
    fresh = [
        WeekElsewhere(
            worker_id=worker,
            client_id=client,
            role=role,
            week_starts_on=week,
            through=through,
            brought_at=at,
            brought_by=actor.as_json(),
        )
        for week in sorted(set(weeks) - known)
    ]
    WeekElsewhere.objects.bulk_create(fresh)
    if fresh:
        told = [row.week_starts_on.isoformat() for row in fresh]
        record([WeeksBrought(subject=worker, client=str(client), weeks=told)], actor=actor, at=at)
    return fresh


def note_absence(
    worker: UUID, *, reason: str, starts_on: date, ends_on: date, actor: Actor, at: datetime
) -> Absence:
    """Note that a worker is away for a reason that bears on the clock: it stops, or goes on."""
    if not Worker.objects.select_for_update().filter(pk=worker).exists():
        raise Missing("not_found", "There is no such worker.", pointer="/worker")
    faults = []
    if reason not in REASONS:
        told = f"Say one of {', '.join(sorted(REASONS))}."
        faults.append(Fault("reason_unknown", told, "/reason"))
    if ends_on < starts_on:
        faults.append(Fault("ends_before_start", "It ends before it starts.", "/ends_on"))
    refuse_if(faults)
    over = Absence.objects.filter(
        worker=worker, withdrawn=False, starts_on__lte=ends_on, ends_on__gte=starts_on
    )
    if over.exists():
        told = "Another absence is noted for some of these days."
        raise Conflict("absences_overlap", told, pointer="/starts_on")
    row = Absence.objects.create(
        worker_id=worker,
        reason=reason,
        starts_on=starts_on,
        ends_on=ends_on,
        noted_at=at,
        noted_by=actor.as_json(),
    )
    record([AbsenceNoted(subject=row.pk, worker=str(worker))], actor=actor, at=at)
    return row


def withdraw_absence(absence: UUID, *, reason: str, actor: Actor, at: datetime) -> Absence:
    """Take back an absence that was noted by mistake, with the reason; it stays readable."""
    row = Absence.objects.select_for_update().filter(pk=absence).first()
    if row is None:
        raise Missing("not_found", "There is no such absence.")
    if row.withdrawn:
        raise Conflict("illegal_move", "It was taken back already.")
    row.withdrawn = True
    row.version += 1
    row.save(update_fields=["withdrawn", "version"])
    fact = AbsenceWithdrawn(subject=row.pk, worker=str(row.worker_id), reason=reason)
    record([fact], actor=actor, at=at)
    return row

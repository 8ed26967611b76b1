"""Telling: what became of a record, as an event, an exception with its owner, and a letter to the
source's contact.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from backline.desk import actions as desk
from backline.desk.actions import OPEN
from backline.desk.models import Trouble
from backline.integrations import tokens
from backline.integrations.actions.intake import (
    CONFLICT,
    FAILED,
    PARKED,
    PROPOSED,
    STALE,
    TOMBSTONED,
    TWO_THINGS,
    UNCHANGED,
    Became,
    Intake,
    Result,
)
from backline.integrations.actions.placing import LEFT_BEHIND
from backline.integrations.events import RecordTaken
from backline.integrations.models import Delivery, SourceRecord
from backline.kernel.errors import Fault
from backline.kernel.events import plain
from backline.kernel.operations import refused

PATIENCE = timedelta(minutes=15)  # for a record that was named and did not arrive
WAITED_FOR = ("placement_not_approved", "change_not_approved")  # for the source; no one is needed
KINDS = (
    "source_record_failed",
    "source_record_parked",
    "source_proposal",
    "source_tombstoned",
    "rate_dates_differ",
    "engagement_changed",
    TWO_THINGS,
)
STOPS = {FAILED: "start", PARKED: "start"}


def tell(intake: Intake, row: SourceRecord, result: Result) -> None:
    """Tell what became of a record as an event, where something moved."""
    if result.outcome == UNCHANGED:
        return
    intake.facts.append(
        RecordTaken(
            subject=row.pk,
            source=intake.source.name,
            record=row.record,
            external_id=row.external_id,
            outcome=result.outcome,
            source_version=tokens.told(row.token),
            about=str(row.about or ""),
            codes=[fault.code for fault in result.refusal.faults] if result.refusal else [],
        )
    )


def finish(intake: Intake) -> None:
    """Write down what was gathered on the way, then tell of it on the desk and by letter."""
    intake.finish()
    by_outcome: dict[str, list[str]] = {}
    opened: list[desk.Found] = []
    for row, found in intake.desk.values():
        keep = {each.key for each in found}
        opened += found
        by_outcome.setdefault(row.outcome, []).extend(
            name for kind in KINDS if (name := key_of(kind, intake, row)) not in keep
        )
    told = {"actor": intake.actor, "at": intake.at}
    for outcome, keys in sorted(by_outcome.items()):
        resolution = f"It is {outcome.replace('_', ' ')} now."
        desk.close_for(keys, resolution=resolution, **told)  # type: ignore[arg-type]  # by name
    if opened:
        _restate(intake, opened)
    if opened or intake.conflicts:
        desk.open_exceptions([*opened, *intake.conflicts.values()], **told)  # type: ignore[arg-type]
    if intake.letters:
        desk.write(intake.letters[:1], at=intake.at)  # one a day is enough


def for_desk(intake: Intake, row: SourceRecord, found: Sequence[desk.Found]) -> None:
    """Have the exceptions of a record opened, and those closed that are true no more."""
    intake.desk[row.pk] = (row, found)
    intake.conflicts.pop(row.pk, None)


def key_of(kind: str, intake: Intake, row: SourceRecord) -> str:
    """The key under which an exception of this kind about a record is open once."""
    return f"{kind}:{intake.source.name}:{row.record}:{row.external_id}"[:200]


def exceptions(intake: Intake, row: SourceRecord, result: Result) -> list[desk.Found]:
    """What of a record needs a person."""
    faults = result.refusal.faults if result.refusal else ()
    if result.outcome == FAILED:
        kind = "rate_dates_differ" if _is_dates(faults) else "source_record_failed"
        return [_said(kind, intake, row, "cannot be applied", faults)]
    if result.outcome == PARKED:
        if faults and faults[0].code in WAITED_FOR:
            return []
        return [_said("source_record_parked", intake, row, "waits for another record", faults)]
    if result.outcome == PROPOSED:
        return [_proposal(intake, row, result)]
    if result.outcome == TOMBSTONED and faults:
        return [_said("source_tombstoned", intake, row, "was taken away there", faults)]
    if LEFT_BEHIND in result.notes:
        return [_said("engagement_changed", intake, row, "is engaged otherwise",
                      [Fault("time_after_change", LEFT_BEHIND)])]  # fmt: skip
    return []


def _is_dates(faults: Sequence[Fault]) -> bool:
    return bool(faults) and all(fault.code == "rate_dates_differ" for fault in faults)


def _said(
    kind: str, intake: Intake, row: SourceRecord, what: str, faults: Sequence[Fault]
) -> desk.Found:
    """One exception that names each missing fact, and where the source keeps it."""
    return desk.Found(
        kind=kind,
        key=key_of(kind, intake, row),
        title=f"{_named(intake, row)} {what}",
        detail=" ".join(_sentence(fault) for fault in faults)[:2000],
        about_kind="source_record",
        about=row.pk,
        stops=STOPS.get(row.outcome, "nothing") if row.record == "placement" else "nothing",
        evidence=[evidence(fault) for fault in faults],
        suggested=_suggested(intake, row),
        due_at=intake.at + PATIENCE if kind == "source_record_parked" else None,
    )


def evidence(fault: Fault) -> dict[str, Any]:
    """A fault as an exception shows it: what is missing here, and which field it is there."""
    return {
        "code": fault.code,
        "pointer": fault.pointer,
        "detail": fault.detail,
        **plain(dict(fault.facts)),
    }


def _sentence(fault: Fault) -> str:
    place = fault.facts.get("source_field")
    return f"{fault.detail} ({place})" if place else fault.detail


def _named(intake: Intake, row: SourceRecord) -> str:
    what = row.record.replace("_", " ").capitalize()
    return f"{what} {row.external_id} of {intake.source.name}"


def _suggested(intake: Intake, row: SourceRecord) -> str:
    if row.outcome == PARKED:
        return f"Have {intake.source.name} send what is missing; the record then applies by itself."
    return f"Complete it in {intake.source.name}, or supply what is missing here."


def _proposal(intake: Intake, row: SourceRecord, result: Result) -> desk.Found:
    names = ", ".join(sorted(result.proposed)).replace("_", " ")
    return desk.Found(
        kind="source_proposal",
        key=key_of("source_proposal", intake, row),
        title=f"{_named(intake, row)} proposes other {names}",
        detail=f"{intake.source.name} may propose this and may not set it: {names}.",
        about_kind="source_record",
        about=row.pk,
        evidence=[{"field": n, "change": plain(each)} for n, each in result.proposed.items()],
        suggested="Accept it, or decline it with the reason.",
    )


def _restate(intake: Intake, found: Sequence[desk.Found]) -> None:
    """An exception that says something else now is closed, and opened with what is true."""
    wanted = {each.key: each for each in found}
    rows = Trouble.objects.filter(key__in=wanted, state__in=OPEN)
    other = [row.key for row in rows if row.evidence != plain(list(wanted[row.key].evidence))]
    desk.close_for(
        other, resolution="It is told anew: the source sent more.", actor=intake.actor,
        at=intake.at,
    )  # fmt: skip


def write_to_contact(intake: Intake, row: SourceRecord) -> None:
    """Have the person who looks after the source written to, at most once a day."""
    source = intake.source
    if not source.contact_email:
        return
    letter = desk.Letter(
        key=f"source_failed:{source.name}:{intake.on.isoformat()}",
        kind="source_failed",
        to_address=source.contact_email,
        subject_line=f"Records of {source.name} cannot be applied",
        body=(
            f"A {row.record} that {source.name} sent lacks what is needed here, the first today."
            "\nEach is named among the exceptions, with the field that is missing and where."
        ),
        about=source.pk,
    )
    intake.letters.append(letter)


# --- what was sent -------------------------------------------------------------------------------


def keep_delivery(intake: Intake, became: Became) -> None:
    """Keep that a record was sent and what became of it; whole, where nothing else keeps it."""
    if became.outcome == CONFLICT:
        tell_conflict(intake, became)
    if became.push.is_kept:
        return
    is_kept_elsewhere = became.outcome not in (STALE, CONFLICT)
    problem = refused(became.refusal) if became.refusal else None
    intake.deliveries.append(
        Delivery(
            source=intake.source,
            record=became.push.record,
            external_id=became.push.external_id,
            body={} if is_kept_elsewhere else plain(dict(became.push.body)),
            outcome=became.outcome,
            problem=problem,
            received_at=intake.at,
        )
    )


def tell_conflict(intake: Intake, became: Became) -> None:
    """Open the exception of a version that says two things."""
    faults = became.refusal.faults if became.refusal else ()
    what = "says two things of one version"
    intake.conflicts[became.row.pk] = _said(TWO_THINGS, intake, became.row, what, faults)
    became.row.has_exception = True
    intake.kept.change(became.row)

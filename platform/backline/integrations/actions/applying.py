"""Applying: what a kept record says, brought into the books; or what it lacks and waits for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from backline.assignments.models import Assignment
from backline.directory.models import Contact, Site
from backline.integrations import reading, tokens
from backline.integrations.actions import context, parties, placing
from backline.integrations.actions.agreeing import Said
from backline.integrations.actions.context import BELONGS_TO
from backline.integrations.actions.intake import (
    CREATED,
    FAILED,
    HELD_UP,
    PARKED,
    UPDATED,
    Became,
    Intake,
    Push,
    Result,
    failed,
)
from backline.integrations.actions.stepping import Steps, done
from backline.integrations.models import SourceRecord
from backline.integrations.reading import ABOUT, Read, Reference, Unfit
from backline.integrations.records import KINDS, PLACEMENT, TIMESHEET
from backline.kernel import ids
from backline.kernel.errors import Conflict, Fault, Invalid
from backline.timesheets import actions as timesheets

Take = Callable[[Intake, Push], Steps[Became]]
LEFT_OUT = ("required", "/rates")
PARTS = ("client", "worker", "intermediary", "approver", "site")


def read(intake: Intake) -> None:
    """Read whose the contacts and sites are that placements name."""
    for model, record in ((Contact, "contact"), (Site, "site")):
        keys = [key for key in intake.kept.about(record) if key not in intake.owners_of]
        if keys:
            found = model._default_manager.filter(pk__among=keys)
            intake.owners_of.update(found.values_list("pk", "client_id"))


def apply(intake: Intake, row: SourceRecord, take: Take) -> Steps[Result]:
    """Apply one kept record; `take` takes in the records that it brings along."""
    if row.body.get("is_deleted"):
        return _bury(intake, row)
    if row.record == "job":
        return Result(CREATED if row.applied_at is None else UPDATED)
    if row.record == "placement":
        return (yield from _placement(intake, row, take))
    if row.record == "timesheet":
        return (yield from _timesheet(intake, row))
    if row.record in KINDS:
        return (yield from _party(intake, row))
    return (yield from _part_of_placement(intake, row, take))


def _bury(intake: Intake, row: SourceRecord) -> Result:
    if row.record in BELONGS_TO or row.record == "job":
        return Result("tombstoned", row.about)
    if row.record == "placement":
        return placing.cancel(intake, row, str(row.body.get("cancelled_because") or ""))
    return parties.bury(intake, row)


# --- parties -------------------------------------------------------------------------------------


def _party(intake: Intake, row: SourceRecord) -> Steps[Result]:
    body = context.filled(row.body, row.supplied)
    found = reading.read(KINDS[row.record], body, intake.defaults)
    faults = mended(found.faults, body, row.supplied)
    values, waits = dict(found.values), []
    for name, each in list(values.items()):
        if isinstance(each, Reference):
            values[name] = resolved(intake, each)
            if values[name] is None:
                waits.append(each)
    if faults:
        return failed(faults, row.about)
    if waits:
        return _parked(row, waits)
    return (yield from parties.apply(intake, row, values))


def mended(
    faults: list[Fault], body: Mapping[str, Any], supplied: Mapping[str, Any]
) -> list[Fault]:
    """The faults with what the mapping knows of each: where the source keeps the missing fact."""
    about = body.get(ABOUT) or {}
    names: Mapping[str, str] = about.get("names") or {}
    problems = [
        Fault(each["code"], each["detail"], each["pointer"], {})  # type: ignore[arg-type]
        for each in about.get("problems") or ()
        if each["pointer"].split("/")[1] not in supplied
    ]
    told = {each.pointer for each in problems}
    left = [each for each in faults if each.pointer not in told]
    return [_named(each, names) for each in (*problems, *left)]


def named(faults: list[Fault], body: Mapping[str, Any]) -> list[Fault]:
    """The faults, each with where the source keeps the fact."""
    names: Mapping[str, str] = (body.get(ABOUT) or {}).get("names") or {}
    return [_named(each, names) for each in faults]


def _named(fault: Fault, names: Mapping[str, str]) -> Fault:
    place = next(
        (names[key] for key in sorted(names, key=len, reverse=True)
         if fault.pointer == key or fault.pointer.startswith(f"{key}/")),
        "",
    )  # fmt: skip
    if not place:
        return fault
    return replace(fault, facts={"source_field": place})  # type: ignore[arg-type]


def resolved(intake: Intake, reference: Reference) -> UUID | None:
    """The object that a reference means, or None while it did not arrive; raises Unfit."""
    kind = KINDS[reference.record]
    if reference.id:
        key = ids.parse(kind.prefix, reference.id)
        if key is None or not _exists(reference.record, key):
            raise Unfit("not_found", f"There is no such {reference.record}.")
        return key
    row = intake.row(reference.record, reference.external_id)
    return row.about if row is not None else None


def _exists(record: str, key: UUID) -> bool:
    if record == "placement":
        return Assignment.objects.filter(pk=key).exists()
    return parties.exists(record, key)


def _parked(row: SourceRecord, waits: list[Reference]) -> Result:
    faults = [
        Fault(
            "reference_missing",
            f"The {each.record} {each.external_id} has not arrived; this applies by itself when"
            " it does.",
            f"/{each.record}",
        )
        for each in waits
    ]
    return Result(PARKED, row.about, Invalid.of(faults), waits)


# --- placements ----------------------------------------------------------------------------------


def _placement(intake: Intake, row: SourceRecord, take: Take) -> Steps[Result]:
    body, job = context.with_context(intake, row)
    if body.get("status") == "cancelled":
        return placing.cancel(intake, row, str(body.get("cancelled_because") or ""))
    if body.get("status") == "pending" and row.about is None:
        told = "The source has not approved this placement yet; it applies when it does."
        return Result(PARKED, None, Conflict("placement_not_approved", told))
    if job is not None:
        return _parked(row, [job])
    found = reading.read(PLACEMENT, body, intake.defaults)
    wholes, faults = _read_parts(intake, found)
    said, more = _said(intake, row, body)
    faults = mended([*found.faults, *faults, *more], body, row.supplied)
    if said or row.about is not None:  # a rate card may say what the placement leaves out
        faults = [each for each in faults if (each.code, each.pointer) != LEFT_OUT]
    keys, waits, unknown = _resolve(intake, found, wholes)
    unknown += _strangers(intake, keys, _client(intake, keys, wholes))
    if faults or unknown:
        return failed([*faults, *named(unknown, body)], row.about)
    if waits:
        return _parked(row, waits)
    return (yield from _place(intake, row, take, _Ready(found.values, keys, wholes, said)))


def _read_parts(intake: Intake, found: Read) -> tuple[dict[str, Push], list[Fault]]:
    """The records that a placement brings along, each read, and every fault in them."""
    wholes: dict[str, Push] = {}
    faults: list[Fault] = []
    client = found.values.get("client")
    for name in PARTS:
        each = found.values.get(name)
        if not isinstance(each, Reference) or each.body is None:
            continue
        body = {key: value for key, value in each.body.items() if key not in reading.OWN}
        if each.record in ("contact", "site") and isinstance(client, Reference):
            own = {"id": client.id} if client.id else {"external_id": client.external_id}
            body.setdefault("client", own)
        own_faults = reading.read(KINDS[each.record], body, intake.defaults).faults
        if name == "worker" and not body.get("email"):
            told = "The worker's email is missing."
            own_faults.append(Fault("required", told, "/email"))
        faults += [replace(fault, pointer=f"/{name}{fault.pointer}") for fault in own_faults]
        wholes[name] = Push(
            record=each.record,
            external_id=each.external_id,
            body=body,
            token=_own_token(each.body),
        )
    return wholes, faults


def _own_token(body: Mapping[str, Any]) -> tokens.Token:
    return tokens.of(body.get("source_version"), body.get("source_updated_at"))


def _said(
    intake: Intake, row: SourceRecord, body: Mapping[str, Any]
) -> tuple[list[Said], list[Fault]]:
    try:
        return context.said(intake, row, body), []
    except Unfit:
        return [], []  # read already told what is wrong with them


def _resolve(
    intake: Intake, found: Read, wholes: Mapping[str, Push]
) -> tuple[dict[str, UUID], list[Reference], list[Fault]]:
    """What a placement names: our keys, what did not arrive, what there is not."""
    keys: dict[str, UUID] = {}
    waits: list[Reference] = []
    faults: list[Fault] = []
    for name in PARTS:
        each = found.values.get(name)
        if not isinstance(each, Reference) or name in wholes:
            continue
        try:
            key = resolved(intake, each)
        except Unfit as no:
            faults += no.below(f"/{name}").faults
            continue
        if key is None:
            waits.append(each)
        else:
            keys[name] = key
    return keys, waits, faults


def _client(intake: Intake, keys: Mapping[str, UUID], wholes: Mapping[str, Push]) -> UUID | None:
    """The client, if it stands already; one that is brought along may be new."""
    if "client" not in wholes:
        return keys.get("client")
    row = intake.row("client", wholes["client"].external_id)
    return row.about if row is not None else None


def _strangers(intake: Intake, keys: Mapping[str, UUID], client: UUID | None) -> list[Fault]:
    """An approver or a site that is known must be the client's own."""
    faults = []
    for name, model in (("approver", Contact), ("site", Site)):
        key = keys.get(name)
        if key is None:
            continue
        if key not in intake.owners_of:
            found = model._default_manager.filter(pk=key).values_list("pk", "client_id")
            intake.owners_of.update(found)
        if client is not None and intake.owners_of.get(key) != client:
            told = f"This {name} belongs to another client than the placement."
            faults.append(Fault("of_another_client", told, f"/{name}"))
    return faults


@dataclass(frozen=True, slots=True)
class _Ready:
    """A placement of which nothing is missing: its values, what it names, what it brings along."""

    values: dict[str, Any]
    keys: dict[str, UUID]
    wholes: dict[str, Push]
    said: list[Said]


def _place(intake: Intake, row: SourceRecord, take: Take, ready: _Ready) -> Steps[Result]:
    """Take in the records it brings along, then make or change the assignment."""
    keys, wholes = ready.keys, ready.wholes
    notes: list[str] = []
    known = tokens.read(row.token)
    for name in PARTS:
        if name in wholes:
            push = wholes[name]
            if not push.token.is_given:
                push = replace(push, token=known)  # as new as the placement that brings it
            became = yield from take(intake, replace(push, is_kept=True))
            if became.row.about is None:
                refusal = became.refusal or Invalid("part_not_taken", f"The {name} is not usable.")
                told = [replace(each, pointer=f"/{name}{each.pointer}") for each in refusal.faults]
                return failed(told, row.about)
            if became.refusal is not None:
                notes.append(f"The {name} stays as it was: {became.refusal.detail}")
            keys[name] = became.row.about
    country, currency = intake.client(keys["client"])
    values = {n: v for n, v in ready.values.items() if not isinstance(v, Reference)} | keys
    placed = placing.Placed(values, ready.said, currency)
    unfit = placing.unfit(placed, row, country)
    if unfit:
        return failed(named(unfit, row.body), row.about)
    result = yield from placing.apply(intake, row, placed)
    return replace(result, notes=[*result.notes, *notes]) if notes else result


def _part_of_placement(intake: Intake, row: SourceRecord, take: Take) -> Steps[Result]:
    """A change request or part of a rate card: work its placement out anew."""
    if not row.body.get("is_approved", True):
        told = "The source has not approved this change yet; it applies when it does."
        return Result(PARKED, row.about, Conflict("change_not_approved", told))
    problems = mended(_stated(row), row.body, row.supplied)
    if problems:
        return failed(problems, row.about)
    above = context.placement_of(intake, row)
    if isinstance(above, Reference):
        return _parked(row, [above])
    if above.about is None:
        return _parked(row, [Reference("placement", above.external_id)])
    yield from intake.turn(above)
    result = yield from _placement(intake, above, take)
    intake.busy.discard(above.pk)
    _follow(intake, above, result)
    if result.outcome in HELD_UP:
        return Result(FAILED, above.about, result.refusal)
    return replace(result, about=above.about)


def _stated(row: SourceRecord) -> list[Fault]:
    """What is wrong with the rates of a change request by itself."""
    field = PLACEMENT.field("rates")
    if row.record != "change" or not row.body.get("rates") or field is None:
        return []
    try:
        reading.READERS["rates"](row.body["rates"], field)
    except Unfit as no:
        return no.below("/rates").faults
    return []


def _follow(intake: Intake, above: SourceRecord, result: Result) -> None:
    """Keep what became of the placement whose parts changed."""
    above.about, above.outcome = result.about or above.about, result.outcome
    above.applied_at = above.applied_at if result.outcome in HELD_UP else intake.at
    intake.kept.change(above)


# --- time ----------------------------------------------------------------------------------------


def _timesheet(intake: Intake, row: SourceRecord) -> Steps[Result]:
    body = context.filled(row.body, row.supplied)
    found = reading.read(TIMESHEET, body, intake.defaults)
    if found.faults:
        return failed(mended(found.faults, body, row.supplied), row.about)
    placement = found.values["placement"]
    try:
        key = resolved(intake, placement)
    except Unfit as no:
        return failed(no.below("/placement").faults, row.about)
    if key is None:
        return _parked(row, [placement])
    new = timesheets.NewSheet(
        assignment=_on_the_day(intake, placement, key, found.values["starts_on"]),
        starts_on=found.values["starts_on"],
        entries=found.values["entries"],
        external_id=f"{intake.source.name}:{row.external_id}"[:80],
        po_number=found.values.get("po_number") or "",
        submit=bool(found.values.get("submit")),
    )
    made = yield from done(timesheets.enter, new, alone=new.assignment)
    if made.refusal is not None:
        return Result(FAILED, row.about, made.refusal)
    return Result(CREATED if row.about is None else UPDATED, made.id)


def _on_the_day(intake: Intake, placement: Reference, key: UUID, day: Any) -> UUID:
    """The assignment that stands for a placement on a day: another one before it was split."""
    row = intake.row("placement", placement.external_id) if placement.external_id else None
    for each in reversed(row.earlier if row else []):
        old = Assignment.objects.get(pk=UUID(each))
        if old.ends_on is not None and day <= old.ends_on:
            key = old.pk
    return key

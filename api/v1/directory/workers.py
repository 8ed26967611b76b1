"""/v1/workers: who works on assignments; what is secret goes in and never comes out."""

from typing import Any
from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import (
    Choice,
    Derived,
    Flag,
    Id,
    Instant,
    Json,
    Quantity,
    Resource,
    Shape,
    Text,
    Whole,
)
from api.v1.directory.words import ADDRESS, COUNTRIES, TAG, AddressIn, Email, Word
from backline.directory import actions
from backline.directory.models import Worker
from backline.kernel import provenance
from backline.kernel.outcomes import one

WORKER = Resource(
    "Worker",
    model=Worker,
    fields=(
        Id("wrk"),
        Text("reference", doc="The firm's own number for the worker."),
        Text("given_name"),
        Text("family_name"),
        Text("preferred_name"),
        Text("email"),
        Text("phone"),
        Json("address", ADDRESS),
        Choice("country", COUNTRIES),
        Derived(
            Flag("has_birth_date", doc="The day of birth is kept sealed and never shown."),
            of=("born_on",),
            make=bool,
        ),
        Text("tax_id_last", doc="The last four of the NI or social security number, else empty."),
        Choice("state", ("active", "inactive")),
        Quantity("holiday_hours", doc="Holiday not yet taken, in hours."),
        Whole("version"),
        Instant("created_at"),
    ),
    filters=("state", "country", "reference", "email", "family_name", "created_at"),
    sorts=("family_name",),
    doc="Someone who works on assignments.",
)

reads(WORKER, "/v1/workers", scope="workers:read", tag=TAG)


class WorkerIn(fields.Input):
    """What is known of a worker; day of birth and tax number are sealed and never shown again."""

    given_name = fields.Text(longest=80)
    family_name = fields.Text(longest=80)
    country = fields.Choice(COUNTRIES)
    preferred_name = Word(longest=80)
    email = Email(required=False)
    phone = Word(longest=40)
    address = AddressIn(required=False)
    born_on = fields.Day(required=False)
    tax_id = Word(longest=20, help_text="A National Insurance or social security number.")
    reference = Word(longest=40)


class WorkerChange(WorkerIn):
    """What of a worker changes."""

    state = fields.Choice(("active", "inactive"))


@door(
    "POST",
    "/v1/workers",
    "workers_add",
    scope="workers:write",
    body=WorkerIn,
    answers=WORKER,
    status=201,
    key="optional",
    tag=TAG,
)
def add(call: Call) -> object:
    """Add a worker."""
    made = actions.add_workers(
        [actions.NewWorker(**_sealable(call.body))], actor=call.actor, at=call.at
    )
    return WORKER.one(one(made))


@door(
    "PATCH",
    "/v1/workers/{worker:wrk}",
    "workers_update",
    scope="workers:write",
    body=WorkerChange,
    answers=WORKER,
    match=True,
    tag=TAG,
)
def change(call: Call, worker: UUID) -> object:
    """Change what is known of a worker."""
    provenance.by_hand("worker", worker, call.body, actor=call.actor, at=call.at)
    actions.change_worker(worker, _sealable(call.body), actor=call.actor, at=call.at)
    return WORKER.one(worker)


SECRETS = Shape(
    "WorkerSecrets",
    (
        Id("wrk"),
        Text("born_on", doc="Empty where it is not known."),
        Text("tax_id", doc="Empty where it is not known."),
    ),
    doc="What is sealed of a worker, shown once to somebody who said why.",
)


class RevealIn(fields.Input):
    """Why it must be seen."""

    reason = fields.Text(longest=200)


@door(
    "POST",
    "/v1/workers/{worker:wrk}/reveal",
    "workers_reveal",
    scope="sensitive:reveal",
    body=RevealIn,
    answers=SECRETS,
    fresh=True,
    tag=TAG,
)
def reveal(call: Call, worker: UUID) -> object:
    """Show a worker's day of birth and tax number; who saw them, and why, stays on record."""
    told = {"reason": call.body["reason"], "actor": call.actor, "at": call.at}
    shown = actions.reveal(Worker, worker, ("born_on", "tax_id"), **told)
    return SECRETS.show({"id": worker, **shown})


def _sealable(body: dict[str, Any]) -> dict[str, Any]:
    """A sealed day is kept as its text."""
    given = dict(body)
    if "born_on" in given:
        given["born_on"] = str(given["born_on"])
    return given

"""/v1/sources/{source}/placements/{external_id} and its sisters: one record by the source's key."""

from typing import Any

from api import fields
from api.door import Call, door
from api.v1.sources.records import RECORD
from api.v1.sources.words import BODIES, PARTS, PUSHED, TAG, answered, push_of, pushed
from backline.integrations import actions, queries
from backline.integrations.actions import Push
from backline.integrations.actions.intake import CONFLICT, FAILED
from backline.integrations.records import KINDS, Kind
from backline.integrations.tokens import Token
from backline.kernel.errors import Conflict, Invalid

WRITE, READ = "placements:write", "placements:read"


class TokenIn(fields.Input):
    """How new the deletion is."""

    source_version = fields.Whole(required=False, most=10**18)
    source_updated_at = fields.Instant(required=False)


def _taken(call: Call, source: str, push: Push, ignored: list[str]) -> object:
    """Take one record in; what is refused is undone, and remembered as refused."""
    told = {"actor": call.actor, "at": call.at}
    (became,) = actions.take_in(actions.held(source), [push], **told)  # type: ignore[arg-type]  # both by name
    if became.outcome in (FAILED, CONFLICT) and became.refusal is not None:
        refusal = became.refusal
        call.remember(lambda: actions.set_aside(source, push, refusal, **told))  # type: ignore[arg-type]
        raise refusal
    became.ignored = sorted({*became.ignored, *ignored})
    return answered(source, became)


def _declare(kind: Kind) -> None:
    """The doors of one kind of record."""
    path = f"/v1/sources/{{source}}/{kind.plural}/{{external_id}}"
    noun = f"source_{kind.plural}"

    def put(call: Call, source: str, external_id: str) -> object:
        push, secret = push_of(kind, _key(external_id), call.body)
        return _taken(call, source, push, secret)

    def read(call: Call, source: str, external_id: str) -> object:  # noqa: ARG001
        return RECORD.one(queries.record_of(source, kind.name, external_id).pk)

    def delete(call: Call, source: str, external_id: str) -> object:
        token = Token(call.query.get("source_version"), call.query.get("source_updated_at"))
        gone = {"is_deleted": True}
        push = Push(record=kind.name, external_id=_key(external_id), body=gone, token=token)
        return _taken(call, source, push, [])

    def supply(call: Call, source: str, external_id: str) -> object:
        push, _ = push_of(kind, external_id, call.body)
        key = (kind.name, external_id)
        became = actions.supply(source, key, push.body, actor=call.actor, at=call.at)
        return pushed(source, became)

    put.__doc__ = (
        f"Create or change a {kind.name} by the source's key; the same again changes nothing.\n\n"
        "The newer version wins whatever the order of arrival. What names a record that has not"
        " arrived is kept (202) and applies by itself when it does."
    )
    read.__doc__ = f"Read what became of a {kind.name} that a source sent."
    delete.__doc__ = f"Say that the source deleted a {kind.name}; what is owed is never undone."
    supply.__doc__ = (
        f"Supply what a {kind.name} of a source lacks; where the source says it, its word holds."
    )
    door("PUT", path, f"{noun}_put", scope=WRITE, body=BODIES[kind.name], answers=PUSHED,
         also=(201, 202), dry_run=True, tag=TAG)(put)  # fmt: skip
    door("GET", path, f"{noun}_retrieve", scope=READ, answers=RECORD, tag=TAG)(read)
    door("DELETE", path, f"{noun}_delete", scope=WRITE, query=TokenIn, answers=PUSHED,
         tag=TAG)(delete)  # fmt: skip
    door("PATCH", path, f"{noun}_supply", scope=WRITE, body=PARTS[kind.name], answers=PUSHED,
         tag=TAG)(supply)  # fmt: skip


def _key(external_id: str) -> str:
    """A key of a source has at most 80 characters."""
    if len(external_id) > 80:
        raise Invalid("external_id_too_long", "A source's key has at most 80 characters.")
    return external_id


for _kind in KINDS.values():
    _declare(_kind)


class DeclineIn(fields.Input):
    """Why."""

    reason = fields.Text(longest=200)


def _decide(kind: Kind) -> None:
    path = f"/v1/sources/{{source}}/{kind.plural}/{{external_id}}"
    noun = f"source_{kind.plural}"

    def accept(call: Call, source: str, external_id: str) -> object:
        told: dict[str, Any] = {"actor": call.actor, "at": call.at}
        return pushed(source, actions.accept(source, (kind.name, external_id), **told))

    def decline(call: Call, source: str, external_id: str) -> object:
        told: dict[str, Any] = {"actor": call.actor, "at": call.at}
        key = (kind.name, external_id)
        return pushed(source, actions.decline(source, key, reason=call.body["reason"], **told))

    accept.__doc__ = f"Accept what a source proposes for a {kind.name}."
    decline.__doc__ = f"Decline what a source proposes for a {kind.name}; it is not asked again."
    door("POST", f"{path}/accept", f"{noun}_accept", scope="rates:write", answers=PUSHED,
         key="optional", tag=TAG)(accept)  # fmt: skip
    door("POST", f"{path}/decline", f"{noun}_decline", scope="rates:write", body=DeclineIn,
         answers=PUSHED, key="optional", tag=TAG)(decline)  # fmt: skip


for _kind in KINDS.values():
    if _kind.name != "timesheet":  # all of a sheet is its source's to say
        _decide(_kind)


class MergeIn(fields.Input):
    """Whom the source keeps."""

    into = fields.Text(longest=80, doc="The source's key of the worker who stays there.")


@door("POST", "/v1/sources/{source}/workers/{external_id}/merge", "source_workers_merge",
      scope=WRITE, body=MergeIn, answers=RECORD, key="optional", tag=TAG)  # fmt: skip
def merge(call: Call, source: str, external_id: str) -> object:
    """Say that two workers of the source are one; both keys mean that one from now on.

    The one who was paid keeps pay history and tax identity. Where both were, nothing is changed
    and a person decides.
    """
    told: dict[str, Any] = {"actor": call.actor, "at": call.at}
    pair = (source, external_id, call.body["into"])
    try:
        row = actions.merge(*pair, **told)
    except Conflict as no:
        if no.code == "both_were_paid":
            call.remember(lambda: actions.cannot_merge(*pair, **told))
        raise
    return RECORD.one(row.pk)

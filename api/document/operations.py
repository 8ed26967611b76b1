"""Operations: what the document says of one door."""

from api import paging
from api.document.components import REFUSALS, headers
from api.door import Door, Parameter
from api.resource import Resource
from api.schemas import Schema, id_schema
from tenants.access.roles import MATRIX, needs_fresh


def operation(door: Door, body: Schema | None, parameters: list[Schema]) -> Schema:
    """One operation, but for the examples."""
    told: Schema = {
        "operationId": door.operation,
        "summary": door.summary,
        "description": description(door),
        "tags": [door.tag],
        "parameters": [*_path(door), *parameters, *_headers(door)],
        "security": [] if door.role == "public" else [{"bearer": []}],
        "responses": _answers(door),
    }
    if door.scope:
        told["x-scope"] = door.scope
    if body is not None:
        told["requestBody"] = body
    return told


def description(door: Door) -> str:
    """The whole docstring, and what the declaration adds to it."""
    lines = [line.strip() for line in (door.deed.__doc__ or "").strip().split("\n")]
    said = " ".join(line for line in lines if line)
    if door.scope:
        said += f" Needs `{door.scope}`"
        known = MATRIX.functions.get(door.scope)
        fresh = door.fresh or (known is not None and needs_fresh(door.scope))
        said += " and a second factor shown within the last five minutes." if fresh else "."
    return said


def _path(door: Door) -> list[Schema]:
    return [
        {"name": part.name, "in": "path", "required": True, "schema": _part(part)}
        for part in door.parameters
    ]


def _part(part: Parameter) -> Schema:
    if part.prefix == "":
        return {"type": "string", "minLength": 1, "maxLength": 200}
    if part.prefix == "int":
        return {"type": "integer", "minimum": 0}
    if part.prefix == "date":
        return {"type": "string", "format": "date"}
    return id_schema(part.prefix)


def _headers(door: Door) -> list[Schema]:
    names = [] if door.role == "public" else ["Agency"]
    if door.key == "required":
        names.append("IdempotencyKeyRequired")
    elif door.key == "optional":
        names.append("IdempotencyKey")
    if door.match is not None:
        names.append("IfMatch")
    if door.method == "GET" and _is_single(door):
        names.append("IfNoneMatch")
    return [ref(name) for name in names]


def ref(name: str) -> Schema:
    """A reference to a shared parameter."""
    return {"$ref": f"#/components/parameters/{name}"}


def asked(door: Door) -> list[Schema]:
    """The parameters of a list, and the dry run."""
    told = []
    if door.lists is not None:
        for name, (kind, lookup) in sorted(paging.parameters(door.lists).items()):
            told.append(_filter(name, kind.schema(), lookup))
        words = [word for plain in door.lists.sorts for word in (plain, f"-{plain}")]
        order = {"type": "string", "enum": words, "default": door.lists.order}
        told.append({"name": "sort", "in": "query", "schema": order})
        told += [ref("Limit"), ref("Cursor"), ref("Fields")]
    if door.dry_run:
        told.append(ref("DryRun"))
    return told


def _filter(name: str, schema: Schema, lookup: str) -> Schema:
    plain = {"type": "string"} if "$ref" in schema else schema
    if lookup != "in":
        return {"name": name, "in": "query", "schema": plain}
    several = {"type": "array", "items": plain, "maxItems": 100}
    return {
        "name": name,
        "in": "query",
        "style": "form",
        "explode": True,
        "description": "Repeat it to allow several values.",
        "schema": several,
    }


def _is_single(door: Door) -> bool:
    return isinstance(door.answers, Resource)


# --- answers --------------------------------------------------------------------------------------


def _answers(door: Door) -> dict[str, Schema]:
    told = {str(door.status): _good(door, door.status)}
    for status in (*door.also, *dict(door.instead)):
        told[str(status)] = _good(door, status)
    if door.method == "GET" and _is_single(door):
        told["304"] = {"description": "The version that is known.", "headers": headers("ETag")}
    for status in sorted(_refusals(door)):
        told[str(status)] = {"$ref": f"#/components/responses/{REFUSALS[status]}"}
    return told


def _good(door: Door, status: int) -> Schema:
    names = ["RequestId"]
    if door.role != "public":
        names += ["RateLimit", "RateLimitPolicy"]
    if door.key is not None:
        names.append("IdempotentReplayed")
    if door.dry_run:
        names.append("DryRun")
    if _is_operation(door, status):
        names += ["Location", "RetryAfter"]
    elif _is_single(door):
        names += ["ETag", *(["Location"] if status == 201 else [])]
    if door.lists is not None:
        names.append("Link")
    said = _said(status) if status != 202 or _is_operation(door, 202) else "Kept; it waits."
    told: Schema = {"description": said, "headers": headers(*names)}
    content = _content(door, status)
    if content:
        told["content"] = content
    return told


def _is_operation(door: Door, status: int) -> bool:
    return status == 202 and not getattr(door.answers, "says_202", False)


def _said(status: int) -> str:
    return {
        200: "Done.",
        201: "Made.",
        202: "Accepted: the operation tells how far it is.",
        204: "Done; there is nothing to tell.",
        207: "Told for each member of the set.",
    }.get(status, "Done.")


def _content(door: Door, status: int) -> Schema:
    if status == 204:
        return {}
    if isinstance(door.answers, str) and status != 202:
        return {door.answers: {"schema": {"type": "string", "format": "binary"}}}
    if _is_operation(door, status):
        name = "Operation"
    elif status in dict(door.instead):
        name = dict(door.instead)[status].name
    elif door.lists is not None:
        name = f"{door.lists.name}Page"
    elif door.answers is not None and not isinstance(door.answers, str):
        name = door.answers.name
    else:
        return {}
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _refusals(door: Door) -> set[int]:
    told = {400, 406, 422, 429, 500, 503}
    if door.role != "public":
        told |= {401, 403}
    elif door.body is not None:
        told.add(401)  # it is here that somebody shows who they are
    if door.parameters or isinstance(door.answers, Resource):
        told.add(404)
    if door.method != "GET":
        told |= {409, 413, 415}
        if door.body is not None:
            told.add(404)
    if door.match is not None:
        told |= {412, 428}
    return told


# --- what goes out by itself ----------------------------------------------------------------------


def message() -> Schema:
    """What an endpoint is sent, and what it should answer."""
    names = {
        "webhook-id": "The event's id: the same at every attempt, so that it counts once.",
        "webhook-timestamp": "When this attempt was made, in seconds; refuse what is old.",
        "webhook-signature": "One or two signatures (v1, HMAC-SHA256), separated by a space.",
    }
    return {
        "operationId": "webhook_message",
        "summary": "Something happened",
        "description": "Sent to every endpoint that wants events of this name, signed as Standard"
        " Webhooks says. Answer 2xx within 15 seconds; anything else is tried again for three"
        " days and more. 410 pauses the endpoint.",
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": said,
                "schema": {"type": "string"},
            }
            for name, said in names.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/WebhookMessage"}}
            },
        },
        "responses": {
            "2XX": {"description": "It arrived."},
            "410": {"description": "Never call again."},
        },
    }

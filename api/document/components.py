"""Components: the schemas, headers, parameters and answers that many operations share."""

from typing import Any

from api.errors import TITLES
from api.kinds import Many
from api.paging import LIMIT, MOST
from api.resource import SHAPES, Resource, Shape
from api.schemas import Schema
from api.spelling import DECIMAL

CURRENCY: Schema = {
    "type": "string",
    "pattern": "^[A-Z]{3}$",
    "description": "ISO 4217.",
    "examples": ["GBP"],
}


def _money(description: str, example: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": ["amount", "currency"],
        "additionalProperties": False,
        "properties": {
            "amount": {"type": "string", "pattern": DECIMAL, "examples": [example]},
            "currency": CURRENCY,
        },
        "examples": [{"amount": example, "currency": "GBP"}],
    }


FAULT: Schema = {
    "type": "object",
    "description": "One thing that is wrong; further members are facts for programs.",
    "required": ["code", "detail"],
    "properties": {
        "code": {"type": "string", "description": "Stable; never match on the sentence."},
        "detail": {"type": "string", "description": "What is wrong and what to do."},
        "pointer": {"type": "string", "description": "Where in the body, as a JSON pointer."},
        "parameter": {"type": "string", "description": "Which query parameter."},
    },
    "additionalProperties": True,
}
MESSAGE: Schema = {
    "type": "object",
    "description": "That something happened. Read the object itself for what it is now.",
    "required": ["type", "timestamp", "data"],
    "properties": {
        "type": {"type": "string", "examples": ["timesheet.approved"]},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {
            "type": "object",
            "required": ["id", "seq", "subject", "agency"],
            "properties": {
                "id": {"type": "string", "description": "The event; the same at every attempt."},
                "seq": {"type": "integer", "description": "Its place in /v1/events."},
                "subject": {"type": "string", "description": "The object it happened to."},
                "agency": {"type": "string", "description": "Whose object that is."},
            },
        },
    },
}
PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457: every fault of the call at once.",
    "required": ["type", "title", "status", "code", "detail", "retryable", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "The code of the first fault."},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "request_id": {"type": "string"},
        "retryable": {"type": "boolean", "description": "The same call may succeed later."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
    },
    "examples": [
        {
            "type": "/problems/required",
            "title": TITLES[422],
            "status": 422,
            "code": "required",
            "detail": "This field is required.",
            "instance": "/v1/timesheets",
            "request_id": "req_01kc00000000000000000000aa",
            "retryable": False,
            "errors": [
                {"code": "required", "detail": "This field is required.", "pointer": "/starts_on"}
            ],
        }
    ],
}

HEADERS: dict[str, Schema] = {
    "ETag": {
        "description": "The version of this record, for If-Match and If-None-Match.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where the new record or the operation is.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": 'The next page, as rel="next" (RFC 8288).',
        "schema": {"type": "string"},
    },
    "RequestId": {"description": "Tell it when you ask us.", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "Calls that are left (r) and seconds until all are back (t).",
        "schema": {"type": "string"},
    },
    "RateLimitPolicy": {
        "description": "How many calls (q) in how many seconds (w).",
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds to wait before the same call is made again.",
        "schema": {"type": "string"},
    },
    "IdempotentReplayed": {
        "description": "true when this is the answer to an earlier call under the same key.",
        "schema": {"type": "string"},
    },
    "DryRun": {
        "description": "true when nothing was kept.",
        "schema": {"type": "string"},
    },
    "WWWAuthenticate": {
        "description": "How to say who is calling.",
        "schema": {"type": "string"},
    },
}
SPELLED = {
    "RequestId": "Request-Id",
    "RateLimitPolicy": "RateLimit-Policy",
    "RetryAfter": "Retry-After",
    "IdempotentReplayed": "Idempotent-Replayed",
    "DryRun": "Dry-Run",
    "WWWAuthenticate": "WWW-Authenticate",
}

PARAMETERS: dict[str, Schema] = {
    "Agency": {
        "name": "Agency",
        "in": "header",
        "description": "A seat belt: if sent, it must be the agency of the credential.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same call under the same key has one effect and one answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "IdempotencyKeyRequired": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "The same call under the same key has one effect. Money moves: required.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of the version that was read.",
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag that is known already; the answer is then 304.",
        "schema": {"type": "string"},
    },
    "Limit": {
        "name": "limit",
        "in": "query",
        "description": "How many records a page holds at most.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
    },
    "Cursor": {
        "name": "cursor",
        "in": "query",
        "description": "The `next_cursor` of the page before, with the same filters and order.",
        "schema": {"type": "string"},
    },
    "Fields": {
        "name": "fields",
        "in": "query",
        "description": "Only these fields, separated by commas; the id always comes along."
        " Typed clients leave it out.",
        "schema": {"type": "string"},
    },
    "DryRun": {
        "name": "dry_run",
        "in": "query",
        "description": "true: do everything, tell the result, keep nothing.",
        "schema": {"type": "boolean", "default": False},
    },
}

REFUSALS: dict[int, str] = {
    400: "Unreadable",
    401: "Unknown",
    403: "Forbidden",
    404: "Missing",
    406: "FormNotOffered",
    409: "Conflict",
    412: "ChangedSinceRead",
    413: "TooLarge",
    415: "MediaNotTaken",
    422: "Invalid",
    428: "VersionRequired",
    429: "TooManyRequests",
    500: "OurFault",
    503: "Busy",
}
TOLD: dict[int, tuple[str, ...]] = {
    401: ("WWWAuthenticate",),
    409: ("RetryAfter",),
    412: ("ETag",),
    429: ("RetryAfter", "RateLimit", "RateLimitPolicy"),
    503: ("RetryAfter",),
}


def headers(*names: str) -> Schema:
    """References to headers under the names they travel by."""
    return {SPELLED.get(name, name): {"$ref": f"#/components/headers/{name}"} for name in names}


def refusals() -> dict[str, Schema]:
    """Every refusal as an answer to refer to."""
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        name: {
            "description": f"{TITLES[status]}.",
            "headers": headers("RequestId", *TOLD.get(status, ())),
            "content": {"application/problem+json": problem},
        }
        for status, name in REFUSALS.items()
    }


def of_shape(shape: Shape) -> Schema:
    """The component of a shape or a resource: every field is always there."""
    schema: Schema = {
        "type": "object",
        "required": [kind.name for kind in shape.fields],
        "properties": {
            kind.name: kind.documented(null=shape.is_null(kind)) for kind in shape.fields
        },
    }
    if shape.doc:
        schema["description"] = shape.doc
    if shape.example is not None:
        schema["examples"] = [shape.example]
    return schema


def page_of(resource: Resource) -> Schema:
    """The component of a page of a resource."""
    word = {"type": ["string", "null"]}
    return {
        "type": "object",
        "required": ["data", "has_more", "next_cursor", "next", "limit"],
        "properties": {
            "data": {"type": "array", "items": resource.ref()},
            "has_more": {"type": "boolean"},
            "next_cursor": {**word, "description": "For `cursor`; null on the last page."},
            "next": {**word, "description": "The whole address of the next page."},
            "limit": {"type": "integer"},
        },
    }


def fixed() -> dict[str, dict[str, Any]]:
    """What stands in the document whatever the doors are."""
    return {
        "schemas": {
            "Money": _money("An exact amount of one currency.", "624.00"),
            "Rate": _money("A price for one unit, up to four places.", "15.375"),
            "Problem": PROBLEM,
            "Fault": FAULT,
            "WebhookMessage": MESSAGE,
        },
        "headers": HEADERS,
        "parameters": PARAMETERS,
        "responses": refusals(),
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key, or a person's token: it names the firm and what may be"
                " done. `x-scope` beside an operation is the scope that it needs.",
            }
        },
    }


def reached(shapes: list[Shape]) -> dict[str, Shape]:
    """These shapes and all they refer to."""
    found: dict[str, Shape] = {}
    left = list(shapes)
    while left:
        shape = left.pop()
        if shape.name in found:
            continue
        found[shape.name] = shape
        for kind in shape.fields:
            if isinstance(kind, Many):
                left.append(kind.resource)
            else:
                left += [SHAPES[name] for name in _named(kind.schema()) if name in SHAPES]
    return found


def _named(schema: Any) -> list[str]:
    """The components that a schema refers to."""
    if isinstance(schema, dict):
        ref = schema.get("$ref")
        if isinstance(ref, str):
            return [ref.rpartition("/")[2]]
        return [name for part in schema.values() for name in _named(part)]
    if isinstance(schema, list):
        return [name for part in schema for name in _named(part)]
    return []


def used(told: Schema) -> dict[str, dict[str, Any]]:
    """The components that the paths refer to, directly or through others; the rest is left out."""
    known = told["components"]
    kept: dict[str, dict[str, Any]] = {"securitySchemes": known["securitySchemes"]}
    left = _refs(told["paths"]) + _refs(told.get("webhooks", {}))
    while left:
        _, _, kind, name = left.pop().split("/")
        if name not in kept.setdefault(kind, {}):
            kept[kind][name] = known[kind][name]
            left += _refs(known[kind][name])
    return {
        kind: {name: parts[name] for name in known[kind] if name in parts}
        for kind, parts in sorted(kept.items())
    }


def _refs(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [ref for each in part.values() for ref in _refs(each)]
    if isinstance(part, list):
        return [ref for each in part for ref in _refs(each)]
    return []

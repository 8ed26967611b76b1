"""The wire as a client sees it: every call goes over HTTP, every answer is held to the document."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jsonschema
import orjson
from django.http import HttpResponse
from django.test import Client

from tests import counting


class Undocumented(AssertionError):
    """The service answered something that its own document does not say."""


@dataclass(frozen=True)
class Reply:
    """One answer, held to the document already."""

    status: int
    headers: dict[str, str]
    content: bytes
    operation: str = ""
    asked: tuple[str, ...] = ()  # the statements that it took

    @property
    def counted(self) -> int:
        """How many of them do not depend on what was done before."""
        return len(counting.counted(self.asked))

    @property
    def body(self) -> Any:
        """The body as JSON; None where there is none."""
        return orjson.loads(self.content) if self.content else None

    def __getitem__(self, name: str) -> Any:
        return self.body[name]

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.body["code"])

    @property
    def codes(self) -> list[tuple[str, str]]:
        """Every fault of a problem: its code and where it is."""
        return [
            (fault["code"], fault.get("pointer", fault.get("parameter", "")))
            for fault in self.body["errors"]
        ]

    def done(self) -> Reply:
        """The same answer, if it was a good one; fails with the problem otherwise."""
        assert 200 <= self.status < 300, self.content.decode()
        return self


@dataclass
class Wire:
    """A caller with a token: `wire.get(path)`, `wire.post(path, body, key="…")`."""

    token: str = ""
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, path: str, **query: Any) -> Reply:
        """Read; query parameters by name, a list repeats one."""
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any = None, *, key: str = "", **more: Any) -> Reply:
        """Do a deed."""
        return self.call("POST", path, body, key=key, **more)

    def put(self, path: str, body: Any = None, *, key: str = "", **more: Any) -> Reply:
        """Set a record."""
        return self.call("PUT", path, body, key=key, **more)

    def patch(self, path: str, body: Any = None, *, match: str = "", **more: Any) -> Reply:
        """Change some fields of a record; `match` is the ETag that was read."""
        return self.call("PATCH", path, body, match=match, **more)

    def delete(self, path: str, *, match: str = "", **more: Any) -> Reply:
        """Remove a record."""
        return self.call("DELETE", path, match=match, **more)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        match: str = "",
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        media: str = "",
    ) -> Reply:
        """One call; `body` is an object, or bytes and text as they are."""
        given = dict(headers or {})
        if self.token:
            given.setdefault("Authorization", f"Bearer {self.token}")
        if key:
            given["Idempotency-Key"] = key
        if match:
            given["If-Match"] = match
        sent, kind = _sent(method, body, media)
        where = f"{path}?{urlencode(query, doseq=True)}" if query else path
        with counting.statements() as asked:
            answer: Any = self.client.generic(method, where, sent, content_type=kind, headers=given)
            reply = held_to_the_document(method, path, answer, sparse="fields" in (query or {}))
        if reply.operation and method != "HEAD" and 200 <= reply.status < 300:
            counting.hold(reply.operation, body, reply.content, asked)
        return replace(reply, asked=tuple(asked))

    def every(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every record of a list, page by page."""
        found: list[dict[str, Any]] = []
        reply = self.get(path, **query).done()
        while True:
            found += reply["data"]
            if not reply["has_more"]:
                return found
            reply = self.get(path, **(query | {"cursor": reply["next_cursor"]})).done()


def _sent(method: str, body: Any, media: str) -> tuple[bytes, str]:
    kind = media or ("application/merge-patch+json" if method == "PATCH" else "application/json")
    if body is None:
        return b"", media
    if isinstance(body, bytes):
        return body, kind
    return (body if isinstance(body, str) else json.dumps(body)).encode(), kind


# --- the document -------------------------------------------------------------------------------


@cache
def _document() -> dict[str, Any]:
    from api.document import document

    return document()


@cache
def _closed() -> dict[str, Any]:
    """The components with every object closed: a field that is not documented is a fault here."""
    return {"components": _closing(_document()["components"])}


def _closing(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closing(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closing(each) for name, each in schema.items()}
    if isinstance(closed.get("properties"), dict) and "type" in closed:
        closed.setdefault("additionalProperties", False)
    return closed


@cache
def _routes() -> list[tuple[re.Pattern[str], str]]:
    """The paths of the document, fixed words first."""
    paths = sorted(
        _document()["paths"], key=lambda path: [part[0] == "{" for part in path[1:].split("/")]
    )
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in paths]


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """What the document says of a call; None where it says nothing."""
    plain = path.partition("?")[0]
    for pattern, route in _routes():
        if pattern.fullmatch(plain):
            found: dict[str, Any] | None = _document()["paths"][route].get(method.lower())
            return found
    return None


def held_to_the_document(
    method: str, path: str, answer: HttpResponse, *, sparse: bool = False
) -> Reply:
    """The answer as a Reply; raises Undocumented where it differs from the document."""
    said = operation_of("GET" if method == "HEAD" else method, path)
    reply = Reply(
        answer.status_code,
        dict(answer.headers),
        b"".join(answer) if answer.streaming else answer.content,
        said["operationId"] if said else "",
    )
    if method == "HEAD":
        return reply
    if said is None:
        if reply.content:
            _check({"$ref": "#/components/schemas/Problem"}, reply, f"{method} {path}")
        return reply
    responses = said["responses"]
    if str(reply.status) not in responses:
        raise Undocumented(
            f"{said['operationId']} does not document {reply.status}: {reply.content!r}"
        )
    told = responses[str(reply.status)]
    if "$ref" in told:
        told = _document()["components"]["responses"][told["$ref"].rpartition("/")[2]]
    _check_content(said["operationId"], told, reply, sparse=sparse)
    return reply


def _check_content(name: str, told: dict[str, Any], reply: Reply, *, sparse: bool) -> None:
    content = told.get("content", {})
    media = reply.headers.get("Content-Type", "").partition(";")[0]
    if not content:
        if reply.content:
            raise Undocumented(f"{name} documents no body for {reply.status}: {reply.content!r}")
        return
    if media not in content and "*/*" not in content:
        raise Undocumented(f"{name} documents {list(content)}, not {media}")
    schema = content.get(media, content.get("*/*"))["schema"]
    if schema.get("format") != "binary" and not sparse:
        _check(schema, reply, name)


def _check(schema: dict[str, Any], reply: Reply, name: str) -> None:
    validator = jsonschema.Draft202012Validator(
        {**_closing(schema), **_closed()},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    faults = [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(reply.body)]
    if faults:
        raise Undocumented(f"{name} {reply.status}: " + "; ".join(faults[:5]))

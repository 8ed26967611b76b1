"""Rendering: from what a deed gave back to the bytes that go out."""

from typing import Any, cast
from urllib.parse import quote

from django.http import FileResponse, HttpResponse

from api.door import Answer, Call, Door, File, Stream
from api.resource import Resource, as_json, etag

JSON = "application/json"


def render(call: Call, given: object) -> HttpResponse:
    """The answer for what the deed gave back: a body, an Answer, a File, or nothing."""
    door = call.door
    answer = given if isinstance(given, Answer) else Answer(given)
    body = answer.body
    status = answer.status or (204 if body is None and door.status == 200 else door.status)
    if isinstance(body, File):
        response = _saved(HttpResponse(body.content, status=status), body.media_type, body.name)
    elif isinstance(body, Stream):
        # It streams; nobody on the way out reads what it says.
        sent = cast("HttpResponse", FileResponse(body.file, status=status))
        response = _saved(sent, body.media_type, body.name)
    elif body is None:
        response = HttpResponse(status=status)
        del response["Content-Type"]
    else:
        response = HttpResponse(as_json(body), status=status, content_type=JSON)
        _name(door, body, status, response)
    for name, value in (*call.headers.items(), *answer.headers.items()):
        response[name] = value
    return response


def _name(door: Door, body: Any, status: int, response: HttpResponse) -> None:
    """Tell the version of a single record, and where a new one lies."""
    if not isinstance(door.answers, Resource) or not isinstance(body, dict) or status == 202:
        return
    response["ETag"] = etag(body)
    if status == 201 and door.answers.path and "id" in body:
        response["Location"] = f"{door.answers.path}/{body['id']}"


def _saved(response: HttpResponse, media_type: str, name: str) -> HttpResponse:
    response["Content-Type"] = media_type
    if name:
        plain = "".join(letter for letter in name if letter.isascii() and letter.isprintable())
        plain = plain.replace('"', "").replace("\\", "")
        response["Content-Disposition"] = (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
        )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response

"""Rendering: from what a deed gave back to the bytes that go out."""

from typing import Any
from urllib.parse import quote

from django.http import HttpResponse

from api.door import Answer, Call, Door, File
from api.resource import Resource, as_json, etag

JSON = "application/json"


def render(call: Call, given: object) -> HttpResponse:
    """The answer for what the deed gave back: a body, an Answer, a File, or nothing."""
    door = call.door
    answer = given if isinstance(given, Answer) else Answer(given)
    body = answer.body
    status = answer.status or (204 if body is None and door.status == 200 else door.status)
    if isinstance(body, File):
        response = _file(body, status)
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


def _file(file: File, status: int) -> HttpResponse:
    response = HttpResponse(file.content, status=status, content_type=file.media_type)
    if file.name:
        plain = "".join(letter for letter in file.name if letter.isascii() and letter.isprintable())
        plain = plain.replace('"', "").replace("\\", "")
        response["Content-Disposition"] = (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name)}"
        )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response

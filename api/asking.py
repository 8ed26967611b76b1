"""Asking: what a call carries, read and checked before any deed: path, query, body, media."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, QueryDict, UnreadablePostError
from rest_framework import serializers

from api import lines, paging
from api.door import Door, Parameter
from api.errors import PROBLEM, Refused, Unreadable, faults_in
from api.fields import Input
from api.reading import MOST_BYTES, MOST_NODES, is_writable, json_object
from api.spelling import a_day
from backline.kernel import ids
from backline.kernel.errors import Fault, Invalid, Missing

CSV = "text/csv"
FLAGS = {"true": True, "false": False}


class Nothing(Input):
    """A body of which nothing is expected."""


def words(door: Door, given: Mapping[str, str]) -> dict[str, Any]:
    """The path's parts for the deed; raises Missing for what cannot be the id of anything."""
    return {part.name: _part(part, given[part.name]) for part in door.parameters}


def _part(part: Parameter, text: str) -> Any:
    nothing = Missing("not_found", "There is no such record, or not for you.")
    if part.prefix == "":
        if not is_writable(text) or len(text) > 200:
            raise nothing
        return text
    if part.prefix == "int":
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise nothing
        return int(text)
    if part.prefix == "date":
        try:
            return a_day(text)
        except ValueError:
            raise nothing from None
    key = ids.parse(part.prefix, text)
    if key is None:
        raise nothing
    return key


# --- the query ------------------------------------------------------------------------------------


def query(door: Door, request: HttpRequest) -> tuple[dict[str, Any], paging.Asked | None, bool]:
    """The door's own parameters, what a list asks, whether it is a dry run; every fault at once."""
    given = _parameters(request)
    faults = [
        paging.at(name, "text_not_writable", "Send whole characters, and no NUL.")
        for name, values in given.lists()
        if not all(is_writable(text) for text in (name, *values))
    ]
    if faults:
        raise Invalid.of(faults)
    left, dry_run = given, False
    if door.query is not None or "dry_run" in given:
        left = given.copy()
    if door.dry_run and "dry_run" in left:
        word = str(left["dry_run"])
        dry_run = FLAGS.get(word, False)
        if word not in FLAGS:
            faults.append(paging.at("dry_run", "invalid_parameter", "Write true or false."))
        del left["dry_run"]
    values: dict[str, Any] = {}
    if door.query is not None:
        values, more = _own(door.query, left)
        faults += more
    asked = None
    if door.lists is not None:
        asked, more = paging.ask(door.lists, left)
        faults += more
    else:
        faults += [paging.unknown(name) for name in sorted(left)]
    if faults:
        raise Invalid.of(faults)
    return values, asked, dry_run


def _parameters(request: HttpRequest) -> QueryDict:
    try:
        return request.GET
    except SuspiciousOperation:
        raise Unreadable("too_many_parameters", "Send fewer query parameters.") from None


def _own(kind: type[Input], left: QueryDict) -> tuple[dict[str, Any], list[Fault]]:
    """Read the door's own parameters out of the query, and take them from it."""
    given: dict[str, Any] = {}
    faults = []
    for name, field in _reader(kind, partial=False, spelled=True).fields.items():
        if name not in left:
            continue
        values = left.getlist(name)
        del left[name]
        if hasattr(field, "child"):
            given[name] = values
        elif len(values) > 1:
            faults.append(paging.at(name, "repeated_parameter", f"Write {name} once."))
        else:
            given[name] = values[0]
    try:
        return checked(kind, given, spelled=True), faults
    except Invalid as refusal:
        told = [(fault, fault.pointer.removeprefix("/")) for fault in refusal.faults]
    return {}, faults + [paging.at(name, fault.code, fault.detail) for fault, name in told]


# --- the body -------------------------------------------------------------------------------------


def content(request: HttpRequest) -> bytes:
    """The bytes that were sent; raises Refused with 413 when there are too many."""
    try:
        return request.body
    except RequestDataTooBig:
        raise Refused(413, "body_too_large", f"Send at most {MOST_BYTES} bytes.") from None
    except (UnreadablePostError, OSError):
        raise Unreadable("body_broken_off", "The body ended before it was complete.") from None


def body(door: Door, request: HttpRequest) -> Any:
    """The validated body; raises Unreadable, Refused or Invalid with every fault."""
    raw = content(request)
    if door.method in ("GET", "DELETE"):
        if raw:
            raise Unreadable("body_not_expected", f"Send no body with {door.method}.")
        return {}
    kind = door.body or Nothing
    if not raw and door.body is None:
        return {}
    _check_media(door, request, has_body=bool(raw))
    if request.content_type == CSV:
        return checked(kind, lines.from_csv(kind, raw), spelled=True)
    sent = {}
    if raw:
        sent = json_object(
            raw,
            lists_as=kind.lists_as,
            most_bytes=kind.most_bytes or MOST_BYTES,
            most_values=kind.most_values or MOST_NODES,
        )
    return checked(kind, sent, partial=door.method == "PATCH")


def checked(
    kind: type[Input], sent: Any, *, partial: bool = False, spelled: bool = False
) -> dict[str, Any]:
    """What an Input makes of an object; raises Invalid with every fault and its pointer.

    `spelled`: numbers and flags may come as text, as in a query or a CSV.
    """
    try:
        return dict(_reader(kind, partial=partial, spelled=spelled).run_validation(sent))
    except serializers.ValidationError as error:
        raise Invalid.of(faults_in(error.detail)) from None


@cache
def _reader(kind: type[Input], *, partial: bool, spelled: bool) -> Input:
    """One reader a kind: making one costs more than reading with it, and it keeps nothing."""
    return kind(partial=partial, context={"spelled": spelled})


def _check_media(door: Door, request: HttpRequest, *, has_body: bool) -> None:
    media = (request.content_type or "").strip().lower()
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if not has_body and not media:
        return
    if media in door.takes and charset in ("utf-8", "utf8") and encoding == "identity":
        return
    taken = ", ".join(door.takes)
    names = {"PATCH": "Accept-Patch", "POST": "Accept-Post"}
    headers = {names[door.method]: taken} if door.method in names else {}
    raise Refused(415, "media_type_not_taken", f"Send {taken}, as UTF-8, not encoded.", headers)


# --- the form of the answer ---------------------------------------------------------------------


def check_accept(door: Door, request: HttpRequest) -> None:
    """Refuse a call that takes no form we answer in."""
    accepted = request.headers.get("Accept", "*/*")
    offered = door.answers if isinstance(door.answers, str) else "application/json"
    if offered == "*/*" or accepted.strip() in ("*/*", offered, PROBLEM):
        return
    if not request.accepts(offered):
        raise Refused(406, "form_not_offered", f"This answers with {offered}; accept that.")

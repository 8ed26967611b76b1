"""Doors: every operation of the API, declared once; routes, checks and document follow."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest

from api.fields import Input
from api.paging import Asked
from api.resource import Resource, Shape
from backline.kernel.actors import Actor

if TYPE_CHECKING:
    from tenants.access.queries import Credential

Role = Literal["firm", "shared", "apart", "public"]
Key = Literal["optional", "required"] | None
Deed = TypeVar("Deed", bound=Callable[..., object])

PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
DOORS: dict[str, "Door"] = {}


@dataclass(slots=True)
class Call:
    """One request as a door sees it, everything checked."""

    request: HttpRequest
    door: "Door"
    actor: Actor
    at: datetime  # the firm's clock
    on: date  # the firm's own day
    firm: str = ""
    credential: "Credential | None" = None
    body: Any = None  # what `body=` validated: a dict
    query: dict[str, Any] = field(default_factory=dict)  # what `query=` validated
    asked: Asked | None = None  # what a list call asks
    dry_run: bool = False
    headers: dict[str, str] = field(default_factory=dict)  # more headers for the answer
    notes: list[Callable[[], object]] = field(default_factory=list)

    def known(self) -> "Credential":
        """Who is calling; for doors where somebody always is."""
        if self.credential is None:
            raise TypeError(f"{self.door.operation} is public: nobody is known.")
        return self.credential

    @property
    def reach(self) -> str:
        """Nothing for every record; "own" or "assigned" where the scope is held for some only."""
        caller = self.known()
        held = self.door.scope in caller.scopes
        return "" if held else caller.limited.get(self.door.scope, "")

    def remember(self, note: Callable[[], object]) -> None:
        """Do this in a transaction of its own if the call ends in a refusal."""
        self.notes.append(note)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answers when a plain body does not say enough: another status, more headers."""

    body: object = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """Bytes as the answer, offered for saving under a name."""

    content: bytes
    media_type: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """A file as the answer, sent piece by piece and closed at its end."""

    file: IO[bytes]
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One part of a path that varies: a public id (its prefix), int, date, or a word."""

    name: str
    prefix: str  # "" for a word


@dataclass(frozen=True, slots=True)
class Door:
    """One operation of the API."""

    method: str
    path: str
    operation: str
    deed: Callable[..., object]
    scope: str
    tag: str
    body: type[Input] | None
    query: type[Input] | None
    answers: Shape | str | None  # a shape, a media type for a File, or nothing
    lists: Resource | None
    status: int
    also: tuple[int, ...]
    instead: tuple[tuple[int, Shape], ...]  # what other good statuses answer with
    key: Key
    match: Resource | None
    fresh: bool
    dry_run: bool
    role: Role
    own: bool
    takes: tuple[str, ...]
    parameters: tuple[Parameter, ...]

    @property
    def summary(self) -> str:
        """The first sentence of the deed."""
        return (self.deed.__doc__ or "").strip().split("\n")[0].rstrip(".")


def door(
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
    path: str,
    operation: str,
    *,
    scope: str = "",
    tag: str = "",
    body: type[Input] | None = None,
    query: type[Input] | None = None,
    answers: Shape | str | None = None,
    lists: Resource | None = None,
    status: int | None = None,
    also: Sequence[int] = (),
    instead: Mapping[int, Shape] | None = None,
    key: Key = None,
    match: bool | Resource = False,
    fresh: bool = False,
    dry_run: bool = False,
    role: Role = "firm",
    own: bool = False,
    takes: Sequence[str] = (),
) -> Callable[[Deed], Deed]:
    """Declare an operation; see api/README.md for every argument, with examples."""

    def declare(deed: Deed) -> Deed:
        declared = Door(
            method=method,
            path=path,
            operation=operation,
            deed=deed,
            scope=scope,
            tag=tag or deed.__module__.rpartition(".")[2],
            body=body,
            query=query,
            answers=answers,
            lists=lists,
            status=status or (200 if answers or lists else 204),
            also=tuple(also),
            instead=tuple((instead or {}).items()),
            key=key,
            match=_matched(match, answers),
            fresh=fresh,
            dry_run=dry_run,
            role=role,
            own=own,
            takes=tuple(takes) or _media(method),
            parameters=tuple(Parameter(*found) for found in PARAMETER.findall(path)),
        )
        _register(declared)
        return deed

    return declare


def _matched(match: bool | Resource, answers: Shape | str | None) -> Resource | None:
    if match is True:
        if not isinstance(answers, Resource):
            raise TypeError(
                "match=True needs answers=<Resource>; or name the resource: match=<Resource>."
            )
        return answers
    return match or None


def _media(method: str) -> tuple[str, ...]:
    return ("application/merge-patch+json",) if method == "PATCH" else ("application/json",)


def _register(declared: Door) -> None:
    if not declared.deed.__doc__:
        raise TypeError(
            f"{declared.operation} needs one sentence: it becomes the document's summary."
        )
    if declared.role != "public" and not declared.scope:
        raise TypeError(f"{declared.operation} needs a scope.")
    if declared.role != "firm" and (declared.match or declared.dry_run):
        raise TypeError(f"{declared.operation}: versions and dry runs need a firm's books.")
    if declared.key and declared.role not in ("firm", "apart"):
        raise TypeError(f"{declared.operation}: a key needs somebody's books to be kept in.")
    if declared.path.endswith("/") or not declared.path.startswith("/"):
        raise TypeError(f"{declared.operation}: paths begin with a slash and do not end with one.")
    if declared.operation in DOORS:
        raise TypeError(f"Two doors are called {declared.operation}.")
    DOORS[declared.operation] = declared


def reads(
    resource: Resource,
    path: str,
    *,
    scope: str,
    tag: str = "",
    among: Callable[[Call], QuerySet[Any]] | None = None,
    own: bool = False,
    role: Role = "firm",
) -> None:
    """Declare a resource's list and the record by its id: <nouns>_list and <nouns>_retrieve."""
    noun = path.rpartition("/")[2].replace("-", "_")
    singular = re.sub(r"(?<!^)(?=[A-Z])", "_", resource.name).lower()
    resource.path = path

    def visible(call: Call) -> QuerySet[Any] | None:
        return among(call) if among is not None else None

    def listed(call: Call) -> object:
        return resource.page(call, visible(call))

    def retrieved(call: Call, **ids: UUID) -> object:
        return resource.one(ids[singular], visible(call))

    words, word = (each.replace("_", " ").replace("api", "API") for each in (noun, singular))
    listed.__doc__ = f"List {words}, page by page."
    retrieved.__doc__ = f"Read one {word} by its id."
    # A tag that is left out is the name of the file that declares.
    listed.__module__ = retrieved.__module__ = sys._getframe(1).f_globals["__name__"]
    door("GET", path, f"{noun}_list", scope=scope, tag=tag, lists=resource, own=own, role=role)(
        listed
    )
    one = f"{path}/{{{singular}:{resource.prefix}}}"
    door(
        "GET", one, f"{noun}_retrieve", scope=scope, tag=tag, answers=resource, own=own, role=role
    )(retrieved)

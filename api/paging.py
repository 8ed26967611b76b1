"""Paging: keyset pages, filters, sorting and sparse fields, all checked before anything is read."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import QueryDict

from api.kinds import Kind
from backline.kernel import statements
from backline.kernel.errors import Fault

if TYPE_CHECKING:
    from api.door import Call
    from api.resource import Resource

LIMIT = 50
MOST = 200
RANGES = {"gte": "gte", "lte": "lte"}


@dataclass(slots=True)
class Asked:
    """What a list call asks: filters, order, size, place, fields."""

    limit: int = LIMIT
    sort: tuple[str, ...] = ()
    where: dict[str, Any] = field(default_factory=dict)
    only: frozenset[str] | None = None
    after: list[Any] | None = None
    seal: str = ""  # what the cursor is bound to


@cache
def parameters(resource: "Resource") -> dict[str, tuple[Kind, str]]:
    """Every filter parameter: its kind and the lookup it stands for."""
    known: dict[str, tuple[Kind, str]] = {}
    for name, kind in resource.filters.items():
        known[name] = (kind, "in")
        if kind.ranged:
            for word, lookup in RANGES.items():
                known[f"{name}[{word}]"] = (kind, lookup)
    return known


def ask(resource: "Resource", query: QueryDict) -> tuple[Asked, list[Fault]]:
    """Read what a list call asks; every fault at once."""
    asked, faults = Asked(sort=_order(resource, resource.order)), []
    known = parameters(resource)
    for name in sorted(query):
        values = query.getlist(name)
        if name in known:
            kind, lookup = known[name]
            faults += _filter(asked, name, kind, lookup, values)
        elif name not in ("limit", "cursor", "sort", "fields"):
            faults.append(unknown(name))
        elif len(values) != 1:
            faults.append(at(name, "repeated_parameter", f"Write {name} once."))
        elif name == "limit":
            faults += _limit(asked, values[0])
        elif name == "sort":
            faults += _sort(asked, resource, values[0])
        elif name == "fields":
            faults += _fields(asked, resource, values[0])
    asked.seal = _seal(resource, query)
    if "cursor" in query and not faults:
        asked.after = _read(str(query["cursor"]), asked)
        if asked.after is None:
            faults.append(
                at(
                    "cursor",
                    "cursor_does_not_fit",
                    "This cursor belongs to other filters or another order; begin without it.",
                )
            )
    return asked, faults


def at(name: str, code: str, detail: str) -> Fault:
    """A fault of one query parameter."""
    return Fault(code, detail, "", MappingProxyType({"parameter": name}))


def unknown(name: str) -> Fault:
    """The fault of a parameter nobody reads."""
    return at(name, "unknown_parameter", f"There is no parameter {name!r} here.")


def _filter(asked: Asked, name: str, kind: Kind, lookup: str, values: list[str]) -> list[Fault]:
    faults, read = [], []
    for text in values:
        try:
            read.append(kind.ask(text))
        except ValueError as error:
            faults.append(at(name, "invalid_parameter", str(error)))
    if lookup != "in" and len(values) != 1:
        faults.append(at(name, "repeated_parameter", f"Write {name} once."))
    if len(values) > 100:
        faults.append(at(name, "too_many_values", f"Write {name} at most 100 times."))
    if not faults:
        asked.where[f"{kind.column}__{lookup}"] = read if lookup == "in" else read[0]
    return faults


def _limit(asked: Asked, text: str) -> list[Fault]:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST):
        return [at("limit", "invalid_parameter", f"Write a limit from 1 to {MOST}.")]
    asked.limit = int(text)
    return []


def _sort(asked: Asked, resource: "Resource", text: str) -> list[Fault]:
    if text.removeprefix("-") not in resource.sorts:
        words = ", ".join(resource.sorts)
        return [at("sort", "invalid_parameter", f"Sort by one of: {words}; - turns it round.")]
    asked.sort = _order(resource, text)
    return []


def _order(resource: "Resource", word: str) -> tuple[str, ...]:
    turned = "-" if word.startswith("-") else ""
    column = resource.sorts[word.removeprefix("-")]
    return (
        (f"{turned}{column}",) if column in ("id", "pk") else (f"{turned}{column}", f"{turned}id")
    )


def _fields(asked: Asked, resource: "Resource", text: str) -> list[Fault]:
    known = {kind.name for kind in resource.fields}
    wanted = text.split(",")
    faults = [
        at("fields", "unknown_field", f"{resource.name} has no field {name!r}.")
        for name in wanted
        if name not in known
    ]
    asked.only = frozenset(wanted) | {"id"}
    return faults


def page(resource: "Resource", call: "Call", rows: QuerySet[Any] | None) -> dict[str, object]:
    """One page, read by its key and one row beyond it, never counted; of all rows unless some are
    given.
    """
    asked = call.asked or Asked(sort=_order(resource, resource.order))
    kinds = resource.kinds(asked.only)
    order = [column.lstrip("-") for column in asked.sort]
    columns = ("pk", *resource.columns(kinds), *order)
    read = _rows(resource, asked, columns) if rows is None else _among(rows, asked, columns)
    more, read = len(read) > asked.limit, read[: asked.limit]
    cursor = _write(read[-1][-len(order) :], asked) if more else None
    following = f"{call.request.path}?{_following(call.request.GET, cursor)}" if cursor else None
    if following:
        call.headers["Link"] = f'<{following}>; rel="next"'
    return {
        "data": resource.shown(read, kinds),
        "has_more": more,
        "next_cursor": cursor,
        "next": following,
        "limit": asked.limit,
    }


Rows = list[Sequence[Any]]


def _among(rows: QuerySet[Any], asked: Asked, columns: Sequence[str]) -> Rows:
    rows = rows.filter(**asked.where).order_by(*asked.sort)
    if asked.after is not None:
        rows = rows.filter(_beyond(asked.sort, asked.after))
    return list(rows.values_list(*columns)[: asked.limit + 1])


def _rows(resource: "Resource", asked: Asked, columns: Sequence[str]) -> Rows:
    """The same of all rows: each form of the question is put into words once."""
    order = [column.lstrip("-") for column in asked.sort]
    told = dict(asked.where)
    if asked.after is not None:
        fields = [statements.column_of(resource.model, column) for column in order]
        if None in fields:
            return _among(resource.rows(), asked, columns)
        told |= {
            f"after_{n}": field.to_python(value)
            for n, (field, value) in enumerate(zip(fields, asked.after, strict=False))
            if field is not None
        }
    where = tuple(sorted(asked.where))

    def form() -> QuerySet[Any, Any]:
        slots = {name: statements.Slot(name) for name in where}
        rows = resource.rows().filter(
            **{re.sub("__in$", "__among", name): slot for name, slot in slots.items()}
        )
        if asked.after is not None:
            after = [statements.Slot(f"after_{n}") for n in range(len(order))]
            rows = rows.filter(_beyond(asked.sort, after))
        return rows.order_by(*asked.sort).values_list(*columns)[: asked.limit + 1]

    known = (resource, asked.sort, where, asked.after is None, asked.limit, columns)
    return list(statements.known(known, form).rows(told))


def _following(query: QueryDict, cursor: str) -> str:
    kept = [(name, value) for name, values in query.lists() if name != "cursor" for value in values]
    return urlencode([*kept, ("cursor", cursor)])


def _beyond(sort: tuple[str, ...], after: list[Any]) -> Q:
    """Everything past the last row: (a, id) beyond (x, y) in the order's direction."""
    lookup = "lt" if sort[0].startswith("-") else "gt"
    columns = [column.lstrip("-") for column in sort]
    if len(columns) == 1:
        return Q(**{f"{columns[0]}__{lookup}": after[0]})
    first, last = columns
    return Q(**{f"{first}__{lookup}e": after[0]}) & (
        Q(**{f"{first}__{lookup}": after[0]}) | Q(**{f"{last}__{lookup}": after[1]})
    )


# --- the cursor: where a page ended, signed and bound to what was asked -------------------------


def _seal(resource: "Resource", query: QueryDict) -> str:
    asked = sorted(
        (name, value)
        for name, values in query.lists()
        for value in values
        if name not in ("cursor", "limit", "fields")
    )
    return hashlib.sha256(orjson.dumps([resource.name, asked])).hexdigest()[:16]


def _signature(body: bytes, asked: Asked) -> bytes:
    return hmac.digest(_key(settings.SECRET_KEY), asked.seal.encode() + body, "sha256")[:12]


@cache
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"cursor" + secret.encode()).digest()


def _write(key: Iterable[Any], asked: Asked) -> str:
    body = orjson.dumps([str(part) for part in key])
    return base64.urlsafe_b64encode(_signature(body, asked) + body).decode().rstrip("=")


def _read(cursor: str, asked: Asked) -> list[Any] | None:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        return None
    body = raw[12:]
    if not hmac.compare_digest(raw[:12], _signature(body, asked)):
        return None
    read: list[Any] = orjson.loads(body)
    return read

"""The generator: drf-spectacular, reading doors instead of views."""

from collections import Counter
from functools import cache
from typing import Any, cast

from django.apps import apps
from drf_spectacular.extensions import (
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import (
    build_root_object,
    normalize_result_object,
    sanitize_result_object,
)
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.settings import patched_settings
from rest_framework.views import APIView

from api import asking, lines
from api.document import components, examples, operations
from api.door import DOORS, PARAMETER, Door
from api.fields import Input
from api.resource import SHAPES, Shape
from api.schemas import Schema

PRODUCT = """\
The back office of staffing agencies. It takes over where the ATS says "placed" and carries every \
assignment through its weekly cycle: time, approval, pay, bill, funding, collection, margin.

**Who is calling** is a bearer key or token; it names one firm, and nothing else does. **Money** \
is `{"amount": "624.00", "currency": "GBP"}`, exact strings, never JSON numbers. **Days** are \
dates, **moments** are UTC. **Ids** begin with what they are (`tsh_`) and are otherwise opaque. \
**Errors** are problem documents that list every fault at once. **Lists** are paged by cursor. \
Unknown fields and parameters are refused. **Deeds** take an `Idempotency-Key`: send the same one \
when you repeat a call. **Work that takes longer** answers 202 with an operation. **What \
happened** is told by `/v1/events` in one order without gaps, and by webhooks signed the Standard \
Webhooks way.
"""
TAGS = (
    ("access", "Who is calling: sign-in, people, keys, entering an agency."),
    ("partner", "The partner's agencies and the view over all of them."),
    ("kernel", "Events, operations and documents: what every stage leaves behind."),
    ("webhooks", "Being told of events as they happen."),
    ("sandbox", "Moving the clock of a sandbox agency."),
    ("desk", ""),
    ("ledger", ""),
    ("directory", ""),
    ("assignments", ""),
    ("onboarding", ""),
    ("timesheets", ""),
    ("charges", ""),
    ("payroll", ""),
    ("invoicing", ""),
    ("funding", ""),
    ("collections", ""),
    ("margin", ""),
    ("integrations", ""),
)
SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "Backline",
    "VERSION": "1.0.0",
    "DESCRIPTION": PRODUCT,
    "CONTACT": {"name": "Backline"},
    "SERVERS": [{"url": "/", "description": "Where this document was read."}],
    "COMPONENT_SPLIT_REQUEST": False,
    "COMPONENT_SPLIT_PATCH": True,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
}


class OwnField(OpenApiSerializerFieldExtension):
    """A field of ours says its own schema."""

    target_class = "api.fields.Own"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> Schema:  # noqa: ARG002  # drf-spectacular calls it so
        """What the field says."""
        schema: Schema = self.target.schema()
        return schema


class ListOfLines(OpenApiSerializerFieldExtension):
    """Lines are a list of the Input that each of them is held to."""

    target_class = "api.lines.Lines"
    match_subclasses = True
    priority = 1

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> Schema:
        """A list of the lines' own component."""
        line = auto_schema.resolve_serializer(self.target.kind(), direction)
        return {**self.target.schema(), "items": line.ref}


class ClosedInput(OpenApiSerializerExtension):
    """An Input takes no unknown fields, unless it is a vendor's own shape."""

    target_class = "api.fields.Input"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> Schema:
        """The fields, closed."""
        schema: Schema = auto_schema._map_serializer(  # the documented way on
            self.target, direction, bypass_extensions=True
        )
        schema["additionalProperties"] = bool(self.target.keeps_unknown)
        if self.target.example is not None:
            schema["examples"] = [dict(self.target.example)]
        return schema


class DoorSchema(AutoSchema):
    """drf-spectacular's reader of serializers, with names that never meet."""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:  # noqa: ARG002  # drf-spectacular calls it so
        """The class's name; where two files use one name, the file's name goes before it."""
        kind = type(serializer)
        name: str = kind.__name__
        if _spelled()[name] > 1:
            name = kind.__module__.rpartition(".")[2].title().replace("_", "") + name
        return name


def _spelled() -> Counter[str]:
    found, left = set(), list(Input.__subclasses__())
    while left:
        kind = left.pop()
        if kind not in found:
            found.add(kind)
            left += kind.__subclasses__()
    return Counter(kind.__name__ for kind in found)


class Generator(SchemaGenerator):
    """The document of all doors."""

    def parse(self, input_request: Any, public: bool) -> dict[str, Any]:  # noqa: ARG002  # drf-spectacular calls it so
        """Every path with its operations, tags in the order of the week."""
        order = {name: place for place, (name, _) in enumerate(TAGS)}
        doors = sorted(
            DOORS.values(), key=lambda door: (order.get(door.tag, 99), door.path, door.method)
        )
        paths: dict[str, Any] = {}
        for door in doors:
            paths.setdefault(_address(door.path), {})[door.method.lower()] = self._operation(door)
        return paths

    def _operation(self, door: Door) -> Schema:
        reader = self._reader(door)
        parameters = [*self._query(reader, door), *operations.asked(door)]
        return operations.operation(door, self._body(reader, door), parameters)

    def _reader(self, door: Door) -> DoorSchema:
        view: Any = type("View", (APIView,), {"schema": DoorSchema()})()
        view.request, view.kwargs = None, {}
        reader: Any = view.schema
        reader.registry, reader.method = self.registry, door.method
        reader.path = reader.path_regex = door.path
        self.schemas_storage.append((view, reader))
        return cast(DoorSchema, reader)

    def _body(self, reader: DoorSchema, door: Door) -> Schema | None:
        if door.body is None or door.method not in ("POST", "PUT", "PATCH"):
            return None
        given = door.body(partial=door.method == "PATCH")
        component = reader.resolve_serializer(given, "request")
        media = {"schema": component.ref}
        content: Schema = {
            name: _csv(door.body) if name == asking.CSV else media for name in door.takes
        }
        return {"required": True, "content": content}

    def _query(self, reader: DoorSchema, door: Door) -> list[Schema]:
        if door.query is None:
            return []
        return [
            {
                "name": name,
                "in": "query",
                "required": bool(field.required),
                "schema": _of_field(reader, field),
                **({"description": str(field.help_text)} if field.help_text else {}),
            }
            for name, field in door.query().fields.items()
        ]

    def whole(self) -> Schema:
        """The whole document."""
        paths = self.parse(None, public=True)
        fixed = components.fixed()
        fixed["schemas"] |= self._shapes()
        root = build_root_object(
            paths=paths,
            components=self.registry.build(fixed),
            webhooks={},
            version=None,
        )
        root["webhooks"] = {"event": {"post": operations.message()}}
        root["tags"] = _tags({door.tag for door in DOORS.values()})
        told: Schema = sanitize_result_object(normalize_result_object(root))
        told["components"] = components.used(told)
        _exemplify(told)
        return told

    def _shapes(self) -> dict[str, Schema]:
        used: list[Shape] = []
        told: dict[str, Schema] = {}
        for door in DOORS.values():
            if isinstance(door.answers, Shape):
                used.append(door.answers)
            used += dict(door.instead).values()
            if 202 in (door.status, *door.also):
                used.append(SHAPES["Operation"])
            if door.lists is not None:
                used.append(door.lists)
                told[f"{door.lists.name}Page"] = components.page_of(door.lists)
        for name, shape in components.reached(used).items():
            told[name] = components.of_shape(shape)
        return told


def _csv(kind: type[Input]) -> Schema:
    """How a CSV is described: its columns, in words and as an example."""
    head = ",".join(lines.columns_of(kind))
    said = f"UTF-8, a comma between cells. Columns, in any order: {head}."
    return {"schema": {"type": "string", "description": said}, "example": f"{head}\r\n"}


def _of_field(reader: Any, field: Any) -> Schema:
    schema: Schema = reader._map_serializer_field(field, "request")
    return schema


def _address(path: str) -> str:
    """The path as OpenAPI spells it: without what each part is."""
    return PARAMETER.sub(lambda found: f"{{{found[1]}}}", path)


def _tags(used: set[str]) -> list[Schema]:
    known = [*TAGS, *((name, "") for name in sorted(used - {name for name, _ in TAGS}))]
    return [
        {"name": name, "description": said or _docstring(name)}
        for name, said in known
        if name in used
    ]


def _docstring(stage: str) -> str:
    """What a stage says of itself, in its first line."""
    if not apps.is_installed(f"backline.{stage}"):
        return stage.title()
    said = (apps.get_app_config(stage).module.__doc__ or stage).strip().split("\n")[0]
    return said.partition(":")[2].strip().capitalize() or said


def _exemplify(told: Schema) -> None:
    """Give every body that goes in or out an example that its schema allows."""
    schemas = told["components"]["schemas"]
    for path in told["paths"].values():
        for said in path.values():
            good = [part for status, part in said["responses"].items() if status[0] == "2"]
            for part in (said.get("requestBody"), *good):
                for media in (part or {}).get("content", {}).values():
                    if media["schema"].get("format") != "binary" and "example" not in media:
                        media["example"] = examples.of(media["schema"], schemas)


@cache
def document() -> Schema:
    """The document as it follows from the doors that are declared."""
    from api import urls  # noqa: F401, PLC0415  # it loads every file that declares doors

    with patched_settings(SETTINGS):
        made: Any = Generator
        whole: Schema = made().whole()
    return whole


@cache
def written() -> bytes:
    """The document as openapi/v1.yaml holds it."""
    with patched_settings(SETTINGS):
        text: bytes = OpenApiYamlRenderer().render(document())
    return text

"""Lines: many records in one call, as JSON or CSV, each checked by itself."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from rest_framework import serializers

from api.errors import Refused, Unreadable, faults_in
from api.fields import Input, Own
from api.reading import is_writable
from api.schemas import Schema
from backline.kernel.errors import Fault, Invalid, Refusal

MOST_BYTES = 10 * 1024 * 1024
MOST_COLUMNS = 100
MOST_LINES = 50_000


@dataclass(frozen=True, slots=True)
class Line:
    """One record of many: its place, the line of the file it stood in, and its values or faults."""

    n: int  # from 0
    line: int  # from 1; a CSV's first record stands in line 2
    values: dict[str, Any] | None
    faults: tuple[Fault, ...] = ()
    sent: Any = None  # as it came, where it cannot be taken

    @property
    def refusal(self) -> Refusal | None:
        """Why the line cannot be taken; None when it can."""
        return Invalid.of(self.faults) if self.faults else None


class Lines(Own):
    """A list whose members are checked one by one: gives a `Line` for each, good or not."""

    def __init__(self, kind: type[Input], *, most: int = MOST_LINES, **more: Any) -> None:
        super().__init__(**more)
        self.kind, self.most = kind, most

    def to_internal_value(self, data: Any) -> list[Line]:
        """Each member as a Line."""
        if not isinstance(data, list | Table):
            raise serializers.ValidationError("Write a list.", code="not_a_list")
        if not 1 <= len(data) <= self.most:
            raise serializers.ValidationError(
                f"Send from 1 to {self.most} lines in one call.", code="too_many_lines"
            )
        reader = self.kind(context=self.context)
        return [self.line(reader, n, each) for n, each in enumerate(data)]

    def line(self, reader: Input, n: int, each: Any) -> Line:
        """A member, by its place, as a Line."""
        line = n + 1
        if isinstance(each, Row):
            line = each.line
            if each.fault is not None:
                return Line(n, line, None, (each.fault,), each)
        try:
            return Line(n, line, dict(reader.run_validation(each)))
        except serializers.ValidationError as error:
            return Line(n, line, None, tuple(faults_in(error.detail)), each)

    def schema(self) -> Schema:
        """A list; its members are described by drf-spectacular."""
        return {"type": "array", "minItems": 1, "maxItems": self.most}

    def to_representation(self, value: Any) -> Any:
        """The value itself."""
        return value


class Row(dict[str, Any]):
    """One record of a CSV, before it is checked."""

    def __init__(self, values: Mapping[str, Any], line: int, fault: Fault | None = None) -> None:
        super().__init__(values)
        self.line, self.fault = line, fault


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV as its cells: the first line, the others, and where in the file each of them ends."""

    head: Sequence[str]
    cells: Sequence[Sequence[str]]
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.cells)

    def __iter__(self) -> Iterator[Row]:
        return map(self.row, range(len(self)))

    def row(self, n: int) -> Row:
        """The record in a place."""
        return _row(self.head, self.cells[n], self.numbers[n])


def name_of(kind: type[Input]) -> str:
    """Which field of a body holds the lines; raises TypeError when there is none."""
    for name, field in kind().fields.items():
        if isinstance(field, Lines):
            return name
    raise TypeError(f"{kind.__name__} has no Lines, so it cannot be sent as CSV.")


def columns_of(kind: type[Input]) -> list[str]:
    """The columns of a CSV for these lines: an object's parts are written name.part."""
    field: Any = kind().fields[name_of(kind)]
    return [column for name, own in field.kind().fields.items() for column in _columns(name, own)]


def _columns(name: str, field: Any) -> list[str]:
    if isinstance(field, Input):
        return [
            column
            for part, own in field.fields.items()
            for column in _columns(f"{name}.{part}", own)
        ]
    if getattr(field, "is_money", False):
        return [f"{name}.amount", f"{name}.currency"]
    return [name]


def from_csv(kind: type[Input], raw: bytes) -> dict[str, Any]:
    """A CSV as the body it stands for; raises Unreadable, Refused or Invalid for the whole file."""
    if len(raw) > MOST_BYTES:
        raise Refused(413, "body_too_large", f"Send at most {MOST_BYTES} bytes.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("body_not_utf8", "Send the file as UTF-8.") from None
    if not is_writable(text):
        raise Unreadable("text_not_writable", "Send whole characters, and no NUL.")
    return {name_of(kind): _table(text, columns_of(kind))}


def _table(text: str, known: Sequence[str]) -> Table:
    reader = _reader(text)
    try:
        head = [name.strip() for name in next(reader, [])]
        _check_head(head, known)
        cells = list(reader)
    except csv.Error:
        raise Unreadable("body_not_csv", f"Line {reader.line_num} is not valid CSV.") from None
    is_even = reader.line_num == len(cells) + 1  # no cell goes on in the next line
    numbers = range(2, len(cells) + 2) if is_even else _ends(text)
    if all(map(any, cells)):
        return Table(head, cells, numbers)
    filled = [n for n, own in enumerate(cells) if any(own)]
    return Table(head, [cells[n] for n in filled], [numbers[n] for n in filled])


def _reader(text: str) -> Any:
    return csv.reader(StringIO(text, newline=""), strict=True)


def _ends(text: str) -> list[int]:
    """In which line each record after the first ends."""
    reader = _reader(text)
    return [reader.line_num for _ in reader][1:]


def _check_head(head: Sequence[str], known: Sequence[str]) -> None:
    faults = [
        Fault("unknown_column", f"There is no column {name!r}; known are {', '.join(known)}.")
        for name in head[:MOST_COLUMNS]
        if name not in known
    ]
    if len(set(head)) != len(head):
        faults.append(Fault("column_twice", "A column stands twice in the first line."))
    if faults:
        raise Invalid.of(faults)


def _row(head: Sequence[str], cells: Sequence[str], line: int) -> Row:
    if len(cells) != len(head):
        said = f"This line has {len(cells)} cells; the first line has {len(head)}."
        return Row({}, line, Fault("cells_do_not_match", said))
    values: dict[str, Any] = {}
    for name, cell in zip(head, cells, strict=True):
        if cell.strip():
            *path, last = name.split(".")
            into = values
            for step in path:
                into = into.setdefault(step, {})
            into[last] = cell.strip()
    return Row(values, line)

"""Columns: many lines of one kind read a column at a time.

In a file of thousands of lines the same days, names and numbers stand over and over: each spelling
is read once. What cannot be read so is read line by line, which tells every fault.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from api import short
from api.fields import Input
from api.lines import Line, Lines, Table

WRONG: Any = object()  # stands where a cell cannot be read


@dataclass(frozen=True, slots=True)
class Taken:
    """Lines as they were read: the good ones as columns, the others each by itself."""

    numbers: Sequence[int]  # the line of the file of each, by its place from 0
    good: Sequence[int]  # the places that `values` hold, in order
    values: Mapping[str, Sequence[Any]]  # of each field; `empty` where it was left out
    bad: Mapping[int, Line]  # the others by place

    def column(self, name: str, otherwise: Any = None) -> Sequence[Any]:
        """A field of every good line; where it was left out stands something else."""
        told = self.values.get(name)
        if told is None:
            return [otherwise] * len(self.good)
        return [otherwise if value is empty else value for value in told]


class Columns(Lines):
    """As Lines, for what comes in tens of thousands: gives one `Taken`."""

    def to_internal_value(self, data: Any) -> Any:
        """The lines, read by columns where that can be."""
        taken = self._table(data) if isinstance(data, Table) and len(data) <= self.most else None
        return taken or _of_lines(super().to_internal_value(data))

    def _table(self, table: Table) -> Taken | None:
        """The lines of a table; None where no field can be read by itself."""
        reader = self.kind(context=self.context)
        way = short.way_of(reader, Input)
        if way is None or short.judges(reader) or not table.cells:
            return None
        if not {name for name, *_ in way}.issuperset(table.head):
            return None  # parts of an object
        wide = len(table.head)
        odd: set[int] = set()
        whole = table.cells
        if set(map(len, whole)) != {wide}:
            odd = {n for n, cells in enumerate(whole) if len(cells) != wide}
            whole = [[""] * wide if n in odd else cells for n, cells in enumerate(whole)]
        texts = dict(zip(table.head, zip(*whole, strict=True), strict=True))
        values: dict[str, list[Any]] = {}
        for step in way:
            name, _, required, otherwise = step
            if name in texts:
                known = {text: _value(step, text.strip()) for text in set(texts[name])}
                values[name] = [known[text] for text in texts[name]]
                if any(value is WRONG for value in known.values()):
                    odd.update(n for n, value in enumerate(values[name]) if value is WRONG)
            elif required:
                return None
            elif otherwise is not empty:
                values[name] = [otherwise] * len(whole)
        return _parted(values, [self.line(reader, n, table.row(n)) for n in sorted(odd)], table)


def _value(step: short.Step, text: str) -> Any:
    _, reads, required, otherwise = step
    if not text:
        return WRONG if required else otherwise
    try:
        return reads(text)
    except serializers.ValidationError:
        return WRONG


def _parted(values: Mapping[str, list[Any]], odd: Sequence[Line], table: Table) -> Taken:
    """What was read, without the lines that turned out bad when they were read by themselves."""
    bad: dict[int, Line] = {}
    for line in odd:
        if line.values is None:
            bad[line.n] = line
        for name, column in values.items():
            column[line.n] = (line.values or {}).get(name, empty)
    good = [n for n in range(len(table)) if n not in bad] if bad else range(len(table))
    kept = {name: [column[n] for n in good] for name, column in values.items()} if bad else values
    return Taken(table.numbers, good, kept, bad)


def _of_lines(lines: Sequence[Line]) -> Taken:
    """Lines that were read one by one, as columns."""
    known = {line.n: line.values for line in lines if line.values is not None}
    names = dict.fromkeys(name for own in known.values() for name in own)
    return Taken(
        [line.line for line in lines],
        list(known),
        {name: [own.get(name, empty) for own in known.values()] for name in names},
        {line.n: line for line in lines if line.values is None},
    )

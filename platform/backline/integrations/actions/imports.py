"""Imports: lines of a file brought in as workers, clients, assignments, papers or time.

Each line is by itself: one that is refused never stops the others. A line that names a record by
the firm's own reference finds it, and a reference that is there already is not added again. Lines
wait sealed until they are treated, for they hold what the directory seals.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from backline.integrations.actions import lines
from backline.kernel import operations, sealing
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid, Refusal
from backline.kernel.ids import new_id
from backline.kernel.models import Operation, OperationItem
from backline.kernel.operations import Done, Item, Work

TABLE, COLUMN = "kernel_operationitem", "args"  # where a sealed line lies
Became = UUID | Refusal
Treat = Callable[[Sequence[Mapping[str, Any]], Actor, datetime], list[Became]]


@dataclass(frozen=True, slots=True)
class Bringing:
    """One kind of import: what a line becomes, how it is treated, and which column says what
    belongs together.
    """

    noun: str
    treat: Treat
    chunk: int = 500
    together: str = ""


KINDS: Mapping[str, Bringing] = {
    "workers": Bringing("worker", lines.workers),
    "clients": Bringing("client", lines.clients),
    "assignments": Bringing("assignment", lines.assignments),
    "evidence": Bringing("evidence", lines.evidence),
    # A week is entered whole, so the lines of an assignment are one item.
    "time": Bringing("timesheet", lines.time, together="assignment"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was read: where it stood, and its values as JSON holds them, or its faults.

    Lines with the same `together` are one item: none of them comes in without the others.
    """

    line: int
    values: Mapping[str, Any] | None
    faults: tuple[Fault, ...] = ()
    together: str = ""


def treat(
    kind: str, values: Sequence[Mapping[str, Any]], *, actor: Actor, at: datetime
) -> list[Became]:
    """Bring in well-formed lines now; tells for each what it became, or why not."""
    return KINDS[kind].treat(values, actor, at)


def accept(kind: str, sent: Sequence[Line], *, actor: Actor, at: datetime) -> Operation:
    """Accept lines for later, an item a line (for time, an item an assignment).

    The same lines again are the same operation, so a file that is sent twice comes in once; when
    lines of it were refused, those alone are tried again.
    """
    key = f"import:{kind}:{_digest(kind, sent)}"
    before = Operation.objects.filter(key__startswith=key).order_by("-id").first()
    if before is not None and (before.failed == 0 or before.finished_at is None):
        return before
    refs = _refs(sent) if before is None else _refused(before)
    count = Operation.objects.filter(key__startswith=key).count()
    return operations.accept(
        f"import.{kind}",
        key=key if before is None else f"{key}:{count + 1}",
        refs=refs,
        args={"kind": kind},
        actor=actor,
        at=at,
    )


def _refs(sent: Sequence[Line]) -> list[tuple[str, Any]]:
    groups: dict[str, list[Line]] = {}
    for n, line in enumerate(sent):
        groups.setdefault(line.together or f"#{n}", []).append(line)
    return [(_named(own), _sealed(own)) for own in groups.values()]


def _refused(before: Operation) -> list[tuple[str, Any]]:
    rows = OperationItem.objects.filter(operation=before, state="failed").order_by("n")
    return list(rows.values_list("ref", "args"))


def _named(own: Sequence[Line]) -> str:
    told = ", ".join(str(line.line) for line in own)
    return f"line {told}" if len(told) < 140 else f"lines {own[0].line} to {own[-1].line}"


def _digest(kind: str, sent: Sequence[Line]) -> str:
    told = [
        kind,
        [[line.line, line.values, [fault.code for fault in line.faults]] for line in sent],
    ]
    text = json.dumps(told, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _sealed(own: Sequence[Line]) -> dict[str, str]:
    told = [
        {
            "line": line.line,
            "values": line.values,
            "faults": [[fault.code, fault.detail, fault.pointer] for fault in line.faults],
        }
        for line in own
    ]
    row = new_id()
    sealed = sealing.seal(json.dumps(told), table=TABLE, column=COLUMN, row=row)
    return {"row": str(row), "sealed": base64.b64encode(sealed).decode()}


def _opened(args: Mapping[str, str]) -> list[Line]:
    sealed = base64.b64decode(args["sealed"])
    text = sealing.unseal(sealed, table=TABLE, column=COLUMN, row=UUID(args["row"]))
    return [
        Line(one["line"], one["values"], tuple(Fault(*fault) for fault in one["faults"]))
        for one in json.loads(text)
    ]


def _run(kind: str, work: Work, items: Sequence[Item]) -> Sequence[Done]:
    """Treat a chunk of items; a line with faults refuses its own item and no other."""
    opened = [_opened(item.args) for item in items]
    whole = [n for n, own in enumerate(opened) if not any(line.faults for line in own)]
    values = [line.values or {} for n in whole for line in opened[n]]
    became = iter(treat(kind, values, actor=work.actor, at=work.at))
    dones = []
    for n, (item, own) in enumerate(zip(items, opened, strict=True)):
        if n in whole:
            dones.append(_done(kind, item, own, [next(became) for _ in own]))
        else:
            faults = [_of_line(fault, line, own) for line in own for fault in line.faults]
            dones.append(Done(item.n, None, Invalid.of(faults)))
    return dones


def _done(kind: str, item: Item, own: Sequence[Line], became: Sequence[Became]) -> Done:
    refusals = [(line, what) for line, what in zip(own, became, strict=True)
                if isinstance(what, Refusal)]  # fmt: skip
    if refusals:
        faults = [_of_line(fault, line, own) for line, what in refusals for fault in what.faults]
        return Done(item.n, None, Invalid.of(faults))
    noun = KINDS[kind].noun
    made = list(dict.fromkeys(str(what) for what in became))
    return Done(item.n, {noun: made[0]} if len(made) == 1 else {f"{noun}s": made})


def _of_line(fault: Fault, line: Line, own: Sequence[Line]) -> Fault:
    """A fault with the line it stands in, where an item has several."""
    if len(own) == 1:
        return fault
    return Fault(fault.code, fault.detail, f"/lines/{line.line}{fault.pointer}", fault.facts)


for _kind, _bringing in KINDS.items():
    operations.runs(f"import.{_kind}", chunk=_bringing.chunk)(partial(_run, _kind))

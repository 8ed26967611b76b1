"""/v1/imports and the import doors of each noun: files of many lines, JSON or CSV.

The dialect is fixed: UTF-8 (a byte order mark is taken), a comma between cells, quotes as RFC 4180
has them, the columns of the first line in any order. An object's parts are columns of their own,
such as address.city or pay_rate.amount.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from api import asking, fields, lines
from api.answers import RESULTS, accepted, line_results
from api.door import Call, door
from api.lines import Lines
from api.v1.assignments.words import ENGAGEMENTS, FREQUENCIES, OvertimeIn
from api.v1.directory.bank_accounts import RAILS
from api.v1.directory.clients import ClientIn
from api.v1.directory.words import Facts, Word
from api.v1.directory.workers import WorkerIn
from api.v1.timesheets.words import EntryIn
from backline.integrations.actions import imports
from backline.kernel.errors import Forbidden, Invalid, Refusal
from rulebook.money import Money

TAG = "integrations"
BOTH = ("application/json", "text/csv")
AT_ONCE = 100  # more than that is accepted and done by and by
BY_ID = "The id, or the firm's own reference."


class TaxIn(fields.Input):
    """A tax code with its NI letter, or the filing status of a W-4."""

    code = fields.Text(longest=12, required=False, help_text="1257L, BR, K475 …")
    basis = fields.Choice(("cumulative", "week1_month1"), required=False)
    ni_letter = fields.Text(longest=1, required=False)
    filing_status = fields.Text(longest=30, required=False, help_text="Of a W-4.")
    since = fields.Day(required=False, help_text="Left out, today.")
    source = fields.Text(  # type: ignore[assignment]  # a field's own word in DRF
        longest=40, required=False, help_text="p45, starter_checklist, w4 …"
    )


class BankIn(fields.Input):
    """A bank account, to be approved by a second person."""

    rail = fields.Choice(RAILS)
    holder = Word(longest=80)
    routing = fields.Text(longest=12, help_text="The sort code, or the ABA routing number.")
    account = fields.Text(longest=20)
    account_type = fields.Choice(("checking", "savings"), required=False)


class WorkerLine(WorkerIn):
    """A worker, with a tax code and a bank account if they are known."""

    tax = TaxIn(required=False)
    bank = BankIn(required=False)


class ClientLine(ClientIn):
    """A client."""


class AssignmentLine(fields.Input):
    """An assignment with its regular rates; more rates are agreed at the assignment."""

    worker = fields.Text(longest=40, help_text=BY_ID)
    client = fields.Text(longest=40, help_text=BY_ID)
    engagement = fields.Choice(ENGAGEMENTS)
    starts_on = fields.Day()
    ends_on = fields.Day(required=False)
    pay_frequency = fields.Choice(FREQUENCIES)
    pay_rate = fields.RateIn(required=False)
    bill_rate = fields.RateIn(required=False)
    site = fields.Text(longest=120, required=False, help_text="The id, or its name.")
    approver = fields.Text(longest=200, required=False, help_text="The id, or the e-mail.")
    intermediary = fields.Text(longest=40, required=False, help_text="The id, or company number.")
    reference = Word(longest=40)
    job_title = Word(longest=120)
    week_starts = fields.Whole(most=6, required=False)
    time_unit = fields.Choice(("hour", "day"), required=False)
    overtime = OvertimeIn(required=False)
    consultant = Word(longest=80)
    service_line = Word(longest=40)
    workers_comp_class = Word(longest=10)
    po_number = Word(longest=40)
    cost_centre = Word(longest=40)
    project = Word(longest=40)


class EvidenceLine(fields.Input):
    """A paper for a requirement."""

    requirement = fields.Text(longest=40, help_text="Its code, or a kind of paper it accepts.")
    about = fields.Text(longest=40, help_text="Worker, assignment or company: id, or reference.")
    source = fields.Text(longest=40)  # type: ignore[assignment]  # a field's own word in DRF
    dated_on = fields.Day()
    expires_on = fields.Day(required=False)
    document = fields.PublicId("doc", required=False)
    facts = Facts(required=False)


class TimeLine(EntryIn):
    """Time of one assignment on one day; a period is entered whole or not at all."""

    assignment = fields.Text(longest=40, help_text=BY_ID)
    submit = fields.Flag(default=False, help_text="Hand the period in for approval at once.")


class WorkersIn(fields.Input):
    """Many workers."""

    workers = Lines(WorkerLine)


class ClientsIn(fields.Input):
    """Many clients."""

    clients = Lines(ClientLine)


class AssignmentsIn(fields.Input):
    """Many assignments."""

    assignments = Lines(AssignmentLine)


class EvidenceManyIn(fields.Input):
    """Many papers."""

    evidence = Lines(EvidenceLine)


class TimeIn(fields.Input):
    """Many days of time."""

    time = Lines(TimeLine)


FILES: dict[str, tuple[type[fields.Input], str, str]] = {
    "workers": (WorkersIn, "wrk", "workers:write"),
    "clients": (ClientsIn, "cli", "clients:write"),
    "assignments": (AssignmentsIn, "asg", "assignments:write"),
    "evidence": (EvidenceManyIn, "evd", "evidence:write"),
    "time": (TimeIn, "tsh", "timesheets:write"),
}


@door(
    "POST",
    "/v1/workers/import",
    "workers_import",
    scope="workers:write",
    body=WorkersIn,
    answers=RESULTS,
    status=207,
    also=(202,),
    key="optional",
    dry_run=True,
    tag="directory",
    takes=BOTH,
)
def workers(call: Call) -> object:
    """Bring in many workers; one that is refused never stops the others.

    Up to a hundred lines are answered at once; more become an operation with an item a line.
    """
    return bring_in(call, "workers", call.body["workers"])


@door(
    "POST",
    "/v1/clients/import",
    "clients_import",
    scope="clients:write",
    body=ClientsIn,
    answers=RESULTS,
    status=207,
    also=(202,),
    key="optional",
    dry_run=True,
    tag="directory",
    takes=BOTH,
)
def clients(call: Call) -> object:
    """Bring in many clients; one that is refused never stops the others.

    Up to a hundred lines are answered at once; more become an operation with an item a line.
    """
    return bring_in(call, "clients", call.body["clients"])


@door(
    "POST",
    "/v1/assignments/import",
    "assignments_import",
    scope="assignments:write",
    body=AssignmentsIn,
    answers=RESULTS,
    status=207,
    also=(202,),
    key="optional",
    dry_run=True,
    tag="assignments",
    takes=BOTH,
)
def assignments(call: Call) -> object:
    """Bring in many assignments with their rates; one that is refused never stops the others.

    Up to a hundred lines are answered at once; more become an operation with an item a line.
    """
    return bring_in(call, "assignments", call.body["assignments"])


@door(
    "POST",
    "/v1/evidence/import",
    "evidence_import",
    scope="evidence:write",
    body=EvidenceManyIn,
    answers=RESULTS,
    status=207,
    also=(202,),
    key="optional",
    dry_run=True,
    tag="onboarding",
    takes=BOTH,
)
def evidence(call: Call) -> object:
    """File many papers; one that is refused never stops the others.

    Up to a hundred lines are answered at once; more become an operation with an item a line.
    """
    return bring_in(call, "evidence", call.body["evidence"])


class ImportIn(fields.Input):
    """A file, and what its lines are."""

    kind = fields.Choice(tuple(FILES))
    text = fields.Text(
        longest=lines.MOST_BYTES,
        trim_whitespace=False,
        help_text="The CSV, its columns as the import of that kind names them.",
    )


@door(
    "POST",
    "/v1/imports",
    "imports_start",
    scope="operations:write",
    body=ImportIn,
    answers=RESULTS,
    status=207,
    also=(202,),
    key="optional",
    dry_run=True,
    tag=TAG,
)
def start(call: Call) -> object:
    """Bring in a file of workers, clients, assignments, papers or time, line by line.

    It is accepted as an operation with an item a line; good lines are kept, bad ones say why. The
    same file again is the same operation: it comes in once, and only lines that were refused are
    tried again. A dry run does all of it and keeps nothing: it answers 207 with each line.
    Needs the right to write that kind as well.
    """
    kind = call.body["kind"]
    shape, _, scope = FILES[kind]
    if scope not in call.known().scopes:
        told = f"Bringing in {kind} needs {scope}, which this credential does not hold."
        raise Forbidden("scope_missing", told, scope=scope)
    raw = lines.from_csv(shape, call.body["text"].encode())
    name = lines.name_of(shape)
    sent = asking.checked(shape, raw, spelled=True)[name]
    column = imports.KINDS[kind].together
    together = [str(row.get(column, "")) for row in raw[name]] if column else [""] * len(sent)
    return bring_in(call, kind, sent, together, at_once=call.dry_run)


def bring_in(
    call: Call,
    kind: str,
    sent: Sequence[lines.Line],
    together: Sequence[str] = (),
    *,
    at_once: bool | None = None,
) -> object:
    """Bring lines in now, or accept them for later where there are many."""
    words = together or [""] * len(sent)
    now = len(sent) <= AT_ONCE or call.dry_run if at_once is None else at_once
    if not now:
        told = [
            imports.Line(line.line, _plain(line.values), line.faults, word)
            for line, word in zip(sent, words, strict=True)
        ]
        return accepted(imports.accept(kind, told, actor=call.actor, at=call.at))
    waiting = {word for line, word in zip(sent, words, strict=True) if word and line.values is None}
    good = [
        line
        for line, word in zip(sent, words, strict=True)
        if line.values is not None and word not in waiting
    ]
    values = [_plain(line.values) or {} for line in good]
    made = imports.treat(kind, values, actor=call.actor, at=call.at)
    became: dict[int, UUID | Refusal] = {line.n: _refused_together() for line in sent}
    became |= {line.n: what for line, what in zip(good, made, strict=True)}
    return line_results(sent, became, FILES[kind][1])


def _refused_together() -> Refusal:
    told = "Another line that belongs to this one is refused; they come in together."
    return Invalid("waits_for_others", told)


def _plain(values: Any) -> Any:
    """Values as JSON holds them without loss, so that they can wait."""
    if isinstance(values, dict):
        return {name: _plain(each) for name, each in values.items()}
    if isinstance(values, list):
        return [_plain(each) for each in values]
    if isinstance(values, Money):
        return {"amount": format(values.amount, "f"), "currency": values.currency}
    if isinstance(values, Decimal):
        return format(values, "f")
    if values is None or isinstance(values, str | int | bool):
        return values
    return values.isoformat() if hasattr(values, "isoformat") else str(values)

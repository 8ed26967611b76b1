"""Lines: values as JSON holds them, read into what each stage takes, and handed over in sets."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.assignments import actions as assigning
from backline.assignments.models import Assignment
from backline.directory import actions as directory
from backline.directory.actions.elections import faults_of
from backline.directory.models import Client, Contact, Intermediary, Site, Worker
from backline.kernel import ids
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, Refusal
from backline.kernel.models import Row
from backline.onboarding import actions as onboarding
from backline.onboarding.models import Requirement
from backline.timesheets import actions as timesheets

Values = Mapping[str, Any]
Became = UUID | Refusal
Referred = type[Worker] | type[Client] | type[Assignment]


def workers(lines: Sequence[Values], actor: Actor, at: datetime) -> list[Became]:
    """Workers, each with the tax code and bank account that the line brings along."""
    known = _Taken(Worker, lines)
    became: dict[int, Became] = {}
    good: list[tuple[int, directory.NewWorker]] = []
    for n, line in enumerate(lines):
        own = {name: line[name] for name in WORKER if name in line}
        new = directory.NewWorker(**own)
        faults = [*new.faults(at.date()), *_tax_faults(line, at.date()), *_bank_faults(line)]
        refusal = Invalid.of(faults) if faults else known.refusal(line)
        if refusal is not None:
            became[n] = refusal
        else:
            good.append((n, new))
    made = directory.add_workers([new for _, new in good], actor=actor, at=at)
    keys = {n: outcome.id for (n, _), outcome in zip(good, made, strict=True)}
    directory.elect_all(
        [_election(keys[n], lines[n]["tax"], at.date()) for n in keys if lines[n].get("tax")],
        actor=actor,
        at=at,
    )
    directory.propose_all(
        [_account(lines[n], worker=keys[n]) for n in keys if lines[n].get("bank")],
        actor=actor,
        at=at,
    )
    return [became.get(n) or keys[n] for n in range(len(lines))]


WORKER = (
    "given_name", "family_name", "country", "email", "phone", "preferred_name", "address",
    "born_on", "tax_id", "reference",
)  # fmt: skip
CLIENT = (
    "legal_name", "country", "currency", "trading_name", "reference", "billing_address",
    "vat_number",
)  # fmt: skip


def clients(lines: Sequence[Values], actor: Actor, at: datetime) -> list[Became]:
    """Clients."""
    known = _Taken(Client, lines)
    refused = [known.refusal(line) for line in lines]
    fit = [n for n, refusal in enumerate(refused) if refusal is None]
    new = [
        directory.NewClient(**{name: lines[n][name] for name in CLIENT if name in lines[n]})
        for n in fit
    ]
    made = directory.add_clients(new, actor=actor, at=at)
    became: dict[int, Became] = {
        n: outcome.refusal or outcome.id for n, outcome in zip(fit, made, strict=True)
    }
    return [refused[n] or became[n] for n in range(len(lines))]


def assignments(lines: Sequence[Values], actor: Actor, at: datetime) -> list[Became]:
    """Assignments with their rates; worker, client, site, approver and company by id or name."""
    known = _Taken(Assignment, lines)
    named = _Named(lines)
    became: dict[int, Became] = {}
    good: list[tuple[int, assigning.NewAssignment]] = []
    for n, line in enumerate(lines):
        keys, faults = named.of(line)
        refusal = Invalid.of(faults) if faults else known.refusal(line)
        if refusal is not None:
            became[n] = refusal
        else:
            good.append((n, _assignment(line, keys)))
    made = assigning.add([new for _, new in good], actor=actor, at=at)
    for (n, _), outcome in zip(good, made, strict=True):
        became[n] = outcome.refusal or outcome.id
    return [became[n] for n in range(len(lines))]


def evidence(lines: Sequence[Values], actor: Actor, at: datetime) -> list[Became]:
    """Papers; what each is about by id, or a worker or an assignment by the firm's reference."""
    asked = {row.code: row.about for row in Requirement.objects.filter(is_active=True)}
    for row in Requirement.objects.filter(is_active=True):
        asked |= {kind: row.about for kind in row.accepts if kind not in asked}
    words: dict[str, set[str]] = {"worker": set(), "assignment": set(), "intermediary": set()}
    for line in lines:
        words[asked.get(line["requirement"], "worker")].add(line["about"])
    found = {noun: found_by_reference(noun, told) for noun, told in words.items()}
    became: dict[int, Became] = {}
    good: list[tuple[int, onboarding.NewEvidence]] = []
    for n, line in enumerate(lines):
        about = found[asked.get(line["requirement"], "worker")].get(line["about"])
        if about is None:
            told = f"There is nothing called {line['about']!r}, or more than one."
            became[n] = Missing("not_found", told, pointer="/about")
        else:
            good.append((n, _paper(line, about)))
    made = onboarding.receive([new for _, new in good], actor=actor, at=at)
    for (n, _), outcome in zip(good, made, strict=True):
        became[n] = outcome.refusal or outcome.id
    return [became[n] for n in range(len(lines))]


def time(lines: Sequence[Values], actor: Actor, at: datetime) -> list[Became]:
    """Time, whole periods at a time; the assignment by id or by the firm's reference."""
    found = found_by_reference("assignment", {line["assignment"] for line in lines})
    became: dict[int, Became] = {}
    good: list[tuple[int, UUID, timesheets.NewEntry]] = []
    for n, line in enumerate(lines):
        key = found.get(line["assignment"])
        if key is None:
            told = f"There is no assignment {line['assignment']!r}, or more than one."
            became[n] = Missing("not_found", told, pointer="/assignment")
        else:
            good.append((n, key, _entry(line)))
    for submit in (False, True):
        own = [each for each in good if bool(lines[each[0]].get("submit")) is submit]
        keys, entries = [key for _, key, _ in own], [entry for _, _, entry in own]
        made = timesheets.enter_lines(keys, entries, submit=submit, actor=actor, at=at)
        became |= {n: what for (n, _, _), what in zip(own, made, strict=True)}
    return [became[n] for n in range(len(lines))]


# --- references -----------------------------------------------------------------------------------


class _Taken:
    """The references of these lines that are there already, so that nobody is added twice."""

    def __init__(self, model: Referred, lines: Iterable[Values]) -> None:
        self.prefix = model.PREFIX
        words = {line["reference"] for line in lines if line.get("reference")}
        rows = model._default_manager.filter(reference__in=words)
        self.known: dict[str, UUID | None] = dict(rows.values_list("reference", "pk"))

    def refusal(self, line: Values) -> Refusal | None:
        """Why a line is not added again, or None; a second line with its reference is refused."""
        word = line.get("reference")
        if not word:
            return None
        if word not in self.known:
            self.known[word] = None
            return None
        key = self.known[word]
        told = f"{word} is there already; change it where it is."
        facts = {"id": ids.public(self.prefix, key)} if key else {}
        return Conflict("already_there", told, pointer="/reference", **facts)


MODELS: Mapping[str, tuple[type[Row], str]] = {
    "worker": (Worker, "reference"),
    "client": (Client, "reference"),
    "assignment": (Assignment, "reference"),
    "intermediary": (Intermediary, "company_number"),
}


def found_by_reference(noun: str, words: Iterable[str]) -> dict[str, UUID]:
    """The record behind each id or reference; a reference that two records have is none."""
    model, column = MODELS[noun]
    told = {word for word in words if word}
    by_id = {word: key for word in told if (key := ids.parse(model.PREFIX, word)) is not None}
    rows = model._default_manager.filter(pk__in=by_id.values()).values_list("pk", flat=True)
    there = set(rows)
    found = {word: key for word, key in by_id.items() if key in there}
    named = model._default_manager.filter(**{f"{column}__in": told - by_id.keys()})
    seen: dict[str, list[UUID]] = {}
    for word, key in named.values_list(column, "pk"):
        seen.setdefault(word, []).append(key)
    return found | {word: keys[0] for word, keys in seen.items() if len(keys) == 1}


class _Named:
    """Whom the lines of assignments name, found in a few queries."""

    def __init__(self, lines: Sequence[Values]) -> None:
        self.found = {
            noun: found_by_reference(noun, {line[noun] for line in lines if line.get(noun)})
            for noun in ("worker", "client", "intermediary")
        }
        clients_ = set(self.found["client"].values())
        self.own: dict[str, dict[tuple[UUID, str], UUID]] = {"site": {}, "approver": {}}
        for noun, model, column in (("site", Site, "name"), ("approver", Contact, "email")):
            rows = model._default_manager.filter(client__in=clients_)
            for client, word, key in rows.values_list("client_id", column, "pk"):
                self.own[noun][client, str(word).lower()] = key
                self.own[noun][client, ids.public(model.PREFIX, key)] = key

    def of(self, line: Values) -> tuple[dict[str, UUID], list[Fault]]:
        """The keys of what a line names, and a fault for each that is not found."""
        keys: dict[str, UUID] = {}
        faults = []
        for noun, known in self.found.items():
            if line.get(noun):
                keys |= {noun: known[line[noun]]} if line[noun] in known else {}
        for noun, own in self.own.items():
            word = str(line.get(noun, ""))
            key = own.get((keys["client"], word)) if "client" in keys else None
            key = key or (own.get((keys["client"], word.lower())) if "client" in keys else None)
            if key is not None:
                keys[noun] = key
        for noun in (*self.found, *self.own):
            if line.get(noun) and noun not in keys:
                told = f"There is no {noun} {line[noun]!r}, or more than one."
                faults.append(Fault("not_found", told, f"/{noun}"))
        return keys, faults


# --- values ---------------------------------------------------------------------------------------


def _assignment(line: Values, keys: Mapping[str, UUID]) -> assigning.NewAssignment:
    starts_on = date.fromisoformat(line["starts_on"])
    own = {name: line[name] for name in ASSIGNMENT if name in line}
    return assigning.NewAssignment(
        worker=keys["worker"],
        client=keys["client"],
        site=keys.get("site"),
        approver=keys.get("approver"),
        intermediary=keys.get("intermediary"),
        starts_on=starts_on,
        ends_on=date.fromisoformat(line["ends_on"]) if line.get("ends_on") else None,
        rates=_rates(line, starts_on),
        **own,
    )


ASSIGNMENT = (
    "engagement", "pay_frequency", "job_title", "reference", "week_starts", "time_unit",
    "consultant", "service_line", "overtime", "workers_comp_class", "po_number", "cost_centre",
    "project",
)  # fmt: skip


def _rates(line: Values, since: date) -> assigning.NewRates | None:
    pay, bill = line.get("pay_rate"), line.get("bill_rate")
    if pay is None and bill is None:
        return None
    rate = assigning.NewRate(
        "regular",
        Decimal(pay["amount"]) if pay else None,
        Decimal(bill["amount"]) if bill else None,
        line.get("time_unit", "hour"),
    )
    return assigning.NewRates(
        since=since,
        rates=[rate],
        pay_currency=(pay or bill or {})["currency"],
        bill_currency=(bill or pay or {})["currency"],
    )


def _paper(line: Values, about: UUID) -> onboarding.NewEvidence:
    document = line.get("document")
    return onboarding.NewEvidence(
        requirement=line["requirement"],
        about=about,
        source=line["source"],
        dated_on=date.fromisoformat(line["dated_on"]),
        expires_on=date.fromisoformat(line["expires_on"]) if line.get("expires_on") else None,
        document=UUID(document) if document else None,
        facts=line.get("facts", {}),
    )


def _entry(line: Values) -> timesheets.NewEntry:
    own = {name: line[name] for name in ("code", "unit", "break_minutes", "note") if name in line}
    quantity = line.get("quantity")
    return timesheets.NewEntry(
        worked_on=date.fromisoformat(line["worked_on"]),
        quantity=None if quantity is None else Decimal(quantity),
        started_at=_moment(line.get("started_at")),
        ended_at=_moment(line.get("ended_at")),
        **own,
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _election(worker: UUID, tax: Values, on: date) -> directory.NewElection:
    kind, facts = _elected(tax)
    since = date.fromisoformat(tax["since"]) if tax.get("since") else on
    return directory.NewElection(
        worker=worker, kind=kind, facts=facts, since=since, source=tax.get("source", "file")
    )


def _elected(tax: Values) -> tuple[str, dict[str, Any]]:
    if "filing_status" in tax:
        return "us_w4", {"status": tax["filing_status"]}
    given = {"tax_code": "code", "tax_basis": "basis", "ni_letter": "ni_letter"}
    return "gb_paye", {fact: tax[name] for fact, name in given.items() if tax.get(name)}


def _tax_faults(line: Values, on: date) -> list[Fault]:
    tax = line.get("tax")
    if not tax:
        return []
    kind, facts = _elected(tax)
    return [
        Fault(fault.code, fault.detail, "/tax" + fault.pointer.removeprefix("/facts"))
        for fault in faults_of(kind, facts, on)
    ]


def _account(line: Values, worker: UUID | None = None) -> directory.NewBankAccount:
    bank = line["bank"]
    holder = bank.get("holder") or f"{line['given_name']} {line['family_name']}"
    return directory.NewBankAccount(
        worker=worker,
        rail=bank["rail"],
        holder=holder,
        routing=bank["routing"],
        account=bank["account"],
        account_type=bank.get("account_type", ""),
    )


def _bank_faults(line: Values) -> list[Fault]:
    if not line.get("bank"):
        return []
    return [
        Fault(fault.code, fault.detail, "/bank" + fault.pointer)
        for fault in _account(line).faults()
    ]

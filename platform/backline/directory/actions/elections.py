"""Tax elections: a tax code, a W-4, a certificate, each from a day, as the packs read them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.directory.actions import checks
from backline.directory.events import ElectionSet
from backline.directory.models import TaxElection, Worker
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record
from rulebook.pack import Situation, pack
from rulebook.packs.gb.cis import STANDINGS
from rulebook.packs.us.elections import W4
from rulebook.timeline import NoRule

ELECTIONS = ("gb_paye", "gb_pension", "gb_starter", "gb_student_loan", "gb_cis", "us_w4")
STATE = "us_state:"
# V and ten digits; up to two letters more where a subcontractor could not be matched.
VERIFICATION = re.compile(r"V\d{10}(/?[A-Z]{1,2})?")
UTR = re.compile(r"\d{10}")
KNOWN: Mapping[str, frozenset[str]] = {
    "gb_paye": frozenset(
        {"tax_code", "tax_basis", "ni_letter", "off_payroll", "director", "apprentice"}
    ),
    "gb_student_loan": frozenset({"student_loan", "postgraduate_loan"}),
    "gb_pension": frozenset({"state", "postponed_until", "worker", "refund"}),
    "gb_starter": frozenset({"sex", "starts_on", "declaration", "leaves_on", "weekly_hours"}),
    "gb_cis": frozenset({"standing", "verification_number", "utr"}),
    "us_w4": frozenset(W4.__annotations__),
}
# Beside what is elected a pack wants to know these, which are not asked here.
ANY_CODE = {"tax_code": "1257L", "ni_letter": "A"}
ANY_SCHEME = {"arrangement": "relief_at_source", "worker": "0.05", "employer": "0.03"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewElection:
    """What a worker elected, and from which day."""

    worker: UUID
    kind: str
    facts: Mapping[str, Any]
    since: date
    source: str


def elect(
    worker: UUID,
    kind: str,
    *,
    facts: Mapping[str, Any],
    since: date,
    source: str,
    actor: Actor,
    at: datetime,
) -> TaxElection:
    """Let a tax code, a W-4 or a state certificate hold from a day; the one before ends there.

    `kind` is gb_paye, gb_pension, gb_starter, gb_student_loan, gb_cis (what HMRC's verification of
    a subcontractor said), us_w4, or us_state:IL. What the country's pack could not read is refused
    here, fact by fact.
    """
    refuse_if(faults_of(kind, facts, at.date()))
    if not Worker.objects.filter(pk=worker).exists():
        raise Missing("not_found", "There is no such worker.")
    new = NewElection(worker=worker, kind=kind, facts=facts, since=since, source=source)
    return elect_all([new], actor=actor, at=at)[0]


def elect_all(elections: Sequence[NewElection], *, actor: Actor, at: datetime) -> list[TaxElection]:
    """Let many elections hold, each a worker's only one of its kind; they were checked before."""
    standing: dict[tuple[UUID, str], list[TaxElection]] = {}
    same = TaxElection.objects.filter(
        worker__in={one.worker for one in elections},
        kind__in={one.kind for one in elections},
        withdrawn=False,
    )
    for row in same.select_for_update().order_by("id"):
        standing.setdefault((row.worker_id, row.kind), []).append(row)
    moved: list[TaxElection] = []
    made = []
    for one in elections:
        until, touched = _make_room(standing.get((one.worker, one.kind), ()), one.since)
        moved += touched
        made.append(_row(one, until, actor, at))
    TaxElection.objects.bulk_update(moved, ["valid", "withdrawn"])
    TaxElection.objects.bulk_create(made)
    facts = (
        ElectionSet(subject=one.worker, kind=one.kind, since=one.since.isoformat())
        for one in elections
    )
    record(facts, actor=actor, at=at)
    return made


def _make_room(rows: Sequence[TaxElection], day: date) -> tuple[date | None, list[TaxElection]]:
    """End what began before a day, withdraw what began on it; and until when a new one holds."""
    later = [row.valid.lower for row in rows if row.valid.lower > day]
    touched = []
    for row in rows:
        if row.valid.lower == day:
            row.withdrawn = True
            touched.append(row)
        elif row.valid.lower < day and (row.valid.upper is None or row.valid.upper > day):
            row.valid = dated.since(row.valid.lower, day)
            touched.append(row)
    return min(later, default=None), touched


def _row(one: NewElection, until: date | None, actor: Actor, at: datetime) -> TaxElection:
    return TaxElection(
        worker_id=one.worker,
        kind=one.kind,
        facts=dict(one.facts),
        valid=dated.since(one.since, until),
        source=one.source,
        set_at=at,
        set_by=actor.as_json(),
    )


def faults_of(kind: str, facts: Mapping[str, Any], on: date) -> list[Fault]:
    """Everything in an election that could not be read on a pay day."""
    if kind not in ELECTIONS and not kind.startswith(STATE):
        told = f"Say one of {', '.join(ELECTIONS)} or us_state:XX."
        raise Invalid("election_unknown", told, pointer="/kind")
    known = KNOWN.get(kind)
    faults = [
        Fault("unknown_fact", f"{kind} has no {name!r}.", f"/facts/{name}")
        for name in sorted(facts)
        if known is not None and name not in known
    ]
    if kind == "gb_starter":
        return faults + _starter(facts)
    if kind == "gb_cis":
        return faults + _of_verification(facts)
    said, where = _said(kind, facts)
    country = "GB" if kind.startswith("gb_") else "US"
    employer = {"pension": ANY_SCHEME} if kind == "gb_pension" else {}
    situation = Situation(country, on, "weekly", (), said, employer)
    try:
        read = pack(country).faults(situation)
    except NoRule:
        return faults  # law for that day is not held here; the run will say so
    for pointer, code, sentence in read:
        inside = pointer.removeprefix(where)
        if pointer.startswith(where) and code != "no_reciprocity":
            faults.append(Fault(code, sentence, "/facts" + inside.replace(".", "/")))
    return faults


def _starter(facts: Mapping[str, Any]) -> list[Fault]:
    """What HMRC could not read of a new starter."""
    faults: list[Fault] = []
    for name, words in (("sex", ("M", "F")), ("declaration", ("A", "B", "C"))):
        if name in facts and facts[name] not in words:
            told = f"Say one of {', '.join(words)}."
            faults.append(Fault(f"{name}_unknown", told, f"/facts/{name}"))
    for name in ("starts_on", "leaves_on"):
        try:
            date.fromisoformat(str(facts.get(name) or "2000-01-01"))
        except ValueError:
            told = "Write a day such as 2026-06-01."
            faults.append(Fault("not_a_day", told, f"/facts/{name}"))
    hours = facts.get("weekly_hours")
    if hours is not None and not checks.is_amount(hours):
        told = 'Write hours as a string such as "37.5".'
        faults.append(Fault("not_hours", told, "/facts/weekly_hours"))
    return faults


def _of_verification(facts: Mapping[str, Any]) -> list[Fault]:
    """A verification has a result, and the number that HMRC gave it."""
    faults = []
    if facts.get("standing") not in STANDINGS:
        told = f"Say what HMRC answered: {', '.join(STANDINGS)}."
        faults.append(Fault("unknown_standing", told, "/facts/standing"))
    if not VERIFICATION.fullmatch(str(facts.get("verification_number", ""))):
        told = "Write HMRC's number of the verification, such as V1234567890."
        faults.append(Fault("verification_missing", told, "/facts/verification_number"))
    if "utr" in facts and not UTR.fullmatch(str(facts["utr"])):
        faults.append(Fault("bad_utr", "A UTR has ten digits.", "/facts/utr"))
    return faults


def _said(kind: str, facts: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The election as the pack hears it, and where the pack's faults about it point."""
    if kind == "gb_pension":
        return {**ANY_CODE, "pension": dict(facts)}, "elections.pension"
    if kind.startswith("gb_"):
        return ({} if kind == "gb_paye" else ANY_CODE) | dict(facts), "elections"
    if kind == "us_w4":
        return {"w4": dict(facts)}, "elections.w4"
    state = kind.removeprefix(STATE)
    return {"states": {state: dict(facts)}, "home": state}, f"elections.states.{state}"

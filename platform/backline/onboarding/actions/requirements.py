"""Requirements: what must be on file; a firm begins with its country's packet and may ask more."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backline.assignments.engagements import ENGAGEMENTS
from backline.kernel import copying
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Fault, refuse_if
from backline.kernel.events import record
from backline.onboarding.events import RequirementSet
from backline.onboarding.models import Requirement
from rulebook import requirements as rules

SUBJECTS = ("worker", "assignment", "intermediary")
BLOCKS = ("start", "pay")
FACTS = ("region", "engagement", "client", "client_class", "sector", "invoicing")
OURS = {"psc": "limited"}  # the packet says what law says; a firm reads its own word
NEEDS_PAPER = frozenset({"right_to_work", "i9_section_2", "key_information"})
# Told here and blocking nothing: a pay run asks the directory itself, and holds by its answer.
SEEN_BY_PAY = frozenset({"bank_account", "umbrella_approved"})
AFTER = {"terms_agreed": ("key_information",)}  # reg. 13A: the document comes before the terms
MOST_PAGES = {"key_information": 2}  # reg. 13A(3): at most two sides of A4


def seed(*, country: str, actor: Actor, at: datetime) -> int:
    """Give a firm the packets to begin with, its own country's first; what it has stays as it is.

    Each is asked for where its law holds, so that a first worker abroad is not let in unasked.
    Returns how many requirements were added.
    """
    known = set(Requirement.objects.values_list("code", flat=True))
    fresh: dict[str, Requirement] = {}
    for place in sorted(rules.PACKETS, key=lambda place: place != country):
        for one in rules.packet(place):
            if one.code in fresh:
                fresh[one.code].country = ""  # both countries ask for it
            elif one.code not in known:
                fresh[one.code] = _row(one, place)
    copying.create(list(fresh.values()))
    facts = (RequirementSet(subject=row.pk, code=row.code) for row in fresh.values())
    record(facts, actor=actor, at=at)
    return len(fresh)


def require(code: str, wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> Requirement:
    """Say that something must be on file, for which work, and what its lack blocks; by its code,
    as often as needed.
    """
    row = Requirement.objects.select_for_update().filter(code=code).first()
    faults = _faults(wanted)
    if row is None and not str(wanted.get("title", "")).strip():
        faults.append(Fault("required", "Say what it is called.", "/title"))
    refuse_if(faults)
    changes: dict[str, Any] | None = None
    if row is None:
        row = Requirement.objects.create(code=code, **wanted)
    else:
        changes = change(row, wanted)
    if changes != {}:
        fact = RequirementSet(subject=row.pk, code=code, changes=changes)
        record([fact], actor=actor, at=at)
    return row


def _faults(wanted: Mapping[str, Any]) -> list[Fault]:
    faults = []
    if wanted.get("about", "worker") not in SUBJECTS:
        faults.append(Fault("subject_unknown", f"Say one of {', '.join(SUBJECTS)}.", "/about"))
    if not set(wanted.get("blocks", ())) <= set(BLOCKS):
        faults.append(Fault("block_unknown", "It blocks start, pay, both or nothing.", "/blocks"))
    when = wanted.get("when", {})
    for name in sorted(when.keys() - set(FACTS)):
        told = f"It is asked for by {', '.join(FACTS)}."
        faults.append(Fault("fact_unknown", told, f"/when/{name}"))
    for word in sorted(set(when.get("engagement", ())) - set(ENGAGEMENTS)):
        told = f"There is no engagement {word!r}."
        faults.append(Fault("engagement_unknown", told, "/when/engagement"))
    since, until = wanted.get("since"), wanted.get("until")
    if since and until and until <= since:
        faults.append(Fault("ends_before_start", "It would end before it began.", "/until"))
    codes = set(wanted.get("after", ()))
    known = set(Requirement.objects.filter(code__in=codes).values_list("code", flat=True))
    return faults + [
        Fault("not_found", f"There is no requirement {code!r}.", "/after")
        for code in sorted(codes - known)
    ]


def _row(one: rules.Requirement, country: str) -> Requirement:
    when = {
        fact: sorted(OURS.get(value, value) for value in values)
        for fact, values in one.when.items()
    }
    return Requirement(
        code=one.code,
        title=one.label[:120],
        about=one.about,
        country=country,
        when=when,
        blocks=[] if one.code in SEEN_BY_PAY else sorted(one.blocks & set(BLOCKS)),
        accepts=sorted(one.accepts),
        after=list(AFTER.get(one.code, ())),
        since=one.since,
        until=one.until,
        valid_days=one.valid_days,
        days_after_start=one.days_after_start,
        most_pages=MOST_PAGES.get(one.code),
        needs_document=one.code in NEEDS_PAPER,
        source=one.source[:200],
    )

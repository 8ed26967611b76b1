"""What the holder of a link may do, if they are the one it was sent to: see what is asked, ask
back, write time down; approve, reject or hand in, once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backline.kernel import links
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing
from backline.kernel.events import record
from backline.kernel.links import Claim
from backline.kernel.models import Event, Link
from backline.kernel.outcomes import one
from backline.timesheets.actions.approving import approve, reject
from backline.timesheets.actions.entering import set_entries
from backline.timesheets.actions.moving import APPROVAL, ASKED, ENTRY, one_held
from backline.timesheets.actions.questioning import question
from backline.timesheets.actions.submitting import submit
from backline.timesheets.actions.writing import NewEntry
from backline.timesheets.events import ApprovalRefused
from backline.timesheets.models import Timesheet

MOST_TRIES = 5
ROLES = {APPROVAL: "approver", ENTRY: "worker"}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the holder of a link says they are."""

    name: str
    email: str
    job_title: str = ""

    def as_json(self) -> dict[str, str]:
        """The identity as it is kept with a decision."""
        return {"name": self.name, "email": self.email, "job_title": self.job_title}


@dataclass(frozen=True, slots=True)
class Asked:
    """A link as its holder sees it: whether it is open, and the sheet where that may be shown."""

    link: Link
    state: str
    sheet: Timesheet | None


def show(claimed: Claim, *, at: datetime) -> Asked:
    """What a link asks for; shows the sheet while the link is open or did its work, and never
    changes anything.
    """
    link = links.look(claimed)
    if link.purpose not in ASKED:
        raise Missing("link_unknown", "This link is not one of ours, or is not complete.")
    sheet = (
        Timesheet.objects.select_related("assignment__worker", "assignment__client")
        .filter(pk=link.subject)
        .first()
    )
    state = _state(link, sheet, at)
    return Asked(link, state, sheet if state in {"open", "used"} else None)


def approve_by_link(
    claimed: Claim, who: Identity, *, at: datetime, po_number: str = ""
) -> Timesheet:
    """Approve the sheet of a link, as the one it was sent to."""
    link, sheet = _opened(claimed, APPROVAL, who, at)
    actor = _actor(link)
    links.use(link, at)
    one(approve([sheet.pk], actor=actor, at=at, po_number=po_number, identity=who.as_json()))
    return one_held(sheet.pk)


def reject_by_link(claimed: Claim, who: Identity, *, reason: str, at: datetime) -> Timesheet:
    """Reject the sheet of a link with a reason, as the one it was sent to."""
    link, sheet = _opened(claimed, APPROVAL, who, at)
    actor = _actor(link)
    links.use(link, at)
    one(reject([sheet.pk], reason=reason, actor=actor, at=at, identity=who.as_json()))
    return one_held(sheet.pk)


def question_by_link(claimed: Claim, who: Identity, *, words: str, at: datetime) -> Timesheet:
    """Ask about the sheet of a link, as the one it was sent to; the link can still be used."""
    link, sheet = _opened(claimed, APPROVAL, who, at)
    return question(sheet.pk, words=words, actor=_actor(link), at=at)


def set_entries_by_link(
    claimed: Claim, who: Identity, entries: Sequence[NewEntry], *, at: datetime
) -> Timesheet:
    """Write down the time of a link's sheet without handing it in; the link can still be used."""
    link, sheet = _opened(claimed, ENTRY, who, at)
    return set_entries(sheet.pk, entries, actor=_actor(link), at=at)


def enter_by_link(
    claimed: Claim, who: Identity, entries: Sequence[NewEntry], *, at: datetime
) -> Timesheet:
    """Write down and hand in the time of a link's sheet, as the worker it was sent to."""
    link, sheet = _opened(claimed, ENTRY, who, at)
    actor = _actor(link)
    links.use(link, at)
    set_entries(sheet.pk, entries, actor=actor, at=at)
    one(submit([sheet.pk], actor=actor, at=at))
    return one_held(sheet.pk)


def note_refused(claimed: Claim, given_email: str, code: str, *, at: datetime) -> None:
    """Remember that a link was opened by somebody else; after a few such tries it is withdrawn."""
    link = links.look(claimed)
    fact = ApprovalRefused(
        subject=link.subject, link=str(link.pk), given_email=given_email, code=code
    )
    record([fact], actor=_actor(link), at=at)
    tries = Event.objects.filter(
        subject=link.subject, name=ApprovalRefused.name, facts__link=str(link.pk)
    )
    if tries.count() >= MOST_TRIES:
        links.withdraw(link.subject, purpose=link.purpose, at=at)


def _opened(claimed: Claim, purpose: str, who: Identity, at: datetime) -> tuple[Link, Timesheet]:
    link = links.opened(claimed, purpose=purpose, at=at)
    if link.used_at is not None:
        told = "This has been done already."
        raise Conflict("link_used", told, used_at=link.used_at.isoformat())
    faults = _differences(link.recipient, who)
    if faults:
        raise Invalid.of(faults)
    sheet = one_held(link.subject)
    if sheet.revision != link.facts.get("revision"):
        told = "The time has changed since this link was sent; wait for the new one."
        raise Conflict("link_outdated", told)
    return link, sheet


def _differences(sent_to: Mapping[str, str], who: Identity) -> list[Fault]:
    """Where the holder is not the one a link was sent to; what is not known of them is not
    compared.
    """
    return [
        Fault("identity_differs", "This is not whom the link was sent to.", f"/{name}")
        for name, given in who.as_json().items()
        if sent_to.get(name) and _plain(sent_to[name]) != _plain(given)
    ]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _actor(link: Link) -> Actor:
    who = link.recipient
    return Actor("link", who.get("id", ""), who.get("name", ""), ROLES[link.purpose])


def _state(link: Link, sheet: Timesheet | None, at: datetime) -> str:
    if link.used_at is not None:
        return "used"
    if link.revoked_at is not None or sheet is None:
        return "withdrawn"
    if at >= link.expires_at:
        return "expired"
    return "open" if sheet.revision == link.facts.get("revision") else "withdrawn"

"""/dev/mail/: in the demo alone, the mails that left, so that a visitor can follow their links.

Everywhere else there is nothing at this address: whoever reads a mail holds what it links to.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import mail
from django.http import HttpRequest, HttpResponse

from api import clock
from api.pages import wording
from api.pages.frame import page, shown
from backline.integrations.gateways import folder
from backline.kernel.errors import Missing

STAGE: Final = "demo"
MOST: Final = 200
NEWEST: Final = 600  # that are looked through
UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it left."""

    key: str
    message: EmailMessage

    @property
    def sent_at(self) -> datetime | None:
        """When it left, if it says so."""
        date = self.message["Date"]
        return getattr(date, "datetime", None) if date else None

    @property
    def body(self) -> str:
        """What it says."""
        part = self.message.get_body(("plain", "html"))
        return part.get_content() if part is not None else ""

    @property
    def papers(self) -> list[EmailMessage]:
        """What goes along with it."""
        return list(self.message.iter_attachments())


@page("GET")
def inbox(request: HttpRequest) -> HttpResponse:
    """The mails, the newest first; those to one address with ?to=."""
    _must_be_demo()
    to = request.GET.get("to", "")[:200].lower()
    found = [one for one in _mails() if to in str(one.message["To"] or "").lower()]
    rows = [
        {
            "title": str(one.message["Subject"] or "No subject"),
            "sub": f"To {one.message['To']}",
            "amount": "",
            "due": _when(one),
            "tone": "",
            "href": f"/dev/mail/{one.key}",
        }
        for one in found[:MOST]
    ]
    context = {"title": "Mailbox", "width": "reading", "mails": rows, "to": to}
    return shown(request, "mailbox.html", context)


@page("GET")
def mail_page(request: HttpRequest, key: str) -> HttpResponse:
    """One mail."""
    one = _one(key)
    context: dict[str, Any] = {
        "title": str(one.message["Subject"] or "Mail"),
        "width": "reading",
        "subject": str(one.message["Subject"] or "No subject"),
        "facts": [
            {"label": "From", "value": str(one.message["From"] or "")},
            {"label": "To", "value": str(one.message["To"] or "")},
            {"label": "Sent", "value": _when(one)},
        ],
        "body": one.body,
        "papers": [
            {"name": part.get_filename() or f"paper {n + 1}", "href": f"/dev/mail/{key}/{n}"}
            for n, part in enumerate(one.papers)
        ],
    }
    return shown(request, "mail.html", context)


@page("GET")
def paper(request: HttpRequest, key: str, n: int) -> HttpResponse:  # noqa: ARG001  # a view is given it
    """What goes along with a mail, to be kept."""
    papers = _one(key).papers
    if n >= len(papers):
        raise _unknown()
    part = papers[n]
    answer = HttpResponse(part.get_payload(decode=True), content_type=part.get_content_type())
    name = re.sub(r"[^\w.-]", "_", part.get_filename() or "paper")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _must_be_demo() -> None:
    if getattr(settings, "STAGE", "") != STAGE:
        raise _unknown()


def _one(key: str) -> Mail:
    _must_be_demo()
    found = next((one for one in _mails() if one.key == key), None)
    if found is None:
        raise _unknown()
    return found


def _mails() -> Sequence[Mail]:
    """What left through either of the backends that keep mail on this machine."""
    if settings.EMAIL_BACKEND.endswith("locmem.EmailBackend"):
        raw = [one.message().as_bytes() for one in reversed(getattr(mail, "outbox", []))]
    else:
        kept = folder.mails(Path(getattr(settings, "EMAIL_FILE_PATH", "")))
        raw = [one.read_bytes() for one in reversed(kept[-NEWEST:])]
    return [_read(each) for each in raw]


def _read(raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=policy.default)
    found = Mail("", message)
    said = "\n".join((str(message["To"]), str(message["Subject"]), found.body))
    return replace(found, key=sha256(said.encode()).hexdigest()[:20])


def _when(one: Mail) -> str:
    at = one.sent_at
    return wording.moment(at, clock.now(), UTC, "GB") if at is not None else ""


def _unknown() -> Missing:
    return Missing("not_found", "There is no such page.")

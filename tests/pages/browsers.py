"""Somebody at a browser: keeps cookies, and fills in the forms they are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from django.test import Client

from tenants.access import factors
from tests.callers import PASSWORD

if TYPE_CHECKING:
    from tenants.backend.seats import Place

STEP = timedelta(seconds=30)


@dataclass
class Somebody:
    """A person with a password and an app that shows codes, each of which works once."""

    email: str
    secret: str
    name: str
    shown: int = 0

    def code(self) -> str:
        """The next code of the app: the one of now and the one after it are taken at any time, and
        that of now also when the half minute ends meanwhile.
        """
        code: str = factors.code_at(self.secret, datetime.now(UTC) + self.shown * STEP)
        self.shown += 1
        return code

    def forgets(self) -> Somebody:
        """The same person as if the app had shown no code yet: tests do not wait for the next."""
        from tenants import tenancy
        from tenants.access.models import Person

        with tenancy.signing_in():
            Person.objects.filter(email=self.email).update(factor_step=0)
        self.shown = 0
        return self


def enrolled(place: Place, role: str, name: str) -> Somebody:
    """Make somebody a member of a firm."""
    from backline.kernel.actors import SYSTEM
    from tenants import tenancy
    from tenants.access import actions
    from tests.pages.world import key_of

    email = f"{name.split(maxsplit=1)[0]}@{place.schema.replace('_', '')}.example".lower()
    with tenancy.shared():
        made = actions.enrol(
            firm=key_of(place),
            email=email,
            name=name,
            role=role,
            password=PASSWORD,
            actor=SYSTEM,
            at=datetime.now(UTC) - timedelta(days=1),
        )
    return Somebody(email, made.secret, name)


class Forms(HTMLParser):
    """The forms of a page: where each goes, and the values it carries."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        if tag == "form" and own.get("method") == "post":
            self.found.append((own.get("action", ""), {}, []))
        elif tag == "input" and self.found and own.get("name"):
            self.found[-1][1][own["name"]] = own.get("value", "")
        elif tag == "button" and self.found and own.get("name") == "deed":
            self.found[-1][2].append(own["value"])


@dataclass
class Answer:
    """A page as it came."""

    status: int
    text: str
    headers: Any
    path: str

    @property
    def plain(self) -> str:
        """The words on it, without markup."""
        bare = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", self.text, flags=re.DOTALL)
        return " ".join(unescape(bare).split())

    @property
    def carried(self) -> dict[str, str]:
        """What any form of the page carries unseen."""
        return Forms(self.text).found[0][1]

    def form(self, deed: str = "") -> tuple[str, dict[str, str]]:
        """The form with this button, else the first one that is no sign-out."""
        for action, values, deeds in Forms(self.text).found:
            is_meant = deed in deeds if deed else action not in {"/sign-out", "/leave"}
            if is_meant:
                return action or self.path, values
        raise AssertionError(f"no form for {deed or 'anything'} on {self.path}: {self.plain[:400]}")


@dataclass
class Browser:
    """A browser; `post` fills in the form of a page it was given."""

    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        return self._answer(self.client.get(path, headers=headers), path)

    def fill(self, path: str, deed: str = "", **typed: str) -> Answer:
        """Open a page, fill its form in, and press a button."""
        return self.send(self.get(path), deed, **typed)

    def send(self, page: Answer, deed: str = "", **typed: str) -> Answer:
        """Fill in the form of a page that was opened before."""
        action, values = page.form(deed)
        given = values | typed | ({"deed": deed} if deed else {})
        return self.post(action, given)

    def post(self, path: str, given: dict[str, str]) -> Answer:
        """Send values as they are."""
        return self._answer(self.client.post(path, given), path)

    def signs_in(self, somebody: Somebody) -> Browser:
        """Sign in, in two steps, with codes left for what is approved next."""
        second = self.fill("/sign-in", email=somebody.email, password=PASSWORD)
        done = self.send(second, code=somebody.code())
        assert done.status == 303, done.plain
        somebody.forgets()
        return self

    def enters(self, place: Place, reason: str = "Ticket 4711: a question") -> Browser:
        """Enter an agency for a reason."""
        done = self.fill(f"/agencies/{place.ref}", reason=reason)
        assert done.status == 303, done.plain
        return self

    def _answer(self, response: Any, path: str) -> Answer:
        text = "" if response.streaming else response.content.decode(errors="replace")
        return Answer(response.status_code, text, response.headers, path)

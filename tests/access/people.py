"""People for the tests of access: enrolled in a firm, with the app that shows their codes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from backline.kernel import ids
from backline.kernel.actors import SYSTEM
from tenants import tenancy
from tenants.access import actions, factors, queries
from tenants.backend.seats import Place
from tests.wire import Wire

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PASSWORD = "a long sentence nobody says"


@dataclass
class Somebody:
    """A person as they sit at their desk: e-mail, password, and an app that shows codes."""

    email: str
    secret: str
    password: str = PASSWORD

    def code(self, at: datetime = NOON) -> str:
        """The code that the app shows."""
        return factors.code_at(self.secret, at)

    def signs_in(self, firm: Place | None = None, *, at: datetime = NOON, **other: str) -> str:
        """Sign in and return the token."""
        given = {"email": self.email, "password": self.password, "code": self.code(at)} | other
        with tenancy.signing_in():
            key = queries.firm_named(firm.ref) if firm else None
            return actions.sign_in(**given, firm=key, at=at).token

    def calls(self, at: datetime = NOON, **more: str) -> Wire:
        """Sign in over HTTP and call with the token."""
        asked = {"email": self.email, "password": self.password, "code": self.code(at)} | more
        return Wire(Wire().post("/v1/sessions", asked).done()["token"])


def enrolled(place: Place, role: str, email: str, *, name: str = "") -> Somebody:
    """Make somebody a member of a firm."""
    with tenancy.shared():
        made = actions.enrol(
            firm=key_of(place),
            email=email,
            name=name or email.partition("@")[0].title(),
            role=role,
            password=PASSWORD,
            actor=SYSTEM,
            at=NOON - timedelta(days=1),
        )
    return Somebody(email, made.secret)


def known(token: str, *, at: datetime = NOON, **more: Any) -> Any:
    """Who a token says is calling."""
    with tenancy.signing_in():
        return queries.credential(token, at, **more)


def key_of(place: Place) -> UUID:
    """The key of a firm's row."""
    key = ids.parse("agy", place.ref)
    assert key is not None
    return key

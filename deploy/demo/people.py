"""The people of the demo: who they are, how they sign in, and how they show their second factor."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from deploy.demo.caller import HttpCaller, Problem

PASSWORD: Final = "a pay week that runs itself"  # noqa: S105  # printed on the screen, for a sandbox
STEP: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in to one firm."""

    name: str
    email: str
    role: str
    says: str


PARTNER_PEOPLE: Final[Mapping[str, Person]] = {
    "admin": Person(
        "Rita Osei", "rita@northstar.test", "partner_admin", "runs the service, releases pay"
    ),
    "payroll": Person("Pat Lind", "pat@northstar.test", "ops_payroll", "prepares pay"),
    "billing": Person("Bea Hartley", "bea@northstar.test", "ops_billing", "bills and collects"),
    "compliance": Person(
        "Colm Reyes", "colm@northstar.test", "ops_compliance", "keeps papers in order"
    ),
}
OWNERS: Final[Mapping[str, Person]] = {
    "northgate": Person("Nora Blake", "nora@northgate.test", "owner", "owns Northgate Industrial"),
    "harbour": Person("Harriet Voss", "harriet@harbour.test", "owner", "owns Harbour IT"),
    "brightway": Person("Wes Alvarez", "wes@brightway.test", "owner", "owns Brightway Staffing"),
}


def secret_of(person: Person, seed: str) -> str:
    """The secret of somebody's authenticator app: the same on every start of one installation."""
    digest = hmac.new(seed.encode(), person.email.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:20]).decode()


class SignIn:
    """Signs one person in as often as needed; each code of the app is good for one use."""

    def __init__(self, client: httpx.Client, person: Person, seed: str) -> None:
        self.client, self.person, self.seed = client, person, seed
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """A new session's token; waits for the app's next code when this one was used."""
        from tenants.access import factors

        secret = secret_of(self.person, self.seed)
        with self._lock:
            for _ in range(6):
                for ahead in (-1, 0, 1):
                    code = factors.code_at(secret, datetime.now(UTC) + ahead * STEP)
                    token = self._try(code)
                    if token:
                        return token
                time.sleep(10)
        raise TimeoutError(f"{self.person.name} cannot sign in.")

    def _try(self, code: str) -> str:
        given = {"email": self.person.email, "password": PASSWORD, "code": code}
        try:
            return str(HttpCaller(self.client).post("/v1/sessions", given)["token"])
        except Problem as problem:
            if problem.status == httpx.codes.UNAUTHORIZED:
                return ""
            raise


def signed_in(client: httpx.Client, person: Person, seed: str) -> HttpCaller:
    """Somebody who is signed in, and signs in again when the factor is stale."""
    sign_in = SignIn(client, person, seed)
    return HttpCaller(client, sign_in(), sign_in)


def visiting(client: httpx.Client, host: HttpCaller, person: Person, agency: str) -> HttpCaller:
    """Somebody of the partner inside an agency, for a reason that the agency reads."""

    def enter() -> str:
        why = {"reason": f"The weekly cycle: {person.says}"}
        return str(host.post(f"/v1/partner/agencies/{agency}/act", why)["token"])

    def enter_anew() -> str:
        if host.renew is not None:  # a visit is as fresh as the session it came from
            host.token = host.renew()
        return enter()

    return HttpCaller(client, enter(), enter_anew)

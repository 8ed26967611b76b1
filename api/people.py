"""People at their browsers: the cookies that stand for a session and for a visit to an agency.

For pages. A cookie holds a token of its own kind, which no header takes, for one firm. A page that
changes something is guarded against forged forms (`django.views.decorators.csrf`).
"""

from contextlib import suppress
from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from api import clock
from api.callers import address
from api.errors import Refused
from api.v1.access.sessions import told
from backline.kernel.errors import Forbidden, Missing
from tenants import tenancy
from tenants.access import actions, queries, roles, throttles
from tenants.access.models import Session
from tenants.access.queries import Credential
from tenants.agencies import registry

SESSION: Final = "session"
VISIT: Final = "visit"


def begin(request: HttpRequest, *, email: str, password: str) -> str:
    """Take e-mail and password; the proof goes into the form of the second step."""
    with told():
        _count(request, queries.spelled(email))
        with tenancy.signing_in():
            return actions.begin(email=email, password=password)


def sign_in(
    request: HttpRequest,
    response: HttpResponse,
    *,
    email: str,
    code: str,
    password: str = "",
    proof: str = "",
    firm: UUID | None = None,
) -> None:
    """Sign a person in to one firm and let the response carry the cookie.

    Raises Unknown when anything is wrong, Refused with 429 after too many tries, and Invalid
    "firm_required", with the firms, for somebody who belongs to several and named none.
    """
    at, where = clock.now(), address(request)
    with told():
        _count(request, queries.spelled(email))
        with tenancy.signing_in():
            made = actions.sign_in(
                email=email,
                password=password,
                proof=proof,
                code=code,
                firm=firm,
                kind=Session.Kind.PAGE,
                address=where,
                at=at,
            )
    rotate_token(request)
    _keep(response, SESSION, made.token)
    _drop(response, VISIT)


def person_of(request: HttpRequest) -> Credential | None:
    """Who is looking at the page, and in which firm; None for a stranger. Opens the sign-in."""
    at = clock.now()
    for kind in (VISIT, SESSION):
        token = request.COOKIES.get(_name(kind), "")
        if token:
            with tenancy.signing_in():
                found = queries.credential(token, at, address=address(request), page=True)
            if found is not None:
                return found
    return None


def may(credential: Credential, scope: str) -> None:
    """Let somebody do a thing of the matrix; raises Forbidden, or Refused for a stale factor."""
    if scope not in credential.scopes:
        raise Forbidden("scope_missing", f"This needs {scope}.", scope=scope)
    if roles.needs_fresh(scope) and not credential.is_fresh(clock.now()):
        raise Refused(403, "fresh_factor_required", "Show your second factor again.")


def refresh_factor(request: HttpRequest, credential: Credential, *, code: str) -> None:
    """Take a new code, so that approving and releasing is open for five minutes."""
    at, where = clock.now(), address(request)
    with told():
        _count(request, actions.account_of(credential))
        with tenancy.signing_in():
            actions.refresh_factor(credential=credential, code=code, address=where, at=at)


def enter(
    response: HttpResponse, credential: Credential, *, agency: UUID, reason: str, minutes: int = 60
) -> None:
    """Let somebody of the partner into one of its agencies; their own session waits."""
    may(credential, "agencies:act")
    with suppress(tenancy.NoSuchFirm):
        if tenancy.place(registry.ref(agency)).partner == credential.firm:
            with tenancy.firm(registry.ref(agency)):
                made = actions.enter(
                    agency=agency,
                    credential=credential,
                    reason=reason,
                    minutes=minutes,
                    at=clock.now(),
                )
            _keep(response, VISIT, made.token)
            return
    raise Missing("not_found", "There is no such agency.")


def leave(response: HttpResponse, credential: Credential) -> None:
    """End a visit, or sign out where there is none."""
    at = clock.now()
    if credential.kind == "acting":
        with tenancy.firm(credential.firm):
            actions.leave(visit=credential.id, actor=credential.actor, at=at)
        _drop(response, VISIT)
        return
    with tenancy.signing_in():
        actions.sign_out(credential=credential, at=at)
    _drop(response, SESSION)
    _drop(response, VISIT)


def _count(request: HttpRequest, account: str) -> None:
    with tenancy.signing_in():
        throttles.claim(account=account, address=address(request), at=clock.now())


def _name(kind: str) -> str:
    """The name of a cookie; the prefix has browsers refuse it from anywhere else, and needs TLS."""
    return f"__Host-{kind}" if settings.SESSION_COOKIE_SECURE else f"backline-{kind}"


def _keep(response: HttpResponse, kind: str, token: str) -> None:
    response.set_cookie(
        _name(kind),
        token,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _drop(response: HttpResponse, kind: str) -> None:
    response.delete_cookie(_name(kind), path="/", samesite="Lax")

"""Frame: what every page has: who may see it, its policy, its guard against forged forms, its bar.

A page is given at most two transactions, as a call of the API is: who is looking, then the deed
or the reading in the books of the firm that the cookie names. A refusal rolls back.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils.decorators import decorator_from_middleware
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt

from api import callers, clock, people
from api.errors import Refused, Unknown, status_of
from api.pages import lost, wording
from api.pages.policy import strict
from backline.kernel.errors import Forbidden, Refusal
from tenants import tenancy
from tenants.access.models import ActingToken
from tenants.access.queries import Credential

View = Callable[..., HttpResponse]
Problem = dict[str, Any]


class _Guard(CsrfViewMiddleware):
    """Refuses a form that this browser was not given by us, in our own words."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:  # noqa: ARG002  # no insides
        return lost.forged(request)


_guarded = decorator_from_middleware(_Guard)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in, at a page of the firm that they are in; `at` is that firm's time."""

    request: HttpRequest
    credential: Credential
    at: datetime

    @property
    def on(self) -> date:
        """The firm's own day."""
        return callers.local_day(self.credential, self.at)

    @property
    def country(self) -> str:
        """Whose order days are written in."""
        return self.credential.country

    @property
    def is_at_partner(self) -> bool:
        """Whether the firm they are in is a partner, and not an agency."""
        return self.credential.firm_kind == "partner"

    def holds(self, scope: str) -> bool:
        """Whether they may do a thing of the matrix, never mind how fresh their factor is."""
        return scope in self.credential.scopes

    def needs(self, scope: str) -> None:
        """Refuse a page that is not theirs."""
        if not self.holds(scope):
            raise Forbidden("scope_missing", f"This needs {scope}.", scope=scope)

    def books(self) -> AbstractContextManager[Any]:
        """The firm's books, for one transaction."""
        return tenancy.firm(self.credential.firm)

    def moment(self, at: datetime) -> str:
        """A moment in the firm's words and time."""
        return wording.moment(at, self.at, wording.zone_of(self.country), self.country)


def page(*methods: str) -> Callable[[View], View]:
    """Make a view a page: only these methods, guarded, strict, never stored, no traceback."""
    allowed = {*methods, *({"HEAD"} if "GET" in methods else ())}

    def made(view: View) -> View:
        guarded = _guarded(view)

        @csrf_exempt  # the guard inside refuses with a page of ours; Django's own is not in use
        @wraps(view)
        def shown(request: HttpRequest, **words: Any) -> HttpResponse:
            try:
                if request.method not in allowed:
                    answer = lost.wrong_method(request, sorted(allowed))
                else:
                    answer = cast(HttpResponse, guarded(request, **words))
            except Refusal as refusal:
                answer = lost.refused(request, refusal)
            except Exception as error:  # noqa: BLE001  # the last wall: whatever it was, no insides go out
                answer = lost.failed(request, error)
            return strict(answer)

        return shown

    return made


def signed_in(view: View) -> View:
    """Give a page to who is signed in, and show a stranger the way to the sign-in."""

    @wraps(view)
    def asked(request: HttpRequest, **words: Any) -> HttpResponse:
        try:
            credential = people.person_of(request)
            if credential is None:
                return to_sign_in(request)
            request.caller = credential  # type: ignore[attr-defined]  # ours, for the line in the log
            return view(Visitor(request, credential, credential.clock or clock.now()), **words)
        except Unknown:
            return to_sign_in(request)

    return asked


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a stranger to the sign-in, and from there to where they were going."""
    onward = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
    query = "" if onward == "/" else f"?{urlencode({'next': onward})}"
    return see_other(f"/sign-in{query}")


def see_other(where: str) -> HttpResponse:
    """Send the browser on with a GET, so that going back never posts again."""
    answer = HttpResponseRedirect(where)
    answer.status_code = 303
    return answer


def onward(text: str) -> str:
    """An address of our own pages as it was asked for, else the first page."""
    ours = text.startswith("/") and url_has_allowed_host_and_scheme(text, allowed_hosts=None)
    return text if ours and not text.startswith(("/v1", "/sign-")) else "/"


def shown(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Draw a page that needs no bar."""
    return render(request, f"pages/{template}", dict(context), status=status)


def drawn(
    visitor: Visitor, template: str, context: Mapping[str, Any], *, here: str, status: int = 200
) -> HttpResponse:
    """Draw a page under the bar of the firm that the visitor is in; asked in its books."""
    return shown(
        visitor.request, template, {**surroundings(visitor, here), **context}, status=status
    )


def surroundings(visitor: Visitor, here: str) -> dict[str, Any]:
    """What the bar says: the firm, the person, the places they may go, and a visit with its end."""
    own = visitor.credential
    return {
        "firm_name": own.firm_name,
        "person": {"name": own.actor.name, "role": wording.role(own.actor.role)},
        "places": [
            {"label": label, "href": href, "is_here": label == here}
            for label, href, scope in PLACES
            if scope is None or any(visitor.holds(each) for each in scope)
        ],
        "acting": _acting(visitor) if own.kind == "acting" else None,
    }


PLACES: tuple[tuple[str, str, tuple[str, ...] | None], ...] = (
    ("Week", "/", ("board:read", "timesheets:read")),
    ("Exceptions", "/exceptions", ("exceptions:read",)),
    ("Pay runs", "/pay-runs", ("pay_runs:read",)),
)


def _acting(visitor: Visitor) -> dict[str, str]:
    own = visitor.credential
    reason = ActingToken.objects.filter(pk=own.id).values_list("reason", flat=True).first()
    zone = wording.zone_of(own.country)
    return {
        "firm": own.firm_name,
        "reason": reason or "",
        "until": wording.clock(own.expires_at, zone) if own.expires_at else "",
        "end_href": "/leave",
    }


def problem_of(refusal: Refusal, title: str, fields: Mapping[str, str] | None = None) -> Problem:
    """A refusal for `parts/problem.html`: every fault, leading to its field where there is one."""
    places = fields or {}
    return {
        "title": title,
        "faults": [
            {"detail": fault.detail or fault.code, "href": places.get(fault.pointer, "")}
            for fault in refusal.faults
        ],
    }


def status_for(refusal: Refusal) -> int:
    """The status of a page that shows a refusal; who has to wait, and who must show a code, too."""
    return refusal.status if isinstance(refusal, Refused) else status_of(refusal)

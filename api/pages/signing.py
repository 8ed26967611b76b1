"""/sign-in and /sign-out: a password, then a code, then a cookie for one firm.

Whatever is wrong is told in the same words at the same step: nobody learns which half was right.
"""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token

from api import people
from api.errors import Refused, Unknown
from api.pages.frame import Problem, onward, page, see_other, shown, status_for
from backline.kernel import ids
from backline.kernel.errors import Invalid, Refusal

LONGEST: Final = {"email": 254, "password": 256, "proof": 512, "code": 12, "firm": 40, "next": 500}
WRONG: Final[Problem] = {
    "title": "That did not work",
    "faults": [
        {"detail": "The e-mail, the password or the code is not right.", "href": ""},
        {"detail": "A code works once: wait for the next one, or start again.", "href": ""},
    ],
}


@page("GET", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in to one firm, in two steps."""
    if request.method != "POST":
        to = onward(request.GET.get("next", ""))
        if people.person_of(request) is not None:
            return see_other(to)
        return _step(request, "password", {"next": to})
    typed = {name: request.POST.get(name, "")[:most] for name, most in LONGEST.items()}
    typed["next"] = onward(typed["next"])
    if typed["proof"]:
        return _second(request, typed)
    return _first(request, typed)


def _first(request: HttpRequest, typed: dict[str, str]) -> HttpResponse:
    """Take the password; the second step follows whether or not it was right."""
    try:
        typed["proof"] = people.begin(request, email=typed["email"], password=typed["password"])
    except Refused as refusal:
        return _step(request, "password", typed, problem=_wait(refusal), refusal=refusal)
    return _step(request, "code", typed)


def _second(request: HttpRequest, typed: dict[str, str]) -> HttpResponse:
    answer = see_other(typed["next"])
    try:
        people.sign_in(
            request,
            answer,
            email=typed["email"],
            proof=typed["proof"],
            code="".join(typed["code"].split()),
            firm=ids.parse("agy", typed["firm"]),
        )
    except Unknown as refusal:
        return _step(request, "code", typed, problem=WRONG, refusal=refusal)
    except Refused as refusal:
        return _step(request, "code", typed, problem=_wait(refusal), refusal=refusal)
    except Invalid as refusal:
        if refusal.code != "firm_required":
            raise
        firms = refusal.faults[0].facts["firms"]
        return _step(request, "firm", typed, firms=firms)
    return answer


@page("POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and a visit that lies beside it."""
    answer = see_other("/sign-in")
    for _ in range(2):  # the visit first, then what it began with
        credential = people.person_of(request)
        if credential is not None:
            people.leave(answer, credential)
    return answer


def _wait(refusal: Refused) -> Problem:
    seconds = refusal.headers.get("Retry-After", "")
    told = f"Try again in {seconds} seconds." if seconds else "Try again later."
    return {"title": "Too many tries", "faults": [{"detail": told, "href": ""}]}


def _step(
    request: HttpRequest,
    step: str,
    typed: dict[str, str],
    *,
    problem: Problem | None = None,
    refusal: Refusal | None = None,
    **more: Any,
) -> HttpResponse:
    get_token(request)
    carried = {"password": ("next",), "code": ("email", "proof", "next")}
    names = carried.get(step, ("email", "proof", "code", "next"))
    return shown(
        request,
        "sign_in.html",
        {
            "title": "Sign in",
            "step": step,
            "email": typed.get("email", ""),
            "carried": [{"name": name, "value": typed.get(name, "")} for name in names],
            "post_href": "/sign-in",
            "back_href": "/sign-in",
            "problem": problem,
            **more,
        },
        status=status_for(refusal) if refusal else 200,
    )

"""Lost: the pages of what is not there, not allowed, or broken; they tell nothing of the inside."""

import logging
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from api import entry
from api.errors import Refused, status_of
from api.pages.policy import strict
from backline.kernel import here
from backline.kernel.errors import Refusal

LOG = logging.getLogger(__name__)
SAID = {
    400: ("This request cannot be read", "Go back and try again."),
    403: ("This is not for you", "Your role does not reach this page."),
    404: ("Nothing is here", "The address is wrong, or what was here is not for you."),
    405: ("Not in this way", "Open the page and use its buttons."),
    409: ("Not as it stands now", "Something has changed meanwhile. Open the page again."),
    422: ("This cannot be accepted", "Go back and look at what was typed."),
    429: ("Too many tries", "Wait a little and try again."),
    500: ("Something of ours failed", "Nothing was changed. Try again in a moment."),
    503: ("Busy just now", "Nothing was changed. Try again in a moment."),
}


def shown(request: HttpRequest, status: int, says: str = "") -> HttpResponse:
    """Draw the page of a status, in its own words or better ones."""
    title, usual = SAID.get(status, SAID[500 if status >= 500 else 409])
    told = {"title": title, "says": says or usual, "request_id": ""}
    if status >= 500:
        told["request_id"] = here.request_id()
    return render(request, "pages/lost.html", told, status=status)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Draw the page of a refusal that no other page showed."""
    status = status_of(refusal)
    says = "" if status in {403, 404} else refusal.detail
    answer = shown(request, status, says)
    if isinstance(refusal, Refused):
        for name, value in refusal.headers.items():
            answer[name] = value
    return answer


def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Draw the page of an error, told apart and written down as the API does it."""
    return shown(request, entry.failed(request, error).status_code)


def forged(request: HttpRequest) -> HttpResponse:
    """Draw the page of a form that this browser was not given, or lost the cookie of."""
    return shown(request, 403, "This form has gone stale. Open the page again and repeat it.")


def wrong_method(request: HttpRequest, allowed: Sequence[str]) -> HttpResponse:
    """Draw the page of a method that a page does not take."""
    answer = shown(request, 405)
    answer["Allow"] = ", ".join(allowed)
    return answer


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The answer where nothing is: a problem to programs, a page to people."""
    if request.path.startswith("/v1/"):
        return entry.missing(request, exception)
    return strict(shown(request, 404))


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The answer to a request that the server could not read."""
    if request.path.startswith("/v1/"):
        return entry.unreadable(request, exception)
    return strict(shown(request, 400))


def unforeseen(request: HttpRequest) -> HttpResponse:
    """The answer to an error outside any door and any page."""
    if request.path.startswith("/v1/"):
        return entry.unforeseen(request)
    return strict(shown(request, 500))

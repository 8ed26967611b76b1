"""Doors of the tests' own, to try what the frame does before any stage uses it."""

from __future__ import annotations

import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from django.db.models import F
from django.test import Client, override_settings

from api import door as doors
from api import fields, urls
from api.door import Call
from api.resource import Flag, Shape, Whole
from backline.kernel.errors import Conflict, Invalid
from backline.kernel.models import Counter
from tenants import tenancy

IS_CLOSED = False  # refused before anything is asked
COUNT = Shape("TrialCount", (Whole("last"), Flag("dry_run")))


class CountIn(fields.Input):
    """How much to add."""

    by = fields.Whole(least=1, most=100)
    then = fields.Choice(("nothing", "refuse", "break", "overflow"), default="nothing")


def add(call: Call) -> object:
    """Add to the firm's count."""
    if IS_CLOSED:
        raise Conflict("closed", "Not today.")
    then = call.body.pop("then")  # as a deed may: a body is read for it alone
    Counter.objects.bulk_create([Counter(name="trial", last=0)], ignore_conflicts=True)
    Counter.objects.filter(name="trial").update(last=F("last") + call.body["by"])
    if then == "refuse":
        call.remember(lambda: Counter.objects.create(name=f"refused-{call.body['by']}", last=1))
        raise Conflict("not_now", "Not now.")
    if then == "break":
        raise RuntimeError("the inside of the product")
    if then == "overflow":
        Counter.objects.filter(name="trial").update(last=2**70)
    last = Counter.objects.get(name="trial").last
    return COUNT.show({"last": last, "dry_run": call.dry_run})


def refuse_all(_call: Call) -> object:
    """Refuse for two reasons."""
    raise Invalid("one", "The one.")


@contextmanager
def open_doors(**facts: Any) -> Iterator[None]:
    """Serve POST /v1/trial with these facts of a door, and nothing else."""
    with pytest.MonkeyPatch.context() as monkey:
        monkey.setattr(doors, "DOORS", {})
        given: dict[str, Any] = {
            "scope": "sandbox:write",
            "body": CountIn,
            "answers": COUNT,
        } | facts
        doors.door("POST", "/v1/trial", "trial_add", **given)(add)

        urlconf: Any = types.ModuleType("trial_urls")
        monkey.setattr(urls, "DOORS", doors.DOORS)
        urlconf.urlpatterns = urls.addresses()
        urlconf.handler404 = urls.handler404
        with override_settings(ROOT_URLCONF=urlconf):
            yield


@dataclass
class Trial:
    """A caller of the trial's door."""

    token: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def add(self, body: Any = None, *, query: str = "", **headers: str) -> tuple[int, Any, Any]:
        """Add, and return status, body and headers."""
        sent = orjson.dumps({"by": 1} if body is None else body)
        given = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        answer = self.client.post(
            f"/v1/trial{query}", sent, content_type="application/json", headers=given
        )
        return answer.status_code, orjson.loads(answer.content or b"null"), answer.headers


def count_of(place: Any) -> int:
    """What the firm's count stands at."""
    with tenancy.firm(place.ref):
        return Counter.objects.filter(name="trial").values_list("last", flat=True).first() or 0


def is_noted(place: Any, by: int) -> bool:
    """Whether a refusal was remembered."""
    with tenancy.firm(place.ref):
        return Counter.objects.filter(name=f"refused-{by}").exists()

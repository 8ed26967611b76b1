"""New agency: from the order to the first answer of its key, against the bare template text."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import count

import psycopg
from django.test import Client

from backline.kernel.actors import Actor
from deploy.bench.books import firms, fleet
from deploy.bench.measuring import Differs, Row, Work
from tenants import tenancy
from tenants.access import actions as access
from tenants.agencies import actions, template
from tenants.agencies.models import Firm
from tenants.bootstrap import connections

NUMBERS = count(1)


def cold(others: int) -> Work:
    """With so many agencies there already; none has a schema ready."""
    fleet.of(others)
    return Work(units=1, floor=bare, ours=first_answer, agree=agree)


def spare(others: int) -> Work:
    """The same, with a schema made ready beforehand."""
    neighbour = fleet.of(others)[0]
    key = _key(neighbour)

    def before() -> None:
        """A schema is made ready, and the web process has answered somebody since.

        It is made by the clock, long before it is asked for; whoever is served next finds that the
        catalog has changed and reads it anew.
        """
        actions.make_spares(1)
        _answered(key)

    return Work(units=1, floor=bare, ours=first_answer, agree=agree, before=before)


def bare() -> None:
    """The text of the template in a schema of its own, and nothing else."""
    name = f"bare_{next(NUMBERS)}"
    text = f"CREATE SCHEMA {name}; SET LOCAL search_path = {name};\n{template.text()}"
    with connections.owner() as raw:
        psycopg.ClientCursor(raw).execute(text.encode())


def first_answer() -> None:
    """Order, build, open the books, give out the first key, and be answered with it."""
    _answered(_key(firms.agency(f"a{next(NUMBERS)}")))


def _key(firm: Firm) -> str:
    owner = Actor("person", "psn_bench", "Olive Owner", "owner")
    with tenancy.firm(firm.public_id):
        return access.issue(
            firm=firm.pk, name="ATS", scopes=["workers:read"], actor=owner, at=datetime.now(UTC)
        ).text


def _answered(key: str) -> None:
    told = _client().get("/v1/workers", headers={"authorization": f"Bearer {key}"})
    if told.status_code != 200:  # what the wire calls well
        raise Differs(f"The first call was answered with {told.status_code}: {told.content!r}")


def agree() -> None:
    """A new agency answers with its own empty list."""
    first_answer()


@cache
def _client() -> Client:
    """The web process, as it stands before anybody calls."""
    return Client(SERVER_NAME="localhost")


COLD = Row(
    name="new-agency",
    what="an agency from its order to its key's first answer, against its template text run bare",
    unit="agency",
    scale=1,
    goal=1 / 1.3,
    never_below=0.5,
    prepare=cold,
    clock=time.perf_counter,
)
FLEET = replace(
    COLD, name="new-agency-fleet", what="the same among many agencies", scale=fleet.SIZE
)
SPARE = replace(
    COLD,
    name="new-agency-spare",
    what="the same where a schema was made ready beforehand",
    scale=fleet.SIZE,
    goal=5.0,
    never_below=1.5,
    prepare=spare,
)

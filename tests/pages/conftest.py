"""Two look-alike firms in the middle of a week, made once a module; each test rolls back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.databases import Database
    from tests.pages.browsers import Browser, Somebody
    from tests.pages.world import World

PEOPLE = {
    "owner": ("agency", "owner", "Nora Blake"),
    "staff": ("agency", "staff", "Sam Field"),
    "auditor": ("agency", "auditor", "Ines Grant"),
    "twin_owner": ("other_agency", "owner", "Nora Blake"),
    "admin": ("partner", "partner_admin", "Rita Osei"),
    "payroll": ("partner", "ops_payroll", "Pat Lind"),
    "compliance": ("partner", "ops_compliance", "Colm Reyes"),
}


@dataclass
class Stage:
    """Both firms, their partner, and people of every kind."""

    mine: World
    twin: World
    partner: Place
    people: dict[str, Somebody]


def build(places: dict[str, Place]) -> Stage:
    """Make all of it."""
    from tests.pages import browsers, world

    mine, twin = world.stands(places["agency"]), world.stands(places["other_agency"])
    for one in (mine, twin):
        world.publish(one.place)
    world.move_clock(places["partner"], world.NOW)
    people = {
        key: browsers.enrolled(places[place], role, name)
        for key, (place, role, name) in PEOPLE.items()
    }
    return Stage(mine, twin, places["partner"], people)


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction of the module's own, as Django's test cases open them."""
    block: Any = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@contextmanager
def as_it_was() -> Iterator[None]:
    """Back to where the module's transaction stood, whatever is done here. No firm is open here, so
    the server is told directly.
    """
    wrapper: Any = connection
    wrapper.connection.execute("SAVEPOINT before_the_test")
    yield
    wrapper.connection.execute("ROLLBACK TO SAVEPOINT before_the_test")
    wrapper._applied = None


@pytest.fixture(scope="module")
def stage_of_module(places: dict[str, Place], django_db_blocker: Any) -> Iterator[Stage]:
    """The stage, for every test of a module that asks for `stage`."""
    with django_db_blocker.unblock(), rolled_back():
        yield build(places)


@pytest.fixture
def stage(stage_of_module: Stage) -> Iterator[Stage]:
    """The stage as it was set up, whatever a test did before."""
    codes = {key: somebody.shown for key, somebody in stage_of_module.people.items()}
    with as_it_was():
        yield stage_of_module
    for key, shown in codes.items():
        stage_of_module.people[key].shown = shown


@pytest.fixture
def browser(stage: Stage) -> Callable[..., Browser]:
    """A browser with somebody signed in: browser("owner"), or a stranger's: browser()."""
    from tests.pages.browsers import Browser

    def make(who: str = "", inside: Place | None = None) -> Browser:
        made = Browser()
        if who:
            made.signs_in(stage.people[who])
        return made.enters(inside) if inside else made

    return make


@pytest.fixture(scope="module")
def committed_stage(committed: Database, places: dict[str, Place]) -> Stage:
    """Both firms behind the real backend, where every process can see them."""
    return build(places)

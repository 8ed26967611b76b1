"""What every test may ask for; one that asks for no database starts no server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.conf import settings

from tests.capabilities import Capabilities
from tests.casefiles import CaseFiles
from tests.counting import Counts

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.databases import Database

BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or ""


pytest_plugins = ("tests.callers",)


def pytest_configure(config: pytest.Config) -> None:
    """Count what is proved and asked, once, where the summary is printed and where tests run; no
    test fails for having been slow.
    """
    slow = hypothesis.HealthCheck.too_slow
    hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[slow])
    hypothesis.settings.load_profile("patient")
    config.pluginmanager.register(Capabilities(), "capabilities")
    config.pluginmanager.register(CaseFiles(), "casefiles")
    config.pluginmanager.register(Counts(), "counts")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what the folder already says; ask other calculators only when told to."""
    for item in items:
        folder = item.path.relative_to(item.config.rootpath).parts[1]
        if folder in {"rulebook", "independent"}:
            item.add_marker(folder)
    if "independent" not in config.getoption("-m"):
        items[:] = [item for item in items if not item.get_closest_marker("independent")]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave browser tests out where there is no browser; the summary says how many."""
    if item.get_closest_marker("browser") and not BROWSER:
        pytest.skip("there is no Chromium on this machine")


@pytest.fixture(scope="session", autouse=True)
def files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep documents in a folder of this run."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")


@pytest.fixture(scope="session")
def database(django_db_blocker: Any) -> Iterator[Database]:
    """Give this process a database of its own, copied from the template."""
    from tests.databases import for_this_process

    with ExitStack() as stack:
        with django_db_blocker.unblock():
            made = stack.enter_context(for_this_process())
        yield made


@pytest.fixture(scope="session")
def django_db_setup(database: Database, django_db_blocker: Any) -> Iterator[None]:
    """Point Django at this process's database; pytest-django asks before the first query."""
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(database.in_use())
        yield


@pytest.fixture(scope="session")
def places(django_db_setup: None, django_db_blocker: Any) -> dict[str, Place]:
    """Where the books of the firms of tests/firms.py lie, by name."""
    from tests import firms

    with django_db_blocker.unblock():
        return firms.places()


@pytest.fixture(scope="module")
def committed(places: dict[str, Place], django_db_blocker: Any) -> Iterator[Database]:
    """A database of this module alone, behind the real backend, where what is written stays."""
    from tests.databases import of_its_own

    with django_db_blocker.unblock(), of_its_own() as made:
        yield made


@pytest.fixture
def partner(places: dict[str, Place]) -> Place:
    """The partner of all four agencies."""
    return places["partner"]


@pytest.fixture
def agency(places: dict[str, Place]) -> Place:
    """An agency in Britain."""
    return places["agency"]


@pytest.fixture
def other_agency(places: dict[str, Place]) -> Place:
    """Another one that looks just like it."""
    return places["other_agency"]


@pytest.fixture
def us_agency(places: dict[str, Place]) -> Place:
    """An agency in the United States."""
    return places["us_agency"]


@pytest.fixture
def other_us_agency(places: dict[str, Place]) -> Place:
    """Another one there that looks just like it."""
    return places["other_us_agency"]

"""The three processes as in life: the web answers, the clock rings, a kill does no harm."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from backline.kernel import ids
from backline.kernel.actors import SYSTEM
from backline.kernel.models import Offset
from deploy import processes
from deploy.servers import Unavailable, ports
from tenants import tenancy
from tenants.agencies import actions
from tenants.backend.seats import Place
from tests.firms import FIRST_MORNING

pytestmark = pytest.mark.worker


@pytest.fixture(autouse=True)
def may_look(django_db_blocker: Any) -> Iterator[None]:
    """Let these tests read what the processes wrote."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def installation(
    committed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[processes.Processes]:
    """Web, worker and clock on a database of this module's own."""
    folder = tmp_path_factory.mktemp("installation")
    variables = {
        **committed.variables,
        "DJANGO_SETTINGS_MODULE": "deploy.settings.demo",
        "FILES": str(folder / "files"),
        "SWEEP_SECONDS": "1",
    }
    with processes.running(variables, logs=folder / "logs") as running:
        yield running


def test_the_web_process_says_that_it_lives_and_that_what_it_stands_on_answers(installation):
    assert _get(f"{installation.url}/livez") == (200, {"status": "alive"})
    status, said = _get(f"{installation.url}/readyz")
    assert (status, said["parts"]) == (200, {"database": "ready", "broker": "ready"})


def test_an_unknown_address_is_a_problem_document(installation):
    status, problem = _get(f"{installation.url}/v1/nothing-is-called-so")
    assert status == problem["status"] == 404


def test_the_clock_rings_and_the_worker_attends_also_after_both_were_killed(installation, agency):
    assert ports.wait(lambda: _hours_played(agency) == _hours(FIRST_MORNING), 60)
    for process in (installation.worker, installation.clock):
        process.kill()
    later = FIRST_MORNING + timedelta(hours=3)
    with tenancy.shared():
        key = ids.parse("agy", agency.ref)
        assert key
        actions.set_clock(key, clock=later, actor=SYSTEM, at=FIRST_MORNING)
    for process in (installation.worker, installation.clock):
        process.start()
    assert ports.wait(lambda: _hours_played(agency) == _hours(later), 60)


def test_the_port_is_its_own_also_between_a_web_process_that_died_and_the_next(installation):
    port = int(installation.url.rpartition(":")[2])
    installation.web.kill()
    with pytest.raises(Unavailable), processes.listening([port]):
        pass
    installation.web.start()
    assert _get(f"{installation.url}/livez") == (200, {"status": "alive"})


def test_two_that_want_the_same_port_at_the_same_moment_listen_apart():
    with processes.listening([0]) as first:
        wanted = first.getsockname()[1]
        with processes.listening([wanted, 0]) as second:
            assert second.getsockname()[1] != wanted


def _hours(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600


def _hours_played(place: Place) -> int:
    with tenancy.firm(place.ref):
        return Offset.objects.filter(consumer="clock").values_list("seq", flat=True).first() or 0


def _get(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as answer:
        return answer.code, json.loads(answer.read())

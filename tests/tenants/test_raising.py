"""Are the schemas of an older release brought to the present one, whoever holds or kills what?

Tomorrow's release is today's with one more migration; yesterday's firms are those without it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.utils import Error

from backline.kernel import ids
from backline.kernel.actors import SYSTEM
from backline.kernel.models import Counter
from tenants import tasks, tenancy
from tenants.agencies import actions, template
from tenants.bootstrap import grants, probes, raising
from tests.callers import key_of
from tests.firms import FIRST_MORNING
from tests.wire import Wire

PLAIN = "migrations.AddField('requirement', 'tomorrow', models.IntegerField(null=True))"
# By a function in Python, so that no text of SQL can say it.
COUNTED = (
    "migrations.RunPython(lambda apps, editor: apps.get_model('onboarding', 'requirement')"
    ".objects.using(editor.connection.alias).update(tomorrow=7), migrations.RunPython.noop)"
)
STRICT = "migrations.AlterField('requirement', 'tomorrow', models.IntegerField(default=7))"
CHECKOUT = Path(__file__).resolve().parent.parent.parent

Tomorrow = Callable[..., None]


# A table that is made anew under its old name has lost its rights, and the file is the same.
MADE_ANEW = (
    "migrations.RunSQL('CREATE TABLE one AS TABLE collections_reminder;"
    " DROP TABLE collections_reminder; ALTER TABLE one RENAME TO collections_reminder')"
)


@pytest.fixture
def tomorrow(committed, tmp_path, monkeypatch, superuser) -> Iterator[Tomorrow]:
    """Write migrations that no firm has yet; all firms are of an older release then."""
    _undo(superuser)

    def write(*operations: str) -> None:
        home = tmp_path / "of_tomorrow"
        ours = Path(apps.get_app_config("onboarding").path) / "migrations"
        shutil.copytree(ours, home, ignore=shutil.ignore_patterns("__pycache__"))
        (before,) = MigrationLoader(None).graph.leaf_nodes("onboarding")
        for number, operation in enumerate(operations, start=9001):
            name = f"{number}_tomorrow"
            (home / f"{name}.py").write_text(
                "from django.db import migrations, models\n\n\n"
                "class Migration(migrations.Migration):\n"
                f"    dependencies = [{before!r}]\n    operations = [{operation}]\n"
            )
            before = ("onboarding", name)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(settings, "MIGRATION_MODULES", {"onboarding": "of_tomorrow"})
        _forget()

    yield write
    monkeypatch.undo()
    _forget()
    for name in [name for name in sys.modules if name.startswith("of_tomorrow")]:
        del sys.modules[name]
    _undo(superuser)
    superuser.execute(
        "UPDATE pub.agencies_firm SET release = %s WHERE release <> ''", [template.release()]
    )


def _forget() -> None:
    """Have the release named anew, as in a process that begins."""
    for named in (template.text, template.rights, template.migrations, template.release):
        named.cache_clear()


def _undo(superuser) -> None:
    for schema in fleet(superuser):
        superuser.execute(
            f'ALTER TABLE "{schema}".onboarding_requirement DROP COLUMN IF EXISTS tomorrow'
        )
    superuser.execute("UPDATE pub.agencies_firm SET release = 'older' WHERE release <> ''")
    noted(superuser, "older", template.migrations())


def noted(superuser, release: str, held: list[tuple[str, str]]) -> None:
    """Note what the schemas of a release hold."""
    superuser.execute(
        "INSERT INTO pub.agencies_release VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [release, json.dumps(held)],
    )


def fleet(superuser) -> list[str]:
    rows = superuser.execute("SELECT schema FROM pub.agencies_firm WHERE release <> '' ORDER BY 1")
    return [row[0] for row in rows]


def raised(superuser) -> set[str]:
    """The firms at tomorrow's release: by their column and the registry alike."""
    columns = superuser.execute(
        "SELECT table_schema FROM information_schema.columns WHERE column_name = 'tomorrow'"
    )
    found = {row[0] for row in columns}
    rows = superuser.execute(
        "SELECT schema FROM pub.agencies_firm WHERE release = %s", [template.release()]
    )
    assert found == {row[0] for row in rows}
    return found


@contextmanager
def held(committed, schema: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody reads a firm's table and does not end."""
    with psycopg.connect(committed.variables["ADMIN_DATABASE_URL"]) as reader:
        reader.execute(f'SELECT FROM "{schema}".onboarding_requirement')
        yield reader
        reader.rollback()


# --- all of them -------------------------------------------------------------------------------


def test_every_firm_is_raised_once_with_its_release(twins, superuser, tomorrow):
    actions.make_spares(2)
    superuser.execute("UPDATE pub.agencies_firm SET release = 'older' WHERE release <> ''")
    tomorrow(PLAIN)
    everybody = fleet(superuser)
    told: list[str] = []
    found = raising.raise_firms(told.append, batch=2)
    assert (found.firms, found.failed) == (len(everybody), {})
    assert raised(superuser) == set(everybody)
    assert told[0] == f"{len(everybody)} firms, as plain SQL: onboarding.9001_tomorrow"
    assert told[-1] == f"{len(everybody)} of {len(everybody)} firms raised"
    assert raising.raise_firms().firms == 0
    assert probes.missing() == []


def test_firms_that_stand_differently_each_go_their_own_way(twins, superuser, tomorrow):
    tomorrow(PLAIN, STRICT)
    first = fleet(superuser)[0]
    superuser.execute(f'ALTER TABLE "{first}".onboarding_requirement ADD tomorrow integer')
    superuser.execute(
        "UPDATE pub.agencies_firm SET release = 'half way' WHERE schema = %s", [first]
    )
    half = [key for key in template.migrations() if key[1] != "9002_tomorrow"]
    noted(superuser, "half way", half)
    told: list[str] = []
    found = raising.raise_firms(told.append)
    assert found.failed == {}
    assert raised(superuser) == set(fleet(superuser))
    others = len(fleet(superuser)) - 1
    both = "onboarding.9001_tomorrow, onboarding.9002_tomorrow"
    assert f"{others} firms, as plain SQL: {both}" in told
    assert "1 firms, as plain SQL: onboarding.9002_tomorrow" in told


def test_a_firm_that_told_its_history_itself_is_raised_from_there(twins, superuser, tomorrow):
    """As all did before releases were noted: each in a table of its own, which is gone then."""
    today = template.migrations()
    tomorrow(PLAIN)
    for schema in fleet(superuser):
        superuser.execute(f'CREATE TABLE "{schema}".django_migrations (app text, name text)')
        superuser.execute(f'ALTER TABLE "{schema}".django_migrations OWNER TO bo_owner')
        with superuser.cursor() as cursor:
            insert = f'INSERT INTO "{schema}".django_migrations VALUES (%s, %s)'
            cursor.executemany(insert, today)
    superuser.execute("UPDATE pub.agencies_firm SET release = 'oldest' WHERE release <> ''")
    told: list[str] = []
    assert raising.raise_firms(told.append).failed == {}
    assert raised(superuser) == set(fleet(superuser))
    assert told[0] == f"{len(fleet(superuser))} firms, as plain SQL: onboarding.9001_tomorrow"
    left = "SELECT schemaname FROM pg_tables WHERE tablename = 'django_migrations'"
    assert superuser.execute(left).fetchall() == [("pub",)]


def test_a_firm_of_which_nobody_knows_what_it_holds_is_named_and_the_others_are_raised(
    twins, superuser, tomorrow
):
    tomorrow(PLAIN)
    odd = fleet(superuser)[1]
    superuser.execute("UPDATE pub.agencies_firm SET release = 'unknown' WHERE schema = %s", [odd])
    assert list(raising.raise_firms().failed) == [odd]
    assert raised(superuser) == set(fleet(superuser)) - {odd}


def test_a_step_in_python_is_taken_by_itself_between_those_in_sql(twins, superuser, tomorrow):
    tomorrow(PLAIN, COUNTED, STRICT)
    schema = twins["agency"].schema
    told: list[str] = []
    assert raising.raise_firms(told.append).failed == {}
    assert raised(superuser) == set(fleet(superuser))
    assert [line.partition(", ")[2] for line in told if "_tomorrow" in line] == [
        "as plain SQL: onboarding.9001_tomorrow",
        "one by one: onboarding.9002_tomorrow",
        "as plain SQL: onboarding.9003_tomorrow",
    ]
    rows = superuser.execute(f'SELECT DISTINCT tomorrow FROM "{schema}".onboarding_requirement')
    assert rows.fetchall() == [(7,)]


def test_rights_that_are_not_those_of_the_file_are_put_right(twins, superuser, tomorrow):
    agency = twins["agency"]
    own = f'ON "{agency.schema}".'
    superuser.execute(f'REVOKE UPDATE {own}kernel_counter FROM "{agency.role}"')
    superuser.execute(f'GRANT DELETE {own}ledger_entry TO "{agency.role}"')
    superuser.execute(
        f'GRANT UPDATE (state, account) {own}directory_bankaccount TO "{agency.role}"'
    )
    assert raising.raise_firms().failed == {}
    with tenancy.firm(agency.ref):
        Counter.objects.filter(name="inv-1").update(last=1)
    for refused in (
        "DELETE FROM ledger_entry",
        "SELECT FROM agencies_release",
        "UPDATE directory_bankaccount SET account = ''",
    ):
        with pytest.raises(Error, match="permission denied"), tenancy.firm(agency.ref):
            connection.cursor().execute(refused)
    assert probes.missing() == []


# --- what stands in the way ---------------------------------------------------------------------


def test_a_firm_in_use_is_come_back_to(committed, twins, superuser, tomorrow):
    tomorrow(PLAIN)
    schema = twins["agency"].schema
    with held(committed, schema) as reader:

        def tell(line: str) -> None:
            if "tried again" in line:
                assert schema not in raised(superuser)
                assert len(raised(superuser)) == len(fleet(superuser)) - 1
                reader.rollback()

        found = raising.raise_firms(tell, pauses=[0.0])
    assert found.failed == {}
    assert raised(superuser) == set(fleet(superuser))


def test_a_firm_that_stays_in_use_is_named_and_the_others_are_raised(
    committed, twins, superuser, tomorrow
):
    tomorrow(PLAIN)
    schema = twins["agency"].schema
    with held(committed, schema):
        found = raising.raise_firms(pauses=[])
    assert found.failed == {schema: "canceling statement due to lock timeout"}
    assert raised(superuser) == set(fleet(superuser)) - {schema}
    assert raising.raise_firms().firms == 1


def test_a_firm_that_is_not_as_it_should_be_is_named_and_the_others_are_raised(
    twins, superuser, tomorrow
):
    tomorrow(PLAIN)
    odd = fleet(superuser)[1]
    superuser.execute(f'ALTER TABLE "{odd}".onboarding_requirement ADD tomorrow text')
    found = raising.raise_firms(batch=3)
    assert list(found.failed) == [odd]
    assert "already exists" in found.failed[odd]
    superuser.execute(f'ALTER TABLE "{odd}".onboarding_requirement DROP tomorrow')
    assert raised(superuser) == set(fleet(superuser)) - {odd}
    assert raising.raise_firms().firms == 1


def test_a_release_that_was_killed_is_gone_on_with(committed, superuser, tomorrow, tmp_path):
    """Killed with -9 in the middle: its first batch is kept, the one it was in is not."""
    tomorrow(PLAIN)
    everybody = fleet(superuser)
    program = (
        "import django, sys; django.setup()\n"
        "from django.conf import settings\n"
        "settings.MIGRATION_MODULES = {'onboarding': 'of_tomorrow'}\n"
        "from tenants.bootstrap import raising\n"
        "raising.PATIENCE = '60s'\n"
        "raising.raise_firms(lambda line: print(line, flush=True), batch=2)\n"
    )
    paths = os.pathsep.join(map(str, (CHECKOUT / "platform", CHECKOUT, tmp_path)))
    world = {
        **os.environ,
        **committed.variables,
        "PYTHONPATH": paths,
        "DJANGO_SETTINGS_MODULE": "deploy.settings.demo",
    }
    with (
        held(committed, everybody[3]),  # so that the second batch certainly is not over
        subprocess.Popen(
            [sys.executable, "-c", program], env=world, stdout=subprocess.PIPE, text=True
        ) as release,
    ):
        assert release.stdout is not None
        lines = iter(release.stdout.readline, "")
        assert any(line.startswith("2 of ") for line in lines)
        release.send_signal(signal.SIGKILL)
        release.wait()
    assert raised(superuser) == set(everybody[:2])
    assert raising.raise_firms().firms == len(everybody) - 2
    assert raised(superuser) == set(everybody)


# --- who may enter meanwhile --------------------------------------------------------------------


def test_nobody_enters_a_firm_that_is_not_raised_and_the_others_serve(
    committed, twins, superuser, tomorrow, monkeypatch
):
    superuser.execute(
        "UPDATE pub.agencies_firm SET release = %s WHERE release <> ''", [template.release()]
    )
    ours, other = (Wire(key_of(twins[name])) for name in ("agency", "other_agency"))
    agency = twins["agency"]
    superuser.execute(
        "UPDATE pub.agencies_firm SET release = 'older' WHERE schema = %s", [agency.schema]
    )
    monkeypatch.setattr(tenancy, "_PLACES", {})  # as in a process of this release that just began
    worker = {"given_name": "Ada", "family_name": "Byron", "country": "GB"}
    sent = ours.post("/v1/workers", worker)
    assert sent.status == 503
    assert sent.code == "agency_being_raised"
    assert sent.headers["Retry-After"] == "10"
    assert ours.get("/v1/workers").status == 503
    assert other.get("/v1/workers").status == 200
    assert tasks.attend(agency.ref) is None
    with pytest.raises(tenancy.NotRaised), tenancy.pair(agency.ref, twins["partner"].ref):
        pass
    assert raising.raise_firms().firms == 1
    assert ours.get("/v1/workers").body["data"] == []


def test_a_spare_of_an_older_release_is_not_given_out(committed, twins, superuser, tomorrow):
    actions.make_spares(1)
    superuser.execute("UPDATE pub.agencies_firm SET release = 'older' WHERE state = 'spare'")
    with tenancy.shared():
        found = actions.order(
            name="Acorn Staffing",
            country="GB",
            partner=ids.parse("agy", twins["partner"].ref),
            key="after the spares grew old",
            actor=SYSTEM,
            at=FIRST_MORNING,
        )
    assert found.release == ""


# --- what it rests on ---------------------------------------------------------------------------


def test_the_release_is_named_by_text_and_rights(committed, monkeypatch):
    before = template.release()
    monkeypatch.setattr(grants, "for_firm", lambda *_: "GRANT MORE")
    _forget()
    assert template.release() != before
    monkeypatch.undo()
    _forget()
    assert template.release() == before

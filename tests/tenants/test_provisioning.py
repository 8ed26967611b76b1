"""Does an order always end in a whole agency or in none, and can it be repeated until it does?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from django.db import IntegrityError

from backline.directory.models import FirmRecord
from backline.kernel.actors import SYSTEM
from backline.kernel.errors import Conflict, Invalid, Missing
from backline.kernel.models import Event
from backline.ledger.models import Account
from tenants import tasks, tenancy
from tenants.agencies import actions, building, opening, queries, template
from tenants.agencies.models import Firm, Step
from tenants.bootstrap import connections, probes, ways
from tests.tenants.conftest import below

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


class Killed(BaseException):
    """The process died here; nothing of ours may catch it."""


def order(places, **facts: object) -> Firm:
    wanted = {
        "name": "Acorn Staffing",
        "country": "GB",
        "partner": key_of(places["partner"].schema),
        "key": str(uuid4()),
        "actor": SYSTEM,
        "at": AT,
    }
    with tenancy.shared():
        return actions.order(**wanted | facts)


def key_of(schema: str):
    with tenancy.shared():
        return Firm.objects.get(schema=schema).pk


def state_of(firm: Firm) -> str:
    with tenancy.shared():
        return Firm.objects.get(pk=firm.pk).state


def schemas(superuser) -> set[str]:
    rows = superuser.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")
    return {row[0] for row in rows}


def must_be_unreachable(firm: Firm, superuser) -> None:
    """Nobody is let in, and whatever was made of its schema is whole or not there at all."""
    with tenancy.shared():
        found = Firm.objects.get(pk=firm.pk)
        assert found.state == Firm.State.PROVISIONING
        assert firm.public_id not in queries.active_refs()
        assert not queries.reachable().filter(pk=firm.pk).exists()
    assert (firm.schema in schemas(superuser)) == bool(found.release)
    if found.release:
        assert tasks.attend(firm.public_id) is None  # not worked for either
    else:
        with pytest.raises(tenancy.NoSuchFirm), tenancy.firm(firm.public_id):
            pass


def must_be_whole(firm: Firm, superuser) -> None:
    """One set of books with everything in it, behind walls that stand."""
    assert state_of(firm) == Firm.State.ACTIVE
    with tenancy.firm(firm.public_id):
        assert FirmRecord.objects.count() == 1
        assert Account.objects.exists()
        assert Event.objects.filter(name="books.opened").count() <= 1
    tables = superuser.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname = %s", [firm.schema]
    ).fetchone()
    assert tables == (len(template.tables()),)
    assert probes.missing() == []


# --- the ordinary way --------------------------------------------------------------------------


def test_an_order_becomes_an_agency(committed, places, superuser):
    firm = order(places)
    must_be_unreachable(firm, superuser)
    actions.provision(firm.pk, at=AT)
    must_be_whole(firm, superuser)
    with tenancy.shared():
        deeds = Step.objects.filter(firm=firm).order_by("id").values_list("deed", flat=True)
        assert list(deeds) == ["order", "activate"]


def test_provisioning_again_changes_nothing(committed, places, superuser):
    firm = order(places)
    for _ in range(3):
        actions.provision(firm.pk, at=AT)
    must_be_whole(firm, superuser)
    with tenancy.shared():
        assert Step.objects.filter(firm=firm).count() == 2


def test_the_same_order_is_the_same_agency(committed, places):
    key = str(uuid4())
    first, second = order(places, key=key), order(places, key=key)
    assert first.pk == second.pk
    with pytest.raises(Conflict, match="other facts"):
        order(places, key=key, name="Another")


def test_a_ready_spare_becomes_an_agency_by_its_row_alone(committed, places, superuser):
    assert actions.make_spares(2) == 2
    assert actions.make_spares(2) == 0
    before = schemas(superuser)
    firm = order(places)
    actions.provision(firm.pk, at=AT)
    assert firm.schema in before
    assert schemas(superuser) == before
    must_be_whole(firm, superuser)


def test_a_spare_that_was_not_finished_is_finished_later(committed, places, superuser, monkeypatch):
    monkeypatch.setattr(building, "build", dies)
    wanted = spares() + 1
    with suppress(Killed):
        actions.make_spares(wanted)
    monkeypatch.undo()
    assert actions.make_spares(wanted) == 1
    with tenancy.shared():
        assert not Firm.objects.filter(state=Firm.State.SPARE, release="").exists()


def test_an_unfinished_spare_is_not_given_out(committed, places):
    schema = building.new_schema()
    with tenancy.shared():
        Firm.objects.create(schema=schema, role=schema)
    while order(places).release:
        pass
    with tenancy.shared():
        assert Firm.objects.get(schema=schema).state == Firm.State.SPARE
    building.build(schema)


def spares() -> int:
    with tenancy.shared():
        return Firm.objects.filter(state=Firm.State.SPARE).count()


def dies(*_args: object, **_facts: object) -> None:
    raise Killed


# --- killed at each step -----------------------------------------------------------------------


def in_the_tables(monkeypatch) -> None:
    """In the middle of the template text: half the tables are made."""
    half = template.text()[: len(template.text()) // 2].rpartition(";\n")[0]
    monkeypatch.setattr(template, "text", lambda: f"{half}; SELECT 1/0;")


def before_the_registry(monkeypatch) -> None:
    """Everything is made, and the registry does not know."""
    make = building.make

    def make_and_die(raw: psycopg.Connection, schema: str) -> None:
        make(raw, schema)
        raise Killed

    monkeypatch.setattr(building, "make", make_and_die)


def before_the_books(monkeypatch) -> None:
    """The schema stands, and nothing is in it."""
    monkeypatch.setattr(opening, "open_books", dies)


def in_the_books(monkeypatch) -> None:
    """The books are written and not yet kept."""
    open_books = opening.open_books

    def open_and_die(firm: Firm, *, at: datetime) -> None:
        open_books(firm, at=at)
        raise Killed

    monkeypatch.setattr(opening, "open_books", open_and_die)


def before_the_door(monkeypatch) -> None:
    """The books are open, and the doors are not."""
    monkeypatch.setattr(actions, "_move", dies)


def in_the_door(monkeypatch) -> None:
    """The doors are opened and it is not yet kept."""
    monkeypatch.setattr(actions, "_note", dies)


@pytest.mark.parametrize(
    "breakage",
    [in_the_tables, before_the_registry, before_the_books, in_the_books, before_the_door,
     in_the_door],
)  # fmt: skip  # in the order of the steps
def test_a_failure_leaves_nothing_reachable_and_a_repeat_finishes(
    committed, places, superuser, monkeypatch, breakage: Callable[[object], None]
):
    firm = order_without_spare(places)
    for _ in range(2):
        breakage(monkeypatch)
        with suppress(Killed, psycopg.Error):
            actions.provision(firm.pk, at=AT)
        monkeypatch.undo()
        assert not tenancy.is_open()
        must_be_unreachable(firm, superuser)
    actions.provision(firm.pk, at=AT)
    must_be_whole(firm, superuser)


def order_without_spare(places) -> Firm:
    while True:
        firm = order(places)
        if not firm.release:
            return firm


def test_a_role_left_over_from_a_dropped_database_is_no_obstacle(committed, places, superuser):
    firm = order_without_spare(places)
    with connections.owner() as raw:
        raw.execute(f'CREATE ROLE "{firm.role}"')
    actions.provision(firm.pk, at=AT)
    must_be_whole(firm, superuser)


# --- refusals ----------------------------------------------------------------------------------


def test_what_cannot_be_ordered(committed, places):
    with pytest.raises(Invalid):
        order(places, name=" ")
    with pytest.raises(Invalid):
        order(places, country="GBR")
    with pytest.raises(Missing):
        order(places, partner=uuid4())
    with pytest.raises(Missing):
        order(places, partner=key_of(places["agency"].schema))


def test_a_country_without_law_is_refused_and_never_reachable(committed, places, superuser):
    firm = order_without_spare(places)
    with tenancy.shared():
        Firm.objects.filter(pk=firm.pk).update(country="XX")
    with pytest.raises(Invalid):
        actions.provision(firm.pk, at=AT)
    must_be_unreachable(firm, superuser)


def test_a_firm_moves_only_along_its_states(committed, places):
    firm = order(places)
    with tenancy.shared(), pytest.raises(Conflict):
        actions.suspend(firm.pk, reason="early", actor=SYSTEM, at=AT)
    actions.provision(firm.pk, at=AT)
    with tenancy.shared(), pytest.raises(Conflict):
        actions.close(firm.pk, reason="not suspended", actor=SYSTEM, at=AT)
    with tenancy.shared():
        actions.suspend(firm.pk, reason="unpaid", actor=SYSTEM, at=AT)
        actions.close(firm.pk, reason="left", actor=SYSTEM, at=AT)
    with tenancy.shared(), pytest.raises(Conflict):
        actions.restore(firm.pk, reason="back", actor=SYSTEM, at=AT)


def test_the_database_keeps_the_states_too(committed, places):
    firm = order_without_spare(places)
    for facts in ({"state": "active"}, {"state": "odd"}, {"role": "bo_owner"}, {"partner": None}):
        with pytest.raises(IntegrityError), tenancy.shared():
            Firm.objects.filter(pk=firm.pk).update(**facts)


def test_a_clock_moves_forward_and_only_in_a_sandbox(committed, places):
    firm = order(places, livemode=False, clock=AT)
    with tenancy.shared(), pytest.raises(Invalid):
        actions.set_clock(firm.pk, clock=AT.replace(hour=8), actor=SYSTEM, at=AT)
    real = order(places)
    with tenancy.shared(), pytest.raises(Conflict):
        actions.set_clock(real.pk, clock=AT, actor=SYSTEM, at=AT)


# --- the template ------------------------------------------------------------------------------


def test_the_template_text_names_no_firm_and_no_schema():
    assert "t_" not in {word[:2] for word in template.text().split('"')[1::2]}
    assert "pub." not in template.text()


def test_no_foreign_key_leaves_a_firms_schema(committed, places, superuser):
    rows = superuser.execute(
        "SELECT conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
        " JOIN pg_class r ON r.oid = c.confrelid"
        " WHERE c.contype = 'f' AND t.relnamespace <> r.relnamespace"
    ).fetchall()
    assert rows == []


def test_a_new_schema_equals_a_migrated_one(committed, places, superuser):
    """The schema editor's text and the history of migrations end in the same catalog."""
    if not template.migrations():
        pytest.skip("no migrations are written yet")
    superuser.execute("CREATE SCHEMA t_migrated AUTHORIZATION bo_owner")
    ways.take_all("t_migrated")
    made, migrated = (catalog(superuser, name) for name in (places["agency"].schema, "t_migrated"))
    superuser.execute("DROP SCHEMA t_migrated CASCADE")
    for kind, rows in made.items():
        assert rows == migrated[kind], kind


def catalog(superuser, schema: str) -> dict[str, set[tuple[object, ...]]]:
    """Columns, constraints and indexes of a schema, without its name."""
    texts = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default,"
        " character_maximum_length, numeric_precision, numeric_scale, is_identity"
        " FROM information_schema.columns WHERE table_schema = %(schema)s",
        "constraints": "SELECT conrelid::regclass::text, conname,"
        " replace(pg_get_constraintdef(oid), %(schema)s || '.', '')"
        " FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace",
        "indexes": "SELECT tablename, indexname, replace(indexdef, %(schema)s || '.', '')"
        " FROM pg_indexes WHERE schemaname = %(schema)s",
    }
    strip = f"{schema}."
    return {
        kind: {
            tuple(str(part).replace(strip, "") for part in row)
            for row in superuser.execute(text, {"schema": schema})
        }
        for kind, text in texts.items()
    }


def test_an_idle_connection_cannot_make_a_firm(committed):
    with below() as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        building.make(raw, building.new_schema())

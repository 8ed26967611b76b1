"""Is what a firm takes out all of it, as of one moment, and nothing of anybody else's?"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db.utils import Error

from backline.kernel import documents, feed
from backline.kernel.actors import SYSTEM
from backline.kernel.models import Counter, Document, Event
from tenants import exporting, tenancy
from tenants.agencies import template
from tests.callers import key_of, signed_in
from tests.wire import Wire

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
WHY = {"reason": "We leave"}


@pytest.fixture
def kept(twins):
    """A document of each twin under one name, and a bank file."""
    for name in ("agency", "other_agency"):
        with tenancy.firm(twins[name].ref):
            if not Document.objects.exists():
                for kind in ("payslip", "payment_file"):
                    documents.keep(
                        f"{kind} of {twins[name].ref}".encode(),
                        kind=kind, name="one.pdf", media_type="application/pdf", subject=None,
                        actor=SYSTEM, at=NOON,
                    )  # fmt: skip
    return twins


def taken(firm: str) -> zipfile.ZipFile:
    file = io.BytesIO()
    exporting.write(firm, file, at=NOON)
    return zipfile.ZipFile(file)


def rows(archive: zipfile.ZipFile, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(f"tables/{table}.csv").decode())))


def test_every_table_is_there_with_every_row_and_its_hash(kept, superuser):
    place = kept["agency"]
    archive = taken(place.ref)
    manifest = json.loads(archive.read("manifest.json"))
    parts = {part["name"]: part for part in manifest["parts"]}
    for table in set(template.tables()) - exporting.LEFT_OUT:
        held = superuser.execute(f'SELECT count(*) FROM "{place.schema}".{table}').fetchone()
        content = archive.read(f"tables/{table}.csv")
        said = parts[f"tables/{table}.csv"]
        assert (said["rows"],) == held, table
        assert len(rows(archive, table)) == said["rows"], table
        assert said["sha256"] == hashlib.sha256(content).hexdigest()
        assert said["size"] == len(content)
    assert rows(archive, "kernel_counter")[0]["last"] == "1"  # the other twin's figure is 2
    assert set(archive.namelist()) == {*parts, "manifest.json"}


def test_documents_are_there_and_keys_links_and_bank_files_are_not(kept):
    archive = taken(kept["agency"].ref)
    files = [name for name in archive.namelist() if name.startswith("documents/")]
    assert [archive.read(name) for name in files] == [f"payslip of {kept['agency'].ref}".encode()]
    for table in exporting.LEFT_OUT:
        assert f"tables/{table}.csv" not in archive.namelist()
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["tables_left_out"] == sorted(exporting.LEFT_OUT)
    assert manifest["firm"] == kept["agency"].ref


def test_nothing_of_the_look_alike_is_in_it(kept):
    archive = taken(kept["agency"].ref)
    content = b"".join(map(archive.read, archive.namelist()))
    other = kept["other_agency"]
    assert other.ref.encode() not in content
    assert other.schema.encode() not in content


def test_it_is_as_of_one_moment_and_nothing_can_be_written_meanwhile(kept, superuser):
    place = kept["agency"]
    with tenancy.snapshot(place.ref):
        before = Counter.objects.count()
        superuser.execute(f"INSERT INTO \"{place.schema}\".kernel_counter VALUES ('late', 9)")
        assert Counter.objects.count() == before
    with tenancy.firm(place.ref):
        assert Counter.objects.count() == before + 1
    with pytest.raises(Error, match="read-only"), tenancy.snapshot(place.ref):
        Counter.objects.filter(name="late").update(last=3)
    with tenancy.firm(place.ref):
        Counter.objects.filter(name="inv-2").update(last=1)  # the connection is as it was


def test_an_owner_takes_the_records_out_and_it_is_recorded(kept):
    place = kept["agency"]
    reply = Wire(signed_in(place, "owner")).post("/v1/exports", WHY)
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(reply.content))
    assert archive.testzip() is None
    with tenancy.firm(place.ref):
        feed.number()
        event = Event.objects.filter(name="books.exported").get()
        assert event.reason == "We leave"
        assert event.facts["sha256"] == hashlib.sha256(archive.read("manifest.json")).hexdigest()
    with tenancy.firm(kept["other_agency"].ref):
        assert not Event.objects.filter(name="books.exported").exists()


@pytest.mark.parametrize("role", ["staff", "auditor"])
def test_nobody_else_takes_them_out(kept, role):
    place = kept["other_agency"]
    assert Wire(signed_in(place, role)).post("/v1/exports", WHY).status == 403
    assert Wire(key_of(place)).post("/v1/exports", WHY).status == 403
    with tenancy.firm(place.ref):
        assert not Event.objects.filter(name="books.exported").exists()


def test_the_command_writes_the_same_once(kept, tmp_path, capsys):
    place = kept["agency"]
    out = tmp_path / "books.zip"
    call_command("export", agency=place.ref, out=out, reason="A drill")
    assert "rows of tables" in capsys.readouterr().out
    assert out.stat().st_mode & 0o077 == 0
    assert rows(zipfile.ZipFile(out), "kernel_counter") == rows(taken(place.ref), "kernel_counter")
    with pytest.raises(CommandError, match="there already"):
        call_command("export", agency=place.ref, out=out, reason="A drill")
    with pytest.raises(CommandError, match="2 firms are called so"):
        call_command("export", agency="Acorn Staffing", out=tmp_path / "no.zip", reason="A drill")
    assert not (tmp_path / "no.zip").exists()

"""Sealed values are not in a dump, do not move, do not print, and outlive their keys."""

import copy
import pickle
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.exceptions import FieldError
from django.db import connection

from backline.directory.models import Worker
from backline.kernel import sealing
from backline.kernel.ids import new_id
from backline.kernel.models import SealingKey
from backline.kernel.sealing import SealBroken, rings
from tenants import tenancy

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)
NUMBER = "QQ123456C"


@pytest.fixture(autouse=True)
def nothing_remembered():
    sealing.forget()
    yield
    sealing.forget()


def kept(number: str = NUMBER, name: str = "Wanda") -> UUID:
    row = Worker.objects.create(
        given_name=name, family_name="Worker", country="GB", tax_id=number, created_at=NOW
    )
    return row.pk


def raw(key: UUID) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tax_id FROM directory_worker WHERE id = %s", [key])
        return bytes(cursor.fetchone()[0])


def overwrite(key: UUID, sealed: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_worker SET tax_id = %s WHERE id = %s", [sealed, key])


def read(key: UUID) -> str:
    return Worker.objects.get(pk=key).tax_id.reveal()


def test_a_sealed_value_is_read_back_by_its_row(agency):
    with tenancy.firm(agency.ref):
        assert read(kept()) == NUMBER


def test_the_same_value_twice_looks_different(agency):
    with tenancy.firm(agency.ref):
        assert raw(kept()) != raw(kept())


LONG = "Nothing was worked. " * 5_000


def sealed_for(row: UUID, text: str) -> bytes:
    return sealing.seal(text, table="api_answered", column="body", row=row)


def opened(row: UUID, sealed: bytes) -> str:
    return sealing.unseal(sealed, table="api_answered", column="body", row=row)


@pytest.mark.parametrize("text", [LONG, LONG[:4_095], LONG[:4_096], "é" * 2_048, ""])
def test_a_text_of_any_length_is_read_back_by_its_row(agency, text):
    with tenancy.firm(agency.ref):
        row = new_id()
        sealed = sealed_for(row, text)

        assert opened(row, sealed) == text
        with pytest.raises(SealBroken):
            opened(new_id(), sealed)


def test_a_long_text_lies_packed_and_cannot_be_passed_off_as_another_form(agency):
    with tenancy.firm(agency.ref):
        row = new_id()
        packed, short = sealed_for(row, LONG), sealed_for(row, NUMBER)

        assert len(packed) < len(LONG) / 10
        for altered in (b"\1" + packed[1:], b"\2" + short[1:], b"\3" + short[1:]):
            with pytest.raises(SealBroken):
                opened(row, altered)


def test_a_value_moved_to_another_row_does_not_open(agency):
    with tenancy.firm(agency.ref):
        one, other = kept("QQ111111A"), kept("QQ222222A")
        mine, theirs = raw(one), raw(other)
        overwrite(one, theirs)
        overwrite(other, mine)

        for moved in (one, other):
            with pytest.raises(SealBroken):
                read(moved)


def test_a_value_moved_to_another_column_does_not_open(agency):
    with tenancy.firm(agency.ref):
        key = kept()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE directory_worker SET born_on = tax_id")

        with pytest.raises(SealBroken):
            Worker.objects.get(pk=key).born_on.reveal()


def test_a_value_and_its_key_moved_to_a_twin_firm_do_not_open(agency, other_agency):
    with tenancy.firm(agency.ref):
        key = kept()
        value = raw(key)
        keys = list(SealingKey.objects.values("id", "purpose", "version", "wrapped"))
    with tenancy.firm(other_agency.ref):
        SealingKey.objects.all().delete()
        SealingKey.objects.bulk_create(SealingKey(**row) for row in keys)
        sealing.forget()

        with pytest.raises(SealBroken):
            sealing.unseal(value, table="directory_worker", column="tax_id", row=key)


@pytest.mark.parametrize("place", [0, 1, 2, 5, 15, -1])
def test_a_value_with_one_wrong_bit_does_not_open(agency, place):
    with tenancy.firm(agency.ref):
        key = kept()
        altered = bytearray(raw(key))
        altered[place] ^= 1
        overwrite(key, bytes(altered))

        with pytest.raises(SealBroken):
            read(key)


def test_planted_values_are_not_in_a_dump(agency):
    planted = [f"QQ{number:06d}C" for number in range(100000, 100200)]
    with tenancy.firm(agency.ref):
        field = Worker._meta.get_field("tax_id")
        for number in planted:
            kept(number)
        assert field.sealed(new_id(), "") == b""
        dumped = dump()

    assert dumped.count("Wanda") == len(planted)
    assert not [number for number in planted if number in dumped]
    assert not [number for number in planted if number.encode().hex() in dumped]


def dump() -> str:
    """Every row of every table the firm's role can read, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [f'"{table}"'])
            if cursor.fetchone()[0]:
                cursor.execute(f'SELECT t::text FROM "{table}" t')
                found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


# --- never by accident ---------------------------------------------------------------------------


def test_a_row_and_its_value_print_a_mask(agency):
    with tenancy.firm(agency.ref):
        found = Worker.objects.get(pk=kept())

    for printed in (repr(found.tax_id), str(found.tax_id), f"{found.tax_id:>20}", str(vars(found))):
        assert NUMBER not in printed
    assert found.tax_id
    assert not found.born_on


def test_a_value_that_was_just_set_prints_a_mask():
    row = Worker(tax_id=NUMBER)

    assert NUMBER not in f"{row.tax_id!r} {row.__dict__}"
    assert copy.deepcopy(row).tax_id.reveal() == NUMBER


def test_a_secret_is_not_pickled(agency):
    with tenancy.firm(agency.ref):
        found = Worker.objects.get(pk=kept())

    with pytest.raises(TypeError):
        pickle.dumps(found)


def test_a_sealed_column_is_neither_searched_nor_written_without_its_row(agency):
    with tenancy.firm(agency.ref):
        kept()
        assert Worker.objects.filter(tax_id__isnull=False).count() == 1
        with pytest.raises(FieldError):
            list(Worker.objects.filter(tax_id=NUMBER))
        with pytest.raises(FieldError):
            Worker.objects.update(tax_id=NUMBER)


def test_a_value_read_without_its_row_opens_with_its_id(agency):
    with tenancy.firm(agency.ref):
        key = kept()
        secret = Worker.objects.values_list("tax_id", flat=True).get(pk=key)

        with pytest.raises(SealBroken):
            secret.reveal()
        assert secret.reveal(key) == NUMBER


def test_saving_another_field_leaves_the_seal_alone(agency):
    with tenancy.firm(agency.ref):
        key = kept()
        before = raw(key)
        row = Worker.objects.get(pk=key)
        row.phone = "01632 960000"
        row.save()

        assert raw(key) == before


def test_a_value_handed_to_another_row_is_sealed_anew_for_it(agency):
    with tenancy.firm(agency.ref):
        one, other = Worker.objects.get(pk=kept()), Worker.objects.get(pk=kept("", "Walter"))
        other.tax_id = one.tax_id
        other.save()

        assert read(other.pk) == NUMBER


# --- found again ---------------------------------------------------------------------------------


def test_a_blind_index_is_the_same_for_every_spelling(agency):
    with tenancy.firm(agency.ref):
        spelled = {sealing.blind("f", text) for text in (NUMBER, "qq 12 34 56 c", "QQ-123456-C")}

    assert len(spelled) == 1


def test_a_blind_index_differs_by_field_firm_and_value(agency, other_agency):
    found = set()
    for place in (agency, other_agency):
        with tenancy.firm(place.ref):
            found |= {sealing.blind(f, v) for f in ("a", "b") for v in (NUMBER, "QQ123456D")}

    assert len(found) == 8


# --- keys ----------------------------------------------------------------------------------------


def test_a_data_key_lies_wrapped(agency):
    with tenancy.firm(agency.ref):
        kept()
        ring = rings.ring_of(sealing.FIRM, rings.DATA)
        wrapped = bytes(SealingKey.objects.get(purpose="data").wrapped)

    assert ring.keys[1] not in wrapped
    assert ring.keys[1].hex() not in repr(ring)


def test_another_key_encryption_key_opens_nothing(agency, settings):
    with tenancy.firm(agency.ref):
        key = kept()
        sealing.forget()
        settings.SEALING_KEY = sealing.new_key_text()

        with pytest.raises(SealBroken):
            read(key)


def test_a_retired_key_encryption_key_still_opens_until_it_is_rewrapped(agency, settings):
    old = settings.SEALING_KEY
    with tenancy.firm(agency.ref):
        key = kept()
        settings.SEALING_KEY, settings.SEALING_KEYS_RETIRED = sealing.new_key_text(), [old]
        sealing.forget()
        assert read(key) == NUMBER
        assert sealing.rewrap() == 2  # the data key, and the one of the index
        assert sealing.rewrap() == 0
        settings.SEALING_KEYS_RETIRED = []
        sealing.forget()

        assert read(key) == NUMBER


def test_rotation_seals_anew_and_destroys_the_old_key_only_when_nobody_can_use_it(agency):
    with tenancy.firm(agency.ref):
        keys = [kept() for _ in range(5)]
        assert sealing.rotate() == 2
        assert [read(key) for key in keys] == [NUMBER] * 5
        assert sealing.version_of(raw(kept())) == 2

        assert sealing.reseal("directory_worker", "tax_id", limit=3) == 3
        assert sealing.reseal("directory_worker", "tax_id", limit=3) == 2
        assert sealing.reseal("directory_worker", "tax_id") == 0
        made_at = SealingKey.objects.get(purpose="data", version=2).made_at

        assert sealing.destroy_old_keys(made_at + timedelta(minutes=1)) == 0
        assert sealing.destroy_old_keys(made_at + timedelta(minutes=11)) == 1
        assert [read(key) for key in keys] == [NUMBER] * 5


def test_keys_are_read_once_in_five_minutes(agency, django_assert_num_queries, monkeypatch):
    with tenancy.firm(agency.ref):
        key = kept()
        sealing.forget()
        read(key)
        with django_assert_num_queries(0):
            rings.ring_of(sealing.FIRM, rings.DATA)
        later = time.monotonic() + rings.REMEMBERED_FOR
        monkeypatch.setattr(time, "monotonic", lambda: later)
        with django_assert_num_queries(1):
            rings.ring_of(sealing.FIRM, rings.DATA)


def test_firms_do_not_share_keys_in_memory(agency, other_agency):
    opened = []
    for place in (agency, other_agency):
        with tenancy.firm(place.ref):
            kept()
            opened.append(rings.ring_of(sealing.FIRM, rings.DATA).keys[1])

    assert opened[0] != opened[1]


def test_a_firm_is_opened_with_its_keys(agency):
    with tenancy.firm(agency.ref):
        assert set(SealingKey.objects.values_list("purpose", "version")) == {
            ("data", 1),
            ("index", 1),
        }

"""A key made in a transaction that did not commit seals nothing afterwards; others never see it."""

from contextlib import suppress
from uuid import UUID

import pytest
from django.db import transaction

from backline.kernel import sealing
from backline.kernel.models import SealingKey
from tenants import tenancy

ROW = UUID(int=7)


class Undo(Exception):
    """Roll it back."""


def made_and_undone() -> dict[int, bytes]:
    """Make a firm's keys in a transaction that is then rolled back."""
    sealing.make_keys()
    raise Undo(dict(sealing.FIRM.wrapped("data")))


@pytest.mark.usefixtures("committed")
def test_a_key_that_was_rolled_back_is_not_remembered(agency):
    with tenancy.firm(agency.ref):
        SealingKey.objects.all().delete()
    sealing.forget()
    with pytest.raises(Undo) as undone, tenancy.firm(agency.ref):
        made_and_undone()

    with tenancy.firm(agency.ref):
        assert not SealingKey.objects.exists()
        sealed = sealing.seal("x", table="t", column="c", row=ROW)
        assert dict(sealing.FIRM.wrapped("data")) != undone.value.args[0]
    sealing.forget()
    with tenancy.firm(agency.ref):
        assert sealing.unseal(sealed, table="t", column="c", row=ROW) == "x"


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("makes", [sealing.make_keys, sealing.rotate])
def test_a_key_that_is_undone_later_is_not_remembered_after_a_savepoint(agency, makes):
    with tenancy.firm(agency.ref):
        if makes is sealing.make_keys:
            SealingKey.objects.all().delete()
        before = dict(sealing.FIRM.wrapped("data"))
    sealing.forget()
    with suppress(Undo), tenancy.firm(agency.ref):
        makes()
        with suppress(Undo), transaction.atomic():
            raise Undo
        sealing.seal("x", table="t", column="c", row=ROW)
        raise Undo

    with tenancy.firm(agency.ref):
        assert dict(sealing.FIRM.wrapped("data")) == before
        sealed = sealing.seal("x", table="t", column="c", row=ROW)
    sealing.forget()
    with tenancy.firm(agency.ref):
        assert sealing.unseal(sealed, table="t", column="c", row=ROW) == "x"

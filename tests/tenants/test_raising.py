"""Is a schema of an older release brought to the present one, with the rights that go with it?"""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.utils import Error

from backline.kernel.models import Counter
from tenants import tenancy
from tenants.agencies import template
from tenants.bootstrap import grants, making, probes


def test_a_schema_of_an_older_release_is_raised_with_its_rights(twins, superuser):
    agency = twins["agency"]
    superuser.execute(
        "UPDATE pub.agencies_firm SET release = 'older' WHERE schema = %s", [agency.schema]
    )
    superuser.execute(f'REVOKE UPDATE ON "{agency.schema}".kernel_counter FROM "{agency.role}"')
    superuser.execute(f'GRANT DELETE ON "{agency.schema}".ledger_entry TO "{agency.role}"')
    assert making.raise_firms() == 1
    with tenancy.firm(agency.ref):
        Counter.objects.filter(name="inv-1").update(last=1)
    with pytest.raises(Error, match="permission denied"), tenancy.firm(agency.ref):
        connection.cursor().execute("DELETE FROM ledger_entry")
    assert making.raise_firms() == 0
    assert probes.missing() == []


def test_making_the_shared_schema_again_changes_nothing(twins):
    making.make_shared()
    assert probes.missing() == []
    with tenancy.firm(twins["agency"].ref):
        assert Counter.objects.filter(name="inv-1").exists()


def test_the_release_is_named_by_text_and_rights(committed, monkeypatch):
    before = template.release()
    monkeypatch.setattr(grants, "for_firm", lambda *_: "GRANT MORE")
    template.release.cache_clear()
    assert template.release() != before
    template.release.cache_clear()

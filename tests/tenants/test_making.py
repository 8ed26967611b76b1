"""Is the shared schema made as often as one likes, in nobody's way?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg

from backline.kernel.models import Counter
from deploy.servers import ports
from tenants import tenancy
from tenants.bootstrap import making, probes


def test_making_the_shared_schema_again_changes_nothing(twins):
    making.make_shared()
    assert probes.missing() == []
    with tenancy.firm(twins["agency"].ref):
        assert Counter.objects.filter(name="inv-1").exists()


def test_who_is_served_meanwhile_never_stands_crosswise_to_the_making_of_the_shared_schema(
    committed, superuser
):
    """Somebody reads a table that it waits for, and then one that it has been at before."""
    waiting = (
        "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE NOT l.granted AND l.relation = 'pub.agencies_firm'::regclass"
        " AND d.datname = current_database()"
    )
    with (
        psycopg.connect(committed.variables["ADMIN_DATABASE_URL"]) as reader,
        ThreadPoolExecutor(1) as another,
    ):
        reader.execute("SELECT FROM pub.agencies_firm")
        made = another.submit(making.make_shared)
        assert ports.wait(lambda: superuser.execute(waiting).fetchone() is not None, 60)
        reader.execute("SELECT FROM pub.access_apikey")
        reader.rollback()
        made.result()
    assert probes.missing() == []

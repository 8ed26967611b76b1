"""What the tests of the walls share: look-alike rows in two firms, and ways below the walls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from backline.kernel.models import Counter
from tenants import tenancy
from tenants.backend.seats import Place
from tests.databases import Database

TWINS = range(1, 41)  # the same names in both firms, told apart by the figure alone


@pytest.fixture(scope="module")
def twins(committed: Database, places: dict[str, Place]) -> dict[str, Place]:
    """Two agencies with rows that look alike; `last` tells whose they are."""
    for n, name in enumerate(("agency", "other_agency"), start=1):
        with tenancy.firm(places[name].ref):
            Counter.objects.bulk_create([Counter(name=f"inv-{i}", last=n) for i in TWINS])
    return places


@pytest.fixture
def superuser(committed: Database) -> Iterator[psycopg.Connection[Any]]:
    """A superuser in the same database, to disturb it and to look behind the walls."""
    with psycopg.connect(committed.variables["ADMIN_DATABASE_URL"], autocommit=True) as raw:
        yield raw


@contextmanager
def below() -> Iterator[psycopg.Connection[Any]]:
    """The service's own login without our backend: what is left if all our code is bypassed."""
    given = connection.settings_dict
    with psycopg.connect(
        dbname=given["NAME"],
        user=given["USER"],
        password=given["PASSWORD"],
        host=given["HOST"],
        port=given["PORT"],
    ) as raw:
        yield raw

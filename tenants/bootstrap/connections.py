"""Connections of owner and superuser: for bootstrap, provisioning and migrations alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from psycopg import conninfo

OWNER_ALIAS = "owner"


def parameters(alias: str) -> dict[str, Any]:
    """How to connect as the login of a database alias."""
    given = settings.DATABASES[alias]
    named = {
        "dbname": given["NAME"],
        "user": given["USER"],
        "password": given.get("PASSWORD"),
        "host": given.get("HOST"),
        "port": given.get("PORT"),
    }
    return {key: value for key, value in named.items() if value}


@contextmanager
def owner(*, lock_timeout: str = "5s") -> Iterator[psycopg.Connection]:
    """One transaction as the owner of all tables, on a connection of its own; kept whole or not."""
    with psycopg.connect(**parameters(OWNER_ALIAS)) as raw:
        raw.execute("SET LOCAL statement_timeout = '5min'")
        raw.execute(f"SET LOCAL lock_timeout = '{lock_timeout}'")
        yield raw


@contextmanager
def long_owner(*, lock_timeout: str) -> Iterator[psycopg.Connection]:
    """The owner for many transactions in a row: each is a block of `raw.transaction()`."""
    with psycopg.connect(**parameters(OWNER_ALIAS), autocommit=True) as raw:
        raw.execute("SET statement_timeout = '5min'")
        raw.execute(f"SET lock_timeout = '{lock_timeout}'")
        yield raw


@contextmanager
def alone(lock: int, waits: Callable[[], object] = lambda: None) -> Iterator[psycopg.Connection]:
    """One transaction as the owner, of one process at a time by that number.

    `waits` is called where another is inside.
    """
    with owner(lock_timeout="0") as raw:
        raw.execute("SET LOCAL statement_timeout = 0")
        row = raw.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock]).fetchone()
        if row is None or not row[0]:
            waits()
            raw.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        yield raw


@contextmanager
def superuser(url: str, *, database: str | None = None) -> Iterator[psycopg.Connection]:
    """One transaction as a superuser, in the database named or in the one of the address."""
    with psycopg.connect(conninfo.make_conninfo(url, dbname=database)) as raw:
        yield raw

"""The template text: all a firm's schema holds, as one text without any name of a firm in it.

It is what the schema editor collects from the final models, so a new schema costs the statements
alone: no migration graph, no state, one round trip.
"""

from __future__ import annotations

import hashlib
from functools import cache

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler

from tenants.bootstrap import grants

POSTGRESQL = 180000  # the version that the text is for


class Offline(DatabaseWrapper):
    """A wrapper that only writes statements down: it has a version and no server."""

    pg_version = POSTGRESQL

    def __init__(self) -> None:
        super().__init__(
            ConnectionHandler().configure_settings({DEFAULT_DB_ALIAS: {}})[DEFAULT_DB_ALIAS]
        )


@cache
def text() -> str:
    """The statements that fill an empty schema; run them with that schema first in the path."""
    editor = Offline().schema_editor(collect_sql=True, atomic=False)
    with editor:
        for model in _models():
            editor.create_model(model)
    return "\n".join(f"{statement.rstrip().rstrip(';')};" for statement in editor.collected_sql)


@cache
def release() -> str:
    """The name of the present release: a hash of the text and of the migrations that lead to it,
    then one of the rights.
    """
    return _hash(f"{text()}{migrations()}") + rights()


@cache
def rights() -> str:
    """The latter half of a release's name: the same where the same is granted on all tables."""
    return _hash(grants.for_firm("any", tables()))


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def tables() -> list[str]:
    """The tables that a firm's schema holds, by name."""
    found = {model._meta.db_table for model in _models()}
    found |= {
        field.m2m_db_table() for model in _models() for field in model._meta.local_many_to_many
    }
    return sorted(found)


def _apps() -> list[AppConfig]:
    names = list(settings.TENANT_APPS)
    return [app for app in apps.get_app_configs() if app.name in names or _path(app) in names]


def _path(app: AppConfig) -> str:
    return f"{app.__class__.__module__}.{app.__class__.__qualname__}"


def _models() -> list[type[models.Model]]:
    return [
        model
        for app in _apps()
        for model in app.get_models()
        if model._meta.managed and not model._meta.proxy and not model._meta.swapped
    ]


@cache
def migrations() -> list[tuple[str, str]]:
    """The migrations written for these apps, by app and name."""
    labels = {app.label for app in _apps()}
    return sorted(key for key in MigrationLoader(None).disk_migrations or {} if key[0] in labels)

"""Releases: the migrations that the schemas of each hold, noted in the registry.

A firm's release names what its schema holds, so no schema is asked for it, and firms of one release
stand alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import psycopg

from tenants.agencies import template

Key = tuple[str, str]
Owner = psycopg.Connection[Any]

NOTED = """
INSERT INTO pub.agencies_release (name, migrations) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING
"""


class NotNoted(LookupError):
    """Nobody knows what schemas of a release hold."""


def note_present(raw: Owner) -> str:
    """Note what the present release holds; gives its name."""
    raw.execute(NOTED, [template.release(), _told(template.migrations())])
    return template.release()


def note_between(raw: Owner, before: str, held: Iterable[Key]) -> str:
    """Note what schemas hold on their way from a release; gives the name of where they stand.

    They have the rights that they had before.
    """
    told = _told(held)
    name = hashlib.sha256(told.encode()).hexdigest()[:32] + before[32:]
    raw.execute(NOTED, [name, told])
    return name


def held(raw: Owner, release: str) -> list[Key]:
    """The migrations that schemas of a release hold; raises NotNoted."""
    row = raw.execute(
        "SELECT migrations FROM pub.agencies_release WHERE name = %s", [release]
    ).fetchone()
    if row is None:
        raise NotNoted(f"what release {release!r} holds was never noted")
    return [(app, name) for app, name in row[0]]


def _told(held: Iterable[Key]) -> str:
    return json.dumps(sorted(held))

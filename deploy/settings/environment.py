"""Reads settings from the environment, and says in a sentence what is missing."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, otherwise: str | None = None) -> str:
    """Read a variable, or the file that NAME_FILE names; without either or a default, refuse."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    found = os.environ.get(name) or otherwise
    if found is None:
        raise ImproperlyConfigured(f"{name} is not set; deploy/README.md lists what must be.")
    return found


def words(name: str, otherwise: str | None = None) -> list[str]:
    """Read a list separated by commas."""
    return [word.strip() for word in text(name, otherwise).split(",") if word.strip()]


def whole(name: str, otherwise: int) -> int:
    """Read a whole number."""
    found = text(name, str(otherwise))
    if not found.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {found!r}.")
    return int(found)


def secret(name: str) -> str:
    """Read a secret that is long enough to be one."""
    found = text(name)
    if len(found) < 32:
        raise ImproperlyConfigured(f"{name} is shorter than 32 characters; make a longer one.")
    return found


def database(url: str, engine: str = "tenants.backend") -> dict[str, Any]:
    """Read postgresql://user:password@host:port/name?sslmode=… as one entry of DATABASES."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("A database address starts with postgresql://.")
    options = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    keeps_ready = options.pop("keeps_ready", "yes") != "no"
    return {
        "ENGINE": engine,
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,  # the entry of api/ opens what transactions a request has
        "DISABLE_SERVER_SIDE_CURSORS": True,  # a pooler in transaction mode would lose them
        "KEEPS_READY": keeps_ready,  # a pooler may hand the next transaction to another server
        "OPTIONS": {"connect_timeout": 10, **options},
    }

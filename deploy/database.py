"""Brings a database into being on a server of our own, and gives the addresses to use it by.

For the demo and the tests; elsewhere the addresses are given and deploy.release does the rest.
"""

from __future__ import annotations

import os
from urllib.parse import quote, urlsplit, urlunsplit

from deploy import release, servers

NAME = "backline"
APP, OWNER = "bo_app", "bo_owner"


def addresses(url: str, *, set_name: str, name: str = NAME) -> dict[str, str]:
    """Give the variables by which settings find this database, with the set's own passwords."""
    return {
        "DATABASE_URL": _as(url, APP, servers.secret(set_name, APP), name),
        "OWNER_DATABASE_URL": _as(url, OWNER, servers.secret(set_name, OWNER), name),
        "ADMIN_DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{name}")),
    }


def variables(set_name: str, running: servers.Servers, name: str = NAME) -> dict[str, str]:
    """Give all that settings read from the environment, for a set of servers of our own."""
    return {
        **addresses(running.database_url, name=name, set_name=set_name),
        "BROKER_URL": running.broker_url,
        "SECRET_KEY": servers.secret(set_name, "django"),
        "SEALING_KEY": servers.secret(set_name, "sealing"),
        "ACCESS_PEPPER": servers.secret(set_name, "access"),
    }


def stand(set_name: str, running: servers.Servers) -> None:
    """Point this process at the set's database, and make the database whole if it is not."""
    os.environ.update(variables(set_name, running))
    os.environ["DJANGO_SETTINGS_MODULE"] = "deploy.settings.demo"
    failed = release.make_ready().failed
    if failed:
        raise servers.Unavailable(f"These firms could not be raised to this release: {failed}")


def _as(url: str, user: str, password: str, name: str) -> str:
    parts = urlsplit(url)
    place = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    login = f"{user}:{quote(password, safe='')}@{place}"
    return urlunsplit(parts._replace(netloc=login, path=f"/{name}"))

"""Place: servers of its own and a database from nothing, for the rows that work in books."""

import atexit
import os
import sys
import traceback
from contextlib import ExitStack

from django.db import connections

from deploy import database, release, servers

SET = "bench"
_held = ExitStack()
_standing: list[str] = []
atexit.register(_held.close)


def stand(dsn: str = "") -> None:
    """Start everything, from nothing, until this process ends.

    With a `dsn`, a superuser's address, that server is used; its database must not exist yet.
    """
    if dsn:
        os.environ["DATABASE_URL"] = dsn
    servers.remove(SET)
    running = _held.enter_context(servers.running(SET))
    # A fleet is gigabytes that nobody comes back to: the next run removes what this one leaves.
    _held.callback(servers.stop, SET, at_once=True)
    database.stand(SET, running)
    _standing.append(SET)


def tidy() -> None:
    """Clear away after a row that was cut off: no transaction of its own stays open, and firms that
    it left at another release are raised for those after it.
    """
    if not _standing:
        return
    connections.close_all()
    try:
        release.make_ready()
    except Exception as why:  # noqa: BLE001  # a server that is gone is told by the rows after it
        sys.stderr.write("".join(traceback.format_exception(why)))

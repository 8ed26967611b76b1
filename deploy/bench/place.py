"""Place: servers of its own and a database from nothing, for the rows that work in books."""

import atexit
import os
from contextlib import ExitStack

from deploy import database, servers

SET = "bench"
_held = ExitStack()
atexit.register(_held.close)


def stand(dsn: str = "") -> None:
    """Start everything, from nothing, until this process ends.

    With a `dsn`, a superuser's address, that server is used; its database must not exist yet.
    """
    if dsn:
        os.environ["DATABASE_URL"] = dsn
    servers.remove(SET)
    database.stand(SET, _held.enter_context(servers.running(SET)))

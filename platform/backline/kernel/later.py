"""Later: a statement whose answer nobody waits for goes to the server with the next one."""

from collections.abc import Sequence
from typing import Any

from django.db import connection


def put_off(text: str, values: Sequence[Any]) -> None:
    """Have a statement done before whatever is asked next, or before the commit; what is wrong with
    it is raised there.
    """
    way = getattr(connection, "put_off", None)
    # Whoever counts or watches statements sees each by itself.
    if way is None or connection.queries_logged or connection.execute_wrappers:
        with connection.cursor() as cursor:
            cursor.execute(text, values)
        return
    way(text, values)

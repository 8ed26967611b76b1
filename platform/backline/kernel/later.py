"""Later: a statement whose answer nobody waits for goes to the server with the next one, and one
that is asked again and again is kept there.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction


def put_off(text: str, values: Sequence[Any]) -> None:
    """Have a statement done before whatever is asked next, or before the commit; what is wrong with
    it is raised there.
    """
    own = transaction.get_connection()
    way = getattr(own, "put_off", None)
    # Whoever counts or watches statements sees each by itself.
    if way is None or own.queries_logged or own.execute_wrappers:
        with own.cursor() as cursor:
            cursor.execute(text, values)
        return
    way(text, values)


def send() -> None:
    """Have what was put off done now."""
    way = getattr(transaction.get_connection(), "send", None)
    if way is not None:
        way()


def again() -> Any:
    """A cursor for statements whose words do not change, which the server may keep planned."""
    own: Any = transaction.get_connection()
    way = getattr(own, "again", None)
    return own.cursor() if way is None else way()

"""Later: a statement whose answer nobody waits for goes to the server with the next one, and one
that is asked again and again is kept there.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

Rows = Callable[[], list[tuple[Any, ...]]]


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


def ask(text: str, values: Sequence[Any]) -> Rows:
    """Have a question asked with whatever is asked next; what is given gives its rows, and has it
    asked by itself where nothing came in between.

    The words do not change, so that the server may keep it planned.
    """
    own: Any = transaction.get_connection()
    way = getattr(own, "ask", None)
    if way is None or own.queries_logged or own.execute_wrappers:
        with own.cursor() as cursor:
            cursor.execute(text, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return lambda: rows
    told: Rows = way(text, values)
    return told

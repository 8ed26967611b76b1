"""Numbers: counters without gaps, taken in blocks inside the transaction that uses them."""

from collections.abc import Sequence

from django.db import connection

from backline.kernel import later

TAKE = """
INSERT INTO kernel_counter (name, last) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET last = kernel_counter.last + EXCLUDED.last
RETURNING last
"""


def take(name: str, count: int = 1) -> int:
    """Take `count` consecutive numbers of a counter and return the first; a rollback gives them
    back.
    """
    ((last,),) = later.ask(TAKE, [name, count])()
    return int(last) - count + 1


def take_each(names: Sequence[str]) -> dict[str, int]:
    """Take one number of each of these counters, in one statement; a rollback gives them back."""
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_counter (name, last)"
            " SELECT name, 1 FROM unnest(%s::text[]) AS name ORDER BY name"
            " ON CONFLICT (name) DO UPDATE SET last = kernel_counter.last + 1"
            " RETURNING name, last",
            [sorted(set(names))],
        )
        return {name: int(last) for name, last in cursor.fetchall()}

"""Numbers: counters without gaps, taken in blocks inside the transaction that uses them."""

from django.db import connection


def take(name: str, count: int = 1) -> int:
    """Take `count` consecutive numbers of a counter and return the first; a rollback gives them
    back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_counter (name, last) VALUES (%s, %s)"
            " ON CONFLICT (name) DO UPDATE SET last = kernel_counter.last + EXCLUDED.last"
            " RETURNING last",
            [name, count],
        )
        (last,) = cursor.fetchone()
    return int(last) - count + 1

"""Locks: deeds of a kind done one at a time in this firm, held until the transaction ends."""

from django.db import connection

# The name is hashed together with the schema, so firms never wait for each other; a chance clash
# of two names costs waiting and nothing else.
TAKE = "SELECT pg_advisory_xact_lock(hashtextextended(%s || '|' || current_schema(), 0))"


def alone(deed: str) -> None:
    """Wait until nobody else in this firm does this kind of deed; theirs is seen afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [deed])

"""The clock: the one place of the API that reads it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The real time, in UTC."""
    return datetime.now(UTC)

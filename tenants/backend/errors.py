"""What the backend refuses: all of these are faults of our own code, never of a caller."""

from django.db.utils import ProgrammingError


class Walled(ProgrammingError):
    """A statement was stopped before it reached the server."""


class NotSeated(Walled):
    """No firm was opened for this connection."""


class NotInTransaction(Walled):
    """A statement outside a transaction; nothing would undo it and no role would hold."""


class SeatChanged(Walled):
    """Another firm was opened inside the transaction of the first."""


class WrongState(Walled):
    """The server did not confirm the role and the path; the connection was closed."""

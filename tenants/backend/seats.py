"""Seats: whose role a transaction runs in and where its names are looked up."""

from dataclasses import dataclass
from functools import cache

SHARED_SCHEMA = "pub"


def quoted(name: str) -> str:
    """A name as an SQL identifier; refuses what could never be one of ours."""
    if not name or len(name) > 63 or not name.replace("_", "").isalnum() or not name.isascii():
        raise ValueError(f"{name!r} cannot name a schema or a role")
    return f'"{name}"'


@dataclass(frozen=True, slots=True)
class Seat:
    """A role of the server and the schemas it looks into, its own first."""

    role: str
    path: tuple[str, ...]

    @property
    def is_a_firms(self) -> bool:
        """Whether it opens a firm's books, and not only what is shared."""
        return self.path[0] != SHARED_SCHEMA

    @property
    def statements(self) -> tuple[bytes, ...]:
        """What seats a transaction; the last answers with role and schema as the server sees them,
        and fails where they are others.
        """
        return _statements(self)

    @property
    def answer(self) -> tuple[bytes, bytes]:
        """What the server must answer; a schema that is missing or forbidden is not answered."""
        return self.role.encode(), self.path[0].encode()


@cache
def _statements(seat: Seat) -> tuple[bytes, ...]:
    path = ", ".join(quoted(schema) for schema in seat.path)
    role, schema = (quoted(name).replace('"', "'") for name in (seat.role, seat.path[0]))
    told = f"current_user = {role} AND current_schema() = {schema}"
    return (
        b"RESET ROLE",  # first: a role that code wandered into on this connection ends here
        f"SET LOCAL ROLE {quoted(seat.role)}".encode(),
        f"SET LOCAL search_path = {path}".encode(),
        # A path to nowhere has no schema: nothing is not right.
        f"SELECT current_user, current_schema(), 1 / coalesce(({told})::int, 0)".encode(),
    )


SHARED = Seat("bo_shared", (SHARED_SCHEMA,))
SIGNING_IN = Seat("bo_auth", (SHARED_SCHEMA,))
REPORTING = Seat("bo_report", (SHARED_SCHEMA,))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one firm's books lie; only the release ever changes for a firm."""

    ref: str
    schema: str
    role: str
    kind: str
    partner: str  # the reference of its partner; empty for a partner
    release: str  # what its tables are made for

    @property
    def seat(self) -> Seat:
        """The seat that opens these books; the shared schema comes second."""
        return Seat(self.role, (self.schema, SHARED_SCHEMA))

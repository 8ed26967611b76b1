"""Tokens: which of two messages about one record is newer, by what the source says, never by
arrival alone.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

NEWER, SAME, OLDER, UNKNOWN = "newer", "same", "older", "unknown"


@dataclass(frozen=True, slots=True)
class Token:
    """How new a message is: the source's version of the record, its moment, or both.

    Versions are counted a record; `scope` is the record whose version it is, so that a worker sent
    inside two placements is never ordered by counting apples with pears.
    """

    version: int | None = None
    updated_at: datetime | None = None
    scope: str = ""

    @property
    def is_given(self) -> bool:
        """Whether the source said anything at all."""
        return self.version is not None or self.updated_at is not None

    def against(self, other: "Token") -> str:
        """Whether this message is newer than the other, the same, older, or that is unknown."""
        pairs: list[tuple[int | datetime, int | datetime]] = []
        if self.version is not None and other.version is not None and self.scope == other.scope:
            pairs.append((self.version, other.version))
        if self.updated_at is not None and other.updated_at is not None:
            pairs.append((self.updated_at, other.updated_at))
        if not pairs:
            return UNKNOWN
        mine, theirs = pairs[0]
        if mine == theirs:
            return SAME
        return NEWER if mine > theirs else OLDER  # type: ignore[operator]  # of one kind each

    def within(self, scope: str) -> "Token":
        """The same as counted for one record."""
        return Token(self.version, self.updated_at, _short(scope))

    def __str__(self) -> str:
        if not self.is_given:
            return ""
        version = "" if self.version is None else str(self.version)
        moment = "" if self.updated_at is None else self.updated_at.isoformat()
        return f"{version}|{moment}|{self.scope}"


def of(version: object, updated_at: object) -> Token:
    """A token as it stands in a body that was read already."""
    moment = datetime.fromisoformat(updated_at) if isinstance(updated_at, str) else updated_at
    return Token(
        version if isinstance(version, int) else None,
        moment.astimezone(UTC) if isinstance(moment, datetime) else None,
    )


def read(text: str) -> Token:
    """A token as it was kept."""
    if not text:
        return Token()
    version, moment, scope = text.split("|")
    return Token(
        int(version) if version else None,
        datetime.fromisoformat(moment).astimezone(UTC) if moment else None,
        scope,
    )


def told(text: str) -> str:
    """A kept token as people read it: the version, else the moment."""
    token = read(text)
    if token.version is not None:
        return str(token.version)
    return token.updated_at.isoformat() if token.updated_at else ""


def _short(scope: str) -> str:
    return hashlib.sha256(scope.encode()).hexdigest()[:12] if scope else ""

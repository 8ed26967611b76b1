"""Data keys: one ring per firm and purpose, wrapped in the database, open in memory for minutes."""

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from backline.kernel import here
from backline.kernel.sealing.holders import KEY_BYTES, key_holder

DATA: Final = "data"
INDEX: Final = "index"
REMEMBERED_FOR: Final = 300  # seconds

Key = tuple[str, int, bytes]  # its purpose, its version, and itself as it lies: wrapped


# -----------------------------------------------------------------------------


class Vault(Protocol):
    """Where the wrapped data keys of one firm lie."""

    def firm(self) -> str:
        """Name the firm whose keys these are."""
        ...

    def all(self) -> Mapping[str, Mapping[int, bytes]]:
        """Read the wrapped keys by purpose and version."""
        ...

    def wrapped(self, purpose: str) -> Mapping[int, bytes]:
        """Read the wrapped keys of a purpose by version."""
        ...

    def add(self, keys: Iterable[Key]) -> None:
        """Keep more keys, but those of a version that somebody else just made."""
        ...

    def replace(self, purpose: str, version: int, wrapped: bytes) -> None:
        """Keep another wrapping of the same key."""
        ...

    def drop(self, purpose: str, *, below: int, made_before: datetime) -> int:
        """Drop the versions below one that was made before a moment; returns how many."""
        ...


class FirmVault:
    """The keys of the firm whose books are open, in its own schema."""

    def firm(self) -> str:
        """Name the firm whose books are open."""
        return here.firm()

    def all(self) -> Mapping[str, Mapping[int, bytes]]:
        """Read the wrapped keys by purpose and version."""
        from backline.kernel.models import SealingKey  # noqa: PLC0415  # models use fields of ours

        return by_purpose(SealingKey.objects.values_list("purpose", "version", "wrapped"))

    def wrapped(self, purpose: str) -> Mapping[int, bytes]:
        """Read the wrapped keys of a purpose by version."""
        from backline.kernel.models import SealingKey  # noqa: PLC0415  # models use fields of ours

        rows = SealingKey.objects.filter(purpose=purpose).values_list("version", "wrapped")
        return {version: bytes(wrapped) for version, wrapped in rows}

    def add(self, keys: Iterable[Key]) -> None:
        """Keep more keys, but those of a version that somebody else just made."""
        from backline.kernel.models import SealingKey  # noqa: PLC0415  # models use fields of ours

        rows = [SealingKey(purpose=one[0], version=one[1], wrapped=one[2]) for one in keys]
        SealingKey.objects.bulk_create(rows, ignore_conflicts=True)

    def replace(self, purpose: str, version: int, wrapped: bytes) -> None:
        """Keep another wrapping of the same key."""
        from backline.kernel.models import SealingKey  # noqa: PLC0415  # models use fields of ours

        SealingKey.objects.filter(purpose=purpose, version=version).update(wrapped=wrapped)

    def drop(self, purpose: str, *, below: int, made_before: datetime) -> int:
        """Drop the versions below one that was made before a moment; returns how many."""
        from backline.kernel.models import SealingKey  # noqa: PLC0415  # models use fields of ours

        rows = SealingKey.objects.filter(purpose=purpose)
        if not rows.filter(version=below, made_at__lt=made_before).exists():
            return 0
        return rows.filter(version__lt=below).delete()[0]


FIRM: Final = FirmVault()


def by_purpose(keys: Iterable[tuple[str, int, bytes | memoryview]]) -> dict[str, dict[int, bytes]]:
    """The wrapped keys of a vault by purpose, and there by version."""
    found: dict[str, dict[int, bytes]] = {}
    for purpose, version, wrapped in keys:
        found.setdefault(purpose, {})[version] = bytes(wrapped)
    return found


@dataclass(frozen=True, slots=True)
class Ring:
    """The opened keys of one purpose by version; the newest one seals."""

    keys: Mapping[int, bytes]
    ciphers: Mapping[int, AESGCM]
    newest: int

    def __repr__(self) -> str:
        return f"<Ring of {len(self.keys)}>"


@dataclass(slots=True)
class Unsettled:
    """A ring with a key that a transaction made which has not ended yet, as far as we know.

    Django replaces `run_on_commit` at every commit and rollback, of a savepoint too, so while
    `hooks` is that list the ring still holds. `makers` are the transactions that made keys.
    """

    hooks: list[Any]
    ring: Ring
    makers: set[str]


_remembered: dict[tuple[str, str], tuple[float, Ring]] = {}
_unsettled: dict[tuple[str, str], "Unsettled"] = {}
_lock = Lock()


def forget(firm: str | None = None) -> None:
    """Drop opened keys from memory, of one firm or of all."""
    with _lock:
        for kept in (_remembered, _unsettled):
            for place in [place for place in kept if firm in (None, place[0])]:
                kept.pop(place, None)


def ring_of(vault: Vault, purpose: str, *, anew: bool = False) -> Ring:
    """Open the keys of a purpose, from memory when they were read in the last minutes."""
    place = (vault.firm(), purpose)
    known = _remembered.get(place)
    if known is not None and not anew and known[0] > time.monotonic():
        return known[1]
    held = _unsettled.get(place)
    if held is not None and held.hooks is connection.run_on_commit:
        return held.ring
    wrapped = vault.wrapped(purpose)
    if not wrapped:
        return _first(vault, [purpose])[purpose]
    ring = _opened(place, wrapped)
    # what this very transaction made may yet be undone: it is read again, not remembered
    if held is None or _transaction() not in held.makers:
        with _lock:
            _remembered[place] = (time.monotonic() + REMEMBERED_FOR, ring)
    return ring


def _first(vault: Vault, purposes: Iterable[str]) -> dict[str, Ring]:
    """Make a firm's first keys. Others may not use them before this transaction commits."""
    return _make(vault, dict.fromkeys(purposes, 1))


def _make(vault: Vault, versions: Mapping[str, int]) -> dict[str, Ring]:
    """Make a key of these versions each, and hold its ring back."""
    firm, holder = vault.firm(), key_holder()
    vault.add(
        (purpose, n, holder.wrap(os.urandom(KEY_BYTES), place=_of_key(firm, purpose, n)))
        for purpose, n in versions.items()
    )
    wrapped, maker = vault.all(), _transaction()
    rings = {purpose: _opened((firm, purpose), wrapped[purpose]) for purpose in versions}
    for purpose, ring in rings.items():
        _hold_back((firm, purpose), ring, maker)
    return rings


def _hold_back(place: tuple[str, str], ring: Ring, maker: str) -> None:
    with _lock:
        _remembered.pop(place, None)
        makers = _unsettled[place].makers if place in _unsettled else set()
        _unsettled[place] = Unsettled(connection.run_on_commit, ring, makers | {maker})


def _transaction() -> str:
    """The transaction we are in, whatever its savepoints; empty while it wrote nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(pg_current_xact_id_if_assigned()::text, '')")
        found: str = cursor.fetchone()[0]
    return found


def _opened(place: tuple[str, str], wrapped: Mapping[int, bytes]) -> Ring:
    holder = key_holder()
    keys = {
        version: holder.unwrap(key, place=_of_key(*place, version))
        for version, key in wrapped.items()
    }
    return Ring(keys, {version: AESGCM(key) for version, key in keys.items()}, max(keys))


def _of_key(firm: str, purpose: str, version: int) -> bytes:
    return f"{firm}|{purpose}|{version}".encode()


def make_keys(vault: Vault = FIRM) -> None:
    """Give a firm its first keys; a firm that has them keeps them."""
    known = vault.all()
    lacking = [purpose for purpose in (DATA, INDEX) if purpose not in known]
    if lacking:
        _first(vault, lacking)


def rotate(vault: Vault = FIRM) -> int:
    """Add a data key, which seals from now on, and return its version; old values still open."""
    version = max(vault.wrapped(DATA), default=0) + 1
    _make(vault, {DATA: version})
    return version


def rewrap(vault: Vault = FIRM) -> int:
    """Wrap a firm's keys anew under the key-encryption key in use; returns how many needed it."""
    holder, done = key_holder(), 0
    for purpose in (DATA, INDEX):
        for version, wrapped in vault.wrapped(purpose).items():
            if not holder.is_current(wrapped):
                place = _of_key(vault.firm(), purpose, version)
                again = holder.wrap(holder.unwrap(wrapped, place=place), place=place)
                vault.replace(purpose, version, again)
                done += 1
    return done


def destroy_old_keys(at: datetime, *, vault: Vault = FIRM) -> int:
    """Destroy all data keys but the newest, once no process can still seal with them.

    Returns how many. The caller has resealed every column before: what an old key still seals
    is lost with it.
    """
    newest = max(vault.wrapped(DATA), default=0)
    settled = at - timedelta(seconds=2 * REMEMBERED_FOR)
    dropped = vault.drop(DATA, below=newest, made_before=settled)
    forget(vault.firm())
    return dropped

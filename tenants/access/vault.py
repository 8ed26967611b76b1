"""The vault of the shared schema: where the keys lie for what is sealed about people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from backline.kernel.sealing.rings import Key, by_purpose
from tenants.access.models import SharedKey


class SharedVault:
    """The keys of the shared schema."""

    def firm(self) -> str:
        """Name the shared schema, which is no firm's."""
        return "pub"

    def all(self) -> Mapping[str, Mapping[int, bytes]]:
        """Read the wrapped keys by purpose and version."""
        return by_purpose(SharedKey.objects.values_list("purpose", "version", "wrapped"))

    def wrapped(self, purpose: str) -> Mapping[int, bytes]:
        """Read the wrapped keys of a purpose by version."""
        rows = SharedKey.objects.filter(purpose=purpose).values_list("version", "wrapped")
        return {version: bytes(wrapped) for version, wrapped in rows}

    def add(self, keys: Iterable[Key]) -> None:
        """Keep more keys, but those of a version that somebody else just made."""
        rows = [SharedKey(purpose=one[0], version=one[1], wrapped=one[2]) for one in keys]
        SharedKey.objects.bulk_create(rows, ignore_conflicts=True)

    def replace(self, purpose: str, version: int, wrapped: bytes) -> None:
        """Keep another wrapping of the same key."""
        SharedKey.objects.filter(purpose=purpose, version=version).update(wrapped=wrapped)

    def drop(self, purpose: str, *, below: int, made_before: datetime) -> int:
        """Drop the versions below one that was made before a moment; returns how many."""
        rows = SharedKey.objects.filter(purpose=purpose)
        if not rows.filter(version=below, made_at__lt=made_before).exists():
            return 0
        return rows.filter(version__lt=below).delete()[0]


SHARED: Final = SharedVault()

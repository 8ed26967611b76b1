"""The vault of the shared schema: where the keys lie for what is sealed about people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from tenants.access.models import SharedKey


class SharedVault:
    """The keys of the shared schema."""

    def firm(self) -> str:
        """Name the shared schema, which is no firm's."""
        return "pub"

    def wrapped(self, purpose: str) -> Mapping[int, bytes]:
        """Read the wrapped keys of a purpose by version."""
        rows = SharedKey.objects.filter(purpose=purpose).values_list("version", "wrapped")
        return {version: bytes(wrapped) for version, wrapped in rows}

    def add(self, purpose: str, version: int, wrapped: bytes) -> None:
        """Keep one more version, unless somebody else just did."""
        row = SharedKey(purpose=purpose, version=version, wrapped=wrapped)
        SharedKey.objects.bulk_create([row], ignore_conflicts=True)

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

"""Parties: names and addresses as they stand on paper."""

from collections.abc import Mapping
from typing import Any

from backline.kernel.papers.facts import Party

PARTS = ("line1", "line2", "city", "region", "postal_code")


def party(name: str, address: Mapping[str, Any] | None, *more: str) -> Party:
    """A name with its address, a line each, and further lines; what is empty is left out."""
    said = [str((address or {}).get(part) or "").strip() for part in PARTS]
    lines = [line for line in (*said, *more) if line]
    return {"name": name, "lines": lines} if lines else {"name": name}

"""What the tests of invoicing share: drafts found, made final, and their papers read."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from pypdf import PdfReader

from tests.backline.week import attend

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.wire import Wire


def drafts(wire: Wire, **query: Any) -> list[dict[str, Any]]:
    """The drafts there are."""
    return wire.every("/v1/invoices", state="draft", **query)


def final(wire: Wire, place: Place, invoice: str, key: str = "") -> dict[str, Any]:
    """A draft made final, its paper made and sent."""
    wire.post(f"/v1/invoices/{invoice}/finalize", key=key or f"final-{invoice}").done()
    attend(place)
    told: dict[str, Any] = wire.get(f"/v1/invoices/{invoice}").done().body
    return told


def words_of(content: bytes) -> list[str]:
    """The words of each page."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]

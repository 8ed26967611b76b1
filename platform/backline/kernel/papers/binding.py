"""Binding: several papers as one, in the order given."""

from collections.abc import Iterable
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError


def bundle(papers: Iterable[bytes]) -> bytes:
    """Bind papers into one file, in the order given; the same papers give the same bytes."""
    writer = PdfWriter()
    for paper in papers:
        writer.append(PdfReader(BytesIO(paper)))
    if not writer.pages:
        raise ValueError("there is nothing to bind")
    writer.metadata = None
    bound = BytesIO()
    writer.write(bound)
    return bound.getvalue()


def can_be_bound(paper: bytes) -> bool:
    """Whether a paper that others made can be bound behind ours: whole, and not locked."""
    try:
        return bool(bundle([paper]))
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False

"""Papers: how many pages a kept file has, where that can be told."""

from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

PDF = "application/pdf"


def pages_of(content: bytes, media_type: str) -> int | None:
    """The pages of a PDF; None for what is no PDF or cannot be read as one."""
    if media_type != PDF:
        return None
    try:
        return len(PdfReader(BytesIO(content)).pages)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError):
        return None

"""/v1/documents: files as they were made, by their hash."""

from uuid import UUID

from django.db.models import QuerySet

from api.door import Answer, Call, File, door, reads
from api.resource import Id, Instant, Resource, Text, Whole
from backline.kernel import documents
from backline.kernel.errors import Missing
from backline.kernel.models import Document

DOCUMENT = Resource(
    "Document",
    model=Document,
    fields=(
        Id("doc"),
        Text("kind", doc="payslip, invoice, bank file, …"),
        Text("name", doc="The name to save it under."),
        Text("media_type"),
        Whole("size", doc="Bytes."),
        Text("sha256"),
        Instant("kept_at"),
    ),
    filters=("kind", "kept_at"),
    doc="A file that is kept as it was made and never written again.",
)

# A bank file holds account numbers in full and has a door of its own.
SECRET_KINDS = ("payment_file",)


def _open_to_all(_call: Call) -> QuerySet[Document]:
    return Document.objects.exclude(kind__in=SECRET_KINDS)


reads(DOCUMENT, "/v1/documents", scope="documents:read", tag="kernel", among=_open_to_all)


@door("GET", "/v1/documents/{document:doc}/content", "documents_content", scope="documents:read",
      tag="kernel", answers="*/*")  # fmt: skip
def content(call: Call, document: UUID) -> object:
    """Fetch the bytes of a document; a file that was altered is refused."""
    found = _open_to_all(call).filter(pk=document).first()
    if found is None:
        raise Missing("not_found", "There is no such record, or not for you.")
    held = documents.content(found)
    return Answer(File(held, found.media_type, found.name), headers={"ETag": f'"{found.sha256}"'})

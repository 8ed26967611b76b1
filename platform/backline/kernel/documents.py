"""Documents: files kept as they were made, under their hash, in the firm's own folder."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from backline.kernel import later
from backline.kernel.actors import Actor
from backline.kernel.errors import Missing
from backline.kernel.ids import new_id
from backline.kernel.models import Document


def keep(
    content: bytes,
    *,
    kind: str,
    name: str,
    media_type: str,
    subject: UUID | None,
    actor: Actor,
    at: datetime,
) -> Document:
    """Keep a file as it is; it is never written again."""
    later.send()  # a file is not undone with its transaction: what waits may end that
    key = new_id()
    path = default_storage.save(f"{kind}/{key.hex}", ContentFile(content))
    return Document.objects.create(
        id=key,
        kind=kind,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        path=path,
        subject=subject,
        actor=actor.as_json(),
        kept_at=at,
    )


def content(document: Document) -> bytes:
    """The bytes of a document; raises Missing when the file is gone or is no longer what was
    kept.
    """
    try:
        with default_storage.open(document.path) as file:
            held = bytes(file.read())
    except FileNotFoundError:
        raise Missing(
            "document_lost", "The file of this document is not where it was kept."
        ) from None
    if hashlib.sha256(held).hexdigest() != document.sha256:
        raise Missing(
            "document_altered", "The file of this document is no longer the one that was kept."
        )
    return held

"""Exporting: one firm's books whole, as its own role sees them at one moment, in one file.

A table is a CSV file as the server writes it; what the firm keeps as documents lies beside them;
`manifest.json` tells the columns, the rows and the hash of each. What is sealed stays sealed: the
file may be carried about, and who may open a bank account does so through the API, one by one.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import connection

from backline.directory import queries as directory
from backline.kernel.actors import Actor
from backline.kernel.events import Fact, record
from backline.kernel.models import Document
from tenants import tenancy
from tenants.agencies import template
from tenants.backend.seats import quoted

FORMAT = 1
BLOCK = 1 << 20
# Keys without which nothing opens, links that let somebody in, answers kept for a day.
LEFT_OUT = frozenset({"kernel_sealingkey", "kernel_link", "api_answered"})
# A bank file tells account numbers in full and has a door of its own.
KINDS_LEFT_OUT = frozenset({"payment_file"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksExported(Fact):
    """Somebody took the firm's records out, whole; `sha256` is the hash of the manifest."""

    name = "books.exported"
    rows: int
    sha256: str


@dataclass(slots=True)
class Part:
    """One file of an export."""

    name: str
    sha256: str = ""
    size: int = 0
    rows: int | None = None
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Export:
    """What an export holds, and the hash of its manifest, which holds those of the rest."""

    parts: tuple[Part, ...]
    sha256: str

    @property
    def rows(self) -> int:
        """How many rows of all tables."""
        return sum(part.rows or 0 for part in self.parts)


def take(firm: str, into: IO[bytes], *, reason: str, actor: Actor, at: datetime) -> Export:
    """Write a firm's books into a file and record who took them. Opens its own books."""
    made = write(firm, into, at=at)
    with tenancy.firm(firm):
        fact = BooksExported(
            subject=directory.firm().pk, reason=reason, rows=made.rows, sha256=made.sha256
        )
        record([fact], actor=actor, at=at)
    return made


def write(firm: str, into: IO[bytes], *, at: datetime) -> Export:
    """Write a firm's books into a file, as a zip that is not compressed. Opens its own books."""
    with (
        zipfile.ZipFile(into, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive,
        tenancy.snapshot(firm) as place,
    ):
        parts = [_table(archive, table) for table in tables()]
        parts += _documents(archive)
        manifest = {
            "format": FORMAT,
            "firm": place.ref,
            "at": at.isoformat(),
            "release": place.release,
            "tables_left_out": sorted(LEFT_OUT & set(template.tables())),
            "documents_left_out": sorted(KINDS_LEFT_OUT),
            "parts": [asdict(part) for part in parts],
        }
        text = json.dumps(manifest, indent=1).encode()
        archive.writestr("manifest.json", text)
    return Export(tuple(parts), hashlib.sha256(text).hexdigest())


def tables() -> list[str]:
    """The tables that are taken out, by name."""
    return [table for table in template.tables() if table not in LEFT_OUT]


def _table(archive: zipfile.ZipFile, table: str) -> Part:
    with connection.cursor() as cursor, _part(archive, f"tables/{table}.csv") as (part, add):
        with cursor.copy(f"COPY {quoted(table)} TO STDOUT (FORMAT csv, HEADER)") as copy:
            head = bytes(copy.read())
            add(head)
            for block in _blocks(copy):
                add(block)
        part.rows = cursor.rowcount
        part.columns = head.decode().strip().split(",")
    return part


def _blocks(rows: Iterable[Any]) -> Iterator[bytes]:
    """Rows put together, for the server hands them out one by one."""
    block = bytearray()
    for row in rows:
        block += row
        if len(block) >= BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _documents(archive: zipfile.ZipFile) -> list[Part]:
    kept = Document.objects.exclude(kind__in=KINDS_LEFT_OUT).order_by("id")
    parts = []
    for path in kept.values_list("path", flat=True).iterator():
        with _part(archive, f"documents/{path}") as (part, add), default_storage.open(path) as file:
            for block in file.chunks(BLOCK):
                add(block)
        parts.append(part)
    return parts


@contextmanager
def _part(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[Part, Any]]:
    """One file of the archive: what it holds is counted and hashed as it is added."""
    part, digest = Part(name), hashlib.sha256()
    with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as out:

        def add(block: bytes) -> None:
            out.write(block)
            digest.update(block)
            part.size += len(block)

        yield part, add
    part.sha256 = digest.hexdigest()

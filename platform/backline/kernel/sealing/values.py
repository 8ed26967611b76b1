"""Values: sealed for one place, opened at that place alone, and indexed without being told."""

import hmac
import os
import unicodedata
import zlib
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import connection

from backline.kernel.sealing.holders import SealBroken
from backline.kernel.sealing.rings import DATA, FIRM, INDEX, Vault, ring_of

_PLAIN: Final = 1
_PACKED: Final = 2  # deflated before it was sealed
_LONG: Final = 4_096  # bytes from which that pays
_NONCE: Final = 12
_HEAD: Final = 1 + 2 + _NONCE  # form, key version, nonce
_BLIND: Final = 16


# -----------------------------------------------------------------------------------------


def seal(text: str, *, table: str, column: str, row: UUID, vault: Vault = FIRM) -> bytes:
    """Seal a text for one place; it opens nowhere else. A long one is packed first."""
    ring = ring_of(vault, DATA)
    nonce = os.urandom(_NONCE)
    told, form = text.encode(), _PLAIN
    if len(told) >= _LONG:
        told, form = zlib.compress(told, 1), _PACKED
    head = bytes((form,)) + ring.newest.to_bytes(2, "big") + nonce
    place = _of_value(vault, table, column, row, form)
    return head + ring.ciphers[ring.newest].encrypt(nonce, told, place)


def unseal(sealed: bytes, *, table: str, column: str, row: UUID, vault: Vault = FIRM) -> str:
    """Open a sealed text at its place; raises SealBroken for anything that was altered or moved."""
    version = version_of(sealed)
    ring = ring_of(vault, DATA)
    if version not in ring.ciphers:
        ring = ring_of(vault, DATA, anew=True)
    cipher = ring.ciphers.get(version)
    if cipher is None:
        raise SealBroken(f"Data key {version} of this firm is gone.")
    place = _of_value(vault, table, column, row, sealed[0])
    try:
        told = cipher.decrypt(sealed[3:_HEAD], sealed[_HEAD:], place)
        return (zlib.decompress(told) if sealed[0] == _PACKED else told).decode()
    except InvalidTag:
        raise SealBroken(f"A value of {table}.{column} was altered or moved.") from None


def version_of(sealed: bytes) -> int:
    """Read which data key sealed a value."""
    if len(sealed) < _HEAD + 16 or sealed[0] not in (_PLAIN, _PACKED):
        raise SealBroken("This is not a sealed value.")
    return int.from_bytes(sealed[1:3], "big")


def _of_value(vault: Vault, table: str, column: str, row: UUID, form: int) -> bytes:
    """The place of a value; of a packed one also that it is packed."""
    packed = "|packed" if form == _PACKED else ""
    return f"{vault.firm()}|{table}|{column}|{row.hex}{packed}".encode()


def blind(field: str, value: str, *, vault: Vault = FIRM) -> bytes:
    """Index a secret for equality inside one firm, without telling what it is.

    Case, spaces and punctuation do not count. Two firms, or two fields, never give the same index.
    """
    ring = ring_of(vault, INDEX)
    key = hmac.digest(ring.keys[ring.newest], field.encode(), "sha256")
    return hmac.digest(key, _spelled(value).encode(), "sha256")[:_BLIND]


def _spelled(value: str) -> str:
    folded = unicodedata.normalize("NFKC", value).upper()
    return "".join(letter for letter in folded if letter.isalnum())


# -------------------------------------------------------------------------------


def reseal(table: str, column: str, *, limit: int = 1000, vault: Vault = FIRM) -> int:
    """Seal again, under the newest key, up to `limit` values of a column; 0 when none is left."""
    ring = ring_of(vault, DATA, anew=True)
    quote = connection.ops.quote_name
    newest = ring.newest.to_bytes(2, "big")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {quote(column)} FROM {quote(table)}"  # noqa: S608  # names are quoted
            f" WHERE length({quote(column)}) > 0 AND substring({quote(column)} from 2 for 2) <> %s"
            " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [newest, limit],
        )
        rows: Sequence[tuple[UUID, bytes]] = cursor.fetchall()
        if not rows:
            return 0
        again = [
            seal(
                unseal(bytes(old), table=table, column=column, row=row, vault=vault),
                table=table,
                column=column,
                row=row,
                vault=vault,
            )
            for row, old in rows
        ]
        cursor.execute(
            f"UPDATE {quote(table)} AS t SET {quote(column)} = n.sealed"  # noqa: S608  # quoted
            " FROM unnest(%s::uuid[], %s::bytea[]) AS n(id, sealed) WHERE t.id = n.id",
            [[row for row, _ in rows], again],
        )
    return len(rows)

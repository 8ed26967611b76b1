"""Sealing: what must not be read from a dump, bound to its firm, table, column and row.

A value is sealed with AES-256-GCM under a data key of the firm. The data key lies in the firm's
own schema, wrapped by a key-encryption key that lies outside the database. The place of the value
is authenticated with it: a ciphertext moved to another row, column or firm does not open.
"""

from backline.kernel.sealing.fields import SealedText, Secret
from backline.kernel.sealing.holders import HeldKeys, KeyHolder, SealBroken, new_key_text
from backline.kernel.sealing.rings import (
    FIRM,
    FirmVault,
    Vault,
    destroy_old_keys,
    forget,
    make_keys,
    rewrap,
    rotate,
)
from backline.kernel.sealing.values import blind, reseal, seal, unseal, version_of

__all__ = [
    "FIRM",
    "FirmVault",
    "HeldKeys",
    "KeyHolder",
    "SealBroken",
    "SealedText",
    "Secret",
    "Vault",
    "blind",
    "destroy_old_keys",
    "forget",
    "make_keys",
    "new_key_text",
    "reseal",
    "rewrap",
    "rotate",
    "seal",
    "unseal",
    "version_of",
]

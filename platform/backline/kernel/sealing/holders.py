"""The key-encryption key: the one key that never lies in the database."""

import base64
import hashlib
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

KEY_BYTES: Final = 32
_NONCE: Final = 12
_TAG: Final = 4  # the first bytes of a key's hash say which key wrapped


class SealBroken(RuntimeError):
    """A sealed value does not open: it was altered, moved, or its key is gone."""


# -------------------------------------------------------------------


class KeyHolder(Protocol):
    """Wraps data keys with a key that never lies in the database; a KMS in production."""

    def wrap(self, key: bytes, *, place: bytes) -> bytes:
        """Wrap a data key so that it opens for this place only."""
        ...

    def unwrap(self, wrapped: bytes, *, place: bytes) -> bytes:
        """Open a wrapped data key; raises SealBroken when it is not ours or not for this place."""
        ...

    def is_current(self, wrapped: bytes) -> bool:
        """Say whether a data key is wrapped by the key that is in use now."""
        ...


class HeldKeys:
    """The key-encryption key as the settings hold it, read from the environment or a file.

    SEALING_KEY wraps; SEALING_KEYS_RETIRED still open what they once wrapped, until it is re-
    wrapped.
    """

    @cached_property
    def _keys(self) -> Mapping[bytes, AESGCM]:
        texts = [settings.SEALING_KEY, *getattr(settings, "SEALING_KEYS_RETIRED", ())]
        if any(len(text) < 32 for text in texts):
            raise ImproperlyConfigured("SEALING_KEY must be at least 32 characters long.")
        keys = [
            HKDF(SHA256(), KEY_BYTES, salt=None, info=b"backline key encryption").derive(
                text.encode()
            )
            for text in texts
        ]
        return {hashlib.sha256(key).digest()[:_TAG]: AESGCM(key) for key in keys}

    def wrap(self, key: bytes, *, place: bytes) -> bytes:
        """Wrap a data key so that it opens for this place only."""
        tag, cipher = next(iter(self._keys.items()))
        nonce = os.urandom(_NONCE)
        return tag + nonce + cipher.encrypt(nonce, key, place)

    def unwrap(self, wrapped: bytes, *, place: bytes) -> bytes:
        """Open a wrapped data key; raises SealBroken when it is not ours or not for this place."""
        cipher = self._keys.get(wrapped[:_TAG])
        if cipher is None:
            raise SealBroken("The key that wrapped this data key is not among those held.")
        try:
            return cipher.decrypt(wrapped[_TAG : _TAG + _NONCE], wrapped[_TAG + _NONCE :], place)
        except InvalidTag:
            raise SealBroken("A data key does not open for this firm.") from None

    def is_current(self, wrapped: bytes) -> bool:
        """Say whether a data key is wrapped by the key that is in use now."""
        return wrapped[:_TAG] == next(iter(self._keys))


def key_holder() -> KeyHolder:
    """Make the holder that SEALING_KEY_HOLDER names; by default the key is in the settings."""
    name = getattr(settings, "SEALING_KEY_HOLDER", "backline.kernel.sealing.HeldKeys")
    holder: KeyHolder = import_string(name)()
    return holder


def new_key_text() -> str:
    """Make a key-encryption key as the settings take it."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()

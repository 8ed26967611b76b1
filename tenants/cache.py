"""The cache of one firm: a key belongs to the firm that is open, and so does what lies under it.

What is about nobody in particular (limits, locks of the edge) talks to Valkey itself, not to this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from django.core.cache.backends import locmem, redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT

from backline.kernel import here


class NotOurs(RuntimeError):
    """What lay under the key of one firm was put there by another, or by no firm."""


class Walled:
    """Puts the firm into every key and every value; refuses where no firm is open."""

    def make_key(self, key: str, version: int | None = None) -> str:
        """Put the open firm in front of the key; raises NoFirm where none is open."""
        made: str = super().make_key(f"{here.firm()}|{key}", version)  # type: ignore[misc]  # a mixin
        return made

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The value that this firm put there; raises NotOurs for another's."""
        held = super().get(key, None, version)  # type: ignore[misc]  # a mixin
        return default if held is None else _opened(held)

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        """The values that this firm put there."""
        found = {key: self.get(key, None, version) for key in keys}
        return {key: value for key, value in found.items() if value is not None}

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep a value for this firm."""
        super().set(key, _stamped(value), timeout, version)  # type: ignore[misc]  # a mixin

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep a value for this firm unless there is one."""
        return bool(super().add(key, _stamped(value), timeout, version))  # type: ignore[misc]  # a mixin

    def set_many(
        self, data: Mapping[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[str]:
        """Keep values for this firm."""
        for key, value in data.items():
            self.set(key, value, timeout, version)
        return []

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> NoReturn:
        """Refuse: a number without a stamp would be anybody's."""
        raise NotImplementedError("count in the database, or in Valkey itself")

    def clear(self) -> NoReturn:
        """Refuse: it would empty the cache of every firm."""
        raise NotImplementedError("nobody empties the cache of every firm")


def _stamped(value: Any) -> tuple[str, Any]:
    return here.firm(), value


def _opened(held: Any) -> Any:
    if not isinstance(held, tuple) or len(held) != 2 or held[0] != here.firm():
        raise NotOurs("a cached value carries no stamp of this firm")
    return held[1]


class InValkey(Walled, redis.RedisCache):
    """The firms' cache in Valkey."""


class InMemory(Walled, locmem.LocMemCache):
    """The firms' cache in the memory of one process, for tests."""

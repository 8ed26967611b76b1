"""Turns: of each firm one bell waits, and one process at a time attends to it.

So the queue of bells is a round of firms, however often each is rung for, and a firm with much to
do holds one process and no second. All of it is courtesy: what keeps work right is in the database,
and where Valkey does not answer everybody rings and everybody attends.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import uuid4

import redis
from django.conf import settings

# A turn whose holder was killed, or is long at one step, is over after this: a twin does no harm.
TURN_SECONDS: Final = 5
WANTED_SECONDS: Final = 60

# What rings from here on rings anew. Whoever does not get the turn leaves word that he wanted it.
BEGIN: Final = """
redis.call('DEL', KEYS[1])
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'EX', ARGV[2]) then
  redis.call('DEL', KEYS[3])
  return 1
end
redis.call('SET', KEYS[3], '1', 'EX', ARGV[3])
return 0
"""
END: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return redis.call('DEL', KEYS[2])
"""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Turn:
    """Whether it is ours, and, once it is over, whether somebody came meanwhile."""

    is_ours: bool = True
    was_wanted: bool = False


def may_ring(task: str, firm: str) -> bool:
    """Whether no bell of this firm waits already; one that waits too long is taken for lost."""
    seconds = int(getattr(settings, "BELL_LOST_SECONDS", 30))
    try:
        return bool(_valkey().set(_bell(task, firm), "1", nx=True, ex=seconds))
    except redis.RedisError:
        return True


def forget_bell(task: str, firm: str) -> None:
    """Let the next bell of this firm be sent: this one was not."""
    with suppress(redis.RedisError):
        _valkey().delete(_bell(task, firm))


@contextmanager
def taken(task: str, firm: str) -> Iterator[Turn]:
    """Take a firm's turn for the block, or learn that another process has it."""
    turn, mine = Turn(), uuid4().hex
    keys = [_bell(task, firm), f"turn:{task}:{firm}", f"wanted:{task}:{firm}"]
    turn.is_ours = bool(_run(BEGIN, keys, mine, TURN_SECONDS, WANTED_SECONDS, otherwise=1))
    try:
        yield turn
    finally:
        if turn.is_ours:
            turn.was_wanted = bool(_run(END, keys[1:], mine, otherwise=0))


def _bell(task: str, firm: str) -> str:
    return f"bell:{task}:{firm}"


def _run(text: str, keys: list[str], *words: object, otherwise: int) -> int:
    try:
        return int(_script(_url(), text)(keys=keys, args=list(words)))
    except redis.RedisError:
        log.warning("turns_not_kept")
        return otherwise


def _url() -> str:
    return str(getattr(settings, "VALKEY_URL", "") or settings.BROKER_URL)


def _valkey() -> Any:
    return _client(_url())


@cache
def _client(url: str) -> Any:
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


@cache
def _script(url: str, text: str) -> Any:
    return _client(url).register_script(text)

"""Limits: how often a caller may call, counted in Valkey for all processes; told in headers."""

import hashlib
import logging
import re
import threading
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

import redis
from django.conf import settings

from api.errors import Refused

LOG = logging.getLogger(__name__)

# A bucket that fills by itself: one script, so that two calls never read the same level.
TAKE = """
local level = tonumber(redis.call('HGET', KEYS[1], 'level') or ARGV[1])
local since = tonumber(redis.call('HGET', KEYS[1], 'at') or ARGV[3])
local now = tonumber(ARGV[3])
local rate = tonumber(ARGV[1]) / tonumber(ARGV[2])
level = math.min(tonumber(ARGV[1]), level + math.max(0, now - since) * rate)
local taken = 0
if level >= 1 then level = level - 1; taken = 1 end
redis.call('HSET', KEYS[1], 'level', level, 'at', now)
redis.call('EXPIRE', KEYS[1], math.ceil(tonumber(ARGV[2])) + 1)
return {taken, tostring(level)}
"""
ANSWER = re.compile(rb"\*2\r\n:([01])\r\n\$\d+\r\n([0-9.e+-]+)\r\n")
TAKE_SHA = hashlib.sha1(TAKE.encode(), usedforsecurity=False).hexdigest()  # as Valkey names it


@dataclass(frozen=True, slots=True)
class Policy:
    """So many calls in so many seconds."""

    name: str
    quota: int
    window: int


POLICIES = {
    "key": Policy("key", 1200, 60),
    "person": Policy("person", 600, 60),
    "address": Policy("address", 60, 60),  # calls that fail to say who is calling
}


def policy(name: str) -> Policy:
    """A policy by its name; the setting LIMITS = {"key": (calls, seconds)} overrides ours."""
    own = getattr(settings, "LIMITS", {}).get(name)
    return Policy(name, *own) if own else POLICIES[name]


@dataclass(frozen=True, slots=True)
class Level:
    """What is left in a bucket after a call."""

    policy: Policy
    left: float
    taken: bool

    def headers(self) -> dict[str, str]:
        """RateLimit-Policy and RateLimit, as the IETF draft spells them."""
        name, quota, window = self.policy.name, self.policy.quota, self.policy.window
        missing = max(0.0, quota - self.left)
        full_in = int(missing * window / quota) + 1 if missing else 0
        return {
            "RateLimit-Policy": f'"{name}";q={quota};w={window}',
            "RateLimit": f'"{name}";r={int(self.left)};t={full_in}',
        }

    def wait(self) -> int:
        """Seconds until one more call is possible."""
        return max(1, int((1 - self.left) * self.policy.window / self.policy.quota) + 1)


class Buckets:
    """Buckets in this process alone: for when Valkey cannot be asked."""

    def __init__(self) -> None:
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, name: str, policy: Policy, now: float) -> Level:
        """Take one call from a bucket."""
        with self._lock:
            level, since = self._levels.get(name, (float(policy.quota), now))
            level = min(policy.quota, level + (now - since) * policy.quota / policy.window)
            taken = level >= 1
            left = level - 1 if taken else level
            if len(self._levels) > 10_000:
                self._levels.clear()
            self._levels[name] = (left, now)
        return Level(policy, left, taken)


HERE = Buckets()


class _Lines(threading.local):
    """This thread's line to Valkey, asked straight: the library's client takes longer than it."""

    def __init__(self) -> None:
        self.url = ""
        self.line: Any = None

    def to(self, url: str) -> Any:
        """The line, or None where no Valkey is named."""
        if url != self.url:
            self.url, self.line = url, None
            if url.startswith(("redis://", "rediss://", "unix://")):
                pool = redis.ConnectionPool.from_url(
                    url, socket_timeout=0.25, socket_connect_timeout=0.25
                )
                self.line = pool.make_connection()
        return self.line


LINES = _Lines()


def _asked(line: Any, *words: Any) -> Any:
    """What the script answers; a line that broke meanwhile is made anew, once."""
    try:
        return _said(line, *words)
    except redis.ConnectionError:
        line.disconnect()
        return _said(line, *words)


def _packed(*words: Any) -> bytes:
    """Words as Valkey reads them."""
    told = [str(word).encode() for word in words]
    each = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in told)
    return b"*%d\r\n%b" % (len(told), each)


def _said(line: Any, *words: Any) -> Any:
    try:
        line.connect()  # does nothing where it stands
        line._sock.sendall(_packed("EVALSHA", TAKE_SHA, 1, *words))
        answer = line._sock.recv(1024)
        found = ANSWER.fullmatch(answer)
        if found is not None:
            return found.groups()
        if not answer.startswith(b"-NOSCRIPT") or not answer.endswith(b"\r\n"):
            raise redis.ConnectionError(f"Valkey answered {answer[:40]!r}")
        line.send_command("EVAL", TAKE, 1, *words)
        return line.read_response()
    except (redis.RedisError, OSError) as error:
        line.disconnect()  # what it would still answer belongs to nobody
        if isinstance(error, redis.RedisError):
            raise
        kind = redis.TimeoutError if isinstance(error, TimeoutError) else redis.ConnectionError
        raise kind(str(error)) from error


def take(caller: str, policy: Policy) -> Level:
    """Take one call of a caller; counts in this process alone while Valkey does not answer."""
    now = time.time()
    name = f"limit:{policy.name}:{caller}"
    line = LINES.to(getattr(settings, "LIMITS_URL", "") or settings.BROKER_URL)
    if line is not None:
        try:
            taken, left = _asked(line, name, policy.quota, policy.window, now)
            return Level(policy, float(left), bool(int(taken)))
        except redis.RedisError:
            LOG.warning("limits_counted_here")
    return HERE.take(name, policy, now)


def check(caller: str, name: str) -> dict[str, str]:
    """The headers for an allowed call; raises Refused with 429 when the bucket is empty."""
    level = take(caller, policy(name))
    if level.taken:
        return level.headers()
    wait = level.wait()
    raise Refused(
        429,
        "too_many_requests",
        f"Wait {wait} s, then go on; RateLimit tells how many calls are left.",
        level.headers() | {"Retry-After": str(wait)},
    )

"""The seal of a task's message: it names one firm and one piece of work; only we can write it."""

from __future__ import annotations

from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "tenants.tasks"


def of(task: str, firm: str, key: str) -> str:
    """The seal for a piece of work in a firm."""
    return salted_hmac(SALT, f"{task}\n{firm}\n{key}", algorithm="sha256").hexdigest()


def is_whole(seal: str, task: str, firm: str, key: str) -> bool:
    """Whether the seal is ours and for this very work."""
    return constant_time_compare(seal, of(task, firm, key))

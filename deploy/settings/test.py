"""For the tests: the servers' addresses are filled in when a test first asks for a database."""

from __future__ import annotations

import os

from deploy.settings import environment, logs
from deploy.settings.base import *  # noqa: F403  # settings are laid over settings

SECRET_KEY = "not a secret, for the tests alone, long enough to be one"
SEALING_KEY = "bm90IGEgc2VjcmV0LCBmb3IgdGhlIHRlc3RzIGFsb25lIQ=="
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SITE_URL = "http://testserver"
STAGE = "test"
ACCESS_PEPPER = "no pepper either, for the tests alone, as long as one"

_NOWHERE = "postgresql://nobody@127.0.0.1:1/asked-for-by-no-test"
DATABASES = {
    "default": environment.database(
        os.environ.get("DATABASE_URL", _NOWHERE), engine="tenants.backend.testing"
    ),
    "owner": environment.database(
        os.environ.get("OWNER_DATABASE_URL", _NOWHERE),
        engine=OWNER_ENGINE,  # noqa: F405  # from base
    ),
}
BROKER_URL = os.environ.get("BROKER_URL", "redis://127.0.0.1:1/0")
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_TRANSPORT_OPTIONS = REDIS_KIND_OPTIONS  # noqa: F405  # from base
CACHES = {"default": {"BACKEND": "tenants.cache.InMemory"}}
MEDIA_ROOT = CHECKOUT / ".local" / "never"  # noqa: F405  # each run has its own folder
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "tenants.files.FirmFiles"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Argon2 is meant to be slow; the tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LIMITS = {"address": (100_000, 60)}  # all strangers of all tests call from one address
logs.configure("CRITICAL")

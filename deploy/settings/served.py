"""What demo and production share: everything that differs by place comes from the environment."""

from __future__ import annotations

from pathlib import Path

from deploy.settings import environment
from deploy.settings.base import *  # noqa: F403  # settings are laid over settings
from deploy.settings.base import CHECKOUT, OWNER_ENGINE, celery_for

SECRET_KEY = environment.secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEYS_RETIRED", "")
SEALING_KEY = environment.secret("SEALING_KEY")
SEALING_KEYS_RETIRED = environment.words("SEALING_KEYS_RETIRED", "")
ACCESS_PEPPER = environment.secret("ACCESS_PEPPER")

DATABASES = {"default": environment.database(environment.text("DATABASE_URL"))}
# Only what provisions and migrates is given this one; web processes need not have it.
_OWNER_URL = environment.text("OWNER_DATABASE_URL", "")
if _OWNER_URL:
    DATABASES["owner"] = environment.database(_OWNER_URL, engine=OWNER_ENGINE)

BROKER_URL = CELERY_BROKER_URL = environment.text("BROKER_URL")
globals().update(celery_for(BROKER_URL))
VALKEY_URL = environment.text("VALKEY_URL", BROKER_URL)
LIMITS_URL = VALKEY_URL
CACHES = {
    "default": {
        "BACKEND": "tenants.cache.InValkey",
        "LOCATION": VALKEY_URL,
        "TIMEOUT": 300,
    }
}

FILES = Path(environment.text("FILES", str(CHECKOUT / ".local" / "files")))
MEDIA_ROOT = FILES
STORAGES = {
    "default": {"BACKEND": "tenants.files.FirmFiles"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

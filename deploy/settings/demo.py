"""For the demo: one machine, plain http on the loopback, mail kept in a folder."""

from __future__ import annotations

from deploy.settings import environment, logs
from deploy.settings.served import *  # noqa: F403  # settings are laid over settings
from deploy.settings.served import FILES, STATIC_ROOT

DEBUG = False
STAGE = "demo"
SITE_URL = environment.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", ".localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
EMAIL_BACKEND = "backline.integrations.gateways.folder.EmailBackend"
EMAIL_FILE_PATH = FILES / "mail"
DEFAULT_FROM_EMAIL = "backline@demo.test"
# Served from the packages themselves, so that the demo needs no step before it.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "tenants.files.FirmFiles"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
logs.configure(environment.text("LOG_LEVEL", "WARNING"))

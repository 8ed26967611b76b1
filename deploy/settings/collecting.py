"""For collecting static files while an image is built: no database, no broker, no secret."""

from __future__ import annotations

from deploy.settings.test import *  # noqa: F403  # settings are laid over settings

STORAGES = {
    "default": {"BACKEND": "tenants.files.FirmFiles"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

"""For production: nothing is guessed, and what is missing stops the start with a sentence."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from deploy.settings import environment, logs
from deploy.settings.served import *  # noqa: F403  # settings are laid over settings
from deploy.settings.served import VALKEY_URL

DEBUG = False
STAGE = "production"
SITE_URL = environment.text("SITE_URL").rstrip("/")
if not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured("SITE_URL must start with https://; keys and sessions travel there.")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
if not VALKEY_URL.startswith(("redis://", "rediss://")):
    raise ImproperlyConfigured("VALKEY_URL must be set where BROKER_URL is not a Valkey's address.")

SPARE_FIRMS = environment.whole("SPARE_FIRMS", 3)

# The proxy in front ends TLS and sets this header itself.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = environment.text("EMAIL_HOST")
EMAIL_PORT = environment.whole("EMAIL_PORT", 587)
EMAIL_HOST_USER = environment.text("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_PORT != 25
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM")

logs.configure(environment.text("LOG_LEVEL", "INFO"))

"""What holds everywhere. What is secret, or differs by place, is read in the other files."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from deploy import schedule
from deploy.settings import logs

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def _stands(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _standing(*apps: str) -> list[str]:
    ours = ("tenants.", "backline.")
    return [
        app
        for app in apps
        if _stands(f"{app}.models" if app.startswith(ours) or app == "api" else app)
    ]


# --- apps: the shared schema, then one schema per firm, in the order of the week ----------------

SHARED_APPS = _standing(
    "tenants.agencies",
    "tenants.access",
    "tenants.operations",
    "tenants.facility",
    "tenants.reports",
    "tenants.plans",
    "django.contrib.contenttypes",  # django_tenants imports it; nothing of ours does
    "django_tenants",
)
TENANT_APPS = _standing(
    "backline.kernel",
    "backline.desk",
    "backline.ledger",
    "backline.directory",
    "backline.assignments",
    "backline.onboarding",
    "backline.timesheets",
    "backline.charges",
    "backline.payroll",
    "backline.invoicing",
    "backline.funding",
    "backline.collections",
    "backline.margin",
    "backline.integrations",
    "api",
)
WITHOUT_TABLES = [
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS, *WITHOUT_TABLES]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if "tenants.access" in SHARED_APPS:
    AUTH_USER_MODEL = "access.Person"

# --- tenancy ------------------------------------------------------------------------------------

TENANT_MODEL = "agencies.Firm"
PUBLIC_SCHEMA_NAME = "pub"  # made by the bootstrap; `public` stays empty and without rights
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
# The owner's connection makes and migrates schemas; it points at one after another, as the stock
# backend can. No request and no task ever uses it.
TENANT_DB_ALIAS = "owner"
OWNER_ENGINE = "django_tenants.postgresql_backend"
ORIGINAL_BACKEND = "django.db.backends.postgresql"
TENANT_DB_ALIAS = "owner"  # migrations run with the owner's login, never with the service's
OWNER_ENGINE = "django_tenants.postgresql_backend"

# A connection that has served so many firms begins anew: its server's memory grows with each.
FIRMS_A_CONNECTION = 32
# So many schemas stand ready, so that a new agency is a row of the registry and its first entries.
SPARE_FIRMS = 0

# --- the wire -----------------------------------------------------------------------------------

ROOT_URLCONF = "api.urls"
WSGI_APPLICATION = "deploy.wsgi.application"
APPEND_SLASH = False
MIDDLEWARE = [
    "deploy.health.Health",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "api.entry.Entry",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [CHECKOUT / "api" / "pages" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
            ],
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [CHECKOUT / "api" / "pages" / "static"]
STATIC_ROOT = CHECKOUT / ".local" / "static"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- what is plugged into the floors below, which do not know the floors above --------------------

# What opens a new firm's books: f(name=, country=, facts=, actor=, at=), in the firm's schema.
SEEDERS = ["backline.onboarding.actions.seed"]
# What the clock starts for each firm, every hour: f(at=), in the firm's schema.
HOUR_STARTS = [
    "backline.integrations.tasks.watch_sources",
    "backline.kernel.forgetting.forget",
]
# What a day starts, and a clock that was moved into the middle of one: f(at=), likewise.
DAY_STARTS = [
    "backline.assignments.tasks.follow_the_days",
    "backline.timesheets.tasks.follow_the_days",
    "backline.onboarding.tasks.follow_papers",
    "backline.payroll.tasks.open_runs",
    "backline.payroll.tasks.issue_deduction_statements",
]
# Who tells the outside of a firm, and who knows whether something waits to be told.
OUTWARD = [
    "tenants.facility.actions.follow",
    "tenants.reports.rolling.roll",
    "tenants.letters.send_due",
    "api.webhooks.sending.send_due",
]
OUTWARD_DUE = [
    "tenants.facility.following.is_behind",
    "tenants.reports.rolling.is_behind",
    "tenants.letters.is_due",
    "api.webhooks.sending.is_due",
]

SMS_GATEWAY = "backline.integrations.gateways.letters.as_mail"
MAIL_DOMAIN = "backline.invalid"
DEFAULT_FROM_EMAIL = "no-reply@backline.invalid"

# --- time and language --------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en"

# --- who is calling -----------------------------------------------------------------------------

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 15}),
        ("UserAttributeSimilarityValidator", {}),
        ("CommonPasswordValidator", {}),
    )
]

CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- the worker: the broker is a bell, what is to be done stands in the database ----------------

WORKER = "deploy.worker"  # loaded in every process, so that bells go to our broker
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_BACKEND = None
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 280
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "firms"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = schedule.TABLE
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
BELL_SECONDS = 600  # above the longest task, or a broker of the Redis kind hands a task out twice
BELL_LOST_SECONDS = schedule.SWEEP_SECONDS  # after this the round rings for a firm again
REDIS_KIND_OPTIONS = {
    "visibility_timeout": BELL_SECONDS,
    # Kombu looks for lost tasks every interval times throttle, by its defaults every 100 seconds.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
QUORUM_OPTIONS = {"confirm_publish": True}


def celery_for(broker_url: str) -> dict[str, object]:
    """Choose the transport's settings by the broker's address."""
    if broker_url.startswith(("redis://", "rediss://")):
        return {"CELERY_BROKER_TRANSPORT_OPTIONS": REDIS_KIND_OPTIONS}
    return {
        "CELERY_BROKER_TRANSPORT_OPTIONS": QUORUM_OPTIONS,
        "CELERY_TASK_DEFAULT_QUEUE_TYPE": "quorum",
        "CELERY_TASK_DEFAULT_EXCHANGE_TYPE": "topic",
        "CELERY_WORKER_DETECT_QUORUM_QUEUES": True,
    }


# --- logs ---------------------------------------------------------------------------------------

LOGGING_CONFIG = None
logs.configure()

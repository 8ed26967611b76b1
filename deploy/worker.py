"""The worker: the Celery app whose tasks attend to firms.

celery -A deploy.worker worker --pool prefork
celery -A deploy.worker beat            (exactly one)
"""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_process_init

from deploy import collecting

# Where web and worker share processors, whoever waits for an answer goes before what follows of it.
STEPS_BACK = 5

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings.production")

app = Celery("backline", set_as_current=True)
app.config_from_object("django.conf:settings", namespace="CELERY")
# Read by this name without the namespace. A connection is safe to keep: the backend seats each
# transaction anew and proves it.
app.add_defaults(lambda: {"CELERY_DB_REUSE_MAX": 1000})
app.autodiscover_tasks(["tenants"])


@setup_logging.connect
def keep_our_logs(**_facts: object) -> None:
    """Leave the logs as the settings made them; without a receiver Celery would replace them."""


@worker_init.connect
def push_the_walls(**_facts: object) -> None:
    """Refuse to start where a wall is missing."""
    from tenants.bootstrap import probes

    try:
        probes.require_walls()
    except probes.WallMissing as reason:
        # Celery swallows every Exception that a receiver raises.
        raise SystemExit(str(reason)) from reason


@worker_process_init.connect
def step_back(**_facts: object) -> None:
    """Leave the processor to the web process when both want it; alone it has all of it."""
    os.nice(STEPS_BACK)


@worker_process_init.connect
def collect_seldom(**_facts: object) -> None:
    """A chunk makes rows by the thousand, and none of them in a cycle."""
    collecting.settle()

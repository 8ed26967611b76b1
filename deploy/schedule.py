"""What the clock starts, and when: one table.

One entry goes round all firms; there is never one schedule per firm. A tick that is lost does no
harm, for what is due stands in the database and the next tick finds it.
"""

from __future__ import annotations

import os

# A bell that was lost is made up for within this time.
SWEEP_SECONDS = int(os.environ.get("SWEEP_SECONDS", "30"))

TABLE: dict[str, dict[str, object]] = {
    "ring every firm with something due": {
        "task": "tenants.sweep",
        "schedule": float(SWEEP_SECONDS),  # celery wants seconds so
        # A bell that nobody heard in time is followed by another.
        "options": {"expires": SWEEP_SECONDS},
    },
    "keep schemas ready for the next agencies": {
        "task": "tenants.keep_spares",
        "schedule": 2.0 * SWEEP_SECONDS,
        "options": {"expires": 2 * SWEEP_SECONDS},
    },
    "forget who tried to sign in": {
        "task": "tenants.forget_tries",
        "schedule": 3600.0,
    },
    "forget who came in long ago": {
        "task": "tenants.forget_visits",
        "schedule": 3600.0,
    },
}

"""How gunicorn runs the web process: few processes, some threads each, connections kept."""

from __future__ import annotations

import os
from pathlib import Path

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 30
keepalive = 15
# A process that has served many firms gives its memory back, and not all at once.
max_requests = 20_000
max_requests_jitter = 2_000
# Heartbeats in memory: on a slow disk they would block the process.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # made by gunicorn
limit_request_line = 8190
limit_request_fields = 60
forwarded_allow_ips = os.environ.get("WEB_BEHIND", "127.0.0.1")
accesslog = None  # the entry of api/ writes one line a request, with listed fields only
errorlog = "-"
loglevel = "warning"
control_socket_disable = True  # nothing here is steered through a file in somebody's home

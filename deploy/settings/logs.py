"""Logs as lines of JSON, of listed fields only: what is not on the list cannot leak."""

from __future__ import annotations

import logging
import logging.config
import traceback
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog

# No names, no addresses, no figures, no free text of a caller's.
FIELDS = frozenset({
    "event", "level", "logger", "timestamp",
    "request_id", "method", "route", "status", "status_code", "duration_ms", "operation",
    "firm", "actor", "actor_kind", "on_behalf_of", "scope", "code",
    "task", "task_id", "attempt", "queue", "consumer", "offset", "count", "wall", "exception",
})  # fmt: skip  # grouped: the line, the request, who, the worker


def keep_listed_fields(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> Mapping[str, Any]:
    """Drop whatever is not on the list, and say that something was dropped."""
    kept = {key: value for key, value in line.items() if key in FIELDS}
    dropped = len([key for key in line if key not in FIELDS and not key.startswith("_")])
    return kept | ({"dropped_fields": dropped} if dropped else {})


def name_exception_only(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Reduce an exception to its type and places: messages of the database quote the row."""
    info = line.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        places = [f"{Path(frame.filename).stem}:{frame.lineno}" for frame in reversed(frames)]
        line["exception"] = " < ".join([type(error).__name__, *places])
    return line


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def lines() -> logging.Formatter:
    """Make what turns a record, of the standard library's or of structlog's, into a line.

    A library's sentence is kept without what it was about: Django writes the path of a call, and
    an approver's path holds the token of the link.
    """
    return structlog.stdlib.ProcessorFormatter(
        use_get_message=False,
        foreign_pre_chain=[*SHARED, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            name_exception_only,
            keep_listed_fields,
            structlog.processors.JSONRenderer(),
        ],
    )


def configure(level: str = "INFO") -> None:
    """Send the standard library's logs and structlog's through the same list of fields."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": {"()": lines}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # They say on every request and task what our own lines say with more sense.
                "django.server": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
                "fontTools": {"level": "WARNING"},
            },
        }
    )

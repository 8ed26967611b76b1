"""Settings: production starts whole or not at all, and logs tell nothing they should not."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from django.core.exceptions import ImproperlyConfigured

from deploy.settings import environment, logs

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LONG = "x" * 40
WHOLE = {
    "SECRET_KEY": LONG,
    "SEALING_KEY": LONG,
    "ACCESS_PEPPER": LONG,
    "DATABASE_URL": "postgresql://bo_app:word@db.example/backline",
    "BROKER_URL": "amqps://backline:word@mq.example//",
    "VALKEY_URL": "rediss://:word@cache.example/1",
    "SITE_URL": "https://backline.example",
    "ALLOWED_HOSTS": "backline.example",
    "EMAIL_HOST": "mail.example",
    "EMAIL_FROM": "books@backline.example",
}
LOOK = """
import json, deploy.settings.production as s
print(json.dumps({name: getattr(s, name) for name in json.loads(input())}, default=str))
"""


def _production(variables: dict[str, str], *names: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=CHECKOUT, env=variables, input=json.dumps(names),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ImproperlyConfigured(done.stderr.strip().splitlines()[-1])
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_production_is_strict():
    found = _production(
        WHOLE, "DEBUG", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "CELERY_TASK_DEFAULT_QUEUE_TYPE", "DATABASES",
        "CELERY_TASK_ACKS_LATE", "CELERY_TASK_REJECT_ON_WORKER_LOST", "CELERY_ACCEPT_CONTENT",
    )  # fmt: skip
    assert found["DEBUG"] is False
    assert str(found["SESSION_COOKIE_NAME"]).startswith("__Host-")
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000
    assert found["CELERY_TASK_DEFAULT_QUEUE_TYPE"] == "quorum"
    assert found["CELERY_TASK_ACKS_LATE"] is found["CELERY_TASK_REJECT_ON_WORKER_LOST"] is True
    assert found["CELERY_ACCEPT_CONTENT"] == ["json"]
    databases = found["DATABASES"]
    assert isinstance(databases, dict)
    assert set(databases) == {"default"}, "the owner's login is for what migrates, not for the web"
    assert databases["default"]["ENGINE"] == "tenants.backend"
    assert databases["default"]["ATOMIC_REQUESTS"] is False


@pytest.mark.parametrize("name", WHOLE)
def test_production_does_not_start_without(name):
    with pytest.raises(ImproperlyConfigured, match=name):
        _production({key: value for key, value in WHOLE.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SEALING_KEY", "short"),
        ("SITE_URL", "http://backline.example"),
        ("DATABASE_URL", "mysql://db.example/backline"),
        ("EMAIL_PORT", "twenty-five"),
    ],
)
def test_production_does_not_start_with_what_is_wrong(name, value):
    with pytest.raises(ImproperlyConfigured):
        _production(WHOLE | {name: value})


def test_a_secret_may_lie_in_a_file(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text(LONG + "\n")
    monkeypatch.setenv("SOME_SECRET_FILE", str(tmp_path / "secret"))
    assert environment.secret("SOME_SECRET") == LONG


def test_an_address_may_hold_any_password():
    found = environment.database(
        "postgresql://bo_app:p%40ss%2Fword@db:5433/books?sslmode=verify-full"
    )
    assert (found["PASSWORD"], found["PORT"]) == ("p@ss/word", "5433")
    assert found["OPTIONS"]["sslmode"] == "verify-full"


@pytest.fixture
def lines():
    """What a logger named `any` would write."""
    paper = io.StringIO()
    handler = logging.StreamHandler(paper)
    handler.setFormatter(logs.lines())
    logger = logging.getLogger("any")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in paper.getvalue().splitlines()]
    logger.removeHandler(handler)


def test_only_listed_fields_reach_the_log(lines):
    structlog.get_logger("any").info("paid", firm="agy_1", worker="Ada Lovelace", net="612.40")
    logging.getLogger("any").warning("said", extra={"account": "12345678"})
    paid, said = lines()
    assert paid["event"] == "paid"
    assert paid["firm"] == "agy_1"
    assert paid["dropped_fields"] == 2
    assert "Ada" not in json.dumps([paid, said])
    assert "12345678" not in json.dumps([paid, said])


def test_a_library_s_sentence_is_kept_without_what_it_was_about(lines):
    """Django writes the path, and an approver's path holds the token of the link."""
    logging.getLogger("any").warning(
        "%s: %s", "Not Found", "/a/secret-token", extra={"status_code": 404}
    )
    (line,) = lines()
    assert line["status_code"] == 404
    assert "secret-token" not in json.dumps(line)


def test_an_exception_is_named_and_not_quoted(lines):
    """The database quotes the row in its message: a name, an account, an amount."""
    try:
        int("12345678 of an account")
    except ValueError:
        logging.getLogger("any").exception("failed")
    (line,) = lines()
    assert line["exception"].startswith("ValueError < test_settings:")
    assert "12345678" not in json.dumps(line)

"""The mail that the demo reads: each letter by itself, however close together they left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection

from deploy.demo.mail import Mail

APPROVER = "time@caldermills.test"
WORKERS = ("Ewa Carter", "Femi James", "Hugo Garcia", "Maya Price", "Noah Fisher", "Rosa Harper")


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "backline.integrations.gateways.folder.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"


def _asks(worker: str) -> EmailMessage:
    token = worker.replace(" ", "~")
    body = f"{worker} reported 40 hours. Decide:\n\nhttp://127.0.0.1:8000/a/{token}\n\nNorthgate\n"
    return EmailMessage(f"Hours of {worker} wait for you", body, to=[APPROVER])


def _found(mail: Mail) -> list[str]:
    return [mail.token(to=APPROVER, about=worker) for worker in WORKERS]


OWN = [worker.replace(" ", "~") for worker in WORKERS]


def test_of_letters_sent_together_to_one_approver_each_holds_its_own_link(tmp_path: Path) -> None:
    get_connection().send_messages([_asks(worker) for worker in WORKERS])
    assert _found(Mail(tmp_path / "mail")) == OWN


def test_of_letters_sent_side_by_side_each_holds_its_own_link(tmp_path: Path) -> None:
    with ThreadPoolExecutor(len(WORKERS)) as pool:
        list(pool.map(lambda worker: _asks(worker).send(), WORKERS))
    assert _found(Mail(tmp_path / "mail")) == OWN


def test_the_newest_of_two_letters_about_one_worker_counts(tmp_path: Path) -> None:
    _asks("Femi James").send()
    again = _asks("Femi James")
    again.body = again.body.replace("Femi~James", "the~second")
    again.send()
    assert Mail(tmp_path / "mail").token(to=APPROVER, about="Femi James") == "the~second"


def test_a_letter_that_is_still_being_written_is_not_read(tmp_path: Path) -> None:
    _asks("Femi James").send()
    (kept,) = (tmp_path / "mail").iterdir()
    kept.rename(kept.with_suffix(".part"))
    assert Mail(tmp_path / "mail").token(to=APPROVER, about="Femi James") == ""

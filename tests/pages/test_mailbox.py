"""The demo's mailbox: links can be followed there, and nowhere else is it even there."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.mail import EmailMessage, get_connection

from backline.integrations.gateways.letters import Attached, Outgoing, deliver
from tests.pages.browsers import Browser

LETTER = Outgoing(
    key="1",
    channel="email",
    to_name="Colin",
    to_address="colin@pennine.example",
    subject_line="Hours of Chloe wait for you",
    body="Look and decide:\n\nhttp://testserver/a/some~token\n\nAcorn <b>Staffing</b>\n",
    sender="Acorn Staffing",
    attached=[Attached("../week.pdf", "application/pdf", b"%PDF-1.7 a week")],
)


@pytest.fixture
def demo(settings):
    """As in the demo."""
    settings.STAGE = "demo"
    mail.outbox.clear()


@pytest.mark.parametrize("stage_name", ["test", "production", ""])
@pytest.mark.parametrize("path", ["/dev/mail/", "/dev/mail/abc", "/dev/mail/abc/0"])
def test_elsewhere_there_is_nothing(stage, settings, stage_name, path):
    settings.STAGE = stage_name
    deliver(LETTER)
    page = Browser().get(path)
    assert page.status == 404
    assert "Colin" not in page.plain


def test_a_mail_is_read_and_its_link_followed(stage, demo):
    deliver(LETTER)
    browser = Browser()
    inbox = browser.get("/dev/mail/")
    assert "Hours of Chloe wait for you" in inbox.plain
    key = inbox.text.split("/dev/mail/")[1].split('"')[0]
    page = browser.get(f"/dev/mail/{key}")
    assert 'href="http://testserver/a/some~token"' in page.text
    assert "<b>Staffing" not in page.text
    paper = browser.client.get(f"/dev/mail/{key}/0")
    assert paper.content == b"%PDF-1.7 a week"
    assert "/" not in paper.headers["Content-Disposition"].partition("filename=")[2]
    assert browser.get(f"/dev/mail/{key}/1").status == 404


def test_mails_to_one_address_are_found(stage, demo):
    deliver(LETTER)
    assert "Hours of Chloe" in Browser().get("/dev/mail/?to=COLIN").plain
    assert "No mail" in Browser().get("/dev/mail/?to=nora").plain


def test_mails_in_files_are_read_newest_first(stage, demo, settings, tmp_path):
    settings.EMAIL_BACKEND = "backline.integrations.gateways.folder.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    with get_connection() as connection:
        for n in (1, 2):
            text = f"Mail {n}\n\n{'-' * 30}\n"
            EmailMessage(f"Mail {n}", text, to=["a@b.example"], connection=connection).send()
    page = Browser().get("/dev/mail/").plain
    assert page.index("Mail 2") < page.index("Mail 1")


def test_an_empty_box_says_so(stage, demo):
    assert "No mail" in Browser().get("/dev/mail/").plain

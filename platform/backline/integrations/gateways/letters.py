"""Letters: one message as it leaves, by mail or text; what goes wrong is raised to the caller."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes along."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready to leave; `key` is the same at every try, so that a gateway can tell a
    repeat.
    """

    key: str
    channel: str
    to_name: str
    to_address: str
    subject_line: str
    body: str
    sender: str
    attached: Sequence[Attached] = ()


def deliver(letter: Outgoing) -> None:
    """Hand a letter to its gateway; raises whatever the gateway raises."""
    if letter.channel == "sms":
        import_string(settings.SMS_GATEWAY)(letter)
        return
    mail = EmailMessage(
        subject=letter.subject_line,
        body=letter.body,
        from_email=f"{letter.sender} <{settings.DEFAULT_FROM_EMAIL}>",
        to=[letter.to_address],
        headers={"Message-ID": f"<{letter.key}@{settings.MAIL_DOMAIN}>"},
    )
    for one in letter.attached:
        mail.attach(one.name, one.content, one.media_type)
    mail.send()


def as_mail(letter: Outgoing) -> None:
    """The text gateway of sandboxes: a text message as a mail, so that it can be read in the
    same place.
    """
    EmailMessage(
        subject=f"SMS to {letter.to_address}",
        body=letter.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[f"{letter.to_address.lstrip('+')}@sms.invalid"],
    ).send()

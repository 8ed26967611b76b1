"""Folder: mail of the demo, kept where its reader finds it, each mail as a file of its own."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from backline.kernel.ids import new_id

WHOLE, BEGUN = ".eml", ".part"


class EmailBackend(BaseEmailBackend):
    """Keeps mails as files, whole from the moment they are there.

    Django's own puts what two connections send in one second into one file when it takes them for
    one, and a reader then takes the link of the first for that of the second.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep mails and return how many."""
        place = Path(settings.EMAIL_FILE_PATH)  # type: ignore[misc]  # the demo alone has one
        place.mkdir(parents=True, exist_ok=True)
        for one in email_messages:
            begun = place / f"{new_id()}{BEGUN}"
            begun.write_bytes(one.message().as_bytes())
            begun.rename(begun.with_suffix(WHOLE))
        return len(email_messages)


def mails(place: Path) -> list[Path]:
    """The mails of a folder in the order in which they were sent."""
    return sorted(place.glob(f"*{WHOLE}"))
